"""The words of a batch of petitions, filed or supplemented, opened in memory and read by the rules."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache

import structlog

from schemas.event import AnyRecorded, EventRef
from schemas.events.intake import PetitionFiled, PetitionSupplemented
from schemas.events.severity import SeverityAssessed, SeverityConfirmed, SeverityReassessed
from schemas.policy import Policy
from services.chassis.petition_words import Said, said
from services.chassis.sealing import Keys
from services.chassis.service import Ground
from severity.decider import DECIDER
from severity.evidence import Passage
from severity.policy import Reading, SeverityPolicy
from severity.reactions import ReadingFacts, may_raise_parts
from severity.signs import SlowSign

log = structlog.get_logger()


class Erased(Exception):
    """The petition's words were erased; there is nothing to read."""


async def for_batch(heard: Sequence[AnyRecorded], ground: Ground) -> ReadingFacts:
    """Read every petition of the batch; the keys, and what was said before it was supplemented, are a query each."""
    parts = await _parts_to_raise(heard, ground)
    filed = [part for of_one in parts.values() for part in of_one]
    heard = [*(one for one in heard if not isinstance(one.event, SeverityAssessed)), *filed]
    keys = await ground.keyring.get([recorded.petition for recorded in heard])
    supplemented = {recorded.petition for recorded in heard if isinstance(recorded.event, PetitionSupplemented)}
    streams = await ground.load(supplemented) if supplemented else {}
    readings: dict[EventRef, Reading | Exception] = {}
    alone: dict[EventRef, Reading | Exception] = {}
    for recorded in heard:
        stream = streams[recorded.petition][: recorded.version] if recorded.version > 1 else (recorded,)
        readings[recorded.ref] = await _read_twice_if_slow(recorded, stream, keys, ground.policy, _judged(stream))
        if recorded.version > 1:
            alone[recorded.ref] = await _read_twice_if_slow(recorded, stream, keys, ground.policy, recorded.version - 1)
    return ReadingFacts(ground.now, ground.policy, readings, parts, alone)


async def _read_twice_if_slow(
    recorded: AnyRecorded, stream: Sequence[AnyRecorded], keys: Keys, policy: Policy, known: int
) -> Reading | Exception:
    reading = _read(recorded, stream, keys, policy, known)
    if isinstance(reading, SlowSign):
        await asyncio.sleep(0)  # many may be slow in a row, and callers wait
        reading = _read(recorded, stream, keys, policy, known)  # a host that stands still looks like a slow expression
    if isinstance(reading, SlowSign):
        log.error("slow_sign", sign=reading.rule, policy=policy.version)
    return reading


async def _parts_to_raise(heard: Sequence[AnyRecorded], ground: Ground) -> Mapping[EventRef, Sequence[AnyRecorded]]:
    """How the parts were filed that each petition waited for when what had been added to it was read as graver."""
    graver = [one for one in heard if isinstance(one.event, SeverityAssessed) and may_raise_parts(one.event)]
    wholes = await ground.load({one.petition for one in graver}) if graver else {}
    parts = {one.ref: DECIDER.fold(wholes[one.petition][: one.version]).parts for one in graver}
    named = {part for of_one in parts.values() for part in of_one}
    streams = await ground.load(named) if named else {}
    return {ref: [streams[part][0] for part in of_one] for ref, of_one in parts.items()}


def _read(
    recorded: AnyRecorded, stream: Sequence[AnyRecorded], keys: Keys, policy: Policy, known: int
) -> Reading | Exception:
    """What was said after the version `known`; all of it where that is 0."""
    try:
        if (key := keys[recorded.petition]) is None:
            return Erased(str(recorded.petition))
        filed: PetitionFiled = stream[0].event
        words, filed_kind = said(stream, key), filed.kind
        if known:
            words = Said("", "", [one for one in words.added if one.version > known])
            filed_kind = None
        attached = any(one.event.attachments for one in stream if isinstance(one.event, _WITH_FILES))
        return severity_policy(policy).read(
            title=words.title,
            text=words.text,
            filed_kind=filed_kind,
            anonymous=filed.anonymous,
            attached=attached,
            added=[Passage(one.start, one.words) for one in words.added],
        )
    except Exception as error:  # what is wrong with it, or with this policy, parks it and lets the others be heard
        return error


_WITH_FILES = (PetitionFiled, PetitionSupplemented)


def _judged(stream: Sequence[AnyRecorded]) -> int:
    """Version of a person's last word about the reading; they knew what had been said by then."""
    persons = (one.version for one in stream if isinstance(one.event, SeverityConfirmed | SeverityReassessed))
    return max(persons, default=0)


@lru_cache(maxsize=8)
def severity_policy(policy: Policy) -> SeverityPolicy:
    """Compiled once for each policy version."""
    return SeverityPolicy(policy)
