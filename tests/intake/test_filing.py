"""What a caller may send to file a petition, and how it becomes a command: nothing guessed, nothing changed."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from intake.api import _file
from intake.decider import OnTheSpot
from intake.filing import NewBatchPetition, NewPetition, to_command
from intake.rejections_on_the_spot import NotOfThisGrid
from schemas.people import Attachment, Coordinates, Petitioner
from schemas.policy import Policy
from schemas.roster import Posting
from schemas.words import Channel, Result
from services.chassis.deciding import Facts
from services.chassis.problems import ProblemRaised, as_problem
from services.chassis.store.engine import Conflict, KeysDisagree, Outcome
from tests.given import DISTRICT, PETITION, T0, later
from tests.mapped import POLICY, without

FACTS = Facts(T0, DISTRICT)


NO_ADDRESSES = (
    "https://", "http:///1.jpg", "https://\\files.example", "https://?1", "https://:443/1.jpg", "https://a.example:x/",
    "https://a.example:99999/", "https://[::1", "https:// a.example", "https://a.example/1\n.jpg", "ftp://a.example/1",
)  # fmt: skip


def sent(**fields: Any) -> NewPetition:
    return NewPetition.model_validate({"channel": "hotline", "text": "楼道灯不亮", **fields})


def refused_because_of(**fields: Any) -> list[str]:
    """The pointers to what policy or clock refuse."""
    with pytest.raises(ProblemRaised) as problem:
        to_command(sent(**fields), PETITION, FACTS)
    assert (problem.value.status, problem.value.code) == (422, "invalid")
    return [one.pointer for one in problem.value.errors]


def test_a_unit_of_the_map_before_is_taken_and_found_in_its_heir():
    redrawn = Facts(T0, Policy(2, without("SA11"), before=POLICY))
    command = to_command(sent(place={"unit": "SA11"}), PETITION, redrawn)
    assert command.place_unit == "SA11"
    assert command.location is not None
    assert command.location.unit == "SA1"
    touching = to_command(sent(place={"unit": "SA12", "touches": ["SA11"]}), PETITION, redrawn)
    assert touching.location is not None
    assert (touching.location.unit, touching.location.touched) == ("SA1", ("SA12", "SA1"))


def test_a_channel_and_a_text_are_enough():
    command = to_command(sent(), PETITION, FACTS)
    assert (command.channel, command.text, command.now) == (Channel.HOTLINE, "楼道灯不亮", T0)
    assert (command.assess_by, command.policy) == (later(minutes=3), DISTRICT.version)
    assert (command.title, command.place_unit, command.petitioner, command.coordinates) == (None,) * 4


@pytest.mark.parametrize("text", ["", "\u0001", "\U0001f525", "\ud7ff\ue000", "a\r\n\tb", " ", "\u200b", "字" * 32_768])
def test_every_character_is_kept(text: str):
    assert to_command(sent(text=text), PETITION, FACTS).text == text


def test_what_is_told_comes_over_as_it_was_told():
    command = to_command(
        sent(
            place={"unit": "SA11", "address": "迎客路8号院", "lat": 0, "lon": 0.0},
            petitioner={"name": "王某", "phone": "139", "confidential": True},
            received_at="2026-11-22T08:30:00+08:00",
            attachments=[{"url": "https://example.org/1.jpg", "media_type": "image/jpeg"}],
            about="SA-CITY",
        ),
        PETITION,
        FACTS,
    )
    assert (command.place_unit, command.address) == ("SA11", "迎客路8号院")
    assert command.coordinates == Coordinates(lat=0, lon=0), "the Gulf of Guinea is a place too"
    assert command.petitioner == Petitioner(name="王某", phone="139", confidential=True)
    assert command.received_at is not None
    assert command.received_at.isoformat() == "2026-11-22T08:30:00+08:00"
    assert list(command.attachments) == [Attachment(url="https://example.org/1.jpg", media_type="image/jpeg")]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": None},
        {"text": 7},
        {"text": "字" * 32_769},
        {"title": "字" * 501},
        {"channel": "telepathy"},
        {"severity": "critical"},
        {"petitioner": {"name": "字" * 501}},
        {"petitioner": {"anonymous": "yes"}},
        {"place": {"lat": 91, "lon": 0}},
        {"place": {"lat": float("nan"), "lon": 0}},
        {"place": {"unit": ""}},
        {"external": {"source": "12345"}},
        {"received_at": "2026-11-22T08:30:00"},
        {"received_at": "yesterday"},
        {"received_at": 1_763_800_000},
        {"households": -1},
        {"attachments": [{"url": "file:///etc/passwd"}]},
        {"attachments": [{"url": "https://example.org", "sha256": "abc"}]},
        *({"attachments": [{"url": url}]} for url in NO_ADDRESSES),
    ],
)
def test_what_the_contract_does_not_know_is_not_taken(fields: dict[str, Any]):
    with pytest.raises(ValidationError):
        sent(**fields)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7:9000/a b.jpg", "https://例子.中国/照片.jpg?x=1#2", "https://[::1]/1.jpg"]
)
def test_whatever_leads_to_a_host_is_kept_as_it_came(url: str):
    assert to_command(sent(attachments=[{"url": url}]), PETITION, FACTS).attachments[0].url == url


def test_codes_that_no_policy_knows_are_all_pointed_to_at_once():
    assert refused_because_of(place={"unit": "nowhere"}, kind="UNKNOWN", about="nobody") == [
        "/place/unit",
        "/kind",
        "/about",
    ]


def test_nothing_happened_later_than_now_or_than_it_was_received():
    assert refused_because_of(occurred_at="2199-12-31T23:59:59Z") == ["/occurred_at"]
    assert refused_because_of(occurred_at=later(minutes=6).isoformat()) == ["/occurred_at"]
    received = later(days=-1).isoformat()
    assert refused_because_of(occurred_at=later(hours=-23).isoformat(), received_at=received) == ["/occurred_at"]
    to_command(sent(occurred_at=later(minutes=4).isoformat()), PETITION, FACTS)
    to_command(sent(occurred_at=later(days=-1, minutes=4).isoformat(), received_at=received), PETITION, FACTS)


def test_half_a_coordinate_is_no_place():
    assert refused_because_of(place={"lat": 38.9}) == ["/place"]
    assert refused_because_of(place={"lon": 121.5}) == ["/place"]


def test_nothing_was_received_in_the_future_but_clocks_differ_a_little():
    assert refused_because_of(received_at="2026-11-23T09:06:00+08:00") == ["/received_at"]
    assert to_command(sent(received_at="2026-11-23T09:04:00+08:00"), PETITION, FACTS).received_at == later(minutes=4)


def test_the_top_may_be_complained_about_like_any_other():
    assert to_command(sent(about="D"), PETITION, FACTS).about == "D"


def test_a_line_of_a_batch_may_bring_its_key():
    line = {"channel": "app", "text": "停水", "key": "row-1"}
    assert NewBatchPetition.model_validate(line).key == "row-1"
    for key in ("", "two words", "字", "k" * 201):
        with pytest.raises(ValidationError):
            NewBatchPetition.model_validate({**line, "key": key})


@pytest.mark.parametrize(("outcome", "code"), [(KeysDisagree, "key_conflict"), (Conflict, "internal")])
async def test_only_keys_that_disagree_are_called_a_conflict_of_keys(outcome, code):
    with pytest.raises(Exception) as error:
        await _file(sent(), None, {}, _filing_that_ends_with(outcome(frozenset())))
    assert as_problem(error.value).code == code


def _filing_that_ends_with(outcome: Outcome) -> Any:
    """As much of a process as filing needs, whose log answers with this outcome."""

    async def append(entry: Any) -> Outcome:
        return outcome

    log = SimpleNamespace(keyring=SimpleNamespace(digest=lambda purpose, content: b""))
    return SimpleNamespace(log=log, facts=lambda: FACTS, batcher=SimpleNamespace(append=append))


ON_THE_SPOT: dict[str, Any] = {
    "channel": "grid_patrol",
    "place": {"unit": "SA11"},
    "filed_by": {"role": "grid_worker", "id": "g-0017"},
    "resolved_on_the_spot": {"text": "已更换灯泡"},
}


def test_a_grid_worker_says_what_was_done_on_the_spot():
    done = {"text": "双方握手言和", "result": "settled", "attachments": [{"url": "https://example.org/1.jpg"}]}
    command = to_command(sent(**ON_THE_SPOT | {"resolved_on_the_spot": done}), PETITION, FACTS)
    photo = Attachment(url="https://example.org/1.jpg")
    assert command.on_the_spot == OnTheSpot("双方握手言和", Result.SETTLED, [photo])
    assert to_command(sent(**ON_THE_SPOT), PETITION, FACTS).on_the_spot == OnTheSpot("已更换灯泡", Result.DONE, [])
    assert to_command(sent(), PETITION, FACTS).on_the_spot is None


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"filed_by": None}, "/filed_by"),
        ({"filed_by": {"role": "operator", "id": "o-1"}}, "/filed_by"),
        ({"channel": "hotline"}, "/channel"),
        ({"place": None}, "/place/unit"),
        ({"place": {"address": "迎客路8号院"}}, "/place/unit"),
        ({"text": " "}, "/text"),
        ({"resolved_on_the_spot": {"text": "……"}}, "/resolved_on_the_spot/text"),
        ({"resolved_on_the_spot": {"text": "已处理，谢谢！"}}, "/resolved_on_the_spot/text"),
    ],
)
def test_nobody_else_and_nothing_said_is_no_resolution_on_the_spot(fields: dict[str, Any], pointer: str):
    assert refused_because_of(**ON_THE_SPOT | fields) == [pointer]


POSTED = (
    Posting(unit="SA11", staff="g-0017", since=date(2026, 1, 1)),
    Posting(unit="SA12", staff="g-0018", since=date(2026, 1, 1)),
    Posting(unit="SA1", staff="c-0001", since=date(2026, 1, 1)),
)
ROSTERED = Facts(T0, Policy(1, DISTRICT.bundle.model_copy(update={"roster": POSTED})))


@pytest.mark.parametrize(
    ("who", "grid"),
    [("g-0018", "SA11"), ("c-0001", "SA11"), ("stranger", "SA11"), ("g-0017", "SA12"), ("g-0017", "SB11")],
)
def test_nobody_resolves_on_the_spot_in_a_grid_that_is_not_theirs(who: str, grid: str):
    of_another = ON_THE_SPOT | {"filed_by": {"role": "grid_worker", "id": who}, "place": {"unit": grid}}
    with pytest.raises(NotOfThisGrid) as refused:
        to_command(sent(**of_another), PETITION, ROSTERED)
    assert (refused.value.staff, refused.value.grid) == (who, grid)
    assert to_command(sent(**of_another | {"resolved_on_the_spot": None}), PETITION, ROSTERED).on_the_spot is None


def test_its_own_worker_does_and_where_no_roster_says_otherwise_whoever_says_so():
    assert to_command(sent(**ON_THE_SPOT), PETITION, ROSTERED).on_the_spot is not None
    unknown = ON_THE_SPOT | {"filed_by": {"role": "grid_worker", "id": "g-9"}, "place": {"unit": "SB11"}}
    assert to_command(sent(**unknown), PETITION, ROSTERED).on_the_spot is not None


def test_where_it_lies_decides_whose_grid_it_is():
    somewhere = {"unit": "SA1", "address": "东一社区二网格"}
    with pytest.raises(NotOfThisGrid) as refused:
        to_command(sent(**ON_THE_SPOT | {"place": somewhere}), PETITION, ROSTERED)
    assert refused.value.grid == "SA12"
    in_two = ON_THE_SPOT | {"place": {"unit": "SA11", "touches": ["SA12"]}}
    assert to_command(sent(**in_two), PETITION, ROSTERED).on_the_spot is not None, "nothing ends there on the spot"
