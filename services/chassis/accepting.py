"""A uvicorn that takes every connection that waits, and leaves it to its process what happens after the serving."""

import asyncio
import errno
import signal
import socket
from types import FrameType
from typing import Any

import uvicorn

BACKLOG = 4_096
"""Connections that wait to be taken. Who finds no room is not refused but not heard, and its system asks again after
1, 3, 7, 15, 31 seconds."""
OUT_OF_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
PAUSE_SECONDS = 1.0
"""How long nobody is taken when there are no more files to open."""


class Server(uvicorn.Server):
    """Serves what connects to a socket that listens.

    It takes the connections itself: libuv takes one in each turn of the loop, so that under load, where a turn takes
    long, most callers waited to be taken, out of sight of what tells them to come back later.
    """

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        super().__init__(config)
        self._listening = listening
        self._opening = set[asyncio.Task[Any]]()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own, which listens to nothing."""
        await super().startup([])
        self._listening.setblocking(False)
        self._listen()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own; from now on nobody is taken."""
        asyncio.get_running_loop().remove_reader(self._listening)
        self._listening.close()
        if self._opening:
            await asyncio.wait(self._opening)
        await super().shutdown([])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop, it ends its serving and no more: uvicorn's own would raise the signal again afterwards, but
        whoever runs it has still to finish and to close the log."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    def _listen(self) -> None:
        if self._listening.fileno() >= 0:  # it may have been closed meanwhile
            asyncio.get_running_loop().add_reader(self._listening, self._take_all)

    def _take_all(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(BACKLOG):
            try:
                connection, _ = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in OUT_OF_FILES:
                    loop.remove_reader(self._listening)
                    loop.call_later(PAUSE_SECONDS, self._listen)
                    return
                continue  # that caller has gone away
            opening = loop.create_task(self._open(connection))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        except OSError:  # that caller has gone away
            connection.close()

    def _protocol(self) -> asyncio.Protocol:
        kind: Any = self.config.http_protocol_class
        made: asyncio.Protocol = kind(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return made
