"""A restored log gets a new epoch with all that goes with it, or stays as it is."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.database import PostgresServer
from services import distributed
from services.chassis.databases import open_databases
from services.chassis.dead_letters import park
from services.chassis.log import Cause, Entry, Write
from services.chassis.sealing import UnknownKey
from services.chassis.settings import Settings
from tests.contracts.rows import stream
from tests.contracts.stores import ask, do
from tests.past import filed

pytestmark = pytest.mark.postgres


@pytest.fixture
async def restored(server: PostgresServer, tmp_path: Path) -> AsyncIterator[Settings]:
    """Databases of their own, as their owner sees them."""
    name = f"t_{uuid4().hex[:12]}"
    made = Settings(database_url=server.url(name), data=tmp_path, partitions=4)  # type: ignore[arg-type]
    await distributed.migrate(made)
    yield made
    for purpose in ("", "_keys", "_search"):
        await do(server.url(), f"DROP DATABASE IF EXISTS {name}{purpose} WITH (FORCE)")


async def _epoch(settings: Settings) -> str:
    ((epoch,),) = await ask(settings.databases.log, "SELECT value FROM es_meta WHERE name = 'epoch'")
    return epoch


async def test_what_the_topic_of_before_was_told_of_dead_letters_is_not_known_any_more(restored):
    databases = await open_databases(restored)
    try:
        log, petition = databases.runtime.log, stream()
        event = filed()
        await log.append([Entry(Cause(event.owner, "told"), [Write(petition, 0, [event])])])
        (first,) = (await log.load([petition]))[petition]
        await log.transact([], (), park("router", [(first, "KeyError at fold:12")], databases.runtime.time.now()))
    finally:
        await databases.close()
    await do(restored.databases.log, "UPDATE es_dead_letter SET told = attempts")
    before = await _epoch(restored)
    assert await distributed.new_epoch(restored) == await _epoch(restored) != before
    assert await ask(restored.databases.log, "SELECT attempts, told FROM es_dead_letter") == [(1, 0)]


async def test_the_epoch_stays_where_the_rest_cannot_be_done(restored):
    before = await _epoch(restored)
    restored.master_key_file.rename(restored.master_key_file.with_suffix(".away"))
    with pytest.raises(UnknownKey):
        await distributed.new_epoch(restored)
    assert await _epoch(restored) == before
