"""Sends a load's lines in batches until each has its answer; waits for a server that is away or busy.

Every line carries a key, so sending it twice files it once.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from services.cli.lines import Line, Refusal
from services.cli.remote import FIRST_PAUSE, Server, Stopped, not_ours, retry_after

CHUNK_LINES = 500
CHUNK_BYTES = 4 * 1024 * 1024
MOST_BREAKS = 3
BATCH = "/v1/petitions/batch"


@dataclass
class Tally:
    """What became of the lines so far."""

    on_refusal: Callable[[Refusal], None]
    filed: int = 0
    replayed: int = 0
    """Filed by an earlier run, or by a request whose answer was lost."""
    refused: int = 0
    petitions: set[UUID] = field(default_factory=set)

    @property
    def answered(self) -> int:
        return self.filed + self.replayed + self.refused

    def hear(self, line: Line, result: dict[str, Any]) -> None:
        """Count the server's answer to one line."""
        if result["status"] != 201:
            told = [f"{one['pointer']} {one['message']}".strip() for one in result["errors"]] or [result["detail"]]
            self.refuse(Refusal(line.number, result["code"], "; ".join(told)))
            return
        self.petitions.add(UUID(result["id"]))
        if result["replayed"]:
            self.replayed += 1
        else:
            self.filed += 1

    def refuse(self, refusal: Refusal) -> None:
        self.refused += 1
        self.on_refusal(refusal)


@dataclass(frozen=True, slots=True)
class _Reply:
    """What one request achieved: the lines still without an answer, and whether they may be at fault."""

    unanswered: Sequence[Line]
    broke_off: bool = False


async def send_all(lines: Iterable[Line | Refusal], server: Server, tally: Tally, connections: int) -> None:
    """An answer for every line, over so many connections at once; raises Stopped."""
    chunks = _chunks(lines, tally)

    async def work() -> None:
        for chunk in chunks:  # shared: each connection takes the next chunk
            await _send(chunk, server, tally)

    stopped: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(work())
    except* Stopped as several:
        stopped = several.exceptions[0]
    if stopped:
        raise stopped


def _chunks(lines: Iterable[Line | Refusal], tally: Tally) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    size = 0
    for line in lines:
        if isinstance(line, Refusal):
            tally.refuse(line)
            continue
        chunk.append(line)
        size += len(line.body)
        if len(chunk) == CHUNK_LINES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


async def _send(lines: Sequence[Line], server: Server, tally: Tally) -> None:
    """Halves what breaks the answer again and again, until the line at fault stands alone and is refused."""
    breaks = 0
    while lines:
        reply = await _post(lines, server, tally)
        breaks = breaks + 1 if reply.broke_off and len(reply.unanswered) == len(lines) else 0
        lines = reply.unanswered
        if breaks == MOST_BREAKS:
            if len(lines) == 1:
                tally.refuse(Refusal(lines[0].number, "internal", "the server fails on this line; see its log"))
                return
            await _send(lines[: len(lines) // 2], server, tally)
            lines, breaks = lines[len(lines) // 2 :], 0
        elif reply.broke_off:
            await asyncio.sleep(FIRST_PAUSE * breaks)
            await server.ready()


async def _post(lines: Sequence[Line], server: Server, tally: Tally) -> _Reply:
    again: list[Line] = []
    heard = 0
    try:
        async with server.http.stream(
            "POST",
            server.url + BATCH,
            content=b"\n".join(line.body for line in lines),
            headers={"Content-Type": "application/x-ndjson"},
        ) as answer:
            if answer.status_code != 200:
                await answer.aread()
                return await _refused(answer, lines, server)
            async for result in _results(answer):
                line, heard = lines[heard], heard + 1
                if result["status"] in (429, 503):
                    again.append(line)
                else:
                    tally.hear(line, result)
    except httpx.TransportError:
        pass
    if heard > len(again):
        server.answered()
    if again:
        await server.wait("the server is busy")
    return _Reply([*again, *lines[heard:]], broke_off=heard < len(lines))


async def _refused(answer: httpx.Response, lines: Sequence[Line], server: Server) -> _Reply:
    """The batch as a whole was not taken."""
    if answer.status_code in (429, 503):
        await server.wait(f"the server answers {answer.status_code}", retry_after(answer))
        return _Reply(lines)
    if answer.status_code >= 500 or answer.status_code == 413:
        return _Reply(lines, broke_off=True)
    raise Stopped(not_ours(answer))


async def _results(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    rest = b""
    async for part in answer.aiter_bytes():
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield json.loads(line)
