"""Starts everything in order, says where it is, and ends everything in order."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
import httpx

from deploy.cluster.options import Options
from deploy.cluster.record import Record
from deploy.cluster.replicas import LOOK_SECONDS, Replica
from deploy.cluster.servers import Servers
from deploy.ports import free_port
from schemas.policy import Policy, PolicyBundle
from services.chassis.roles import Role
from services.console.sample import sample_curl

READY_SECONDS = 120


class Failed(Exception):
    """A step did not succeed; its own words are above."""


class Cluster:
    """One cluster, from its start to its end."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.environment: dict[str, str] = {}
        """What the services have."""
        self.owner: dict[str, str] = {}
        """What the owner of the databases has beside it, for `gridcase migrate` and after a restore."""
        self.replicas: list[Replica] = []
        self.ready = False
        self._logs = options.data / "logs"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything is ready until the block ends; raises Failed and what the servers raise."""
        self._logs.mkdir(parents=True, exist_ok=True)
        record = Record(self.options.data)
        record.begin()
        servers = Servers(self.options, record)
        keeping: list[asyncio.Task[None]] = []
        starting = asyncio.gather(
            asyncio.to_thread(servers.start_database), asyncio.to_thread(servers.start_kafka), return_exceptions=True
        )
        try:
            logins, kafka = map(_result, await asyncio.shield(starting))
            self.environment = self._environment(logins.services, kafka)
            self.owner = {"GRIDCASE_DATABASE_URL": logins.owner}
            if logins.password is not None:
                self.owner["GRIDCASE_SERVICE_PASSWORD"] = logins.password
            await self._do("migrate", **self.owner)
            await self._do("import", str(self.options.district), "--if-none")
            self.replicas = self._make_replicas(record)
            keeping = [asyncio.create_task(one.keep(self.environment)) for one in self.replicas]
            await self._until_ready()
            self.ready = True
            yield
        finally:
            await asyncio.wait([starting])  # a thread cannot be cancelled, and what it starts must be ended
            for task in keeping:
                task.cancel()
            ended = await asyncio.gather(*(one.stop() for one in self.replicas))
            for one, good in zip(self.replicas, ended, strict=True):
                if not good:
                    print(f"{one.name} did not end in time and was killed", flush=True)
            await asyncio.gather(asyncio.to_thread(servers.stop_kafka), asyncio.to_thread(servers.stop_database))
            record.forget()

    async def welcome(self) -> str:
        """Where it is, and a petition to try."""
        api = next(one for one in self.replicas if one.role is Role.API)
        console = next((one for one in self.replicas if one.role is Role.CONSOLE), None)
        key = self.environment.get("GRIDCASE_KEY")
        curl = sample_curl(await self._policy(), api.url, asks_for_key=key is not None).replace("\n", "\n  ")
        counts = ", ".join(f"{count} {role}" for role, count in self.options.replicas.items() if count)
        pages = f"{console.url}  (console), " if console else ""
        return f"""
gridcase is up as processes of their own: {api.url}  (API), {pages}{api.url}/docs; {counts}.
Ctrl-C or `{self.options.stop_command}` ends it; data and logs are in {self.options.data}.

File a petition from another terminal and see where it goes:

  {curl}

For the command line: . .venv/bin/activate; export GRIDCASE_URL={api.url}
"""

    def _environment(self, database: str, kafka: str | None) -> dict[str, str]:
        not_theirs = ("GRIDCASE_URL", "GRIDCASE_OWNER", "GRIDCASE_SERVICE_PASSWORD")
        clean = {name: value for name, value in os.environ.items() if name not in not_theirs}
        more = {
            "GRIDCASE_DATABASE_URL": database,
            "GRIDCASE_MASTER_KEY": os.environ.get("GRIDCASE_MASTER_KEY", str(self.options.data / "master.key")),
            "GRIDCASE_DATA": str(self.options.data),
        }
        if kafka is not None:
            more["GRIDCASE_KAFKA"] = kafka
        if self.options.own_kafka:
            more["GRIDCASE_KAFKA_REPLICATION"] = "1"
        return clean | more

    def _make_replicas(self, record: Record) -> list[Replica]:
        """The front door and the console where they can be found, everything else on ports of this machine alone."""
        found = {Role.API: self.options.port, Role.CONSOLE: self.options.port + 1}
        made = []
        for role, count in self.options.replicas.items():
            for number in range(1, count + 1):
                known = number == 1 and role in found
                host, port = (self.options.host, found[role]) if known else ("127.0.0.1", free_port())
                log = self._logs / f"{role}-{number}.log"
                made.append(Replica(role, number, host, port, log, record))
        return made

    async def _do(self, *words: str, **more: str) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services", *words, stdin=asyncio.subprocess.DEVNULL, env=self.environment | more
        )
        try:
            if await process.wait():
                raise Failed(f"gridcase {words[0]} failed")
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            raise

    async def _until_ready(self) -> None:
        end = monotonic() + READY_SECONDS
        async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
            waiting = list(self.replicas)
            while waiting:
                ready = await asyncio.gather(*(one.ready(http) for one in waiting))
                waiting = [one for one, is_ready in zip(waiting, ready, strict=True) if not is_ready]
                if waiting and monotonic() > end:
                    raise Failed(f"not ready after {READY_SECONDS} s: {', '.join(one.name for one in waiting)}")
                await asyncio.sleep(LOOK_SECONDS)

    async def _policy(self) -> Policy:
        connection = await asyncpg.connect(self.environment["GRIDCASE_DATABASE_URL"])
        try:
            version, text = await connection.fetchrow(
                "SELECT version, bundle FROM policy ORDER BY version DESC LIMIT 1"
            )
        finally:
            await connection.close()
        return Policy(version, PolicyBundle.model_validate_json(text))


def _result(outcome: Any) -> Any:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
