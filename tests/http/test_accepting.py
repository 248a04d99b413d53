"""Whoever connects is taken at once, however long a turn of the loop takes, and heard once the server can."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from http.client import HTTPConnection

import pytest
import uvicorn
import uvloop

from services.chassis import accepting

TURNS = 20
CALLERS = 60
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def says_hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


class Server(accepting.Server):
    """Says when it serves."""

    serves: asyncio.Event

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.serves.set()


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Server, socket.socket]]:
    listening = socket.create_server(("127.0.0.1", 0), backlog=CALLERS)
    config = uvicorn.Config(says_hello, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = Server(config, listening)
    server.serves = asyncio.Event()
    task = asyncio.create_task(server.serve())
    try:
        await server.serves.wait()
        yield server, listening
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 10)


def on_uvloop(work):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(work, 30))


def callers(listening, count):
    return [socket.create_connection(listening.getsockname(), timeout=5) for _ in range(count)]


def test_all_who_wait_are_taken_in_a_few_turns_of_the_loop():
    async def connect():
        async with serving() as (server, listening):
            waiting = callers(listening, CALLERS)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            assert len(server.server_state.connections) == CALLERS
            for one in waiting:
                one.close()

    on_uvloop(connect())


@pytest.mark.parametrize("broken", [OSError(24, "Too many open files"), ConnectionAbortedError()])
def test_a_connection_that_cannot_be_taken_now_is_taken_later(monkeypatch, broken):
    monkeypatch.setattr(accepting, "PAUSE_SECONDS", 0.05)

    class FailsOnce(socket.socket):
        failed = False

        def accept(self):
            if not self.failed:
                self.failed = True
                raise broken
            return super().accept()

    async def connect():
        async with serving() as (server, listening):
            server._listening = FailsOnce(fileno=listening.detach())
            asyncio.get_running_loop().remove_reader(server._listening)
            server._listen()
            reader, writer = await asyncio.open_connection(*server._listening.getsockname())
            writer.write(REQUEST)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            assert server._listening.failed
            writer.close()

    on_uvloop(connect())


def test_once_it_stops_nobody_is_taken():
    async def connect():
        async with serving() as (_, listening):
            address = listening.getsockname()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)

    on_uvloop(connect())


def test_a_connection_is_kept_as_long_as_callers_keep_theirs(door):
    """Longer than the five seconds of uvicorn, after which whoever asked just then was cut off."""
    connection = HTTPConnection(door.url.removeprefix("http://"), timeout=10)
    connection.auto_open = 0  # it is not opened anew
    connection.connect()
    with closing(connection):
        for idle_seconds in (0, 5.5):
            time.sleep(idle_seconds)
            connection.request("GET", "/healthz")
            assert connection.getresponse().read()
