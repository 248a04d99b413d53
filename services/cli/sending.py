"""Sends a load's lines in batches until each has its answer; waits for a server that is away or busy.

Every line carries a key, so sending it twice files it once.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

import httpx

from services.cli.asking import problem_of, refusal
from services.cli.lines import Line, Refusal

CHUNK_LINES = 500
CHUNK_BYTES = 4 * 1024 * 1024
MOST_BREAKS = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
BATCH = "/v1/petitions/batch"


class Stopped(Exception):
    """The load cannot go on; says why and what to do next."""


class Server:
    """The server as a load sees it: found again after a restart, waited for while it is away."""

    def __init__(
        self, http: httpx.AsyncClient, find: Callable[[], str | None], patience: float, say: Callable[[str], None]
    ) -> None:
        """`patience`: seconds without any answer until `Stopped`. `say` shows what is waited for, "" for nothing."""
        self.http = http
        self.patience = patience
        self._find = find
        self._say = say
        self._answered = monotonic()
        self._pause = FIRST_PAUSE

    @property
    def url(self) -> str:
        """Where it is now, or was when it is away."""
        return self._find() or ""

    def answered(self) -> None:
        """It works: patience starts again."""
        if self._pause != FIRST_PAUSE:
            self._say("")
        self._answered, self._pause = monotonic(), FIRST_PAUSE

    async def wait(self, reason: str, seconds: float | None = None) -> None:
        """Wait a little, longer each time; raises Stopped when nothing was answered for too long."""
        if monotonic() - self._answered > self.patience:
            raise Stopped(
                f"{reason}; gave up after {self.patience:.0f} s. Start the server (gridcase up), or name it with --url,"
                " and run the same command again: what was filed is not filed twice."
                " / 服务器长时间无响应；启动后重新运行同一命令即可，不会重复登记"
            )
        self._say(f"waiting: {reason}")
        await asyncio.sleep(seconds or self._pause)
        self._pause = min(LONGEST_PAUSE, self._pause * 2)

    async def ready(self) -> None:
        """Return once it can take petitions; raises Stopped."""
        while reason := await self._lacking():
            await self.wait(reason)

    async def _lacking(self) -> str | None:
        url = self._find()
        if url is None:
            return "no server serves this data"
        try:
            answer = await self.http.get(f"{url}/readyz")
        except httpx.TransportError as error:
            return f"{url} does not answer ({type(error).__name__})"
        broken = problem_of(answer).get("broken", [])
        if "policy" in broken:
            raise Stopped(
                f"{url} has no district to route in: gridcase import deploy/districts/ganjingzi, then run this again"
                " / 尚未导入辖区，请先运行 gridcase import"
            )
        if answer.status_code >= 500:
            return f"{url} answers {answer.status_code}{': ' if broken else ''}{', '.join(broken)}"
        if problem_of(answer).get("status") != "ready":
            raise Stopped(_not_ours(answer))
        return None

    async def get(self, path: str, **query: str | int) -> Any:
        """A JSON answer, however long the server is away; raises Stopped."""
        while True:
            try:
                answer = await self.http.get(self.url + path, params=query)
            except httpx.TransportError:
                await self.ready()
                continue
            if answer.status_code in (429, 503):
                await self.wait(f"{path} answers {answer.status_code}", _retry_after(answer))
                continue
            if answer.is_error:
                raise Stopped(_not_ours(answer))
            self.answered()
            return answer.json()


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
            told = [result["detail"], *(f"{one['pointer']} {one['message']}".strip() for one in result["errors"])]
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
    elif again:
        await server.wait("the server is busy", 1.0)
    return _Reply([*again, *lines[heard:]], broke_off=heard < len(lines))


async def _refused(answer: httpx.Response, lines: Sequence[Line], server: Server) -> _Reply:
    """The batch as a whole was not taken."""
    if answer.status_code in (429, 503):
        await server.wait(f"the server answers {answer.status_code}", _retry_after(answer))
        return _Reply(lines)
    if answer.status_code >= 500 or answer.status_code == 413:
        return _Reply(lines, broke_off=True)
    raise Stopped(_not_ours(answer))


async def _results(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    rest = b""
    async for part in answer.aiter_bytes():
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield json.loads(line)


def _retry_after(answer: httpx.Response) -> float | None:
    seconds = answer.headers.get("retry-after", "")
    return min(LONGEST_PAUSE, float(seconds)) if seconds.isdigit() else None


def _not_ours(answer: httpx.Response) -> str:
    """The server's words; when they are not gridcase's, what to check."""
    if answer.status_code in (401, 403) or "code" in problem_of(answer):
        return refusal(answer)
    return (
        f"{answer.request.url} answers {answer.status_code}: is this gridcase? Name its address with --url"
        " / 该地址不是 gridcase 服务，请用 --url 指定"
    )
