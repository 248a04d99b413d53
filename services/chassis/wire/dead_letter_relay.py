"""What could not be handled, to `petition.deadletters.v1`: pointers for operators and their alarms.

The row of a dead letter says of how many of its attempts the topic was told, so what is news needs no order and no
memory: a letter that failed once more is news again, whoever wrote it and whenever it was committed. A redrive that
handles a letter takes its row away, told or not: nobody has to look into it any more.

A topic of pointers does not say what is missing from it, as the log's does. So whoever takes a partition tells all that
waits there once more, and so it does when records were lost: what waits is told at least once under each owner, and
repeats have the same `ce_id`, byte for byte.

The position at its checkpoint is where the log stood when nothing was left to tell.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import structlog
from aiokafka import TopicPartition

from schemas.cloudevents import Message, encode_dead_letter
from schemas.dead_letter import ERROR, DeadLetter
from schemas.event import EventRef
from schemas.topics import DEAD_LETTERS
from services.chassis import metrics
from services.chassis.clock import MachineTime, Time, from_micros
from services.chassis.crash import crash_point
from services.chassis.dead_letters import BEHIND
from services.chassis.keep_going import keep_going
from services.chassis.leases import Leases
from services.chassis.store.engine import Checkpoint, Engine, LeaseLost, Move, Statement, Transaction, as_uuid
from services.chassis.wire.outlet import Outlet
from services.chassis.wire.topics import ensure_topics

NAME = "dead_letter_relay"
BATCH = 500
LOOK_SECONDS = 1.0
"""How often to look for what was put aside."""
CHECK_SECONDS = 5.0
"""How often to see that the topic still ends where it was left."""
LETTERS = "SELECT subscriber, stream_id, partition, position, version, attempts, error, failed_at FROM es_dead_letter"
NEWS = f"{LETTERS} WHERE told < attempts AND partition IN ({{}}) ORDER BY failed_at LIMIT :limit"
TOLD = (
    "UPDATE es_dead_letter SET told = :attempts WHERE subscriber = :subscriber AND stream_id = :stream_id "
    "AND position = :position AND failed_at = :failed_at"
)
TELL_AGAIN = "UPDATE es_dead_letter SET told = 0 WHERE partition = :partition AND told > 0"
log = structlog.get_logger()


class Letter(NamedTuple):
    """A row of the table; `failed_at` in microseconds since 1970 UTC."""

    subscriber: str
    petition: UUID
    partition: int
    position: int
    version: int
    attempts: int
    error: str
    failed_at: int

    def pointer(self) -> DeadLetter:
        """What the topic says of it. Of an error only what can hold nobody's words."""
        named = re.match(ERROR, self.error)
        return DeadLetter(
            at=from_micros(self.failed_at),
            subscriber=self.subscriber,
            stream=self.petition,
            event=str(EventRef(self.petition, self.version)),
            partition=self.partition,
            position=self.position,
            reason=self.error.partition(" ")[0] if named else "Behind" if self.error == BEHIND else "Undescribed",
            error=self.error if named else None,
            attempts=self.attempts,
        )


class DeadLetterRelay:
    """The dead letters of the partitions that this process owns, to the topic."""

    name = NAME

    def __init__(
        self,
        engine: Engine,
        epoch: str,
        bootstrap: str,
        leases: Leases,
        replication: int | None = None,
        time: Time | None = None,
    ) -> None:
        """`epoch` of the store; `replication` as `ensure_topics` takes it; `time`: the database's."""
        self.wake = asyncio.Event()
        """Set to have it look for news at once."""
        self._engine = engine
        self._epoch = epoch
        self._leases = leases
        self._time = time or MachineTime()
        self._topic = [TopicPartition(DEAD_LETTERS, partition) for partition in range(engine.partitions)]
        self._outlet = Outlet(
            bootstrap,
            f"gridcase-{NAME}",
            self._topic,
            lambda: ensure_topics(bootstrap, engine.partitions, replication),
        )
        self._owned: dict[int, Checkpoint] = {}
        self._unsure: set[int] = set()
        """The partitions of which nobody knows what the topic holds."""
        self._checked = 0.0

    @property
    def reached(self) -> dict[int, int]:
        """Where the log stood when nothing was left to tell, by partition."""
        return {p: one.position for p, one in self._owned.items()}

    async def run(self) -> None:
        """Tell until cancelled; a broker or a database that is away is waited for, a lost lease is taken again."""
        await keep_going(self.name, self._turn, self.start)

    async def start(self) -> None:
        """Take the leases; nothing is known of what was told there."""
        self._owned = {}
        self._own(await self._leases.take())

    async def stop(self) -> None:
        """Let others go on there at once."""
        await self._outlet.drop()
        await self._leases.release()

    def _own(self, owned: Iterable[Checkpoint]) -> None:
        known = {p: one.epoch for p, one in self._owned.items()}
        self._owned = {one.partition: one for one in owned}
        self._unsure &= self._owned.keys()
        self._unsure |= {p for p, one in self._owned.items() if known.get(p) != one.epoch}

    async def _turn(self) -> None:
        if (owned := await self._leases.look()) is not None:
            self._own(owned)
        try:
            told = await self.step()
        except LeaseLost:
            raise
        except Exception:
            await self._outlet.drop()
            raise
        if not told:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.wake.wait()
            self.wake.clear()

    async def step(self) -> int:
        """Tell the next letters and note that they are told; returns how many these were."""
        await self._tell_again()
        heads = await self._engine.heads()  # before the letters: what was put aside by then is among them
        letters = await self._news() if self._owned else []
        metrics.tell_age(NAME, [from_micros(one.failed_at) for one in letters], self._time.now())
        await self._look_for_losses()
        if letters:
            await self._deliver(letters)
            crash_point("dead_letter_relay.acknowledged")
        await self._note(letters, self.reached if len(letters) == BATCH else heads)
        return len(letters)

    async def _tell_again(self) -> None:
        if self._unsure:
            rows = [{"partition": partition} for partition in sorted(self._unsure)]
            await self._commit(self._unsure, self.reached, [Statement(TELL_AGAIN, rows)])
            self._unsure = set()

    async def _news(self) -> list[Letter]:
        rows = await self._engine.query(_news_of(self._owned), {"limit": BATCH})
        return [Letter(subscriber, as_uuid(petition), *rest) for subscriber, petition, *rest in rows]

    async def _look_for_losses(self) -> None:
        lost: set[TopicPartition] = set()
        if not self._outlet.is_open:
            lost = await self._outlet.open()
        elif time.monotonic() - self._checked > CHECK_SECONDS:
            lost = await self._outlet.lost()
        else:
            return
        self._checked = time.monotonic()
        self._doubt(lost)

    def _doubt(self, lost: Iterable[TopicPartition]) -> None:
        """Whatever was told there is told again with the next step."""
        for topic in lost:
            log.error("topic_lost_its_tail", topic=DEAD_LETTERS, partition=topic.partition)
        self._unsure |= {topic.partition for topic in lost} & self._owned.keys()

    async def _deliver(self, letters: Sequence[Letter]) -> None:
        messages: dict[TopicPartition, list[Message]] = defaultdict(list)
        for one in letters:
            messages[self._topic[one.partition]].append(encode_dead_letter(one.pointer(), self._epoch))
        self._doubt(await self._outlet.send(messages))

    async def _note(self, letters: Sequence[Letter], reached: Mapping[int, int]) -> None:
        """Note what was told, and where the log stood when that was all."""
        moved = {p for p, one in self._owned.items() if reached[p] != one.position} - self._unsure
        told = {one.partition for one in letters}
        if moved or told:
            rows = [{**one._asdict(), "stream_id": one.petition} for one in letters]
            await self._commit(moved | told, reached, [Statement(TOLD, rows)] if rows else [])

    async def _commit(
        self, partitions: Collection[int], reached: Mapping[int, int], statements: Sequence[Statement]
    ) -> None:
        """Write only while these partitions are its own."""
        moves = [Move(NAME, p, self._owned[p].position, reached[p], self._owned[p].epoch) for p in sorted(partitions)]
        await self._engine.transact(Transaction(moves, (), statements))
        self._owned |= {move.partition: Checkpoint(move.partition, move.new, move.epoch) for move in moves}


def _news_of(partitions: Iterable[int]) -> str:
    """The letters of these partitions that failed more often than was told."""
    return NEWS.format(", ".join(map(str, sorted(partitions))))
