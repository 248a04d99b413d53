"""What feedback asks once for a batch: of which petition a part is that was opened again as a danger."""

from collections.abc import Sequence

from feedback.reactions import FeedbackFacts
from schemas.event import AnyRecorded
from schemas.events.feedback import DANGER, PetitionReopened
from services.chassis.service import Ground


async def for_batch(heard: Sequence[AnyRecorded], ground: Ground) -> FeedbackFacts:
    """Reads the streams of those dangers, for only its first event says that a petition is a part."""
    again = [one for one in heard if isinstance(one.event, PetitionReopened) and one.event.cause == DANGER]
    streams = await ground.load({one.petition for one in again}) if again else {}
    found = {one.ref: vars(streams[one.petition][0].event).get("split_from") for one in again}
    return FeedbackFacts(ground.now, ground.policy, {ref: whole for ref, whole in found.items() if whole is not None})
