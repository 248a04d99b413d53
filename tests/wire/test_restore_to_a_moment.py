"""The log's server goes back to the moment before a mistake: a base backup, and the write-ahead log archived since."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from deploy.database import PostgresServer
from services import distributed
from services.chassis.policy_files import read_bundle
from services.chassis.roles import Role
from services.chassis.settings import Settings
from tests.contracts.petitions import entry
from tests.contracts.rows import stream
from tests.contracts.stores import ask, do
from tests.past import assessed, filed, routed
from tests.serving import DISTRICT, ROOT

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
SECONDS = 30
EPOCH = "SELECT value FROM es_meta WHERE name = 'epoch'"


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder that PostgreSQL may enter and write to, whoever it runs as."""
    with tempfile.TemporaryDirectory(prefix="gridcase-moment-") as made:
        folder = Path(made)
        (folder / "archive").mkdir()
        for one in (folder, folder / "archive"):
            one.chmod(0o777)
        yield folder


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as made:
        yield made


def _settings(server: PostgresServer, data: Path) -> Settings:
    return Settings(database_url=server.url("gridcase"), data=data)  # type: ignore[arg-type]


async def _run(*command: object, **variables: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRIDCASE_")}
    done = await asyncio.to_thread(
        subprocess.run, [str(one) for one in command], env=clean | variables, cwd=ROOT, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def _work(settings: Settings, count: int) -> list[UUID]:
    """Petitions that are filed, read and dispatched, and heard by escalation."""
    async with distributed.running(Role.ESCALATION, settings) as process:
        runtime = process.runtime
        if runtime.policies.empty:
            await runtime.policies.publish(read_bundle(DISTRICT))
        petitions = [stream() for _ in range(count)]
        for petition in petitions:
            at = runtime.time.now()
            for version, event in enumerate((filed(at=at), assessed(at=at), routed("grid", "SA11", at=at))):
                await runtime.batcher.append(entry(petition, version, event))

        async def heard() -> bool:
            heads = await runtime.log.heads()
            return all(one.reached == heads for one in process.workers)

        await _until(heard)
    return petitions


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS):
        reached = await condition()
        while not reached:
            await asyncio.sleep(0.05)
            reached = await condition()


async def _archived(server: PostgresServer) -> None:
    """Return once everything up to now is in the archive."""
    ((segment,),) = await ask(server.url(), "SELECT pg_walfile_name(pg_switch_wal())")

    async def there() -> bool:
        ((last,),) = await ask(server.url(), "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver")
        return bool(last >= segment)

    await _until(there)


def _restored(base: Path, password: str, moment: str, outside: Path) -> PostgresServer:
    """The server of the base backup, told to go on through the archive up to this moment."""
    home, archive = outside / "again", outside / "archive"
    data = shutil.copytree(base, home / "data")
    (data / "recovery.signal").touch()
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"archive_mode = off\nrestore_command = 'cp {archive}/%f %p'\n")
        settings.write(f"recovery_target_time = '{moment}'\nrecovery_target_action = promote\n")
    owner = next(archive.iterdir()).stat()
    for one in (data, *data.rglob("*")):
        os.chown(one, owner.st_uid, owner.st_gid)
    return PostgresServer(home, password=password)


async def test_a_log_goes_back_to_the_moment_before_a_mistake_and_on_from_there(server, outside, tmp_path):
    archive, base = outside / "archive", tmp_path / "base"
    for setting in ("archive_mode = on", f"archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'"):
        await do(server.url(), f"ALTER SYSTEM SET {setting}")
    server.restart()
    settings = _settings(server, tmp_path)
    await distributed.migrate(settings)
    in_the_backup = await _work(settings, 4)
    await _run(server.binaries / "pg_basebackup", "--checkpoint=fast", f"--pgdata={base}", f"--dbname={server.url()}")
    before = {*in_the_backup, *await _work(settings, 3)}
    ((moment, epoch),) = await ask(settings.databases.log, f"SELECT clock_timestamp()::text, ({EPOCH})")
    await _work(settings, 2)
    await _archived(server)
    server.stop()

    with _restored(base, server.password, moment, outside) as again:
        back = _settings(again, tmp_path)
        assert {one for (one,) in await ask(back.databases.log, "SELECT DISTINCT stream_id FROM es_event")} == before
        owner = {"GRIDCASE_DATABASE_URL": again.url("gridcase"), "GRIDCASE_DATA": str(tmp_path)}
        for words in ("migrate", "new-epoch", "verify"):
            await _run(sys.executable, "-m", "services", words, **owner)
        assert await ask(back.databases.log, EPOCH) != [(epoch,)]
        await _work(back, 2)
        said = await _run(sys.executable, "-m", "services", "verify", **owner)
        assert f"{3 * (len(before) + 2)} events of {len(before) + 2} petitions" in said
