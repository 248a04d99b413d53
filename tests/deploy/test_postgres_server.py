"""The PostgreSQL of the tests can be killed, paused and restarted, and keeps what was committed."""

import asyncio
import subprocess
from collections.abc import Iterator

import asyncpg
import pytest

from deploy.database import NoPostgres, PostgresServer, postgres_binaries, wheel_binaries

pytestmark = pytest.mark.postgres


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    made = PostgresServer()
    made.start()
    yield made
    made.close()


async def _one(server: PostgresServer, sql: str, seconds: float = 10):
    connection = await asyncpg.connect(server.url(), timeout=seconds)
    try:
        return await connection.fetchval(sql, timeout=seconds)
    finally:
        connection.terminate()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
async def test_it_is_durable(server, setting):
    assert await _one(server, f"SHOW {setting}") == "on"


async def test_what_was_committed_is_there_after_kill_9_and_after_a_restart(server):
    await _one(server, "CREATE TABLE kept (n integer)")
    await _one(server, "INSERT INTO kept VALUES (7)")
    server.kill()
    with pytest.raises(OSError):
        await _one(server, "SELECT 1")
    server.start()
    server.restart()
    assert await _one(server, "SELECT n FROM kept") == 7


async def test_a_paused_server_answers_nothing_until_it_is_resumed(server):
    connection = await asyncpg.connect(server.url())
    server.pause()
    asked = asyncio.create_task(connection.fetchval("SELECT 1"))
    assert not (await asyncio.wait([asked], timeout=0.3))[0]
    server.resume()
    assert await asyncio.wait_for(asked, 10) == 1
    await connection.close()


def test_it_leaves_nothing_behind(server):
    directory = server._directory
    server.close()
    assert not directory.exists()


def test_a_machine_without_postgres_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("GRIDCASE_POSTGRES", str(tmp_path))
    with pytest.raises(NoPostgres, match="apt-get install postgresql"):
        postgres_binaries()


def test_the_newest_server_is_18_and_its_absence_is_a_failure(monkeypatch):
    said = subprocess.run([wheel_binaries() / "postgres", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("postgres (PostgreSQL) 18.")
    monkeypatch.setattr("deploy.database.binaries.find_spec", lambda name: None)
    with pytest.raises(NoPostgres):
        wheel_binaries()
