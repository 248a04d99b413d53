"""What the login of a service cannot do in the databases, and that it can work all the same."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.database import PostgresServer
from services import distributed
from services.chassis.log import Cause, Entry, Write
from services.chassis.roles import Role
from services.chassis.settings import Settings
from services.chassis.store.epochs import OwnerNeeded
from tests.contracts.petitions import filed
from tests.contracts.rows import stream
from tests.contracts.stores import do

pytestmark = pytest.mark.postgres
LOGIN = "gridcase_service"
PASSWORD = "in-a-url"
DATABASES = ("", "_keys", "_search")
REFUSED = r"permission denied|must be owner|is no read model"


class Installed:
    """Databases that their owner made, with a login for the services."""

    def __init__(self, server: PostgresServer, data: Path) -> None:
        self.name = f"t_{uuid4().hex[:12]}"
        self._server = server
        self._data = data

    async def migrate(self, password: str = PASSWORD) -> None:
        """As their owner, who gives the services this password."""
        await distributed.migrate(self._settings(self._server.url(self.name), service_password=password))

    @property
    def services(self) -> Settings:
        """As a service has them, which knows no other login."""
        return self._settings(self._url())

    async def do(self, sql: str, purpose: str = "", password: str = PASSWORD) -> None:
        """Run SQL as a service that has been broken into."""
        connection = await asyncpg.connect(self._url(purpose), password=password)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def do_as_owner(self, sql: str, purpose: str = "") -> None:
        await do(self._server.url(self.name + purpose), sql)

    async def drop(self) -> None:
        for purpose in DATABASES:
            await do(self._server.url(), f"DROP DATABASE {self.name}{purpose} WITH (FORCE)")

    def _url(self, purpose: str = "") -> str:
        return self._server.url(self.name + purpose, LOGIN, PASSWORD)

    def _settings(self, url: str, **more: str) -> Settings:
        return Settings(database_url=url, data=self._data, partitions=4, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
async def installed(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installed]:
    one = Installed(server, tmp_path_factory.mktemp("data"))
    await one.migrate()
    yield one
    await one.drop()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE es_event SET data = '{}'",
        "DELETE FROM es_event",
        "TRUNCATE es_event",
        "ALTER TABLE es_event DISABLE TRIGGER ALL",
        "UPDATE es_meta SET value = 'another' WHERE name = 'epoch'",
        "CREATE TABLE es_mine (x int)",
        "CREATE TEMPORARY TABLE es_event (x int)",
        "CREATE FUNCTION es_mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "ALTER TABLE petition_list RENAME TO mine",
        "DROP TABLE petition_list",
        "SET ROLE gridcase_owner",
        "SELECT model_beside('es_event', '')",
        "SELECT model_switch('es_checkpoint', '')",
        "SELECT model_switch('es_meta', '')",
        "SELECT pg_read_file('postgresql.conf')",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
    ],
)
async def test_a_services_login_may_not(installed, sql):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
        await installed.do(sql)


@pytest.mark.parametrize("purpose", DATABASES)
async def test_a_services_login_makes_no_table_in_any_of_the_databases(installed, purpose):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
        await installed.do("CREATE TABLE mine (x int)", purpose)


async def test_a_service_that_logs_in_so_files_lists_finds_and_rebuilds(installed):
    async with distributed.running(Role.CONSOLE, installed.services) as process:
        petition = stream()
        entry = Entry(Cause("intake", str(petition)), [Write(petition, 0, [filed("楼道灯不亮了")])])
        await process.runtime.batcher.append(entry)
        await process.settled()
        assert [await runner.rebuild() for runner in process.projections] == [1, 1]
        listed = await process.data.engine.query("SELECT petition FROM petition_list", {})
        found = await process.data.search.query("SELECT petition FROM petition_search", {})
    assert [str(one) for ((one,),) in (listed, found)] == [str(petition)] * 2
    await installed.migrate()  # what was rebuilt is no obstacle


async def test_a_read_model_that_was_rebuilt_may_still_not_be_dropped(installed):
    async with distributed.running(Role.CONSOLE, installed.services) as process:
        for runner in process.projections:
            await runner.rebuild()
    for table, purpose in (("petition_list", ""), ("petition_search", "_search")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
            await installed.do(f"DROP TABLE {table}", purpose)


async def test_databases_of_before_in_which_services_owned_their_tables_are_brought_forward(installed):
    await installed.do_as_owner(f"GRANT CREATE ON SCHEMA public TO {LOGIN}")
    await installed.do_as_owner(f"ALTER TABLE petition_list OWNER TO {LOGIN}")
    await installed.migrate()
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
        await installed.do("DROP TABLE petition_list")
    await installed.do("SELECT model_beside('petition_list', '')")


@pytest.mark.parametrize("password", ["another", "with 'quotes', 汉字 and %s"])
async def test_the_password_is_the_one_that_was_given(installed, password):
    await installed.migrate(password)
    try:
        await installed.do("SELECT 1", password=password)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await installed.do("SELECT 1", password=PASSWORD)
    finally:
        await installed.migrate()


async def test_a_service_that_migrates_is_told_who_must(installed):
    with pytest.raises(OwnerNeeded, match="the owner of the databases"):
        await distributed.migrate(installed.services)
