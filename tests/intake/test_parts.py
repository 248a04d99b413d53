"""What a part has from the whole, and what it has not."""

import pytest

from intake.decider import DECIDER
from intake.parts import NewPart, SplitBody, to_command
from schemas.people import Attachment, Coordinates, Petitioner
from schemas.places import Location
from schemas.sealed import Sealed
from schemas.words import Whereabouts
from services.chassis.deciding import Facts
from services.chassis.problems import ProblemRaised
from services.chassis.sealing import PetitionKey
from tests.given import DISTRICT, PETITION, T0, later, recorded
from tests.past import PARTS, assessed, filed, placed, reopened

KEY = PetitionKey(PETITION, b"k" * 32)
WHO = Petitioner(name="王某", phone="13800000000", confidential=True)
FILED = filed(
    external={"source": "12345", "number": "1"}, title=Sealed.of("两件事"), address=Sealed.of("1号楼"),
    coordinates=Sealed.of(Coordinates(lat=38.95, lon=121.53)), petitioner=Sealed.of(WHO), kind="LAMP", about="SB",
    households=30, occurred_at=later(days=-2), location=Location(where=Whereabouts.IN_ONE, unit="SA11"),
    attachments=Sealed.of([Attachment(url="https://files.test/1")]),
)  # fmt: skip


def parts(*past, first: NewPart | None = None, key: PetitionKey | None = KEY):
    new = [first or NewPart(text="楼道灯不亮"), NewPart(text="占道经营", title="摊位", kind="STALL")]
    body = SplitBody(by="op-1", parts=new)
    return to_command(body, recorded(*past), key, PARTS, Facts(later(hours=1), DISTRICT)).parts


def test_it_has_what_is_true_of_the_whole_and_its_own_words():
    lamp, stall = parts(FILED, assessed())
    for one in (lamp, stall):
        assert (one.petitioner, one.channel, one.about, one.split_from) == (WHO, FILED.channel, "SB", PETITION)
        assert (one.place_unit, one.address, one.location) == ("SA11", "1号楼", FILED.location)
        assert (one.external, one.households, one.attachments) == (None, None, [])
        assert one.assess_by > later(hours=1)
    assert [(one.petition, one.text, one.title, one.kind) for one in (lamp, stall)] == [
        (PARTS[0], "楼道灯不亮", None, None), (PARTS[1], "占道经营", "摊位", "STALL")
    ]  # fmt: skip


def test_its_time_runs_since_whoever_asks_waits():
    assert parts(FILED, assessed())[0].received_at == T0
    told = FILED.model_copy(update={"received_at": later(days=-1)})
    assert parts(told, assessed())[0].received_at == later(days=-1)
    assert parts(told, assessed(), reopened(at=later(minutes=9)))[0].received_at == later(minutes=9)


def test_it_lies_where_the_whole_does_unless_it_names_a_place():
    assert [(one.place_unit, one.location) for one in parts(FILED, placed("SA12"))] == [("SA12", None)] * 2
    across = placed("SA1").model_copy(update={"touches": ("SA11", "SA12")})
    [found, _] = [one.location for one in parts(FILED, across)]
    assert (found.unit, found.touched) == ("SA1", ("SA11", "SA12"))
    own, whole = parts(FILED, first=NewPart.model_validate({"text": "灯", "place": {"unit": "SB11"}}))
    assert (own.place_unit, own.address, own.coordinates, whole.place_unit) == ("SB11", None, None, "SA11")


@pytest.mark.parametrize("place", [{}, {"unit": None, "touches": []}, {"address": " "}])
def test_a_place_that_says_nothing_is_none(place):
    own, whole = parts(FILED, first=NewPart.model_validate({"text": "灯", "place": place}))
    assert (own.place_unit, own.address, own.location) == (whole.place_unit, whole.address, whole.location)
    assert own.place_unit == "SA11"


def test_once_the_words_are_erased_nobody_knows_who_asks_and_nobody_is_asked_back():
    lamp, _ = parts(FILED, assessed(), key=None)
    assert (lamp.petitioner, lamp.address, lamp.text) == (Petitioner(anonymous=True), None, "楼道灯不亮")
    [filing] = DECIDER.decide(DECIDER.initial, lamp)
    assert (filing.anonymous, filing.reachable) == (True, False)


@pytest.mark.parametrize(
    ("part", "pointer"),
    [({"kind": "NONE"}, "/parts/0/kind"), ({"place": {"touches": ["NONE"]}}, "/parts/0/place/touches/0")],
)
def test_codes_that_no_policy_knows_are_refused(part, pointer):
    with pytest.raises(ProblemRaised) as refused:
        parts(FILED, first=NewPart.model_validate({"text": "灯", **part}))
    assert [error.pointer for error in refused.value.errors] == [pointer]
