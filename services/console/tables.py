"""The read models that people look at."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData
from sqlmodel import Field, SQLModel


class ReadModel(SQLModel):
    """A table that can be rebuilt from the log at any time."""

    metadata = MetaData()


class PetitionRow(ReadModel, table=True):
    """One petition in the list; moments in microseconds since 1970 UTC; the title is ciphertext."""

    __tablename__ = "petition_list"
    __table_args__ = (
        Index("petition_list_filed", "filed_at", "petition"),
        Index("petition_list_status", "status", "filed_at"),
        Index("petition_list_unit", "unit", "filed_at"),
        Index("petition_list_due", "due_at"),
    )

    petition: bytes = Field(sa_column=Column(LargeBinary(16), primary_key=True))
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
    round: int
    escalated: bool
    supervised: bool
    title: str | None = None
    filed_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
    due_at: int | None = Field(default=None, sa_type=BigInteger)
