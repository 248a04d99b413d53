"""Which databases and which master key a process of the distributed form uses, and how they are made."""

from uuid import uuid4

import pytest
from pydantic import ValidationError

from services import distributed
from services.chassis.databases import NotMigrated, open_databases
from services.chassis.roles import Role
from services.chassis.sealing import UnknownKey, read_master
from services.chassis.settings import DatabaseNeeded, KafkaNeeded, Settings

KEY = bytes(range(32))


def test_departments_with_a_topic_of_their_own_are_named_by_their_codes(monkeypatch):
    assert Settings().kafka_departments == ()
    monkeypatch.setenv("GRIDCASE_KAFKA_DEPARTMENTS", "SA-CG, D-WATER,")
    assert Settings().kafka_departments == ("SA-CG", "D-WATER")


def test_a_department_that_can_have_no_topic_is_refused_with_its_code(monkeypatch):
    monkeypatch.setenv("GRIDCASE_KAFKA_DEPARTMENTS", "SA-CG,城管")
    with pytest.raises(ValidationError, match="城管"):
        Settings()


def test_keys_and_search_stand_beside_the_log_unless_they_are_named():
    settings = Settings(
        database_url="postgresql://me:secret@db:5433/grid?ssl=require", keys_url="postgresql://kms/keys"
    )
    assert settings.databases.keys == "postgresql://kms/keys"
    assert settings.databases.search == "postgresql://me:secret@db:5433/grid_search?ssl=require"


def test_without_a_database_it_is_said_what_to_set():
    with pytest.raises(DatabaseNeeded, match="GRIDCASE_DATABASE_URL"):
        _ = Settings().databases


def test_no_two_processes_hold_partitions_under_one_name():
    assert Settings().owner != Settings().owner


@pytest.mark.parametrize("written", [KEY, KEY.hex().encode(), KEY.hex().encode() + b"\n"])
def test_a_master_key_is_its_bytes_or_as_many_in_hexadecimal(tmp_path, written):
    (tmp_path / "key").write_bytes(written)
    assert read_master(tmp_path / "key") == KEY


@pytest.mark.parametrize("written", [b"short", b"z" * 64, None])
def test_what_is_no_master_key_is_refused(tmp_path, written):
    if written is not None:
        (tmp_path / "key").write_bytes(written)
    with pytest.raises(UnknownKey):
        read_master(tmp_path / "key")


@pytest.fixture
async def settings(postgres, tmp_path):
    """Of databases that nobody made yet."""
    name = f"t_{uuid4().hex}"
    yield Settings(database_url=postgres.server.url(name), data=tmp_path, partitions=4)
    for purpose in ("", "_keys", "_search"):
        await postgres.do(f"DROP DATABASE IF EXISTS {name}{purpose} WITH (FORCE)")


@pytest.mark.postgres
async def test_what_was_not_made_says_how_to_make_it(settings):
    settings.master_key_file.write_bytes(KEY)
    with pytest.raises(NotMigrated, match="gridcase migrate"):
        await open_databases(settings)


@pytest.mark.postgres
async def test_migrate_makes_everything_and_again_changes_nothing(settings):
    await distributed.migrate(settings)
    key = read_master(settings.master_key_file)
    await distributed.migrate(settings)
    assert read_master(settings.master_key_file) == key
    async with distributed.running(Role.CONSOLE, settings) as process:
        assert process.runtime.log.partitions == 4
        assert {task.get_name() for task in process.tasks} == {"petition_list", "petition_search", "policy"}


@pytest.mark.postgres
async def test_a_console_that_ends_gives_back_the_list_and_the_search(settings):
    await distributed.migrate(settings)
    async with distributed.running(Role.CONSOLE, settings):
        pass
    databases = await open_databases(settings)
    try:
        for home in (databases.engine, databases.search):
            held = "SELECT subscriber FROM es_checkpoint WHERE lease_until IS NOT NULL"
            assert await home.query(held, {}) == []
    finally:
        await databases.close()


@pytest.mark.postgres
async def test_a_relay_without_kafka_says_what_to_set(settings):
    await distributed.migrate(settings)
    with pytest.raises(KafkaNeeded, match="GRIDCASE_KAFKA"):
        async with distributed.running(Role.RELAY, settings):
            pass
