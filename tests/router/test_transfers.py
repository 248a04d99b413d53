"""转办: its receiver passes it on, sideways or up, never down."""

from router import rejections as refuse
from router.commands import ReportProgress, Return, Transfer
from router.policy import routing_policy
from router.rejections_of_delays import TransferredEnough
from schemas.events.router import DispatchReturned, DispatchTransferred, ProgressReported
from schemas.words import ReturnReason
from tests.given import DISTRICT, PETITION, T0, dispatch, given, like, router
from tests.past import accepted, assessed, dispatched, escalated, filed, reassessed, routed

POLICY = routing_policy(DISTRICT)
LAMP = (filed(), assessed(), routed())
STALL = (filed(), assessed("STALL"), routed("street", "SA", "SA-CITY", kind="STALL"))


def transfer(unit: str | None = None, department: str | None = None, which: str | None = None) -> Transfer:
    return Transfer(PETITION, T0, POLICY, which, unit, department, "由他们办更合适")


def test_it_goes_sideways_with_the_reason():
    given(router, *LAMP).when(transfer("SA12")).then(
        like(DispatchTransferred, dispatch=dispatch(3), unit="SA12", department=None, reason="由他们办更合适"),
        dispatched(unit="SA12", tier="grid", rule="transferred"),
    )


def test_it_goes_to_another_office_or_up():
    given(router, *STALL).when(transfer(department="D-CITY")).then(
        like(DispatchTransferred, unit="D", department="D-CITY"), dispatched(unit="D", department="D-CITY")
    )
    given(router, *LAMP).when(transfer("SA1")).then(like(DispatchTransferred), dispatched(unit="SA1", tier="grid"))


def test_it_never_goes_down():
    given(router, *STALL).when(transfer("SA1")).refused_with(refuse.BelowAuthority)
    high = (filed(), assessed(), routed("community", "SA1", floors={"authority": "grid", "history": "community"}))
    given(router, *high).when(transfer("SA11")).refused_with(refuse.GoesDown, unit="SA11")


def test_it_never_goes_to_itself_to_nobody_or_to_a_partner():
    given(router, *LAMP).when(transfer("SA11")).refused_with(refuse.NothingMoves)
    given(router, *LAMP).when(transfer("SA21")).refused_with(refuse.NobodyThere)
    given(router, *LAMP).when(transfer("SA1P")).refused_with(refuse.PartnerWithoutPower)
    given(router, *LAMP).when(transfer("XX")).refused_with(refuse.UnknownUnit)
    about = (filed(about="SA12"), assessed(), routed())
    given(router, *about).when(transfer("SA12")).refused_with(refuse.ComplainedAbout)


def test_it_circles_no_longer_than_the_policy_says():
    past, there = LAMP, ("SA12", "SA11", "SA12")
    for unit in there:
        past = (*past, *given(router, *past).when(transfer(unit)).said)
    given(router, *past).when(transfer("SA11")).refused_with(TransferredEnough, most=3)
    given(router, *past).when(Return(PETITION, T0, POLICY, None, ReturnReason.NOT_MINE, None)).then(
        like(DispatchReturned), dispatched(unit="SA1", rule="returned")
    )


def test_only_the_current_dispatch_is_passed_on():
    climbed = (*LAMP, escalated(dispatch(3)), routed("community", "SA1", rule="escalated"))
    given(router, *climbed).when(transfer("SA2", which=dispatch(3))).refused_with(refuse.DispatchNotCurrent)


def test_where_it_was_passed_on_it_climbs():
    passed = (*LAMP, routed("grid", "SB11", rule="transferred"), escalated(dispatch(4)))
    given(router, *passed).when_heard().then(dispatched(unit="SB1", tier="community"))


def test_who_is_responsible_tells_how_far_it_is():
    progress = ReportProgress(PETITION, T0, None, "配件已订")
    given(router, *LAMP, accepted(dispatch(3))).when(progress).then(
        like(ProgressReported, dispatch=dispatch(3), text="配件已订")
    )
    given(router, *LAMP).when(progress).refused_with(refuse.NotAccepted)


def test_it_is_passed_to_nobody_below_what_the_floors_ask_by_now():
    graver = (*LAMP, accepted(dispatch(3)), reassessed("POISON", "critical", hand_off=("120",)))
    given(router, *graver).when(transfer("SA12")).refused_with(refuse.GoesDown)
    climbs = (*LAMP, accepted(dispatch(3)), escalated(dispatch(3)))
    given(router, *climbs).when(transfer("SA12")).refused_with(refuse.GoesDown)
    given(router, *climbs).when(transfer("SA2")).then(like(DispatchTransferred), dispatched(tier="community"))
