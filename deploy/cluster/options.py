"""How a cluster is to be: from the environment, as `make cluster` passes it on."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.chassis.roles import Role

REPLICAS = {role: 2 if role in (Role.ROUTER, Role.RELAY) else 1 for role in Role}
NO_KAFKA = "none"
DATA = "data-cluster"


class WrongOption(ValueError):
    """An option that cannot be understood."""


@dataclass(frozen=True)
class Options:
    """`database_url` and `kafka` name servers that exist; None: this machine's own, below `data`. With
    `service_password` services log in to PostgreSQL; None: with one made for an own server, else as `database_url`."""

    host: str
    port: int
    data: Path
    district: Path
    database_url: str | None
    service_password: str | None
    kafka: str | None
    replicas: Mapping[Role, int]

    @property
    def own_kafka(self) -> bool:
        """Whether to start one."""
        return self.kafka is None

    @property
    def stop_command(self) -> str:
        """What ends this cluster from another terminal."""
        elsewhere = self.data != Path(DATA).resolve()
        return f"make cluster-stop DATA={shlex.quote(str(self.data))}" if elsewhere else "make cluster-stop"


def read_options(environment: Mapping[str, str] = os.environ) -> Options:
    """The options that are set, and defaults for the others; raises WrongOption."""
    replicas = REPLICAS | _replicas(environment.get("REPLICAS", ""))
    kafka = environment.get("KAFKA") or None
    if kafka == NO_KAFKA:
        replicas = replicas | {Role.RELAY: 0}
    port = environment.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65_535:
        raise WrongOption(f"PORT={port} is no port; the console takes the one after it")
    return Options(
        host=environment.get("HOST") or "127.0.0.1",
        port=int(port),
        data=Path(environment.get("DATA") or DATA).resolve(),
        district=Path(environment.get("DISTRICT") or "deploy/districts/ganjingzi"),
        database_url=environment.get("DATABASE_URL") or None,
        service_password=environment.get("GRIDCASE_SERVICE_PASSWORD") or None,
        kafka=kafka,
        replicas=replicas,
    )


def _replicas(written: str) -> dict[Role, int]:
    """`router=3 relay=1`."""
    counts = {}
    for one in written.split():
        role, _, count = one.partition("=")
        if role not in list(Role) or not count.isdecimal():
            raise WrongOption(f"REPLICAS: {one} is not one of {', '.join(Role)} with a number, as in router=3")
        counts[Role(role)] = int(count)
    if counts.get(Role.API) == 0:
        raise WrongOption("REPLICAS: without api=1 nobody can ask it anything")
    return counts
