"""Which open petitions a new one may repeat: of the same petitioner, or in nearly the same words at the same place.

A person links; nothing follows from a suggestion. Filing never waits long for one, and never fails for want of one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import structlog

from schemas.people import Petitioner
from schemas.petition import SuggestionAnswer
from services.chassis.clock import micros
from services.chassis.dead_letters import describe
from services.chassis.likeness import likeness, person, sketch
from services.chassis.runtime import Runtime
from services.chassis.store.engine import as_uuid

MOST = 5
ALIKE = 0.5
"""From this part of common pairs on words are nearly the same."""
SECONDS = 0.2
AT_ONCE = 8
"""So many filings look for suggestions at the same moment; whoever comes then is answered without."""
OF_PERSON, OF_PLACE = 20, 100
"""The newest open petitions of a petitioner, and of a place, that are looked at."""
FIND = f"""
WITH known AS (
  SELECT * FROM (
    SELECT petition, number, status, root, person, sketch FROM petition_list
    WHERE person = :person AND root IS NULL AND closed_at IS NULL
    ORDER BY filed_at DESC LIMIT {OF_PERSON}) AS of_person
  UNION ALL
  SELECT * FROM (
    SELECT petition, number, status, root, person, sketch FROM petition_list
    WHERE place = :place AND filed_at >= :since AND closed_at IS NULL
    ORDER BY filed_at DESC LIMIT {OF_PLACE}) AS of_place
)
SELECT petition, number, root, person, sketch FROM known WHERE root IS NULL AND status IN {{open}}
UNION ALL
SELECT kept.petition, kept.number, known.root, known.person, known.sketch
FROM known JOIN petition_list AS kept ON kept.petition = known.root WHERE kept.status IN {{open}}
""".format(open="('assessed', 'routed', 'accepted', 'held')")  # noqa: S608 - put together from constants
"""What follows another stands for its root, which alone can be linked to; what is resolved or over cannot be. Some are
found twice."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Suggestions:
    """Looks in the list of petitions, as far as that has come."""

    runtime: Runtime
    most: int = AT_ONCE
    looking: set["asyncio.Task[list[SuggestionAnswer] | None]"] = field(default_factory=set)

    async def repeated_by(
        self, petition: UUID, words: str, place: str | None, who: Petitioner | None
    ) -> list[SuggestionAnswer] | None:
        """Up to five open petitions that this one may repeat, the likeliest first; None when nobody could look.

        What takes too long is not waited for, nor broken off: that would cost the database a connection each time."""
        if len(self.looking) >= self.most:
            return None
        look = asyncio.create_task(self._look(petition, words, place, who))
        self.looking.add(look)
        look.add_done_callback(self.looking.discard)
        await asyncio.wait([look], timeout=SECONDS)
        return look.result() if look.done() else None

    async def _look(
        self, petition: UUID, words: str, place: str | None, who: Petitioner | None
    ) -> list[SuggestionAnswer] | None:
        try:
            return await self._found(petition, words, place, who)
        except Exception as error:  # it was filed, and a person can link it without us
            log.warning("no_suggestions", error=describe(error))
            return None

    async def _found(
        self, petition: UUID, words: str, place: str | None, who: Petitioner | None
    ) -> list[SuggestionAnswer]:
        keyring, engine = self.runtime.log.keyring, self.runtime.log.engine
        mine, said = person(who, keyring), sketch(words, keyring)
        if mine is None and (said is None or place is None):
            return []
        back = timedelta(days=self.runtime.policies.current.limits.repeat_days)
        since = micros(self.runtime.time.now() - back)
        rows = await engine.query(FIND, {"person": mine, "place": place, "since": since})
        return _likeliest(petition, mine, said, rows)


def _likeliest(petition: UUID, mine: bytes | None, said: bytes | None, rows: Sequence[Any]) -> list[SuggestionAnswer]:
    best: dict[UUID, tuple[float, SuggestionAnswer]] = {}
    for found, number, root, whose, sketched in rows:
        same = mine is not None and whose == mine and root is None
        alike = likeness(said, sketched, 0.0 if same else ALIKE) if said and sketched else 0.0
        if as_uuid(found) == petition or not (same or alike >= ALIKE):
            continue
        reason: Literal["same_petitioner", "alike"] = "same_petitioner" if same else "alike"
        one = SuggestionAnswer(petition=as_uuid(found), number=number, reason=reason)
        best[one.petition] = max(best.get(one.petition, (0.0, one)), (alike + same, one), key=lambda scored: scored[0])
    ordered = sorted(best.values(), key=lambda scored: scored[0], reverse=True)
    return [one for _, one in ordered[:MOST]]
