"""The words of a batch of filed petitions, opened in memory and read by the rules."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from schemas.event import AnyRecorded, EventRef
from schemas.events.intake import PetitionFiled
from schemas.policy import Policy
from services.chassis.sealing import Keys
from services.chassis.service import Ground
from severity.policy import Reading, SeverityPolicy
from severity.reactions import ReadingFacts


class Erased(Exception):
    """The petition's words were erased; there is nothing to read."""


async def for_batch(heard: Sequence[AnyRecorded], ground: Ground) -> ReadingFacts:
    """Read every filed petition of the batch; the keys are loaded in one query."""
    filed = [recorded for recorded in heard if isinstance(recorded.event, PetitionFiled)]
    keys = await ground.keyring.get([recorded.petition for recorded in filed])
    rules = severity_policy(ground.policy)
    readings: dict[EventRef, Any] = {recorded.ref: _read(recorded, keys, rules) for recorded in filed}
    return ReadingFacts(ground.now, ground.policy, readings)


def _read(recorded: AnyRecorded, keys: Keys, rules: SeverityPolicy) -> Reading | Exception:
    event: PetitionFiled = recorded.event
    try:
        if (key := keys[recorded.petition]) is None:
            return Erased(str(recorded.petition))
        title, text = key.open(recorded, "title") or "", key.open(recorded, "text")
        attached = event.attachments is not None
        return rules.read(title=title, text=text, filed_kind=event.kind, anonymous=event.anonymous, attached=attached)
    except Exception as error:  # whatever is wrong with this petition must not keep the others from being read
        return error


@lru_cache(maxsize=8)
def severity_policy(policy: Policy) -> SeverityPolicy:
    """Compiled once for each policy version."""
    return SeverityPolicy(policy)
