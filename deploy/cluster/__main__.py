"""`python -m deploy.cluster [stop]`: everything in the foreground until it is told to stop."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress

from deploy.broker.kafka import NotStarted
from deploy.broker.kit import NotFetched, NotInstalled, Unusable
from deploy.cluster.cluster import Cluster, Failed
from deploy.cluster.options import Options, WrongOption, read_options
from deploy.cluster.record import Record, Running
from deploy.cluster.servers import Unreachable
from deploy.database import NoPostgres

STOP_SECONDS = 20
MISSING = (NoPostgres, NotFetched, NotInstalled, NotStarted, Unusable, Unreachable, Running, Failed, OSError)


async def _serve(options: Options) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    cluster = Cluster(options)
    work = asyncio.create_task(_until(cluster, told))
    stopped = asyncio.create_task(told.wait())
    await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not cluster.ready:
        work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def _until(cluster: Cluster, told: asyncio.Event) -> None:
    started = time.monotonic()
    async with cluster.running():
        print(await cluster.welcome(), f"Ready after {time.monotonic() - started:.1f} s.", sep="\n", flush=True)
        await told.wait()
        started = time.monotonic()
        print("Stopping …", flush=True)
    print(f"Stopped after {time.monotonic() - started:.1f} s.", flush=True)


def _stop(options: Options) -> None:
    record = Record(options.data)
    keeper = record.keeper()
    if keeper is None:
        left = record.end_what_is_left()
        print(f"Ended what was left: {', '.join(left)}." if left else f"No cluster runs on {options.data}.")
        return
    os.kill(keeper, signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS
    while record.keeper() == keeper:
        if time.monotonic() > end:
            sys.exit(f"The cluster (process {keeper}) does not end.")
        time.sleep(0.05)
    print("Stopped.")


if __name__ == "__main__":
    try:
        chosen = read_options()
        _stop(chosen) if sys.argv[1:] == ["stop"] else asyncio.run(_serve(chosen))
    except (WrongOption, *MISSING) as error:
        sys.exit(str(error))
