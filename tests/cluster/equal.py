"""`python -m tests.cluster.equal FILE [--count N]`: one script on SQLite and on PostgreSQL with Kafka, nothing differs.

And what a department learns that reads only its topic is what the log holds.

FILE is NDJSON with `title`, `body` and perhaps `time` in each line. Starts `make cluster` and `gridcase up` on data of
their own, and removes them.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from time import monotonic

from schemas.policy import PolicyBundle
from schemas.topics import DISPATCH_EVENTS
from services.chassis.clock import MachineTime
from services.chassis.policy_files import read_bundle
from services.chassis.postgres_keyring import PostgresKeyring
from services.chassis.sealing import FileKeyring, read_master
from services.chassis.settings import Settings
from services.chassis.store.postgres import PostgresEngine
from services.chassis.store.sqlite import SqliteEngine
from tests.cluster import comparing
from tests.cluster.department import learned_in_time
from tests.cluster.lives import lives, unhurried
from tests.cluster.made import MadeCluster
from tests.cluster.script import Installation, caller, run
from tests.cluster.seen import Seen, seen
from tests.cluster.steps import Life
from tests.serving import DISTRICT, ROOT, Process

GANJINGZI = ROOT / "deploy" / "districts" / "ganjingzi"
PREFIX = "GRIDCASE_"
MOST_SHOWN = 40
QUICK_SECONDS = 5.0
"""Longer than escalation may lag on a busy machine: what it hears of too late has that for its cause, and no timer."""


@asynccontextmanager
async def embedded(url: str, data: Path, partitions: int = 16) -> AsyncIterator[Installation]:
    """A gridcase in one process, with its files as they lie there."""
    engine = SqliteEngine(data / "log.db", MachineTime(), partitions)
    keyring = FileKeyring(data / "keys.db", read_master(data / "master.key"), MachineTime())
    try:
        async with caller(url) as http:
            yield Installation(http, engine, keyring)
    finally:
        await engine.close()
        await keyring.close()


@asynccontextmanager
async def distributed(url: str, environment: Mapping[str, str]) -> AsyncIterator[Installation]:
    """A gridcase of many processes, with its databases as they are."""
    given = {name.removeprefix(PREFIX).lower(): one for name, one in environment.items() if name.startswith(PREFIX)}
    settings = Settings.model_validate(given)
    engine = await PostgresEngine.open(settings.databases.log)
    keyring = PostgresKeyring(settings.databases.keys, read_master(settings.master_key_file), engine.time)
    try:
        async with caller(url) as http:
            yield Installation(http, engine, keyring)
    finally:
        await engine.close()
        await keyring.close()


async def tried(at: Installation, script: Sequence[Life], bundle: PolicyBundle) -> Seen:
    """What the script leads to there, with this district in force."""
    return await seen(at, script, await run(at, script), bundle)


def differ(one: Seen, other: Seen) -> list[str]:
    """Where they are not the same, if anywhere."""
    return list(comparing.differences(vars(one), vars(other)))


async def _in_one_process(script: Sequence[Life], bundle: PolicyBundle) -> tuple[Seen, int]:
    with tempfile.TemporaryDirectory(prefix="gridcase-equal-") as directory:
        process = Process(Path(directory) / "data")
        try:
            door = await asyncio.to_thread(process.start)
            door.publish(read_bundle(DISTRICT))
            door.publish(bundle)
            async with embedded(door.url, process.data) as at:
                return await tried(at, script, bundle), 0
        finally:
            process.stop()


async def _in_many(script: Sequence[Life], bundle: PolicyBundle) -> tuple[Seen, int]:
    """Also how much is wrong in what a department learns."""
    cluster = MadeCluster(DISTRICT)
    try:
        door = await asyncio.to_thread(cluster.start)
        door.publish(bundle)
        door.http.close()
        environment = cluster.environment()
        async with distributed(cluster.url, environment) as at:
            found = await tried(at, script, bundle)
            told = await learned_in_time(at.engine, environment["GRIDCASE_KAFKA"])
        print(
            f"{DISPATCH_EVENTS}: {told.records:,} records, {told.dispatches:,} dispatches, {told.repeats:,} repeats",
            *told.wrong[:MOST_SHOWN],
            f"{len(told.wrong)} wrong",
            sep="\n",
            flush=True,
        )
        return found, len(told.wrong)
    finally:
        cluster.close()


async def _main(file: Path, skip: int, count: int, quick_seconds: float) -> int:
    here = asyncio.current_task()
    assert here is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, here.cancel)  # what was started ends with it
    with file.open(encoding="utf-8") as lines:
        messages = [json.loads(line) for line in islice(lines, skip, skip + count)]
    bundle = unhurried(read_bundle(GANJINGZI), quick_seconds)
    script = lives(messages, bundle, first=skip)
    both, wrong = list[Seen](), 0
    for name, trial in (("SQLite, one process", _in_one_process), ("PostgreSQL and Kafka", _in_many)):
        started = monotonic()
        found, wrongly = await trial(script, bundle)
        both.append(found)
        wrong += wrongly
        print(f"{name}: {_counted(both[-1])}; {monotonic() - started:.0f} s", flush=True)
    differences = differ(*both)
    print(*differences[:MOST_SHOWN], f"{len(differences)} differences", sep="\n")
    return 1 if differences or wrong else 0


def _counted(one: Seen) -> str:
    types = Counter(event["type"] for stream in one.streams.values() for event in stream)
    said = Counter(answer.partition(" ")[2].strip() for answers in one.answers for answer in answers)
    return (
        f"{len(one.streams):,} petitions, {types.total():,} events of {len(types)} types,"
        f" {said.total():,} commands ({', '.join(f'{count:,} {how}' for how, count in said.most_common())}),"
        f" {sum(map(len, one.petitions.values())):,} answers, {len(one.lists):,} lists"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.equal", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=2_000, help="how many lines to take")
    parser.add_argument("--skip", type=int, default=0, help="how many lines to leave out before them")
    parser.add_argument(
        "--quick", type=float, default=QUICK_SECONDS, metavar="SECONDS", help="until the hasty kind is missed"
    )
    asked = parser.parse_args()
    sys.exit(asyncio.run(_main(asked.file, asked.skip, asked.count, asked.quick)))
