"""What a filed petition asks of severity, once its words were read."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.events.severity import (
    SUPERIOR,
    PetitionDeclined,
    PetitionReferred,
    Reason,
    ReviewRequested,
    SeverityAssessed,
    SeverityReassessed,
)
from schemas.places import Finding, Location
from schemas.words import Disposition, LocatedBy, Severity, Whereabouts
from severity.decider import Assess, Reassess, Reread
from severity.policy import Reading
from severity.reactions import ReadingFacts, on_petition_filed
from tests.given import DISTRICT, PETITION, T0, given, like, recorded, severity
from tests.past import assessed, filed, placed, review_requested, routed, supplemented

LAMP = Reading("LAMP", Severity.ROUTINE, Disposition.HANDLE, (), 0.9, (Reason(rule="LAMP:楼道灯", start=0, end=3),))
LEAK = Reading("GAS", Severity.CRITICAL, Disposition.HAND_OFF, ("119",), 0.8, ())
COURT = replace(LAMP, kind="COURT", disposition=Disposition.REFER)
EMPTY = Reading(None, Severity.ROUTINE, Disposition.DECLINE, (), 1.0, ())
REFER = Reassess(PETITION, T0, None, None, Disposition.REFER, "不归本区管", DISTRICT)


def heard(reading: Reading | Exception, **told: Any) -> Assess:
    [petition] = recorded(filed(**told))
    [command] = on_petition_filed(petition, ReadingFacts(T0, DISTRICT, {petition.ref: reading}))
    return command


def test_the_reading_is_recorded_as_it_is():
    given(severity, filed()).when(heard(LAMP)).then(
        like(SeverityAssessed, kind="LAMP", disposition=Disposition.HANDLE, reasons=LAMP.reasons, policy=1)
    )


def test_who_complains_about_the_top_is_told_to_whom_to_turn():
    read, _ = (
        given(severity, filed(about="D"))
        .when(heard(LAMP, about="D"))
        .then(like(SeverityAssessed, disposition=Disposition.REFER), like(PetitionReferred, to=SUPERIOR))
    )
    assert read.reasons[-1] == Reason(rule="about_the_top:D", field="filed")


def test_a_complaint_about_anybody_below_the_top_is_handled():
    given(severity, filed(about="SA")).when(heard(LAMP, about="SA")).then(
        like(SeverityAssessed, disposition=Disposition.HANDLE)
    )


def test_no_machine_refers_what_is_critical_whomever_it_is_about():
    [read] = (
        given(severity, filed(about="D"))
        .when(heard(LEAK, about="D"))
        .then(like(SeverityAssessed, severity=Severity.CRITICAL, disposition=Disposition.HAND_OFF, hand_off=("119",)))
    )
    assert read.reasons[-1] == Reason(rule="about_the_top:D", field="filed")


def test_an_empty_text_is_declined_whomever_it_is_about():
    given(severity, filed(about="D")).when(heard(EMPTY, about="D")).then(
        like(SeverityAssessed, reasons=()), like(PetitionDeclined, reason="empty")
    )


NEXT_DOOR = Location(
    where=Whereabouts.OUTSIDE, neighbour="N", findings=(Finding(by=LocatedBy.COORDINATES, units=("N",)),)
)


def test_what_lies_in_a_neighbouring_district_is_referred_there():
    read, _ = (
        given(severity, filed(location=NEXT_DOOR))
        .when(heard(LAMP, location=NEXT_DOOR))
        .then(like(SeverityAssessed, disposition=Disposition.REFER), like(PetitionReferred, to="neighbour:N"))
    )
    assert read.reasons[-1] == Reason(rule="outside:N", field="filed")


def test_an_emergency_is_handled_wherever_it_is():
    given(severity, filed(location=NEXT_DOOR)).when(heard(LEAK, location=NEXT_DOOR)).then(
        like(SeverityAssessed, disposition=Disposition.HAND_OFF)
    )


@pytest.mark.parametrize("where", [{"about": "D"}, {"location": NEXT_DOOR}])
def test_no_machine_refers_what_nobody_has_read(where: dict[str, Any]):
    given(severity, filed(**where)).when(heard(replace(LAMP, unread=True), **where)).then(
        like(SeverityAssessed, disposition=Disposition.HANDLE), like(ReviewRequested)
    )


@pytest.mark.parametrize("where", [{"about": "D"}, {"location": NEXT_DOOR}])
@pytest.mark.parametrize("disposition", [Disposition.HANDLE, Disposition.ASK])
def test_no_machine_refers_what_it_is_not_sure_of(where: dict[str, Any], disposition: Disposition):
    unsure = replace(LAMP, disposition=disposition, confidence=0.59)
    [read, _] = (
        given(severity, filed(**where))
        .when(heard(unsure, **where))
        .then(like(SeverityAssessed, disposition=disposition), like(ReviewRequested, confidence=0.59))
    )
    assert read.reasons[-1].field == "filed"  # it says all the same where it lies, or about whom it is
    sure = heard(replace(unsure, confidence=0.6), **where)
    given(severity, filed(**where)).when(sure).then(like(SeverityAssessed), like(PetitionReferred))


@pytest.mark.parametrize(
    ("reading", "where"), [(EMPTY, {}), (LAMP, {"about": "D"}), (LAMP, {"location": NEXT_DOOR}), (COURT, {})]
)
def test_what_was_added_to_before_it_was_read_is_not_turned_away_by_what_was_filed(
    reading: Reading, where: dict[str, Any]
):
    past = (filed(**where), supplemented(text="燃气泄漏"))
    said = given(severity, *past).when(heard(reading, **where)).then(
        like(SeverityAssessed, disposition=Disposition.HANDLE, confidence=0.5), like(ReviewRequested)
    )  # fmt: skip
    added = Reread(PETITION, T0, DISTRICT, LEAK, LEAK, 2, 1)
    given(severity, *past, *said).when(added).then(like(SeverityAssessed, severity=Severity.CRITICAL, supplement=1))


@pytest.mark.parametrize(
    ("where", "way"), [({"about": "D"}, SUPERIOR), ({"location": NEXT_DOOR}, "neighbour:N"), ({"about": "SA"}, "LAMP")]
)
def test_what_a_person_refers_goes_the_way_that_a_sure_reading_would_have_sent_it(where: dict[str, Any], way: str):
    here = (filed(**where), assessed("LAMP"), review_requested())
    given(severity, *here).when(REFER).then(like(SeverityReassessed), like(PetitionReferred, to=way))
    court = replace(REFER, kind="COURT")
    [_, referred] = given(severity, *here).when(court).then(like(SeverityReassessed), like(PetitionReferred))
    assert referred.to == (SUPERIOR if way == SUPERIOR else "COURT")


def test_what_a_desk_placed_here_is_no_neighbours_matter():
    placed_here = (filed(location=NEXT_DOOR), assessed("LAMP"), routed("grid", "D"), placed("SA11"))
    given(severity, *placed_here).when(REFER).then(like(SeverityReassessed), like(PetitionReferred, to="LAMP"))


def test_what_is_of_no_kind_can_be_referred_where_that_is_no_matter():
    unclear = (filed(location=NEXT_DOOR), assessed(None, disposition="ask"), review_requested())
    given(severity, *unclear).when(REFER).then(like(SeverityReassessed), like(PetitionReferred, to="neighbour:N"))


@pytest.mark.parametrize("reading", [LAMP, COURT])
def test_a_legal_way_and_the_superior_are_the_same_on_both_sides_of_a_border(reading: Reading):
    about = "D" if reading is LAMP else None
    said = given(severity, filed(location=NEXT_DOOR, about=about)).when(heard(reading, location=NEXT_DOOR, about=about))
    said.then(like(SeverityAssessed), like(PetitionReferred, to=SUPERIOR if about else "COURT"))


def test_words_that_cannot_be_opened_stop_this_petition_and_no_other():
    with pytest.raises(LookupError):
        heard(LookupError("no key"))
