"""派单领单: what is routine and open goes to whoever claims it first."""

import pytest

from router import rejections as refuse
from router.commands import Accept, Claim, MovePetition, Place, Resolve, Return, Summon
from router.policy import routing_policy
from router.rejections_of_claims import AsksToStayHidden, BelowFloor, NotForPartners, NotPutBefore, OutsideItsUnit
from router.rejections_of_summons import TooLow
from schemas.deadlines import DeadlineState
from schemas.dispatches import DispatchIssued, DispatchWithdrawn
from schemas.events.router import (
    CoHandlerReportedIn,
    CoHandlersSummoned,
    DispatchAccepted,
    DispatchClaimed,
    DispatchReturned,
    PetitionPlaced,
    ResolutionReported,
)
from schemas.life import fold_life
from schemas.policy import Policy, ScaleRule
from schemas.words import Mode, Result, ReturnReason, Severity, Status
from tests.given import DISTRICT, PETITION, T0, dispatch, given, like, recorded, router
from tests.news import says, told
from tests.past import assessed, claimed, dispatched, escalated, filed, reassessed, routed, summoned

KINDS = tuple(kind.model_copy(update={"mode": Mode.OPEN}) for kind in DISTRICT.bundle.kinds)
OPEN = Policy(1, DISTRICT.bundle.model_copy(update={"kinds": KINDS}))
PUT_BEFORE = (filed(), assessed("NOISE"), routed("community", "SA1", kind="NOISE", mode="open"))
HAS_IT = (*PUT_BEFORE, claimed(dispatch(3), "SA1P", "wy-1", responsible="SA1"))


OFFICE_HAS_IT = (*PUT_BEFORE, claimed(dispatch(3), "D", "water-1", department="D-WATER"))


def claim(
    unit: str | None = None,
    by: str = "wy-1",
    which: str | None = None,
    office: str | None = None,
    policy: Policy = OPEN,
) -> Claim:
    return Claim(PETITION, T0, routing_policy(policy), which, unit, office, by)


def test_an_open_kind_is_put_before_its_unit():
    given(router, filed(), assessed("NOISE"), policy=OPEN).when_heard().then(dispatched(unit="SA1", mode=Mode.OPEN))


def test_what_is_grave_or_an_office_has_the_power_for_is_given_to_one():
    grave = (filed(), assessed("NOISE", "urgent"))
    given(router, *grave, policy=OPEN).when_heard().then(dispatched(mode=Mode.ASSIGNED))
    given(router, filed(), assessed("STALL"), policy=OPEN).when_heard().then(
        dispatched(department="SA-CITY", mode=Mode.ASSIGNED)
    )


def test_what_nobody_claimed_in_time_is_given_to_one():
    missed = (*PUT_BEFORE, escalated(dispatch(3)))
    given(router, *missed, policy=OPEN).when_heard().then(dispatched(unit="SA", mode=Mode.ASSIGNED))


def test_the_unit_or_one_below_it_claims():
    for unit, responsible in (("SA1", None), ("SA1P", "SA1"), ("SA11", None)):
        given(router, *PUT_BEFORE).when(claim(unit)).then(
            like(DispatchClaimed, dispatch=dispatch(3), unit=unit, claimed_by="wy-1", responsible=responsible)
        )
    given(router, *PUT_BEFORE).when(claim()).then(like(DispatchClaimed, unit="SA1"))


def test_nobody_else_claims():
    given(router, *PUT_BEFORE).when(claim("SB1")).refused_with(NotPutBefore, put_before="SA1")
    given(router, *PUT_BEFORE).when(claim("SA")).refused_with(NotPutBefore)
    given(router, *PUT_BEFORE).when(claim("XX")).refused_with(refuse.UnknownUnit)
    about = (filed(about="SA1P"), *PUT_BEFORE[1:])
    given(router, *about).when(claim("SA1P")).refused_with(refuse.ComplainedAbout)


def test_a_kind_that_is_open_is_for_the_units_below_its_power_but_for_none_below_another_floor():
    both = (*PUT_BEFORE[:2], PetitionPlaced(at=T0, unit="SA1", touches=("SA11", "SA12"), policy=1), *PUT_BEFORE[2:])
    many = (filed(households=500), *PUT_BEFORE[1:])
    limits = OPEN.bundle.model_copy(update={"scale": {"grid": ScaleRule(households=300)}})
    scaled = Policy(1, limits)
    for past, policy, floor in ((both, OPEN, "scope"), (many, scaled, "scale")):
        given(router, *past).when(claim("SA11", policy=policy)).refused_with(BelowFloor, floor=floor, tier="community")
        given(router, *past).when(claim("SA1", policy=policy)).then(like(DispatchClaimed, unit="SA1"))
        given(router, *past).when(claim("SA1P", policy=policy)).then(like(DispatchClaimed, responsible="SA1"))
    given(router, filed(households=300), *PUT_BEFORE[1:]).when(claim("SA11", policy=scaled)).then(like(DispatchClaimed))


def test_a_department_of_the_unit_or_of_one_above_it_claims():
    for office, unit in (("SA-CITY", "SA"), ("D-WATER", "D")):
        given(router, *PUT_BEFORE).when(claim(office=office, by="c-1")).then(
            like(DispatchClaimed, unit=unit, department=office, claimed_by="c-1")
        )


def test_no_other_department_claims():
    given(router, *PUT_BEFORE).when(claim(office="SB-CITY")).refused_with(NotPutBefore, claimer="SB-CITY")
    given(router, *PUT_BEFORE).when(claim(office="XX")).refused_with(refuse.UnknownDepartment)
    about = (filed(about="SA-CITY"), *PUT_BEFORE[1:])
    given(router, *about).when(claim(office="SA-CITY")).refused_with(refuse.ComplainedAbout)


def test_the_department_that_claimed_it_is_responsible_and_has_it():
    life = fold_life(recorded(*OFFICE_HAS_IT))
    assert (life.status, life.unit, life.department) == (Status.ACCEPTED, "D", "D-WATER")
    assert (life.responsible.unit, life.responsible.department) == ("D", "D-WATER")
    given(router, *OFFICE_HAS_IT).when(claim(office="D-WATER", by="water-1")).then_nothing()
    done = Resolve(PETITION, T0, routing_policy(OPEN), None, Result.DONE, "已疏通", [])
    given(router, *OFFICE_HAS_IT).when(done).then(like(ResolutionReported, dispatch=dispatch(3)))
    move = MovePetition(PETITION, T0, routing_policy(OPEN), None, "D-WATER", "由水务办")
    given(router, *OFFICE_HAS_IT).when(move).refused_with(refuse.NothingMoves)


def test_what_a_department_claimed_it_calls_others_to_and_gives_back_to_its_own_desk():
    call = Summon(PETITION, T0, routing_policy(OPEN), ["SA-CITY"])
    given(router, *OFFICE_HAS_IT).when(call).then(like(CoHandlersSummoned, departments=("SA-CITY",)))
    own = Summon(PETITION, T0, routing_policy(OPEN), ["D-WATER"])
    given(router, *OFFICE_HAS_IT).when(own).refused_with(refuse.NothingMoves)
    give_back = Return(PETITION, T0, routing_policy(OPEN), None, ReturnReason.NOT_MINE, None)
    given(router, *OFFICE_HAS_IT).when(give_back).then(like(DispatchReturned), dispatched(unit="D", department=None))


def test_what_a_lower_unit_claimed_goes_back_to_no_lower_desk_than_the_one_before_which_it_was():
    lies_somewhere = (filed("SA"), assessed("NOISE"), routed("community", "SA", kind="NOISE", mode="open"))
    give_back = Return(PETITION, T0, routing_policy(OPEN), None, ReturnReason.WRONG_AREA, None)
    for unit in ("SA11", "SA1"):
        has_it = (*lies_somewhere, claimed(dispatch(3), unit, "g-7"))
        given(router, *has_it).when(give_back).then(
            like(DispatchReturned), dispatched(unit="SA", tier="community", mode=Mode.ASSIGNED)
        )


def test_who_was_called_to_help_and_claims_it_is_there():
    called = (*PUT_BEFORE, claimed(dispatch(3), "SA1", "c-1"), summoned(dispatch(3), "D-WATER"))
    again = (*called, routed("community", "SA1", kind="NOISE", mode="open"))
    given(router, *again).when(claim(office="D-WATER", by="water-1")).then(
        like(DispatchClaimed, department="D-WATER"), like(CoHandlerReportedIn, department="D-WATER")
    )


def test_those_around_it_hear_that_a_department_claimed_it():
    says(
        told(*OFFICE_HAS_IT),
        (DispatchWithdrawn, "SA1", {"reason": "claimed"}),
        (DispatchIssued, "D-WATER", {"reason": "claimed", "unit": "D", "department": "D-WATER", "accept_by": None}),
    )


def test_read_again_as_before_it_stays_with_the_department_that_claimed_it():
    reread = (*OFFICE_HAS_IT, reassessed("NOISE"))
    given(router, *reread, policy=OPEN).when_heard().then_nothing()


def test_what_a_department_claimed_goes_to_no_lower_unit_by_a_message_or_a_return():
    for said in (reassessed("NOISE", "urgent"), escalated(dispatch(3), "resolve:1"), reassessed("STALL")):
        [again] = given(router, *OFFICE_HAS_IT, said, policy=OPEN).when_heard().then(dispatched(unit="D"))
        assert ("history", f"holds:{dispatch(3)}") in [(one.floor, one.reason) for one in again.floors]
    beyond = Return(PETITION, T0, routing_policy(OPEN), None, ReturnReason.BEYOND_POWER, None)
    given(router, *OFFICE_HAS_IT).when(beyond).then(like(DispatchReturned), dispatched(unit="D", department=None))


def test_what_a_department_claimed_goes_where_a_desk_places_it():
    place = Place(PETITION, T0, routing_policy(OPEN), "SA21")
    given(router, *OFFICE_HAS_IT).when(place).then(like(PetitionPlaced), dispatched(unit="SA2", rule="placed"))


def test_who_was_slower_hears_who_has_it():
    given(router, *HAS_IT).when(claim("SA11", "g-7")).refused_with(
        refuse.AlreadyClaimed, claimer="SA1P", claimed_by="wy-1"
    )
    given(router, *OFFICE_HAS_IT).when(claim("SA11", "g-7")).refused_with(refuse.AlreadyClaimed, claimer="D-WATER")


def test_claiming_twice_says_it_once():
    given(router, *HAS_IT).when(claim("SA1P")).then_nothing()


def test_an_open_dispatch_is_claimed_and_an_assigned_one_accepted():
    given(router, *PUT_BEFORE).when(Accept(PETITION, T0, None)).refused_with(refuse.OpenToClaim)
    assigned = (filed(), assessed(), routed())
    given(router, *assigned).when(claim()).refused_with(refuse.NotOpenToClaim)
    given(router, *assigned).when(Accept(PETITION, T0, None)).then(like(DispatchAccepted))


def test_a_partner_claims_only_what_is_routine_and_open():
    graver = (*PUT_BEFORE, reassessed("NOISE", "urgent"))
    given(router, *graver).when(claim("SA1P")).refused_with(NotForPartners)
    given(router, *graver).when(claim("SA11")).then(like(DispatchClaimed))
    no_more_open = claim("SA1P", policy=DISTRICT)
    given(router, *PUT_BEFORE).when(no_more_open).refused_with(NotForPartners)


def test_a_partner_claims_nothing_of_who_asks_to_stay_hidden():
    hidden = (filed(confidential=True), *PUT_BEFORE[1:])
    given(router, *hidden).when(claim("SA1P")).refused_with(AsksToStayHidden)
    given(router, *hidden).when(claim("SA1")).then(like(DispatchClaimed))


def test_a_partner_claims_only_where_it_belongs():
    at_the_street = (assessed("NOISE"), routed("street", "SA", kind="NOISE", mode="open"))
    given(router, filed("SA11"), *at_the_street).when(claim("SA1P")).then(like(DispatchClaimed, responsible="SA"))
    for place in ("SA2", "SA", None):
        given(router, filed(place), *at_the_street).when(claim("SA1P")).refused_with(
            OutsideItsUnit, partner="SA1P", parent="SA1"
        )


def test_a_partner_has_it_and_its_unit_stays_responsible():
    life = fold_life(recorded(*HAS_IT))
    assert (life.status, life.partner, life.unit, life.responsible.unit) == (Status.ACCEPTED, "SA1P", "SA1", "SA1")
    life = fold_life(recorded(*PUT_BEFORE, claimed(dispatch(3), "SA11")))
    assert (life.partner, life.unit, life.responsible.unit) == (None, "SA11", "SA11")


def test_what_a_partner_has_goes_back_to_its_unit_when_it_is_graver():
    graver = (*HAS_IT, reassessed("NOISE", "urgent"))
    [again] = (
        given(router, *graver, policy=OPEN)
        .when_heard()
        .then(dispatched(unit="SA1", mode=Mode.ASSIGNED, severity=Severity.URGENT))
    )
    life = fold_life(recorded(*graver, again))
    assert (life.status, life.partner, life.responsible.unit) == (Status.ROUTED, None, "SA1")


@pytest.mark.parametrize("proved", ["LAMP", None])
def test_what_proves_to_be_of_a_kind_that_is_not_open_is_taken_back_from_a_partner(proved: str | None):
    all_but_lamps = (*(kind for kind in KINDS if kind.code != "LAMP"), DISTRICT.kinds["LAMP"])
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"kinds": all_but_lamps}))
    another = (*HAS_IT, reassessed(proved))
    [again] = given(router, *another, policy=policy).when_heard().then(dispatched(unit="SA1", mode=Mode.ASSIGNED))
    assert fold_life(recorded(*another, again)).partner is None
    says(
        told(*another, again),
        (DispatchWithdrawn, "SA1P", {"reason": "reassessed", "still_responsible": False}),
        (DispatchIssued, "SA1", {"reason": "reassessed"}),
    )
    own = (*PUT_BEFORE, claimed(dispatch(3), "SA11"), reassessed(proved))
    given(router, *own, policy=policy).when_heard().then_nothing()


def test_a_partner_keeps_what_is_read_again_as_it_may_be_claimed():
    given(router, *HAS_IT, reassessed("STALE"), policy=DISTRICT).when_heard().then(dispatched(unit="SA1"))
    given(router, *HAS_IT, reassessed("BENCH"), policy=DISTRICT).when_heard().then_nothing()
    given(router, *HAS_IT, reassessed("NOISE"), policy=DISTRICT).when_heard().then_nothing()


def test_what_is_placed_outside_of_a_partners_unit_is_taken_back():
    at_the_street = (filed(), assessed("NOISE"), routed("street", "SA", kind="NOISE", mode="open"))
    has_it = (*at_the_street, claimed(dispatch(3), "SA1P", "wy-1", responsible="SA"))
    for unit, taken_back in (("SA12", []), ("SA2", [dispatched(unit="SA", rule="placed")])):
        place = Place(PETITION, T0, routing_policy(OPEN), unit, ())
        given(router, *has_it).when(place).then(like(PetitionPlaced, unit=unit), *taken_back)


def test_who_claimed_it_reports_it_done_in_time():
    life = fold_life(recorded(*HAS_IT))
    assert [one.state for one in life.deadlines if one.family == "accept"] == [DeadlineState.MET]
    done = Resolve(PETITION, T0, routing_policy(OPEN), None, Result.DONE, "已劝离", [])
    given(router, *HAS_IT).when(done).then(like(ResolutionReported, dispatch=dispatch(3)))


def test_nobody_reports_done_what_nobody_claimed():
    done = Resolve(PETITION, T0, routing_policy(OPEN), None, Result.DONE, "已劝离", [])
    given(router, *PUT_BEFORE).when(done).refused_with(refuse.NotAccepted)


def test_what_a_partner_claimed_goes_back_to_the_desk_above_it_and_calls_nobody():
    give_back = Return(PETITION, T0, routing_policy(OPEN), None, ReturnReason.NOT_MINE, None)
    given(router, *HAS_IT).when(give_back).then(like(DispatchReturned), dispatched(unit="SA1", rule="returned"))
    given(router, *HAS_IT).when(Summon(PETITION, T0, routing_policy(OPEN), ["D-WATER"])).refused_with(TooLow)
    move = MovePetition(PETITION, T0, routing_policy(OPEN), "SA1", None, "由社区办")
    given(router, *HAS_IT).when(move).then(dispatched(unit="SA1", rule="moved"))
