"""What `petition.deadletters.v1` says: where to look for what could not be handled, and none of it."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.event import Instant

NAME = r"[A-Za-z_][A-Za-z0-9_]{0,99}"
ERROR = rf"^{NAME}( at (<[a-z]{{1,20}}>|{NAME}):[0-9]{{1,7}})?$"
"""The name of an error, and the function and line where it came up: no room for anybody's words."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DeadLetter(BaseModel):
    """A pointer to a record or an event that a subscriber could not handle. It holds nothing of the record itself."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", json_schema_extra={"oneOf": [{"required": ["topic"]}, {"required": ["stream"]}]}
    )

    schema_version: ClassVar[int] = 1

    at: Instant
    """When it was put aside, or failed again; 1970 when an older release kept it and did not say."""
    subscriber: str
    """Who could not handle it: the name of a service, a read model or a relay."""
    topic: str | None = None
    """The topic of the record; none when it is an event of the log."""
    stream: UUID | None = None
    """The petition whose event it is; none when it is a record of a topic."""
    event: str | None = None
    """Id of the event, `<petition>:<version>`; none when it is a record of a topic."""
    partition: int = Field(ge=0)
    """Partition of the topic, or of the log."""
    position: int = Field(ge=0)
    """Offset in the topic, or position in the log."""
    reason: str = Field(pattern=rf"^{NAME}$")
    """Name of the error; never its words."""
    error: str | None = Field(default=None, pattern=ERROR)
    """Name of the error and where in the program it came up: `KeyError at on_petition_routed:81`. None when the event
    itself is sound and waits behind an earlier one of its petition (`reason` is then `Behind`)."""
    attempts: int = Field(default=1, ge=1)
    """How often it was tried."""

    @model_validator(mode="after")
    def _points_to_one_place(self) -> "DeadLetter":
        if (self.topic is None) == (self.stream is None):
            raise ValueError("a dead letter points to a topic or to a stream")
        return self

    @property
    def id(self) -> str:
        """The `ce_id`: `<subscriber>:<topic or stream>:<partition>:<position>:<microseconds of at>`; each try that
        fails is news of its own."""
        since = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{self.subscriber}:{self.topic or self.stream}:{self.partition}:{self.position}:{since}"
