"""The log as another program finds it in the file: rows and JSON, none of the product's own code."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SELECT = (
    "SELECT partition, position, stream_id, version, type, data, meta, recorded_at FROM es_event "
    "WHERE partition = ? AND position > ? ORDER BY position"
)


class Complaint(AssertionError):
    """A promise that does not hold."""


@dataclass(frozen=True)
class Row:
    """One event. `petition` is 32 hex digits."""

    partition: int
    position: int
    petition: str
    version: int
    type: str
    data: dict[str, Any]
    service: str
    causation: str
    by: str | None
    recorded_at: datetime

    @property
    def ref(self) -> str:
        digits = self.petition
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])) + f":{self.version}"

    @property
    def at(self) -> datetime:
        return moment(self.data["at"])

    def __str__(self) -> str:
        told = {name: value for name, value in self.data.items() if not str(value).startswith("s1.")}
        return f"{self.ref} {self.type} {told} by {self.by or self.service} because of {self.causation}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def ask(path: Path, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
    """What the file answers to a reader that is not the product."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


class Tail:
    """Reads the log forwards, as a subscriber would, and complains of any gap, repeat or stranger."""

    def __init__(self, path: Path, partitions: int) -> None:
        self._path = path
        self._partitions = partitions
        self._reached = dict.fromkeys(range(partitions), 0)
        self._versions: dict[str, int] = {}

    def news(self) -> list[Row]:
        """The rows since the last call, in order for each partition."""
        found = []
        for partition in range(self._partitions):
            for raw in ask(self._path, SELECT, (partition, self._reached[partition])):
                row = _row(raw)
                self._check(row)
                found.append(row)
        return found

    def _check(self, row: Row) -> None:
        if row.position != self._reached[row.partition] + 1:
            raise Complaint(f"partition {row.partition} goes from {self._reached[row.partition]} to {row.position}")
        if row.version != self._versions.get(row.petition, 0) + 1:
            raise Complaint(f"{row.petition} goes from {self._versions.get(row.petition, 0)} to {row.version}")
        if int(row.petition[-2:], 16) % self._partitions != row.partition:
            raise Complaint(f"{row} stands in partition {row.partition}")
        self._reached[row.partition] = row.position
        self._versions[row.petition] = row.version


def _row(raw: tuple[Any, ...]) -> Row:
    partition, position, stream, version, kind, data, meta, recorded_at = raw
    told = json.loads(meta)
    when = datetime.fromtimestamp(recorded_at / 1_000_000, UTC)
    return Row(
        partition, position, stream.hex(), version, kind, json.loads(data), told["service"], told["causation"],
        told.get("by"), when,
    )  # fmt: skip
