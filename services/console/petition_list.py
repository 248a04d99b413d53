"""The list of petitions: one row each, folded from its events."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Table

from schemas.event import AnyRecorded
from schemas.events.escalation import PetitionEscalated
from schemas.events.feedback import PetitionClosed, PetitionReopened
from schemas.events.intake import DuplicateLinked, DuplicateUnlinked, PetitionFiled, PetitionSplit, PetitionWithdrawn
from schemas.events.router import DispatchClaimed, PetitionPlaced, PetitionRouted
from schemas.events.severity import PetitionDeclined, PetitionReferred, SeverityAssessed, SeverityReassessed
from schemas.life import Life
from services.chassis.clock import micros
from services.chassis.codec import decode
from services.chassis.likeness import person, sketch
from services.chassis.log import Log
from services.chassis.read_model import Projection, Projector
from services.chassis.sealing import Keyring, PetitionKey, Unsealable
from services.chassis.store.engine import EventRow, Statement
from services.chassis.store.sql import create_table
from services.console.tables import PetitionRow

KEPT_LIVES = 2_000
ENDS = (PetitionClosed, PetitionReferred, PetitionDeclined, PetitionWithdrawn)
SHOWN_AFTER_THE_END = frozenset(
    event.__name__
    for event in (
        PetitionFiled,
        SeverityAssessed,
        SeverityReassessed,
        PetitionPlaced,
        PetitionRouted,
        DispatchClaimed,
        PetitionEscalated,
        PetitionReopened,
        DuplicateLinked,
        DuplicateUnlinked,
        PetitionSplit,
    )
)
"""What the row of a petition that has ended still shows something of."""
TABLE: Table = PetitionRow.__table__  # type: ignore[attr-defined]
COLUMNS = tuple(column.name for column in TABLE.columns)


def upsert(table: str) -> str:
    """One row per petition: the newest state replaces the one before."""
    names = ", ".join(COLUMNS)
    values = ", ".join(f":{name}" for name in COLUMNS)
    news = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "petition")
    return f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT (petition) DO UPDATE SET {news}"  # noqa: S608


class Traces(NamedTuple):
    """By what a petition is known again while it is open: keyed hashes of who asks and of the words."""

    person: bytes | None = None
    sketch: bytes | None = None


NO_TRACES = Traces()


class PetitionListProjector:
    """Keeps the lives it folded lately; one that it forgot is folded again from the log."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lives: OrderedDict[UUID, Life] = OrderedDict()
        self._traces: dict[UUID, Traces] = {}

    async def rows(self, batch: Sequence[AnyRecorded], table: str) -> list[Statement]:
        await self._remember({r.petition: r.version for r in reversed(batch)})
        touched: dict[UUID, Life] = {}
        for recorded in batch:
            life = self._lives[recorded.petition]
            if recorded.version == life.version + 1:
                life.hear(recorded)
            touched[recorded.petition] = life
        traces = await self._traced(touched.values())
        while len(self._lives) > KEPT_LIVES:
            forgotten, _ = self._lives.popitem(last=False)
            self._traces.pop(forgotten, None)
        # A life whose filing cannot be read has no row; that must not keep the others from theirs.
        rows = [row_of(life, traces.get(petition)) for petition, life in touched.items() if life.filed is not None]
        return [Statement(upsert(table), rows)]

    async def whole(self, streams: Sequence[EventRow], table: str) -> list[Statement]:
        lives = [life_of(list(stream)) for _, stream in groupby(streams, attrgetter("stream_id"))]
        traces = await self._traced(lives)
        self._traces.clear()
        rows = [row_of(life, traces.get(life.petition)) for life in lives if life.filed is not None]
        return [Statement(upsert(table), rows)]

    async def _traced(self, lives: Iterable[Life]) -> dict[UUID, Traces]:
        """The traces of those that are open, and of no others."""
        open_now = {life.petition: life.filed for life in lives if life.filed is not None and life.closed_at is None}
        new = {petition: filed for petition, filed in open_now.items() if petition not in self._traces}
        keys = await self._log.keyring.get(list(new)) if new else {}
        for petition, filed in new.items():
            self._traces[petition] = traces_of(filed, keys.get(petition), self._log.keyring)
        return {petition: self._traces[petition] for petition in open_now}

    async def _remember(self, first_versions: dict[UUID, int]) -> None:
        """Have a life for every petition of the batch, as it was before its first event there."""
        forgotten = [p for p, version in first_versions.items() if p not in self._lives and version > 1]
        streams = await self._log.load(forgotten) if forgotten else {}
        for petition, version in first_versions.items():
            if petition in self._lives:
                self._lives.move_to_end(petition)
                continue
            life = self._lives[petition] = Life(petition)
            for recorded in streams.get(petition, ())[: version - 1]:
                life.hear(recorded)


def life_of(stream: Sequence[EventRow]) -> Life:
    """A petition's life from its whole stream, as far as the list shows it.

    Most petitions of a long log have ended, and few of their events are read: the end stopped every deadline that is
    shown, and it is its status that stands."""
    life = Life(stream[0].stream_id)
    *before, newest = stream
    last = decode(newest)
    if isinstance(last.event, ENDS):
        for row in before:
            if row.type in SHOWN_AFTER_THE_END:
                life.hear_all_but_deadlines(decode(row))
        life.hear_all_but_deadlines(last)
    else:
        for row in before:
            life.hear(decode(row))
        life.hear(last)
    return life


def traces_of(filed: AnyRecorded, key: PetitionKey | None, keyring: Keyring) -> Traces:
    """None for what was erased or does not open."""
    if key is None:
        return NO_TRACES
    try:
        title, text, who = (key.open(filed, name) for name in ("title", "text", "petitioner"))
    except Unsealable:
        return NO_TRACES
    return Traces(person(who, keyring), sketch(f"{title or ''}{text}", keyring))


def row_of(life: Life, traces: Traces | None = None) -> dict[str, Any]:
    """The list's row for a life."""
    known = traces or NO_TRACES
    assert life.filed is not None
    assert life.updated_at is not None
    filed = life.filed.event
    return {
        "petition": life.petition,
        "number": life.number,
        "version": life.version,
        "status": life.status.value,
        "channel": filed.channel.value,
        "kind": life.kind,
        "severity": life.severity and life.severity.value,
        "disposition": life.disposition and life.disposition.value,
        "tier": life.tier,
        "unit": life.unit,
        "department": life.department,
        "place": life.place,
        "partner": None if life.closed_at else life.partner,
        "root": life.root,
        "person": known.person,
        "sketch": known.sketch,
        "round": life.round,
        "escalated": life.escalated,
        "supervised": life.supervised,
        "asked": to_json(sorted(life.asked)).decode() if life.asked else None,
        "title": filed.title.token if filed.title else None,
        "filed_at": micros(filed.at),
        "updated_at": micros(life.updated_at),
        "closed_at": life.closed_at and micros(life.closed_at),
        "due_at": life.due_at and micros(life.due_at),
    }


def create(table: str, suffix: str) -> list[str]:
    """DDL of the list under another name in a file, its indexes named with `suffix`."""
    return create_table(TABLE, table, suffix)


def _projector(log: Log, dialect: str) -> Projector:
    return PetitionListProjector(log)


PETITION_LIST = Projection("petition_list", TABLE.name, create, _projector)
