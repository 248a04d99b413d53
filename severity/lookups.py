"""The words of a batch of filed petitions, opened in memory and read by the rules."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import structlog

from schemas.event import AnyRecorded, EventRef
from schemas.events.intake import PetitionFiled
from schemas.policy import Policy
from services.chassis.sealing import Keys
from services.chassis.service import Ground
from severity.policy import Reading, SeverityPolicy
from severity.reactions import ReadingFacts
from severity.signs import SlowSign

log = structlog.get_logger()


class Erased(Exception):
    """The petition's words were erased; there is nothing to read."""


async def for_batch(heard: Sequence[AnyRecorded], ground: Ground) -> ReadingFacts:
    """Read every filed petition of the batch; the keys are loaded in one query."""
    filed = [recorded for recorded in heard if isinstance(recorded.event, PetitionFiled)]
    keys = await ground.keyring.get([recorded.petition for recorded in filed])
    readings: dict[EventRef, Any] = {}
    for recorded in filed:
        reading = _read(recorded, keys, ground.policy)
        if isinstance(reading, SlowSign):
            await asyncio.sleep(0)  # many may be slow in a row, and callers wait
            reading = _read(recorded, keys, ground.policy)  # a host that stands still looks like a slow expression
        readings[recorded.ref] = reading
        if isinstance(reading, SlowSign):
            log.error("slow_sign", sign=reading.rule, policy=ground.policy.version)
    return ReadingFacts(ground.now, ground.policy, readings)


def _read(recorded: AnyRecorded, keys: Keys, policy: Policy) -> Reading | Exception:
    event: PetitionFiled = recorded.event
    try:
        if (key := keys[recorded.petition]) is None:
            return Erased(str(recorded.petition))
        title, text = key.open(recorded, "title") or "", key.open(recorded, "text")
        attached = event.attachments is not None
        rules = severity_policy(policy)
        return rules.read(title=title, text=text, filed_kind=event.kind, anonymous=event.anonymous, attached=attached)
    except Exception as error:  # what is wrong with it, or with this policy, parks it and lets the others be heard
        return error


@lru_cache(maxsize=8)
def severity_policy(policy: Policy) -> SeverityPolicy:
    """Compiled once for each policy version."""
    return SeverityPolicy(policy)
