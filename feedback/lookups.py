"""What feedback asks once for a batch: of which petition a part is that is open again as a danger."""

from collections.abc import Sequence

from feedback.reactions import FeedbackFacts
from schemas.event import AnyRecorded
from schemas.events.feedback import DANGER, PetitionReopened
from schemas.events.intake import PetitionWithdrawn
from schemas.events.router import ResolutionReported
from schemas.events.severity import PetitionDeclined, PetitionReferred
from services.chassis.service import Ground

OVER = (ResolutionReported, PetitionWithdrawn, PetitionReferred, PetitionDeclined)


async def for_batch(heard: Sequence[AnyRecorded], ground: Ground) -> FeedbackFacts:
    """Reads the streams of those dangers, for only its first event says that a petition is a part."""
    again = [one for one in heard if isinstance(one.event, PetitionReopened) and one.event.cause == DANGER]
    streams = await ground.load({one.petition for one in again}) if again else {}
    found = {one.ref: vars(streams[one.petition][0].event).get("split_from") for one in again}
    over = {one.ref for one in again if _is_over(streams[one.petition][one.version :])}
    wholes = {ref: whole for ref, whole in found.items() if whole is not None and ref not in over}
    return FeedbackFacts(ground.now, ground.policy, wholes)


def _is_over(since: Sequence[AnyRecorded]) -> bool:
    """Whether it is done with by now, which the whole could not be told: it would wait for that in vain."""
    return any(isinstance(one.event, OVER) for one in since)
