"""What a department learns that reads nothing but `dispatch.events.v1`, held against the log by code of its own."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from confluent_kafka import Message

from schemas.topics import DISPATCH_EVENTS
from services.chassis.store.engine import Engine
from tests.wire.reading import read_all

LONGEST_SECONDS = 60
ISSUED = "gridcase.DispatchIssued.v1"
EVERYTHING = 10_000_000


@dataclass(frozen=True)
class Learned:
    """How many records and dispatches there were, how many records came again, and what was wrong."""

    records: int
    dispatches: int
    repeats: int
    wrong: Sequence[str]


async def dispatches(engine: Engine) -> set[str]:
    """The `ce_id` that each dispatch of the log must have, also with who claimed it and who was called to it."""
    found: set[str] = set()
    has_it: dict[UUID, str] = {}
    for row in await engine.read(dict.fromkeys(range(engine.partitions), 0), EVERYTHING):
        said = json.loads(row.data)
        receivers: list[str] = said["departments"] if row.type == "CoHandlersSummoned" else []
        if row.type in ("PetitionRouted", "DispatchClaimed"):
            receiver = said.get("department") or said["unit"]
            receivers = [receiver] if row.type == "PetitionRouted" or receiver != has_it[row.stream_id] else []
            has_it[row.stream_id] = receiver
        found |= {f"{row.stream_id}:{row.version}:{one}" for one in receivers}
    return found


async def learned_in_time(engine: Engine, bootstrap: str) -> Learned:
    """What the topic tells once it tells everything, or after a while."""
    expected = await dispatches(engine)
    end = asyncio.get_running_loop().time() + LONGEST_SECONDS
    while True:
        now = await asyncio.to_thread(learned, bootstrap, expected)
        if not now.wrong or asyncio.get_running_loop().time() > end:
            return now
        await asyncio.sleep(0.5)


def learned(bootstrap: str, expected: set[str]) -> Learned:
    """Read the topic from its beginning to its end with another client."""
    found: dict[str, Mapping[str, Any]] = {}
    issued: set[str] = set()
    latest: dict[tuple[str, str], int] = {}
    wrong: list[str] = []
    records = read_all(bootstrap, DISPATCH_EVENTS)
    for record in records:
        headers = {name: value.decode() for name, value in record.headers()}
        said = json.loads(record.value())
        name = headers["ce_id"]
        wrong += [f"{name}: {what}" for what in _odd(record, headers, said)]
        if name in found:
            if said != found[name]:
                wrong.append(f"{name}: came again and differs")
            continue
        found[name] = said
        order = (said["petition"], said["target"])
        if said["version"] < latest.get(order, 0):
            wrong.append(f"{name}: came after version {latest[order]}")
        latest[order] = said["version"]
        if headers["ce_type"] == ISSUED:
            issued.add(name)
    wrong += [f"{name}: nobody was told" for name in sorted(expected - issued)]
    wrong += [f"{name}: no dispatch of the log" for name in sorted(issued - expected)]
    return Learned(len(records), len(issued), len(records) - len(found), wrong)


def _odd(record: Message, headers: Mapping[str, str], said: Mapping[str, Any]) -> list[str]:
    odd = []
    if record.key().decode() != said["target"] or headers["ce_id"] != said["id"]:
        odd.append("its key or id is not what it says")
    if not said["resolve_by"] or said["link"] != f"/v1/petitions/{said['petition']}":
        odd.append("no deadline or no link")
    if not (record.value() + repr(record.headers()).encode()).isascii():
        odd.append("words, where there are only codes")  # whatever a resident says here is not ASCII
    return odd
