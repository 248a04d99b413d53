"""交接: the work changes hands, and everything else stays."""

from router import rejections as refuse
from router.aiming import refuse_unless_placed
from router.commands import HandOver
from router.rejections_of_staff import HeldByAnother, NotOnDuty
from router.state import State
from schemas.event import Event
from schemas.events.staffing import WorkHandedOver
from schemas.sealed import Sealed


def hand_over(state: State, command: HandOver) -> list[Event]:
    """To a colleague, also while it is on hold. Only what somebody took can be handed over."""
    refuse_unless_placed(state)
    dispatch = command.dispatch or state.dispatch
    if dispatch != state.accepted.dispatch:
        raise refuse.NotAccepted if dispatch == state.dispatch else refuse.DispatchNotCurrent(state.dispatch)
    receiver, staff = state.taken
    if staff == command.to_staff:
        return []
    if staff not in ("", command.from_staff):
        raise HeldByAnother(staff)
    if not command.policy.policy.rosters.works_for(receiver, command.to_staff, command.now):
        raise NotOnDuty(command.to_staff, receiver)
    return [
        WorkHandedOver(
            at=command.now,
            dispatch=dispatch,
            from_staff=command.from_staff,
            to_staff=command.to_staff,
            reason=Sealed.of(command.reason),
        )
    ]
