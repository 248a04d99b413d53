"""A light HTTP/1.1 client: keep-alive connections, one request at a time on each, all written before the clock runs."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

HOST = "127.0.0.1"
IDLE_SECONDS = 3.0
"""A connection that was free for longer is not used again: the server closes it after five."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and the seconds from the first byte sent to the last received."""

    status: int
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection(asyncio.Protocol):
    """One keep-alive connection; answers must say their length."""

    def __init__(self) -> None:
        self._received = b""
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send one request, wait for its whole answer."""
        assert self._transport is not None
        if self._transport.is_closing():  # a server closes what was idle for some seconds
            raise ConnectionResetError("the server closed the connection")
        self._answered = asyncio.get_running_loop().create_future()
        began = perf_counter()
        self._transport.write(request)
        status, body = await self._answered
        return Answer(status, body, perf_counter() - began)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class does not derive from it

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and len(body) >= (length := _length(head)):
            assert self._answered is not None
            self._received = body[length:]
            self._answered.set_result((int(head[9:12]), body[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return int(next(line for line in lines if line.startswith(b"content-length:")).partition(b":")[2])


class Connections:
    """Keep-alive connections to a server of this machine: the one used last is used next, at most so many at once."""

    def __init__(self, port: int, most: int) -> None:
        self._port = port
        self._left = asyncio.Semaphore(most)
        self._free: list[tuple[Connection, float]] = []

    async def ask(self, request: bytes) -> Answer:
        """Send it on a connection that is free, or as soon as one is."""
        async with self._left:
            connection = await self._next()
            answer = await connection.ask(request)
            self._free.append((connection, perf_counter()))
            return answer

    def close(self) -> None:
        """Close those that are free."""
        for connection, _ in self._free:
            connection.close()

    async def _next(self) -> Connection:
        while self._free:
            connection, since = self._free.pop()
            if perf_counter() - since < IDLE_SECONDS:
                return connection
            connection.close()
        return (await asyncio.get_running_loop().create_connection(Connection, HOST, self._port))[1]


@asynccontextmanager
async def connected(port: int, connections: int) -> AsyncIterator[list[Connection]]:
    """So many open connections to a server of this machine."""
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Connection, HOST, port))[1] for _ in range(connections)]
    try:
        yield opened
    finally:
        for one in opened:
            one.close()


async def ask_all(connections: Sequence[Connection], requests: Iterable[bytes]) -> list[Answer]:
    """All requests, each by the next connection that is free; answers in order of their end."""
    waiting = iter(requests)
    answers: list[Answer] = []

    async def one_after_another(connection: Connection) -> None:
        for request in waiting:
            answers.append(await connection.ask(request))

    await asyncio.gather(*(one_after_another(connection) for connection in connections))
    return answers


def get(path: str) -> bytes:
    """A GET request, ready to be sent."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def post(path: str, body: object, *headers: str) -> bytes:
    """A POST of JSON, ready to be sent."""
    content = json.dumps(body, ensure_ascii=False).encode()
    said = [f"Host: {HOST}", "Content-Type: application/json", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([f"POST {path} HTTP/1.1", *said, "", ""]).encode() + content
