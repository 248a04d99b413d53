"""催办 and 撤诉: what whoever asked says later, and what becomes of the petition by it."""

import pytest

from feedback.commands import Reopen
from intake import rejections as refuse
from intake.decider import MOST_SUPPLEMENTS, Supplement, Urge, Withdraw
from router.commands import Accept
from router.rejections import PetitionEnded
from schemas.events.intake import PetitionSupplemented, PetitionUrged, PetitionWithdrawn
from schemas.events.router import PetitionHeld
from schemas.events.severity import SeverityReassessed
from schemas.life import fold_life
from schemas.people import Attachment
from schemas.sealed import Sealed
from schemas.words import Severity, Status
from severity.decider import Reassess
from tests.given import (
    DISTRICT,
    PETITION,
    T0,
    dispatch,
    escalation,
    feedback,
    given,
    intake,
    later,
    like,
    recorded,
    router,
    severity,
)
from tests.news import told
from tests.past import (
    accepted,
    assessed,
    closed,
    dispatched,
    filed,
    reopened,
    resolved,
    routed,
    supplemented,
    urged,
    withdrawn,
)

ROUTED = (filed(), assessed(), routed())
DONE = (*ROUTED, accepted(dispatch(3)), resolved(dispatch(3)))
SUPPLEMENT = Supplement(PETITION, T0, "三单元也不亮")
URGE = Urge(PETITION, T0)
WITHDRAW = Withdraw(PETITION, T0, "已自行解决", later(days=15))


def test_it_is_urged_as_often_as_somebody_asks():
    given(intake, *ROUTED).when(URGE).then(like(PetitionUrged, number=1))
    given(intake, *ROUTED, urged(1)).when(URGE).then(like(PetitionUrged, number=2))


def test_words_and_files_are_added_as_they_came():
    photo = Attachment(url="https://example.org/1.jpg")
    given(intake, *ROUTED).when(SUPPLEMENT).then(like(PetitionSupplemented, number=1, text="三单元也不亮"))
    given(intake, *ROUTED, supplemented()).when(Supplement(PETITION, T0, "", [photo])).then(
        like(PetitionSupplemented, number=2, text="", attachments=[photo])
    )


def test_a_supplement_says_something_and_not_for_ever():
    given(intake, *ROUTED).when(Supplement(PETITION, T0, "\u3000 ")).refused_with(refuse.NothingAdded)
    many = (supplemented(number=number) for number in range(1, MOST_SUPPLEMENTS + 1))
    given(intake, *ROUTED, *many).when(SUPPLEMENT).refused_with(refuse.TooManySupplements, most=MOST_SUPPLEMENTS)


def test_it_is_taken_back_with_the_reason():
    given(intake, *ROUTED).when(WITHDRAW).then(
        like(PetitionWithdrawn, reason="已自行解决", reopen_until=later(days=15))
    )
    given(intake, filed()).when(WITHDRAW).then(like(PetitionWithdrawn))


@pytest.mark.parametrize("command", [SUPPLEMENT, URGE, WITHDRAW])
def test_what_is_done_or_over_is_neither_supplemented_nor_urged_nor_taken_back(command):
    given(intake, *DONE).when(command).refused_with(refuse.AlreadyResolved)
    given(intake, *DONE, closed()).when(command).refused_with(refuse.PetitionEnded)
    given(intake, *ROUTED, withdrawn()).when(command).refused_with(refuse.PetitionEnded)


def test_a_danger_is_not_taken_back():
    grave = (filed(), assessed("GAS", "critical"))
    given(intake, *grave).when(WITHDRAW).refused_with(refuse.CriticalGoesOn)
    unread = (filed(), routed("district", "D", severity="critical", rule="unassessed"))
    given(intake, *unread).when(WITHDRAW).refused_with(refuse.CriticalGoesOn)


def test_taken_back_it_is_over_and_nothing_is_due():
    life = fold_life(recorded(*ROUTED, withdrawn(at=later(hours=1))))
    assert (life.status, life.closed_at, life.due_at) == (Status.WITHDRAWN, later(hours=1), None)
    assert {one.state.value for one in life.deadlines if one.family != "assess"} == {"lapsed"}
    given(router, *ROUTED, withdrawn()).when(Accept(PETITION, T0, None)).refused_with(PetitionEnded)
    given(escalation, *ROUTED, withdrawn()).when_heard(now=later(days=9)).then_nothing()


def test_what_comes_too_late_changes_nothing_of_what_was_taken_back():
    given(router, filed(), withdrawn(), assessed()).when_heard().then_nothing()


def test_a_named_person_may_open_it_again_and_it_is_routed():
    command = Reopen(PETITION, later(days=2), DISTRICT, "又坏了", "s-1")
    [event] = given(feedback, *ROUTED, withdrawn()).when(command).said
    given(router, *ROUTED, withdrawn(), event).when_heard().then(dispatched(unit="SA11", round=2, rule="reopened"))
    again = (*ROUTED, withdrawn(), reopened(2, "person"))
    given(intake, *again).when(WITHDRAW).then(like(PetitionWithdrawn))


def test_taken_back_unread_and_opened_again_it_is_taken_on_the_most_cautious_reading():
    unread = (filed(kind="GAS"), withdrawn(), reopened(2, "person"))
    said = given(router, *unread).when_heard().said
    assert [type(one).__name__ for one in said] == ["PetitionRouted", "HandOffOrdered"]
    assert (said[0].kind, said[0].severity, said[0].department) == ("GAS", "critical", "D-GAS")
    command = Reassess(PETITION, T0, "PIPE", Severity.URGENT, None, "不是燃气", DISTRICT)
    given(severity, *unread, *said).when(command).then(like(SeverityReassessed, kind="PIPE", severity="urgent"))


def test_taken_back_unread_its_reading_was_cut_short():
    deadlines = fold_life(recorded(filed(), withdrawn())).deadlines
    assert [(one.name, one.state.value) for one in deadlines] == [("assess", "lapsed")]


def test_on_hold_nobody_is_reminded():
    held = PetitionHeld(at=T0, number=1, until=later(days=9), reason=Sealed.of("等"))
    assert not told(*ROUTED, accepted(dispatch(3)), held, urged())
