"""A new policy is published, and a person has what is under way follow it."""

from schemas.policy import PolicyBundle
from services.rerouting import RerouteBody, reroute
from tests.invariants.rows import Complaint
from tests.invariants.world import World


def follow(world: World, bundle: PolicyBundle) -> None:
    """What the list holds follows this policy; asked again at once, nothing more moves."""
    world.next_write_breaks = ""
    world.project("petition_list")
    asked, runtime = RerouteBody(by="s-1", reason="新规则施行", limit=500), world.gridcase.runtime
    world.do(runtime.policies.publish(bundle))
    first, again = (world.do(reroute(asked, runtime, four_eyes=False)) for _ in range(2))
    world.happened["rerouted"] += first["counts"]["differs"]
    if again["counts"]["differs"] or first["counts"]["unreadable"]:
        raise Complaint(f"was re-routed and would be again, or cannot be judged: {again}")
