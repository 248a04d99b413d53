"""The read models that people look at."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, text
from sqlmodel import Field, SQLModel

from services.chassis.store.tables import STREAM_ID

ASKED = text("asked IS NOT NULL")
OPEN = text("closed_at IS NULL")


class ReadModel(SQLModel):
    """A table that can be rebuilt from the log at any time."""

    metadata = MetaData()


class PetitionRow(ReadModel, table=True):
    """One petition in the list; moments in microseconds since 1970 UTC; the title is ciphertext. `person` and `sketch`
    are keyed hashes by which an open petition is known again; `asked` are the units that have still to answer a
    supervision, a list as JSON."""

    __tablename__ = "petition_list"
    __table_args__ = (
        Index("petition_list_filed", "filed_at", "petition"),
        Index("petition_list_status", "status", "filed_at"),
        Index("petition_list_unit", "unit", "filed_at"),
        Index("petition_list_place_all", "place"),
        Index("petition_list_place_open", "place", "filed_at", postgresql_where=OPEN, sqlite_where=OPEN),
        Index("petition_list_due", "due_at"),
        Index("petition_list_partner", "partner"),
        Index("petition_list_person", "person", "filed_at"),
        Index("petition_list_asked", "asked", postgresql_where=ASKED, sqlite_where=ASKED),
    )

    petition: UUID = Field(sa_column=Column(STREAM_ID, primary_key=True))
    number: str
    version: int
    status: str
    channel: str
    kind: str | None = None
    severity: str | None = None
    disposition: str | None = None
    tier: str | None = None
    unit: str | None = None
    department: str | None = None
    place: str | None = None
    partner: str | None = None
    root: UUID | None = Field(default=None, sa_column=Column(STREAM_ID, nullable=True))
    person: bytes | None = Field(default=None, sa_type=LargeBinary)
    sketch: bytes | None = Field(default=None, sa_type=LargeBinary)
    round: int
    escalated: bool
    supervised: bool
    asked: str | None = None
    title: str | None = None
    filed_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
    due_at: int | None = Field(default=None, sa_type=BigInteger)
