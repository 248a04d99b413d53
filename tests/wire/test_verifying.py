"""Topics that relays wrote hold what the log says, and a topic that lost something does not."""

import pytest

from router.dispatches import told, told_next
from services.chassis.leases import Shared
from services.chassis.verifying import Verified
from services.chassis.wire import dead_letter_relay, dispatch_relay
from services.chassis.wire.topics import ensure_topics
from services.chassis.wire.verifying_dispatches import verify_dispatches
from services.chassis.wire.verifying_letters import verify_letters
from tests.contracts.letters import parked
from tests.contracts.lives import happens
from tests.contracts.rows import PARTITIONS, stream
from tests.past import assessed, filed, routed
from tests.wire.conftest import forget
from tests.wire.topic import EPOCH, sent_all

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def _verified(log, kafka) -> tuple[list[int], list[str]]:
    found = Verified()
    counts = [
        await verify_dispatches(log, EPOCH, kafka.address, "verify", told, found),
        await verify_letters(log.engine, EPOCH, kafka.address, "verify", found),
    ]
    return counts, found.faults


async def test_what_relays_wrote_is_right_and_what_was_lost_is_missed(log, kafka):
    for number in range(3):
        await happens(log, stream(number), filed(), assessed(), routed("grid", "SA11"))
    await parked(log, 2)
    leases = [Shared(log.engine, one.NAME, "one") for one in (dispatch_relay, dead_letter_relay)]
    relays = [
        dispatch_relay.DispatchRelay(log, EPOCH, kafka.address, leases[0], told_next, (), 1),
        dead_letter_relay.DeadLetterRelay(log.engine, EPOCH, kafka.address, leases[1], 1),
    ]
    for relay in relays:
        await relay.start()
        await sent_all(relay)
        await relay.stop()
    assert await _verified(log, kafka) == ([3, 4], [])
    await forget(kafka)
    await ensure_topics(kafka.address, PARTITIONS, 1)
    counts, faults = await _verified(log, kafka)
    assert counts == [0, 0]
    assert len([fault for fault in faults if "is missing" in fault]) == len(faults) == 7
