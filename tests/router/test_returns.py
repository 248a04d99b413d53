"""退单: what a receiver gives back goes to whoever stands above; after two returns the common superior decides."""

from datetime import datetime

import pytest

from router import rejections as refuse
from router.commands import Accept, MovePetition, Place, Return, Transfer
from router.policy import routing_policy
from schemas.events.router import DispatchReturned, DispatchTransferred, Floor, PetitionPlaced
from schemas.life import fold_life
from schemas.policy import Policy
from schemas.words import FloorName, ReturnReason
from tests.given import DISTRICT, PETITION, T0, dispatch, given, later, like, recorded, router
from tests.past import (
    accepted,
    assessed,
    dispatched,
    escalated,
    filed,
    floors_of,
    placed,
    reassessed,
    reopened,
    resolved,
    returned,
    routed,
)

POLICY = routing_policy(DISTRICT)
LAMP = (filed(), assessed(), routed())
PIPE = (filed(), assessed("PIPE", "urgent"), routed("district", "D", "D-WATER", kind="PIPE", severity="urgent"))
STALL = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"))
AT_THE_DESK = (*LAMP, returned(dispatch(3)), routed("grid", "SA1", rule="returned"))
PIPE_AT_THE_DESK = (
    *PIPE, returned(dispatch(3)), routed("district", "D", kind="PIPE", severity="urgent", rule="returned"),
)  # fmt: skip
SENT_ON = (*AT_THE_DESK, routed("grid", "SA12", rule="moved"))
DECIDED = (*SENT_ON, returned(dispatch(6)), routed("grid", "SA1", rule="returned"))

KINDS = DISTRICT.bundle.kinds
CARTS = Policy(
    1,
    DISTRICT.bundle.model_copy(
        update={
            "kinds": (*KINDS, next(one for one in KINDS if one.code == "STALL").model_copy(update={"code": "CART"}))
        }
    ),
)
"""With another kind for the same office."""


def place(unit: str) -> Place:
    return Place(PETITION, T0, POLICY, unit)


def give_back(reason: str = "not_mine", which: str | None = None, now: datetime = T0) -> Return:
    return Return(PETITION, now, POLICY, which, ReturnReason(reason), "不归我们管")


def back(reason: str = "not_mine"):
    return like(DispatchReturned, reason=reason, text="不归我们管")


@pytest.mark.parametrize("reason", ["not_mine", "wrong_area", "needs_information"])
def test_the_unit_above_decides_and_the_tier_stays(reason):
    said = given(router, *LAMP).when(give_back(reason))
    said.then(back(reason), dispatched(unit="SA1", department=None, tier="grid", rule="returned", round=1))


def test_an_office_gives_back_to_the_desk_of_its_unit():
    given(router, *PIPE).when(give_back()).then(back(), dispatched(unit="D", department=None, tier="district"))
    given(router, *STALL).when(give_back()).then(back(), dispatched(unit="SA", department=None, tier="street"))


def test_what_is_beyond_its_power_goes_to_who_has_it():
    _, event = given(router, *STALL).when(give_back("beyond_power")).then(
        back("beyond_power"), dispatched(unit="D", department="D-CITY", tier="district")
    )  # fmt: skip
    assert floors_of(event)["scale"] == ("district", f"beyond_power:{dispatch(3)}")


def test_what_is_beyond_the_top_goes_to_its_desk():
    given(router, *PIPE).when(give_back("beyond_power")).then(
        back("beyond_power"), dispatched(unit="D", department=None)
    )  # fmt: skip


def test_the_floor_it_set_stays_when_it_is_read_again():
    returned_by = Floor(floor=FloorName.SCALE, tier="community", reason=f"beyond_power:{dispatch(3)}")
    raised = routed("community", "SA1", rule="returned").model_copy(update={"floors": (returned_by,)})
    past = (*LAMP, returned(dispatch(3), "beyond_power"), raised, escalated(dispatch(5)))
    [event] = given(router, *past).when_heard().then(dispatched(tier="street"))
    assert floors_of(event)["scale"] == ("community", f"beyond_power:{dispatch(3)}")


def test_it_can_be_given_back_after_it_was_accepted():
    given(router, *LAMP, accepted(dispatch(3))).when(give_back()).then(back(), dispatched(unit="SA1"))


def test_a_desk_without_anybody_is_passed_over():
    bundle = DISTRICT.bundle
    units = tuple(unit.model_copy(update={"staff": 0}) if unit.code == "SA1" else unit for unit in bundle.units)
    policy = routing_policy(type(DISTRICT)(1, bundle.model_copy(update={"units": units})))
    command = Return(PETITION, T0, policy, None, ReturnReason.NOT_MINE, None)
    *_, event = given(router, *LAMP).when(command).said
    assert event.unit == "SA"


def test_nobody_complained_about_gets_it_back():
    about = (filed(about="SA1"), assessed(), routed("grid", "SA", rule="assessed"))
    given(router, *about).when(give_back()).then(back(), dispatched(unit="D"))


def test_who_had_it_first_still_answers_for_it_until_another_accepts():
    life = fold_life(recorded(*AT_THE_DESK))
    assert life.responsible.unit == "SA11"
    assert fold_life(recorded(*AT_THE_DESK, accepted(dispatch(5)))).responsible.unit == "SA1"


def test_the_second_return_goes_to_the_lowest_common_superior():
    given(router, *SENT_ON).when(give_back()).then(back(), dispatched(unit="SA1"))
    elsewhere = (*AT_THE_DESK, routed("grid", "SB11", rule="moved"))
    given(router, *elsewhere).when(give_back()).then(back(), dispatched(unit="D", tier="grid"))


def test_what_the_common_superior_decides_cannot_be_given_back():
    given(router, *DECIDED).when(give_back()).refused_with(refuse.DecisionStands)
    moved = (*DECIDED, routed("grid", "SA11", rule="moved"))
    given(router, *moved).when(give_back()).refused_with(refuse.DecisionStands)
    away = Transfer(PETITION, T0, POLICY, None, "SA12", None, "推来推去")
    given(router, *moved).when(away).refused_with(refuse.DecisionStands)
    given(router, *moved).when(Accept(PETITION, T0, None)).then(like(type(accepted(""))))


def test_what_a_rule_placed_anew_after_that_is_nobodys_decision():
    raised = (*DECIDED, escalated(dispatch(8)), routed("community", "SA", rule="escalated"))
    given(router, *raised).when(give_back()).then(back(), dispatched(unit="D", rule="returned"))
    on = Transfer(PETITION, T0, POLICY, None, "SB", None, "属西街道")
    given(router, *raised).when(on).then(like(DispatchTransferred), dispatched(unit="SB"))
    decided_again = (*raised, returned(dispatch(10)), routed("community", "D", rule="returned"))
    given(router, *decided_again).when(give_back()).refused_with(refuse.DecisionStands)
    stays = (*DECIDED, routed("grid", "SA1", rule="supplemented"))
    given(router, *stays).when(give_back()).refused_with(refuse.DecisionStands)


def test_the_superior_itself_can_move_what_it_decided():
    move = MovePetition(PETITION, T0, POLICY, "SA11", None, "由一网格办")
    given(router, *DECIDED).when(move).then(dispatched(unit="SA11", rule="moved"))


def test_a_new_round_may_be_given_back_again():
    again = (*DECIDED, accepted(dispatch(8)), resolved(dispatch(8)), reopened(2), routed("street", "SA", round=2))
    given(router, *again).when(give_back()).then(back(), dispatched(unit="D", round=2))


def test_the_top_has_nobody_to_give_it_back_to():
    at_the_top = (*LAMP, routed("grid", "D", rule="moved"))
    given(router, *at_the_top).when(give_back()).refused_with(refuse.NobodyAbove)


def test_only_the_current_dispatch_can_be_given_back():
    given(router, *AT_THE_DESK).when(give_back(which=dispatch(3))).refused_with(refuse.DispatchNotCurrent)
    given(router, *LAMP, accepted(dispatch(3)), resolved(dispatch(3))).when(give_back()).refused_with(
        refuse.AlreadyResolved
    )


def test_asked_for_twice_it_is_given_back_once():
    given(router, *AT_THE_DESK).when(give_back()).refused_with(refuse.AlreadyReturned, current=dispatch(5))
    given(router, *AT_THE_DESK).when(give_back(which=dispatch(5))).then(back(), dispatched(unit="SA"))
    given(router, *AT_THE_DESK).when(give_back(now=later(minutes=2))).then(back(), dispatched(unit="SA"))


def test_the_round_keeps_its_deadline():
    due = later(hours=48)
    _, event = given(router, *LAMP).when(give_back(now=later(hours=5))).said
    assert event.resolve_by == due
    _, event = given(router, *LAMP).when(give_back(now=later(hours=50))).said
    assert (event.resolve_by, event.overdue) == (later(hours=74), True)


def test_it_is_not_given_back_to_the_top_desk_that_it_complains_about():
    about = (filed(about="D"), assessed("GAS", "critical"), routed("district", "D", "D-GAS", kind="GAS"))
    given(router, *about).when(give_back()).refused_with(refuse.NobodyAbove)


def test_what_was_given_back_goes_where_a_person_says_that_it_lies():
    given(router, *AT_THE_DESK).when(place("SA12")).then(
        like(PetitionPlaced, unit="SA12"), dispatched(unit="SA12", tier="grid", rule="placed")
    )
    elsewhere = (*STALL, returned(dispatch(3), "wrong_area"), routed("street", "SA", kind="STALL", rule="returned"))
    given(router, *elsewhere, accepted(dispatch(5))).when(place("SB11")).then(
        like(PetitionPlaced), dispatched(department="SB-CITY", rule="placed")
    )


def test_what_was_given_back_goes_to_whom_a_person_says_that_it_is_for():
    [event] = given(router, *PIPE_AT_THE_DESK, reassessed("GAS", "urgent")).when_heard().said
    assert (event.unit, event.department, event.rule) == ("D", "D-GAS", "reassessed")
    given(router, *AT_THE_DESK, reassessed("STALL")).when_heard().then(dispatched(department="SA-CITY", tier="street"))


def test_what_a_machine_reads_of_it_moves_it_nowhere_else():
    added = assessed("GAS", "urgent").model_copy(update={"supplement": 1})
    given(router, *PIPE_AT_THE_DESK, added).when_heard().then_nothing()


@pytest.mark.parametrize(
    ("reason", "by_its_place", "by_its_kind"),
    [("wrong_area", True, False), ("not_mine", False, True), ("needs_information", True, True)],
)
def test_it_goes_straight_back_only_when_a_person_said_anew_what_the_reason_was_about(
    reason, by_its_place, by_its_kind
):
    back_at_the_desk = (*STALL, returned(dispatch(3), reason), routed("street", "SA", kind="STALL", rule="returned"))
    there_again = dispatched(department="SA-CITY", rule="placed")
    given(router, *back_at_the_desk).when(place("SA12")).then(
        like(PetitionPlaced), *([there_again] if by_its_place else [])
    )
    [*said] = given(router, *back_at_the_desk, reassessed("CART"), policy=CARTS).when_heard().said
    assert [(one.department, one.rule) for one in said] == ([("SA-CITY", "reassessed")] if by_its_kind else [])


def test_what_it_was_said_to_be_before_it_was_given_back_is_nothing_new():
    carts = (*STALL, reassessed("CART"), returned(dispatch(3)), routed("street", "SA", kind="CART", rule="returned"))
    given(router, *carts, reassessed("CART"), policy=CARTS).when_heard().then_nothing()


def test_a_person_may_send_it_straight_back_by_name():
    move = MovePetition(PETITION, T0, POLICY, "SA11", None, "就在一网格")
    given(router, *AT_THE_DESK).when(move).then(dispatched(unit="SA11", rule="moved"))


def test_whoever_gets_it_by_that_may_give_it_back_and_then_the_superior_decides():
    past = (*AT_THE_DESK, placed("SA12"), routed("grid", "SA12", rule="placed"))
    given(router, *past).when(give_back()).then(back(), dispatched(unit="SA1", rule="returned"))


def test_after_two_returns_only_a_move_decides():
    given(router, *DECIDED).when(place("SB11")).then(like(PetitionPlaced, unit="SB11"))
    twice = (*PIPE_AT_THE_DESK, routed("district", "D", "D-CITY", kind="PIPE", severity="urgent", rule="moved"))
    desk = routed("district", "D", kind="PIPE", severity="urgent", rule="returned")
    given(router, *twice, returned(dispatch(6)), desk, reassessed("GAS", "urgent")).when_heard().then_nothing()


def test_a_persons_move_after_a_return_stands_whatever_is_said_of_it():
    given(router, *SENT_ON).when(place("SB11")).then(like(PetitionPlaced, unit="SB11"))


def test_read_again_it_stays_at_the_desk_that_has_to_decide():
    back_at_the_desk = (*STALL, returned(dispatch(3)), routed("street", "SA", kind="STALL", rule="returned"))
    given(router, *back_at_the_desk, reassessed("STALL")).when_heard().then_nothing()
    decided = (*back_at_the_desk, returned(dispatch(5)), routed("street", "D", kind="STALL", rule="returned"))
    said = given(router, *decided, reassessed("STALL", "urgent")).when_heard().said
    assert [(one.unit, one.department) for one in said] in ([], [("D", None)])
