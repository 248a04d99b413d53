"""The floors that follow from what a matter is, whatever became of it: each is the lowest tier that it may have."""

from collections.abc import Iterator

from schemas.events.router import Floor
from schemas.policy import Policy
from schemas.words import FloorName, Severity


def of_reading(policy: Policy, kind: str | None, severity: Severity) -> Iterator[Floor]:
    """Who has the power for this kind, and what this severity asks; what is not known sets none."""
    if kind is not None and (known := policy.kinds.get(kind)) is not None:
        power = f":{known.power}" if known.power else ""
        yield Floor(floor=FloorName.AUTHORITY, tier=known.tier, reason=f"kind:{known.code}{power}")
    if (floor := policy.severity_rule(severity).floor) is not None:
        yield Floor(floor=FloorName.SEVERITY, tier=floor, reason=f"severity:{severity.value}")


def of_size(policy: Policy, **sizes: int | None) -> Iterator[Floor]:
    """难易: for each known size, the lowest tier whose limit it keeps to; none where that is the lowest tier."""
    ladder = policy.jurisdiction.ladder
    for name, known in sizes.items():
        tier, exceeded = ladder.lowest, None
        while known is not None and tier != ladder.top:
            limit = getattr(policy.scale_rule(tier), name)
            if limit is None or known <= limit:
                break
            tier, exceeded = ladder.above(tier), limit
        if exceeded is not None:
            yield Floor(floor=FloorName.SCALE, tier=tier, reason=f"{name}:{known}>{exceeded}")
