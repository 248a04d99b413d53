"""The tables: a petition's newest state, its history, its dispatches, its deadlines."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """A table of this application, apart from those of gridcase."""

    metadata = MetaData()


class Petition(Table, table=True):
    """One petition as it stands now."""

    __tablename__ = "petition"
    __table_args__ = (
        UniqueConstraint("source", "number"),
        Index("petition_status", "status", "filed_at"),
        Index("petition_unit", "unit", "filed_at"),
        Index("petition_filed", "filed_at"),
    )

    id: str = Field(primary_key=True)
    source: str | None = None
    number: str | None = None
    channel: str
    title: str | None = None
    text: str
    place: str | None = None
    address: str | None = None
    name: str | None = None
    phone: str | None = None
    status: str
    version: int = 0
    kind: str | None = None
    severity: str | None = None
    disposition: str | None = None
    confidence: float | None = None
    tier: str | None = None
    unit: str | None = None
    department: str | None = None
    round: int = 1
    filed_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


class Event(Table, table=True):
    """One thing that happened to a petition."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("petition_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    petition_id: str
    version: int
    type: str
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    by: str | None = None
    at: datetime


class Dispatch(Table, table=True):
    """One placing of a petition with a unit or department."""

    __tablename__ = "dispatch"

    id: int | None = Field(default=None, primary_key=True)
    petition_id: str = Field(index=True)
    tier: str
    unit: str
    department: str | None = None
    floors: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    issued_at: datetime
    accept_by: datetime
    resolve_by: datetime
    accepted_at: datetime | None = None


class Deadline(Table, table=True):
    """A point in time that somebody must keep."""

    __tablename__ = "deadline"
    __table_args__ = (Index("deadline_due", "state", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    petition_id: str = Field(index=True)
    name: str
    due_at: datetime
    state: str = "open"
