"""A new policy is published, and a person has what is under way follow it."""

from services.rerouting import RerouteBody, reroute
from tests.invariants.rows import Complaint
from tests.invariants.world import World


def follow(world: World, tier: str) -> None:
    """What takes no power belongs to this tier now, and what the list holds goes there; asked again, nothing moves."""
    world.next_write_breaks = ""
    world.project("petition_list")
    runtime = world.gridcase.runtime
    bundle = runtime.policies.current.bundle
    kinds = (one if one.power else one.model_copy(update={"tier": tier}) for one in bundle.kinds)
    world.do(runtime.policies.publish(bundle.model_copy(update={"kinds": tuple(kinds)})))
    asked = RerouteBody(by="s-1", reason="新规则施行", limit=500)
    first, again = (world.do(reroute(asked, runtime, four_eyes=False)) for _ in range(2))
    world.happened["rerouted"] += first["counts"]["differs"]
    if again["counts"]["differs"] or first["counts"]["unreadable"]:
        raise Complaint(f"was re-routed and would be again, or cannot be judged: {again}")
