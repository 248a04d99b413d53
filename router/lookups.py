"""What the router asks once for a batch: of which petition a part is that came to its own end."""

from collections.abc import Sequence

from router.reactions import ENDED_OTHERWISE, PartOf, RoutingFacts
from schemas.event import AnyRecorded
from schemas.events.feedback import PetitionReopened
from services.chassis.service import Ground


async def for_batch(heard: Sequence[AnyRecorded], ground: Ground) -> RoutingFacts:
    """Reads the streams of what came to its own end, for only its first event says that it is a part."""
    over = [one for one in heard if type(one.event) in ENDED_OTHERWISE]
    streams = await ground.load({one.petition for one in over}) if over else {}
    parts = {one.ref: part for one in over if (part := _part(streams[one.petition][: one.version]))}
    return RoutingFacts(ground.now, ground.policy, parts)


def _part(stream: Sequence[AnyRecorded]) -> PartOf | None:
    whole = vars(stream[0].event).get("split_from")  # a filing that cannot be read says nothing
    reopened = sum(isinstance(one.event, PetitionReopened) for one in stream)
    return PartOf(whole, 1 + reopened) if whole else None
