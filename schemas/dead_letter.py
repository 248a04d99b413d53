"""What `petition.deadletters.v1` says: where to look for what could not be handled, and none of it."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.event import Instant


class DeadLetter(BaseModel):
    """A pointer to a record or an event that a subscriber could not handle. It holds nothing of the record itself."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", json_schema_extra={"oneOf": [{"required": ["topic"]}, {"required": ["stream"]}]}
    )

    schema_version: ClassVar[int] = 1

    at: Instant
    """When it was put aside."""
    subscriber: str
    """Who could not handle it: the name of a service or a read model."""
    topic: str | None = None
    """The topic of the record; none when it is an event of the log."""
    stream: UUID | None = None
    """The petition whose event it is; none when it is a record of a topic."""
    partition: int = Field(ge=0)
    """Partition of the topic, or of the log."""
    position: int = Field(ge=0)
    """Offset in the topic, or position in the log."""
    reason: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}$")
    """Name of the error; never its words."""

    @model_validator(mode="after")
    def _points_to_one_place(self) -> "DeadLetter":
        if (self.topic is None) == (self.stream is None):
            raise ValueError("a dead letter points to a topic or to a stream")
        return self

    @property
    def id(self) -> str:
        """The `ce_id`: `<subscriber>:<topic or stream>:<partition>:<position>`."""
        return f"{self.subscriber}:{self.topic or self.stream}:{self.partition}:{self.position}"
