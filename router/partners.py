"""合伙人: a partner helps where it belongs with what is routine and open, of nobody who asks to stay hidden."""

from router.policy import RoutingPolicy
from router.rejections_of_claims import AsksToStayHidden, NotForPartners, OutsideItsUnit
from router.state import State
from schemas.jurisdiction import Unit, UnitSort


def refuse_to_partner(state: State, policy: RoutingPolicy, partner: Unit) -> None:
    """Raises Rejected where this partner may not claim it."""
    if not policy.is_open(state.kind, state.severity):
        raise NotForPartners
    if state.confidential:
        raise AsksToStayHidden
    if not _lies_with(state, policy, partner):
        raise OutsideItsUnit(partner.code, partner.parent)


def is_taken_back(state: State, policy: RoutingPolicy) -> bool:
    """Whether the partner that claimed it may not have it as it is read or placed since; a policy alone takes nothing
    back. What is read as graver leaves everybody."""
    partner = policy.policy.jurisdiction.units.get(state.handler)
    if not state.claimed or state.office is not None or partner is None or partner.sort is not UnitSort.PARTNER:
        return False
    of_another_kind = state.kind != state.routed_kind and not policy.is_open(state.kind, state.severity)
    return of_another_kind or not _lies_with(state, policy, partner)


def _lies_with(state: State, policy: RoutingPolicy, partner: Unit) -> bool:
    """Whether it lies in the unit that the partner belongs to, or was put before that."""
    units = policy.policy.jurisdiction
    return partner.parent == state.unit or (
        state.place in units.units and units.contains(partner.parent or "", state.place or "")
    )
