"""Invariants 3-7, 11, 13-15 and 28: a gridcase to which anything happens in any order keeps its promises."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.invariants.machine import AnyOrder
from tests.invariants.world import World

MUST_HAVE_HAPPENED = {
    "answered again", "key_reused", "stale", "crash", "woke up as before", "lease lost", "broke before the commit",
    "broke after the commit", "recounted", "rerouted", "claimed by a partner", "claimed by a department",
    "done on the spot", "resolved with its root", "resolved with its parts", "settled", "PetitionClosed",
}  # fmt: skip


@pytest.mark.slow
def test_whatever_happens_in_whatever_order_the_promises_hold():
    World.happened.clear()
    run_state_machine_as_test(AnyOrder)
    print(dict(World.happened))
    assert not MUST_HAVE_HAPPENED - set(+World.happened), "a run without faults proves nothing"
