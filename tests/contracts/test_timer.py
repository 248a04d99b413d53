"""The timer notices what is due, on the newest state and at the moment it decides."""

from datetime import timedelta
from pathlib import Path

from services.chassis import deadline_rows
from services.chassis.batcher import Batcher
from services.chassis.clock import SetTime, micros
from services.chassis.policies import PolicyBook
from services.chassis.policy_files import read_bundle
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.store.engine import Statement
from services.chassis.timer import DeadlineTimer
from tests.contracts.petitions import AT
from tests.contracts.probe import Confirm, Probe, overtaken, tell
from tests.contracts.rows import PARTITIONS, stream

DISTRICT = Path(__file__).parents[1] / "district.yaml"


async def test_what_is_decided_again_is_decided_at_the_later_moment(log, engine):
    time = SetTime(AT + timedelta(hours=1))
    policies = PolicyBook(engine, time)
    await policies.publish(read_bundle(DISTRICT))
    runtime = Runtime(log, time, policies, Batcher(log))
    decider = Probe(runtime).service().decider
    timer = DeadlineTimer(
        Service(decider, frozenset(), when_due=lambda petition, facts: Confirm(petition, facts.now)), runtime
    )
    petition = stream()
    await tell(log, petition)
    row = {
        "stream_id": petition, "deadline_id": "assess", "partition": petition.int & (PARTITIONS - 1),
        "due_at": micros(AT),
    }  # fmt: skip
    await log.transact([], [], [Statement(deadline_rows.START, [row])])
    overtaken(log, petition, lambda: time.advance(timedelta(seconds=9)))
    assert await timer.fire() == 1
    assert (await log.load([petition]))[petition][-1].event.at == time.now()
