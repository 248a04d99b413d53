"""The Kafka topics: their names, and how each is kept."""

import re
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

PETITION_EVENTS = "petition.events.v1"
DISPATCH_EVENTS = "dispatch.events.v1"
DEPARTMENT_EVENTS = "dispatch.events.v1.{department}"
DEAD_LETTERS = "petition.deadletters.v1"
NAMES = (PETITION_EVENTS, DISPATCH_EVENTS, DEPARTMENT_EVENTS, DEAD_LETTERS)

T = TypeVar("T")


class CodeNamesNoTopic(ValueError):
    """The code of a department holds letters that Kafka allows in no topic's name."""


def department_topic(code: str) -> str:
    """The topic of one department's dispatches; raises CodeNamesNoTopic."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", code):
        raise CodeNamesNoTopic(
            f"department '{code}' can have no topic of its own: Kafka allows A-Z, a-z, 0-9, '.', '_' and '-' only;"
            f" leave it out of GRIDCASE_KAFKA_DEPARTMENTS / 部门代码“{code}”不能用作主题名，请从"
            " GRIDCASE_KAFKA_DEPARTMENTS 中去掉"
        )
    return DEPARTMENT_EVENTS.format(department=code)


class Strict(BaseModel):
    """Nothing is guessed: no unknown field, no text for a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Setting(Strict, Generic[T]):
    """A value and why it is that."""

    value: T
    reason: str = Field(min_length=1)


class Topic(Strict):
    """One topic with its settings under the names that Kafka has for them."""

    name: str
    purpose: str = Field(min_length=1)
    partitions: Setting[int]
    replication_factor: Setting[int] = Field(alias="replication.factor")
    cleanup_policy: Setting[Literal["delete", "compact"]] = Field(alias="cleanup.policy")
    retention_ms: Setting[int] = Field(alias="retention.ms")
    min_insync_replicas: Setting[int] = Field(alias="min.insync.replicas")
    compression_type: Setting[Literal["producer", "zstd", "lz4", "uncompressed"]] = Field(alias="compression.type")
    max_message_bytes: Setting[int] = Field(alias="max.message.bytes")

    @model_validator(mode="after")
    def _holds_together(self) -> "Topic":
        if min(self.partitions.value, self.max_message_bytes.value) < 1:
            raise ValueError("partitions and max.message.bytes must be positive")
        if self.retention_ms.value < 1 and self.retention_ms.value != -1:
            raise ValueError("retention.ms must be positive, or -1 for ever")
        if not 1 <= self.min_insync_replicas.value <= self.replication_factor.value:
            raise ValueError("min.insync.replicas must be 1 to replication.factor, or nothing can be written")
        return self

    @property
    def configs(self) -> dict[str, str]:
        """What Kafka is told when the topic is made, beside partitions and replicas."""
        settings: dict[str, dict[str, Any]] = self.model_dump(by_alias=True, exclude={"name", "purpose"})
        own = ("partitions", "replication.factor")
        return {name: str(setting["value"]) for name, setting in settings.items() if name not in own}


class Topics(Strict):
    """All topics of the contract, each once."""

    topics: list[Topic]

    @model_validator(mode="after")
    def _are_those_of_the_contract(self) -> "Topics":
        if sorted(topic.name for topic in self.topics) != sorted(NAMES):
            raise ValueError(f"topics must be {', '.join(NAMES)}, each once")
        return self

    def named(self, name: str) -> Topic:
        """The settings of the topic of this name."""
        return next(topic for topic in self.topics if topic.name == name)
