"""What a filed petition asks of severity, once its words were read."""

import pytest

from schemas.events.severity import SUPERIOR, PetitionDeclined, PetitionReferred, Reason, SeverityAssessed
from schemas.words import Disposition, Severity
from severity.decider import Assess
from severity.policy import Reading
from severity.reactions import ReadingFacts, on_petition_filed
from tests.given import DISTRICT, T0, given, like, recorded, severity
from tests.past import filed

LAMP = Reading("LAMP", Severity.ROUTINE, Disposition.HANDLE, (), 0.9, (Reason(rule="LAMP:楼道灯", start=0, end=3),))
LEAK = Reading("GAS", Severity.CRITICAL, Disposition.HAND_OFF, ("119",), 0.8, ())
EMPTY = Reading(None, Severity.ROUTINE, Disposition.DECLINE, (), 1.0, ())


def heard(reading: Reading | Exception, **told: str) -> Assess:
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


def test_words_that_cannot_be_opened_stop_this_petition_and_no_other():
    with pytest.raises(LookupError):
        heard(LookupError("no key"))
