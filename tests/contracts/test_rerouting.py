"""What is under way is re-routed page by page, on PostgreSQL too, with another process writing beside."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime
from services.chassis.log import Cause, Entry, Log, Write
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from services.chassis.projection import ProjectionRunner
from services.chassis.runtime import Runtime
from services.console.petition_list import PETITION_LIST
from services.rerouting import RerouteBody, reroute
from tests.contracts.conftest import DISTRICT
from tests.contracts.rows import stream
from tests.past import accepted, assessed, filed, routed

pytestmark = pytest.mark.postgres
NAMED = {"by": "chen", "reason": "新规则施行"}


@pytest.fixture
async def runtime(postgres, keyring) -> AsyncIterator[Runtime]:
    """A front door of several, where lamps belong to the community by the second policy."""
    engine = await postgres.open()
    log = Log(engine, keyring)
    policies, bundle = PolicyBook(engine, MachineTime()), read_bundle(DISTRICT)
    kinds = (one.model_copy(update={"tier": "community"}) if one.code == "LAMP" else one for one in bundle.kinds)
    await policies.publish(bundle)
    await policies.publish(bundle.model_copy(update={"kinds": tuple(kinds)}))
    batcher = Batcher(log)
    batcher.start()
    yield Runtime(log, MachineTime(), policies, batcher)
    await batcher.stop()


async def lamps(runtime: Runtime, how_many: int) -> list[UUID]:
    """So many lamps in a grid, which the list knows."""
    made = sorted(stream() for _ in range(how_many))
    for service, at, event in (("intake", 0, filed()), ("severity", 1, assessed()), ("router", 2, routed())):
        await runtime.log.append([Entry(Cause(service, f"{one}:{at}"), [Write(one, at, [event])]) for one in made])
    runner = ProjectionRunner(PETITION_LIST, runtime.log, runtime.log.engine)
    await runner.start()
    while await runner.step():
        pass
    return made


async def test_each_page_begins_where_the_last_one_ended(runtime):
    made = await lamps(runtime, 5)
    first = await reroute(RerouteBody(**NAMED, limit=3, kind="LAMP"), runtime, four_eyes=True)
    assert ([one["petition"] for one in first["items"]], first["next"]) == (made[:3], made[2])
    rest = await reroute(RerouteBody(**NAMED, limit=3, after=first["next"]), runtime, four_eyes=True)
    assert ([one["petition"] for one in rest["items"]], rest["next"]) == (made[3:], None)
    again = await reroute(RerouteBody(dry_run=True), runtime, four_eyes=True)
    assert again["counts"] == {"stays": 5}


async def test_who_was_faster_is_seen_before_it_is_decided(runtime, monkeypatch):
    [one] = await lamps(runtime, 1)
    whole, load = await runtime.log.load([one]), runtime.log.load

    async def stale_once(_petitions):
        monkeypatch.setattr(runtime.log, "load", load)
        await runtime.log.append([Entry(Cause("router", "meanwhile"), [Write(one, 3, [accepted(f"{one}:3")])])])
        return whole

    monkeypatch.setattr(runtime.log, "load", stale_once)
    done = await reroute(RerouteBody(**NAMED), runtime, four_eyes=False)
    assert done["counts"] == {"differs": 1}
    assert [type(recorded.event).__name__ for recorded in (await load([one]))[one]][3:] == [
        "DispatchAccepted",
        "PetitionRouted",
    ]
