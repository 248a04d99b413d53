"""Asking the list of petitions: filters, cursors, and how far behind the log it is."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic_core import from_json, to_json
from sqlalchemy import Column, ColumnElement, Select, and_, case, func, literal_column, or_, select, tuple_

from schemas.events.intake import PetitionFiled
from schemas.jurisdiction import Jurisdiction
from schemas.petition import Answer, NamedCode, UnitAnswer
from schemas.words import HANDLED_ELSEWHERE, Channel, Disposition, Severity, Status
from services.chassis.answers import named_department, named_kind, named_unit
from services.chassis.clock import from_micros, micros
from services.chassis.misfits import Misfit
from services.chassis.names import Names
from services.chassis.naming import petition_numbered
from services.chassis.problems import ProblemRaised
from services.chassis.projection import stands_at
from services.chassis.runtime import Runtime
from services.chassis.sealing import PetitionKey, sealed_fields
from services.chassis.store.engine import Engine, as_uuid
from services.chassis.store.sql import compiled, names_one_of, one_of
from services.console.petition_list import PETITION_LIST
from services.console.search import PETITION_SEARCH, find
from services.console.tables import PetitionRow

COLUMNS = PetitionRow.__table__.columns  # type: ignore[attr-defined]
CURSOR: TypeAdapter[tuple[str, int, str]] = TypeAdapter(tuple[str, Annotated[int, Field(ge=0, lt=1 << 63)], str])
PETITIONS, WORKLIST = "petitions", "worklist"
"""Which list a cursor is from: a place in one means nothing in another."""
NEVER, AFTER_ALL_ASKED = 1 << 60, 1 << 61
DUE = func.coalesce(COLUMNS.due_at, NEVER)
UNFINISHED = and_(COLUMNS.closed_at.is_(None), *(COLUMNS.status != one.value for one in HANDLED_ELSEWHERE))
MOST_COUNTED = 1_000
"""Nobody pages further, and finding more of what is rare would take longer than the page itself."""
LAST_ID = UUID(int=(1 << 128) - 1)
AT_ONCE, MOST_AT_ONCE = 2_000, 200_000
"""Petitions with the words that are looked at first, and at most: each look goes ten times as far as the one before."""
Filter = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class ListQuery(BaseModel):
    """What to list: every filter narrows, the newest first."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    tier: Filter | None = None
    unit: Filter | None = None
    within: Filter | None = Field(
        default=None, description="A unit: what lies in it or in one below it, or is with one of them"
    )
    unfinished: bool | None = Field(
        default=None, description="Only what has not ended and is not handled as another petition, or only the rest"
    )
    department: Filter | None = None
    severity: Severity | None = None
    kind: Filter | None = None
    overdue: bool | None = Field(default=None, description="Only those whose acceptance or resolution is late, or not")
    q: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="Words in title, text or address, or a petition's number"
    )
    limit: int = Field(default=50, ge=1, le=500)
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="`next` of the page before"
    )


class ListItem(Answer):
    """One petition in a list."""

    id: UUID
    number: str
    version: int
    status: Status
    title: str | None
    channel: Channel
    kind: NamedCode | None
    severity: Severity | None
    disposition: Disposition | None
    tier: str | None
    unit: UnitAnswer | None
    department: NamedCode | None
    partner: UnitAnswer | None = Field(description="The partner that claimed it; the unit stays responsible")
    to_place: bool = Field(description="Its place is not known well enough: a desk has it until somebody places it")
    round: int
    escalated: bool = Field(description="It was sent a tier up at least once")
    supervised: bool = Field(description="A superior was asked about it and has still to answer")
    filed_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    overdue: bool


class Behind(Answer):
    """What the list has not seen yet: events, and the age of the oldest of them in seconds."""

    events: int
    seconds: float


class ListAnswer(Answer):
    """A page of petitions; `next` is the cursor of the page after it, null on the last."""

    items: list[ListItem]
    next: str | None
    total: int | None = Field(
        description="How many on all pages; null where not counted: more than 1,000, or than a page with `q`"
    )
    behind: Behind


@dataclass(frozen=True)
class Lists:
    """Where lists are read from."""

    runtime: Runtime
    search: Engine

    async def page(self, query: ListQuery) -> ListAnswer:
        """One page; raises a problem for a cursor that is not ours."""
        seen = await self._seen()  # before the rows: what comes while they are read is not in them
        now = self.runtime.time.now()
        rows = await self._rows(query, now)
        total = await self._total(rows, query.limit, query.cursor, None if query.q else self._narrowed(query, now))
        return await self._answer(PETITIONS, rows, query.limit, lambda row: row.filed_at, total, seen)

    async def worklist(self, units: Sequence[str], limit: int, cursor: str | None) -> ListAnswer:
        """One page of the petitions of which one of these units has still to answer a supervision, also when they have
        ended; after them the unfinished ones that these units have or claimed, none that follows another or was split.
        Of both the nearest deadline first, those with none last. Raises a problem for a cursor that is not ours."""
        seen = await self._seen()
        theirs = self._among(units, COLUMNS.unit, COLUMNS.partner)
        asked = names_one_of(COLUMNS.asked, units, self.runtime.log.engine.dialect)
        place = DUE + case((asked, literal_column("0")), else_=literal_column(str(AFTER_ALL_ASKED)))
        statement = fitting = select(*COLUMNS).where(or_(and_(theirs, UNFINISHED), asked))
        if cursor is not None:
            after, petition = _position(WORKLIST, cursor)
            statement = statement.where(tuple_(place, COLUMNS.petition) > tuple_(after, petition))
        statement = statement.order_by(place, COLUMNS.petition).limit(limit + 1)
        rows = await _select(self.runtime.log.engine, statement)
        total = await self._total(rows, limit, cursor, fitting)
        return await self._answer(WORKLIST, rows, limit, lambda row: _place_of_work(row, units), total, seen)

    async def _total(
        self, rows: Sequence[Any], limit: int, cursor: str | None, fitting: Select[Any] | None
    ) -> int | None:
        """How many fit, on whichever page; None for many, and for what no statement finds."""
        if cursor is None and len(rows) <= limit:
            return len(rows)
        if fitting is None:
            return None
        some = fitting.with_only_columns(COLUMNS.petition).limit(MOST_COUNTED + 1).subquery()
        engine = self.runtime.log.engine
        [(count,)] = await engine.query(*compiled(select(func.count()).select_from(some), engine.dialect))
        return int(count) if count <= MOST_COUNTED else None

    async def _answer(
        self,
        name: str,
        rows: Sequence[Any],
        limit: int,
        place: Callable[[Any], int],
        total: int | None,
        seen: dict[int, int],
    ) -> ListAnswer:
        """A page of at most `limit` of the rows, which stand in the order of `place`."""
        items = await self._items(rows[:limit], self.runtime.time.now())
        following = _cursor(name, place(rows[limit - 1]), rows[limit - 1]) if len(rows) > limit else None
        return ListAnswer(items=items, next=following, total=total, behind=await self._behind(seen))

    async def _seen(self) -> dict[int, int]:
        """Up to where the log is in every read model that a list is made of, whichever process keeps it."""
        listed = await stands_at(PETITION_LIST.name, self.runtime.log.engine)
        searched = await stands_at(PETITION_SEARCH.name, self.search)
        partitions = range(self.runtime.log.partitions)
        return {partition: min(listed.get(partition, 0), searched.get(partition, 0)) for partition in partitions}

    async def _behind(self, seen: dict[int, int]) -> Behind:
        heads = await self.runtime.log.heads()
        events = sum(head - seen[partition] for partition, head in heads.items())
        if events == 0:
            return Behind(events=0, seconds=0.0)
        waiting = await self.runtime.log.read(seen, 1)
        oldest = min((recorded.recorded_at for recorded in waiting), default=self.runtime.time.now())
        return Behind(events=events, seconds=max(0.0, (self.runtime.time.now() - oldest).total_seconds()))

    async def _rows(self, query: ListQuery, now: datetime) -> Sequence[Any]:
        """One more than a page, to know whether there is another."""
        if query.q is not None:
            return await self._searched(query.q, query, now)
        statement = self._narrowed(query, now).order_by(COLUMNS.filed_at.desc(), COLUMNS.petition.desc())
        if query.cursor is not None:
            filed_at, petition = _position(PETITIONS, query.cursor)
            statement = statement.where(tuple_(COLUMNS.filed_at, COLUMNS.petition) < tuple_(filed_at, petition))
        return await _select(self.runtime.log.engine, statement.limit(query.limit + 1))

    async def _searched(self, words: str, query: ListQuery, now: datetime) -> Sequence[Any]:
        """Look for the words from the newest petition back, ever further, until those that fit fill the page."""
        before = _position(PETITIONS, query.cursor)[1] if query.cursor else LAST_ID
        numbered = await petition_numbered(words, self.runtime.log)
        statement = self._narrowed(query, now).order_by(COLUMNS.petition.desc())
        rows: list[Any] = []
        most = AT_ONCE
        while True:
            found = await find(self.search, words, numbered, before, most)
            for start in range(0, len(found), AT_ONCE):
                part = found[start : start + AT_ONCE]
                fitting = statement.where(COLUMNS.petition.in_(part)).limit(query.limit + 1 - len(rows))
                rows += await _select(self.runtime.log.engine, fitting)
                if len(rows) > query.limit:
                    return rows
            if len(found) < most:
                return rows
            before, most = found[-1], min(10 * most, MOST_AT_ONCE)

    def _narrowed(self, query: ListQuery, now: datetime) -> Select[Any]:
        """The rows that fit every filter but the words; everything is within the top."""
        fitting = _narrowed(query, now)
        if query.within is None:
            return fitting
        units = self.runtime.policies.current.jurisdiction
        if query.within == units.top.code:
            return fitting
        return fitting.where(self._among(units.area(query.within), COLUMNS.place, COLUMNS.unit))

    def _among(self, units: Sequence[str], *columns: Column[Any]) -> ColumnElement[bool]:
        """That one of the columns names one of these units."""
        return or_(*(one_of(column, units, self.runtime.log.engine.dialect) for column in columns))

    async def _items(self, rows: Sequence[Any], now: datetime) -> list[ListItem]:
        if not rows:
            return []  # also while there is no policy
        keys = await self.runtime.log.keyring.get([as_uuid(row.petition) for row in rows])
        names = self.runtime.policies.names()
        units = self.runtime.policies.current.jurisdiction
        return [_item(row, keys.get(as_uuid(row.petition)), names, units, now) for row in rows]


@dataclass(frozen=True)
class _Row:
    """A row with its columns as attributes."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.values[name]


def _narrowed(query: ListQuery, now: datetime) -> Select[Any]:
    """The rows that fit every filter but the words and `within`."""
    statement = select(*COLUMNS)
    for name in ("status", "tier", "unit", "department", "severity", "kind"):
        if (wanted := getattr(query, name)) is not None:
            statement = statement.where(COLUMNS[name] == str(wanted))
    if query.unfinished is not None:
        statement = statement.where(UNFINISHED if query.unfinished else ~UNFINISHED)
    if query.overdue is not None:
        late = and_(COLUMNS.due_at.is_not(None), COLUMNS.due_at < micros(now))
        statement = statement.where(late if query.overdue else ~late | COLUMNS.due_at.is_(None))
    return statement


async def _select(engine: Engine, statement: Select[Any]) -> list[_Row]:
    names = [column.name for column in COLUMNS]
    rows = await engine.query(*compiled(statement, engine.dialect))
    return [_Row(dict(zip(names, row, strict=True))) for row in rows]


def _item(row: Any, key: PetitionKey | None, names: Names, units: Jurisdiction, now: datetime) -> ListItem:
    return ListItem(
        id=as_uuid(row.petition),
        number=row.number,
        version=row.version,
        status=row.status,
        title=open_title(row.title, key),
        channel=row.channel,
        kind=named_kind(row.kind, names),
        severity=row.severity,
        disposition=row.disposition,
        tier=row.tier,
        unit=named_unit(row.unit, names),
        department=named_department(row.department, names),
        partner=named_unit(row.partner, names),
        to_place=row.unit is not None
        and not row.closed_at
        and row.status not in HANDLED_ELSEWHERE
        and units.is_placing_desk(row.tier, row.unit, row.place),
        round=row.round,
        escalated=bool(row.escalated),
        supervised=bool(row.supervised),
        filed_at=from_micros(row.filed_at),
        updated_at=from_micros(row.updated_at),
        closed_at=from_micros(row.closed_at) if row.closed_at else None,
        due_at=from_micros(row.due_at) if row.due_at else None,
        overdue=row.due_at is not None and row.due_at < micros(now),
    )


def open_title(token: str | None, key: PetitionKey | None) -> str | None:
    """The title of a list row, which stands sealed there as it does in the petition's first event."""
    if token is None or key is None:
        return None
    title: str = key.open_token(token, 1, "title", sealed_fields(PetitionFiled)["title"])
    return title


def _place_of_work(row: Any, units: Sequence[str]) -> int:
    """Where a row stands in the worklist of these units."""
    due = NEVER if row.due_at is None else row.due_at
    asked = row.asked is not None and not set(units).isdisjoint(from_json(row.asked))
    return int(due) if asked else int(due) + AFTER_ALL_ASKED


def _cursor(name: str, place: int, row: Any) -> str:
    return base64.urlsafe_b64encode(to_json([name, place, as_uuid(row.petition).hex])).decode().rstrip("=")


def _position(name: str, cursor: str) -> tuple[int, UUID]:
    try:
        content = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        made_by, place, petition = CURSOR.validate_json(content, strict=True)
        if made_by != name:
            raise ValueError(made_by)
        return place, UUID(hex=petition)
    except (binascii.Error, ValueError):
        raise ProblemRaised(
            422, "invalid", "That cursor is not from this list; start without one.", "游标无效，请从第一页开始。",
            [Misfit("?cursor", "use `next` of the page before", "请使用上一页的 next")],
        ) from None  # fmt: skip
