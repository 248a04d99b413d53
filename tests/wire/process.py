"""`python -m tests.wire.process <database> <broker> <owner>`: a relay in a process of its own, to be killed."""

import asyncio
import sys

from services.chassis.leases import Shared
from services.chassis.store.postgres import PostgresEngine
from services.chassis.wire.relay import NAME, Relay
from tests.wire.topic import EPOCH


async def main(database: str, bootstrap: str, owner: str) -> None:
    engine = await PostgresEngine.open(database)
    relay = Relay(engine, EPOCH, bootstrap, Shared(engine, NAME, owner), engine.partitions, 1)
    await relay.start()
    await relay.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
