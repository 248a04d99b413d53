"""The policies of a store: one bundle after the other comes in force."""

import asyncio

from services.chassis.clock import MachineTime
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from tests.contracts.conftest import DISTRICT


async def test_what_was_checked_before_a_bundle_still_holds_when_it_comes_in_force(engine):
    book = PolicyBook(engine, MachineTime())
    bundle = read_bundle(DISTRICT)
    await book.publish(bundle)
    in_force = []

    async def check() -> None:
        in_force.append(book.current.version)
        await asyncio.sleep(0.01)
        in_force.append(book.current.version)

    renamed = [bundle.model_copy(update={"name": name}) for name in ("甲区", "乙区")]
    await asyncio.gather(*(book.publish(one, check) for one in renamed))
    assert in_force == [1, 1, 2, 2]
