"""Rule 4: who took it first stays responsible and may still resolve, until another accepts."""

from datetime import datetime

import pytest

from router import rejections as refuse
from router.commands import Accept, Resolve
from router.policy import routing_policy
from schemas.events.router import DispatchAccepted, ResolutionReported
from schemas.life import fold_life
from schemas.people import Attachment
from schemas.policy import Policy
from schemas.words import Result
from tests.given import DISTRICT, PETITION, T0, dispatch, given, later, like, recorded, router
from tests.past import (
    accepted,
    assessed,
    closed,
    dispatched,
    escalated,
    filed,
    floors_of,
    reassessed,
    reopened,
    resolved,
    routed,
)

STOCK = ("已处理", "处理完毕", "OK", "谢谢")
STRICT = Policy(1, DISTRICT.bundle.model_copy(update={"stock_phrases": STOCK}))
ROUTED = (filed(), assessed(), routed())
TAKEN = (*ROUTED, accepted(dispatch(3)))
CLIMBED = (*TAKEN, escalated(dispatch(3)), routed("community", "SA1", rule="escalated"))


def accept(which: str | None = None, now: datetime = T0) -> Accept:
    return Accept(PETITION, now, which)


def resolve(which: str | None = None, text: str = "已更换灯泡") -> Resolve:
    photo = Attachment(url="https://example.org/1.jpg")
    return Resolve(PETITION, later(hours=2), routing_policy(STRICT), which, Result.EXPLAINED, text, [photo])


@pytest.mark.parametrize("text", ["……", " \u3000\n", "👍", "-", "１２３", "\u3164", "ーー", "々"])
def test_a_resolution_without_a_word_is_refused(text):
    given(router, *ROUTED, accepted(dispatch(3))).when(resolve(text=text)).refused_with(refuse.EmptyResolution)


@pytest.mark.parametrize(
    "text",
    ["已处理", "已处理。", "已处理，谢谢！", "ｏｋ", "已 处 理", "1. 已处理。2. 谢谢", "已处理\u3164", "已处理完毕"],
)
def test_a_resolution_of_stock_phrases_is_refused(text):
    given(router, *ROUTED, accepted(dispatch(3))).when(resolve(text=text)).refused_with(refuse.StockResolution)


@pytest.mark.parametrize("text", ["已处理，换了三单元的灯", "OK, lamp replaced"])
def test_a_stock_phrase_beside_an_account_is_no_reason_to_refuse(text):
    given(router, *ROUTED, accepted(dispatch(3))).when(resolve(text=text)).then(like(ResolutionReported))


def test_the_receiver_takes_the_current_dispatch():
    given(router, *ROUTED).when(accept()).then(like(DispatchAccepted, dispatch=dispatch(3), at=T0))
    given(router, *ROUTED).when(accept(dispatch(3))).then(like(DispatchAccepted, dispatch=dispatch(3)))


def test_taking_it_twice_says_it_once():
    given(router, *TAKEN).when(accept()).then_nothing()


def test_a_dispatch_that_was_replaced_cannot_be_taken():
    given(router, *CLIMBED).when(accept(dispatch(3))).refused_with(refuse.DispatchNotCurrent, current=dispatch(6))


def test_nobody_takes_what_is_not_routed_or_done():
    given(router, filed()).when(accept()).refused_with(refuse.NotRouted)
    given(router, *TAKEN, resolved(dispatch(3))).when(accept()).refused_with(refuse.AlreadyResolved)
    given(router, *TAKEN, resolved(dispatch(3)), closed()).when(accept()).refused_with(refuse.PetitionEnded)
    given(router, *TAKEN, resolved(dispatch(3)), reopened()).when(accept()).refused_with(refuse.NotRouted)


def test_who_took_it_reports_it_done():
    [event] = (
        given(router, *TAKEN)
        .when(resolve())
        .then(like(ResolutionReported, dispatch=dispatch(3), round=1, result="explained", text="已更换灯泡"))
    )
    assert event.attachments.clear == [Attachment(url="https://example.org/1.jpg")]


def test_nobody_resolves_what_nobody_took():
    given(router, *ROUTED).when(resolve()).refused_with(refuse.NotAccepted)


def test_the_first_receiver_may_still_resolve_after_it_climbed():
    given(router, *CLIMBED).when(resolve(dispatch(3))).then(like(ResolutionReported, dispatch=dispatch(3)))


def test_the_first_receiver_may_still_resolve_though_it_never_accepted():
    passed_on = (*ROUTED, escalated(dispatch(3)), routed("community", "SA1", rule="escalated"))
    given(router, *passed_on).when(resolve(dispatch(3))).then(like(ResolutionReported, dispatch=dispatch(3)))
    given(router, *passed_on).when(resolve(dispatch(5))).refused_with(refuse.NotAccepted)
    twice = (*passed_on, escalated(dispatch(5)), routed("street", "SA", rule="escalated"))
    given(router, *twice).when(resolve(dispatch(3))).then(like(ResolutionReported, dispatch=dispatch(3)))
    given(router, *twice).when(resolve(dispatch(5))).refused_with(refuse.DispatchNotCurrent, current=dispatch(7))
    given(router, *passed_on, accepted(dispatch(5))).when(resolve(dispatch(3))).refused_with(refuse.DispatchNotCurrent)


def test_not_solved_is_about_the_first_receiver_who_reported_it_done():
    passed_on = (*ROUTED, escalated(dispatch(3)), routed("community", "SA1", rule="escalated"))
    [event] = given(router, *passed_on, resolved(dispatch(3)), reopened(2)).when_heard().then(dispatched(unit="SA1"))
    assert floors_of(event)["history"] == ("community", f"not_solved:{dispatch(3)}")


def test_who_resolves_is_who_the_petition_says_is_responsible():
    again = (resolved(dispatch(3)), reopened(2), routed("street", "SA", round=2), accepted(dispatch(9)))
    for past in (ROUTED, TAKEN, CLIMBED, (*CLIMBED, accepted(dispatch(6))), (*CLIMBED, *again[:3]), (*CLIMBED, *again)):
        stream = recorded(*past)
        state, life = router.decider.fold(stream), fold_life(stream)
        assert life.responsible is not None
        assert state.responsible.unit == life.responsible.unit


def test_who_names_no_dispatch_means_the_current_one():
    given(router, *CLIMBED).when(resolve()).refused_with(refuse.NotAccepted)


def test_the_next_receiver_must_take_it_before_it_can_resolve():
    given(router, *CLIMBED).when(resolve(dispatch(6))).refused_with(refuse.NotAccepted)


def test_once_another_accepted_the_first_receiver_is_out():
    taken_over = (*CLIMBED, accepted(dispatch(6)))
    given(router, *taken_over).when(resolve(dispatch(3))).refused_with(refuse.DispatchNotCurrent, current=dispatch(6))
    given(router, *taken_over).when(resolve()).then(like(ResolutionReported, dispatch=dispatch(6)))


def test_what_was_done_for_a_milder_matter_answers_no_danger():
    found = (*TAKEN, reassessed("GAS", "critical"))
    given(router, *found).when(resolve()).refused_with(refuse.FoundCritical)
    routed_anew = (*found, routed("district", "D", "D-GAS", kind="GAS", severity="critical", rule="reassessed"))
    given(router, *routed_anew).when(resolve(dispatch(3))).refused_with(refuse.FoundCritical)
    never_accepted = (*ROUTED, *routed_anew[len(TAKEN) :])
    given(router, *never_accepted).when(resolve(dispatch(3))).refused_with(refuse.FoundCritical)
    given(router, *routed_anew, accepted(dispatch(6))).when(resolve()).then(
        like(ResolutionReported, dispatch=dispatch(6))
    )


def test_who_had_it_first_as_the_danger_that_it_is_may_still_report_it_done():
    leak = (filed(), assessed("GAS", "critical"), routed("street", "SA", kind="GAS", severity="critical"))
    climbed = (*leak, escalated(dispatch(3)), routed("district", "D", kind="GAS", severity="critical"))
    given(router, *climbed).when(resolve(dispatch(3))).then(like(ResolutionReported, dispatch=dispatch(3)))


def test_read_as_milder_again_by_a_person_it_is_done_as_before():
    milder = (*TAKEN, reassessed("GAS", "critical"), routed("street", "SA", severity="critical"), reassessed())
    given(router, *milder).when(resolve(dispatch(3))).then(like(ResolutionReported, dispatch=dispatch(3)))


def test_a_round_is_resolved_once():
    given(router, *TAKEN, resolved(dispatch(3))).when(resolve()).refused_with(refuse.AlreadyResolved)


def test_a_new_round_needs_a_new_acceptance():
    again = (*TAKEN, resolved(dispatch(3)), reopened(2), routed("community", "SA1", round=2, rule="reopened"))
    given(router, *again).when(resolve()).refused_with(refuse.NotAccepted)
    given(router, *again, accepted(dispatch(7))).when(resolve()).then(like(ResolutionReported, round=2))
