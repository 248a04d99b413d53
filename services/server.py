"""The HTTP side of a running gridcase: all of it behind one port, or one part of several."""

import asyncio
import contextlib
import errno
import gc
import resource
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

import services.console.api
import services.console.pages
from services import distributed, operations, policy_operations
from services.chassis.accepting import BACKLOG, Server
from services.chassis.clock import Time
from services.chassis.data_dir import Lock
from services.chassis.policies import PolicyBook
from services.chassis.roles import Role
from services.chassis.settings import Settings
from services.chassis.web import web_app
from services.console.docs import docs
from services.console.listing import Lists
from services.console.suggesting import Suggestions
from services.distributed import service_of
from services.embedded import running
from services.process import SERVICES, Process

GRACE_SECONDS = 10
ROLE_GRACE_SECONDS = 5
"""The same for one process of several: all of them, with what each has to give back, end within ten seconds."""
KEEP_ALIVE_SECONDS = 75
"""How long a connection is kept on which nothing is asked: longer than pools and proxies keep theirs (nginx: 60). Who
asks on one that the server is just closing is not answered."""
COLLECT_EVERY = (50_000, 20, 100)
"""Events and states kept in memory are many and have no cycles: look for garbage less often than Python does."""
STATIC = Path(__file__).parent / "console" / "static"
log = structlog.get_logger()


def application(process: Process, settings: Settings) -> FastAPI:
    """The HTTP application over a running gridcase."""
    # The console's list comes before intake's `/v1/petitions/{petition}`; paths do not overlap otherwise.
    apis = [
        services.console.api.api,
        *_of_services(),
        operations.health,
        operations.api,
        policy_operations.api,
        services.console.pages.pages,
        docs,
    ]
    return with_routes(process, settings, apis)


def role_application(role: Role, process: Process, settings: Settings) -> FastAPI:
    """The HTTP of a process that is one of several."""
    own = service_of(role)
    apis = {
        Role.API: [services.console.api.api, *_of_services(), operations.api, policy_operations.api, docs],
        Role.CONSOLE: [services.console.api.api, services.console.pages.pages, docs],
    }.get(role, [own.api] if own and own.api else [])
    return with_routes(process, settings, [*apis, operations.health])


@asynccontextmanager
async def serving_role(role: Role, settings: Settings) -> AsyncIterator[tuple[str, "asyncio.Task[None]"]]:
    """One process of several, listening; yields its URL and the task that ends when it is told to stop."""
    _collect_seldom()
    async with distributed.running(role, settings) as process:
        app = role_application(role, process, settings)
        async with answering(app, settings, ROLE_GRACE_SECONDS) as answered:
            yield answered


def _of_services() -> list[APIRouter]:
    return [service.api for service in SERVICES if service.api is not None]


def _collect_seldom() -> None:
    gc.freeze()  # what is imported stays; walking it again and again costs a tenth of the work
    gc.set_threshold(*COLLECT_EVERY)


def with_routes(process: Process, settings: Settings, apis: Sequence[APIRouter]) -> FastAPI:
    """The application of a process with these routes, and what they need."""
    app = web_app(process.runtime, settings, apis)
    app.state.process = process
    app.state.lists = Lists(process.runtime, process.data.search)
    app.state.suggestions = Suggestions(process.runtime)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def serving(
    settings: Settings, lock: Lock, time: Time | None = None
) -> AsyncIterator[tuple[str, "asyncio.Task[None]", PolicyBook]]:
    """A server that listens; yields its URL, the task that ends when it is told to stop, and its policies."""
    _collect_seldom()
    async with running(settings.data, settings.partitions, time) as process:
        app = application(process, settings)
        async with answering(app, settings) as (url, task):
            lock.announce(url)
            yield url, task, process.runtime.policies


@asynccontextmanager
async def answering(
    app: FastAPI, settings: Settings, grace_seconds: int = GRACE_SECONDS
) -> AsyncIterator[tuple[str, "asyncio.Task[None]"]]:
    """An application that listens; yields its URL and the task that ends when it is told to stop."""
    listening = _listen(settings)
    _open_as_many_files_as_allowed()
    host, port = listening.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=grace_seconds,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        http="httptools",
    )
    server = Server(config, listening)
    task = asyncio.create_task(server.serve(), name="http")
    try:
        yield url, task
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _open_as_many_files_as_allowed() -> None:
    """Each connection is a file, and the soft limit is often 1,024: fewer than may come at once in a spike."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class CannotListen(Exception):
    """The server cannot listen there; says why and what to do."""

    def __init__(self, settings: Settings, error: OSError) -> None:
        host, port = settings.host, settings.port
        match error:
            case OSError(errno=errno.EADDRINUSE):
                en = f"{host}:{port} is taken: stop what listens there, or choose another: PORT=8001 make up"
                en, zh = f"{en} (gridcase up --port 8001)", f"端口 {port} 已被占用"
            case OSError(errno=errno.EACCES):
                en = f"port {port} is reserved for the system: choose one from 1024 on with --port"
                zh = f"端口 {port} 需要系统权限，请用 --port 选择 1024 以上的端口"
            case _:
                en = f"{host} is not an address of this machine: name one with --host, such as 127.0.0.1"
                zh = f"{host} 不是本机地址，请用 --host 指定，例如 127.0.0.1"
        super().__init__(f"{en} / {zh}")


def refuse_taken_port(settings: Settings) -> None:
    """Raise CannotListen where another program listens already."""
    _listen(settings).close()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol must be named: asyncio sets TCP_NODELAY only then, and without it every answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise CannotListen(settings, error) from None
    listening.listen(BACKLOG)  # from here on callers wait instead of being refused, also before the first answer
    return listening
