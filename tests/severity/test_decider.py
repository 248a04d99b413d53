"""What a petition is about and how grave: read once by rules, then changed only by a named person."""

import pytest

from schemas.events.severity import (
    PetitionDeclined,
    PetitionReferred,
    Reason,
    ReviewRequested,
    SeverityAssessed,
    SeverityConfirmed,
    SeverityReassessed,
)
from schemas.policy import Policy
from schemas.words import Disposition, Severity
from severity import rejections as refuse
from severity.decider import Assess, Confirm, Reassess
from severity.policy import Reading
from tests.given import DISTRICT, PETITION, T0, dispatch, given, later, like, severity
from tests.past import (
    accepted,
    assessed,
    closed,
    confirmed,
    declined,
    feedback_requested,
    filed,
    missed,
    reassessed,
    referred,
    reopened,
    resolved,
    review_requested,
    routed,
    supplemented,
)

NAMES_110 = Policy(1, DISTRICT.bundle.model_copy(update={"hand_off_default": ("110",)}))
WHY = (Reason(rule="LAMP:楼道灯", start=0, end=3),)


def assess(
    kind: str | None = "LAMP",
    grave: Severity = Severity.ROUTINE,
    disposition: Disposition = Disposition.HANDLE,
    confidence: float = 0.9,
) -> Assess:
    return Assess(PETITION, T0, DISTRICT, Reading(kind, grave, disposition, (), confidence, WHY))


def reassess(
    kind: str | None = None,
    grave: str | None = None,
    disposition: str | None = None,
    policy: Policy = DISTRICT,
    **extent: int,
) -> Reassess:
    return Reassess(
        PETITION, later(hours=1), kind, Severity(grave) if grave else None,
        Disposition(disposition) if disposition else None, "现场看过", policy, **extent,
    )  # fmt: skip


def test_a_filed_petition_is_read_once_with_reasons():
    given(severity, filed()).when(assess()).then(
        like(SeverityAssessed, kind="LAMP", severity=Severity.ROUTINE, reasons=WHY, confidence=0.9, policy=1)
    )


def test_a_sure_reading_asks_for_no_review_and_an_unsure_one_does_at_once():
    given(severity, filed()).when(assess(confidence=0.6)).then(like(SeverityAssessed))
    given(severity, filed()).when(assess(confidence=0.59)).then(
        like(SeverityAssessed), like(ReviewRequested, confidence=0.59, review_by=later(hours=24))
    )


def test_what_has_its_own_legal_way_is_referred():
    given(severity, filed()).when(assess("COURT", disposition=Disposition.REFER)).then(
        like(SeverityAssessed, disposition=Disposition.REFER), like(PetitionReferred, to="COURT")
    )


def test_what_says_nothing_is_declined_as_empty():
    given(severity, filed()).when(assess(None, disposition=Disposition.DECLINE)).then(
        like(SeverityAssessed), like(PetitionDeclined, reason="empty")
    )


@pytest.mark.parametrize("since", [(assessed(),), (assessed(), reassessed("NOISE")), (closed(),), (declined(),)])
def test_a_reading_that_comes_late_or_again_changes_nothing(since):
    given(severity, filed(), *since).when(assess("GAS", Severity.CRITICAL)).then_nothing()


@pytest.mark.parametrize("disposition", [Disposition.HANDLE, Disposition.REFER, Disposition.DECLINE])
def test_what_was_routed_as_critical_without_a_reading_is_not_lowered_by_a_late_one(disposition):
    past = (filed(), missed("assess", later(minutes=3)), routed(severity="critical", rule="unassessed"))
    [read, _] = (
        given(severity, *past)
        .when(assess(disposition=disposition))
        .then(like(SeverityAssessed, severity=Severity.CRITICAL, disposition=Disposition.HANDLE), like(ReviewRequested))
    )
    assert read.reasons[-1] == Reason(rule="routed_as_critical", field="filed")


def test_what_was_routed_as_urgent_without_a_reading_is_read_as_it_is():
    past = (filed(), missed("assess", later(minutes=3)), routed(severity="urgent", rule="unassessed"))
    given(severity, *past).when(assess()).then(like(SeverityAssessed, severity=Severity.ROUTINE))


UNREAD = (filed(), missed("assess", later(minutes=3)), routed(rule="unassessed"), accepted(dispatch(3)))
ANSWERED = (*UNREAD, resolved(dispatch(3)), feedback_requested())


@pytest.mark.parametrize("disposition", [Disposition.REFER, Disposition.DECLINE])
@pytest.mark.parametrize("since", [(), (reopened(),), (closed("not_reached"), reopened(2, "person"))])
def test_what_was_reported_done_or_opened_again_is_turned_away_by_no_late_reading(disposition, since):
    given(severity, *ANSWERED, *since).when(assess("COURT", disposition=disposition)).then(
        like(SeverityAssessed, kind="COURT", disposition=Disposition.HANDLE), like(ReviewRequested)
    )


def test_what_nobody_reported_done_is_turned_away_by_a_late_reading():
    given(severity, *UNREAD).when(assess("COURT", disposition=Disposition.REFER)).then(
        like(SeverityAssessed), like(PetitionReferred, to="COURT")
    )


def test_nothing_is_read_before_it_is_filed():
    given(severity).when(assess()).then_nothing()


def test_a_person_agrees_once():
    confirm = Confirm(PETITION, T0)
    given(severity, filed(), assessed(), review_requested()).when(confirm).then(like(SeverityConfirmed))
    given(severity, filed(), assessed(), confirmed()).when(confirm).then_nothing()
    given(severity, filed()).when(confirm).refused_with(refuse.NotAssessed)


def test_what_is_to_be_looked_at_again_is_agreed_with_again():
    past = (filed(), assessed(), confirmed(), supplemented(), review_requested())
    given(severity, *past).when(Confirm(PETITION, T0)).then(like(SeverityConfirmed))
    given(severity, *past, confirmed()).when(Confirm(PETITION, T0)).then_nothing()


def test_a_person_changes_what_they_name_and_the_event_is_the_whole_new_reading():
    given(severity, filed(), assessed("LAMP", "urgent")).when(reassess("NOISE")).then(
        like(
            SeverityReassessed,
            kind="NOISE",
            severity=Severity.URGENT,
            disposition=Disposition.HANDLE,
            hand_off=(),
            reason="现场看过",
        )
    )


def test_critical_is_lowered_by_a_named_person():
    given(severity, filed(), assessed("GAS", "critical")).when(reassess(grave="routine")).then(
        like(SeverityReassessed, kind="GAS", severity=Severity.ROUTINE)
    )


def test_a_new_kind_brings_those_who_must_be_told():
    given(severity, filed(), assessed("LAMP")).when(reassess("GAS", "critical")).then(
        like(SeverityReassessed, hand_off=("119", "燃气抢修"))
    )


def test_who_must_be_told_is_known_also_when_a_person_only_says_how_grave_it_is():
    given(severity, filed(), assessed("GAS", "urgent")).when(reassess(grave="critical")).then(
        like(SeverityReassessed, kind="GAS", hand_off=("119", "燃气抢修"))
    )
    given(severity, filed(), assessed("GAS", "critical", hand_off=("119", "120"))).when(reassess(grave="urgent")).then(
        like(SeverityReassessed, hand_off=("119", "120"))
    )


@pytest.mark.parametrize("told", [{"grave": "critical"}, {"grave": "urgent", "disposition": "hand_off"}])
def test_when_nobody_is_named_the_districts_own_are_told_or_the_person_is_asked_for_another_kind(told):
    of_a_lamp = given(severity, filed(), assessed("LAMP"))
    of_a_lamp.when(reassess(**told, policy=NAMES_110)).then(like(SeverityReassessed, hand_off=("110",)))
    of_a_lamp.when(reassess(**told)).refused_with(refuse.NobodyToTell, kind="LAMP")
    of_a_lamp.when(reassess("GAS", **told, policy=NAMES_110)).then(
        like(SeverityReassessed, hand_off=("119", "燃气抢修"))
    )


@pytest.mark.parametrize("away", ["refer", "decline"])
def test_what_is_critical_and_turned_away_keeps_who_would_have_to_be_told(away):
    of_a_court = given(severity, filed(), assessed("COURT"))
    said = of_a_court.when(reassess(grave="critical", disposition=away, policy=NAMES_110)).said
    assert said[0].hand_off == ("110",)
    [nobody, _] = of_a_court.when(reassess(grave="critical", disposition=away)).said
    assert nobody.hand_off == ()


def test_what_need_not_be_told_at_once_names_nobody():
    of_a_lamp = given(severity, filed(), assessed("LAMP"))
    of_a_lamp.when(reassess(grave="urgent", policy=NAMES_110)).then(like(SeverityReassessed, hand_off=()))
    of_a_lamp.when(reassess(grave="critical", disposition="refer")).then(
        like(SeverityReassessed), like(PetitionReferred)
    )


def test_a_hand_off_that_came_with_critical_goes_with_it():
    leak = assessed("GAS", "critical", disposition="hand_off", hand_off=("119",))
    given(severity, filed(), leak).when(reassess("LAMP", "routine", policy=NAMES_110)).then(
        like(SeverityReassessed, disposition=Disposition.HANDLE, hand_off=())
    )
    given(severity, filed(), leak).when(reassess(grave="urgent", disposition="hand_off")).then(
        like(SeverityReassessed, disposition=Disposition.HAND_OFF, hand_off=("119",))
    )


def test_a_person_may_refer_or_decline():
    given(severity, filed(), assessed()).when(reassess("COURT", disposition="refer")).then(
        like(SeverityReassessed, disposition=Disposition.REFER), like(PetitionReferred, to="COURT")
    )
    given(severity, filed(), assessed()).when(reassess(disposition="decline")).then(
        like(SeverityReassessed), like(PetitionDeclined, reason="by_person")
    )


def test_a_person_refers_by_the_way_of_any_kind_but_not_what_has_none():
    given(severity, filed(), assessed("LAMP")).when(reassess(disposition="refer")).then(
        like(SeverityReassessed, kind="LAMP"), like(PetitionReferred, to="LAMP")
    )
    of_no_kind = given(severity, filed(), assessed(None))
    of_no_kind.when(reassess(disposition="refer")).refused_with(refuse.NoLegalWay)
    of_no_kind.when(reassess("COURT", disposition="refer")).then(
        like(SeverityReassessed, kind="COURT"), like(PetitionReferred, to="COURT")
    )


def test_what_changes_nothing_is_a_confirmation():
    given(severity, filed(), assessed("LAMP")).when(reassess("LAMP", "routine")).refused_with(refuse.NothingChanges)


def test_a_person_can_say_how_much_it_touches_and_leaves_the_rest():
    said = given(severity, filed(households=3), assessed("LAMP")).when(reassess(money=20_000))
    said.then(like(SeverityReassessed, kind="LAMP", severity=Severity.ROUTINE, households=3, money=20_000))
    again = given(severity, filed(households=3), assessed("LAMP"), reassessed(households=5))
    again.when(reassess(households=5)).refused_with(refuse.NothingChanges)
    again.when(reassess(households=3)).then(like(SeverityReassessed, households=3, money=None))


def test_only_a_reading_of_a_petition_that_lives_can_be_changed():
    given(severity, filed()).when(reassess("NOISE")).refused_with(refuse.NotAssessed)
    for end in (closed(), referred(), declined()):
        given(severity, filed(), assessed(), end).when(reassess("NOISE")).refused_with(refuse.PetitionEnded)


def test_a_kind_that_no_policy_knows_is_refused():
    given(severity, filed(), assessed("LAMP")).when(reassess("GONE")).refused_with(refuse.UnknownKind, kind="GONE")


@pytest.mark.parametrize(("disposition", "end"), [("refer", referred()), ("decline", declined())])
def test_what_was_turned_away_and_opened_again_is_not_turned_away_by_the_next_reading(disposition, end):
    away = (filed(), assessed(disposition=disposition), end, reopened())
    given(severity, *away).when(reassess("NOISE")).then(
        like(SeverityReassessed, kind="NOISE", disposition=Disposition.HANDLE)
    )


def test_a_reopened_petition_can_be_read_anew():
    done = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)), feedback_requested(), closed())
    given(severity, *done, reopened()).when(reassess("NOISE")).then(like(SeverityReassessed, kind="NOISE"))


@pytest.mark.parametrize("disposition", ["decline", "refer"])
def test_what_is_resolved_ends_by_the_residents_word_only(disposition: str):
    done = (filed(), assessed(), routed(), accepted(dispatch(3)), resolved(dispatch(3)))
    given(severity, *done).when(reassess(disposition=disposition)).refused_with(refuse.AlreadyResolved)
    given(severity, *done).when(reassess("NOISE")).then(like(SeverityReassessed, kind="NOISE"))
    given(severity, *done, reopened()).when(reassess(disposition=disposition)).then(
        like(SeverityReassessed, disposition=Disposition(disposition)),
        like(PetitionDeclined if disposition == "decline" else PetitionReferred),
    )
