"""A worker's loop: nothing that fails ends it."""

import asyncio
from collections.abc import Callable

import pytest

from services.chassis import keep_going as module
from services.chassis.keep_going import LONGEST_BACKOFF, ended, keep_going
from services.chassis.store.engine import LeaseLost


class Done(BaseException):
    """The test has seen enough."""


def _steps(*outcomes: BaseException | None) -> Callable[[], object]:
    """A step that ends in these ways, one after the other, and then stops the loop."""
    left = iter(outcomes)

    async def step() -> None:
        outcome = next(left, Done())
        if outcome is not None:
            raise outcome

    return step


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """How long the loop waited, without waiting."""
    pauses: list[float] = []

    class NoSleep:
        @staticmethod
        async def sleep(seconds: float) -> None:
            pauses.append(seconds)

    monkeypatch.setattr(module, "asyncio", NoSleep)
    return pauses


async def test_two_thousand_failures_in_a_row_do_not_end_it(slept):
    with pytest.raises(Done):
        await keep_going("worker", _steps(*[ConnectionError() for _ in range(2_000)]))
    assert len(slept) == 2_000
    assert slept == sorted(slept)
    assert slept[-1] == LONGEST_BACKOFF


async def test_after_a_success_it_waits_as_little_as_at_first(slept):
    with pytest.raises(Done):
        await keep_going("worker", _steps(OSError(), OSError(), OSError(), None, OSError()))
    assert slept[3] == slept[0] < slept[2]


async def test_a_lost_lease_is_taken_again_before_the_next_step(slept):
    taken = []

    async def take() -> None:
        taken.append(True)
        if len(taken) == 1:
            raise OSError

    with pytest.raises(Done):
        await keep_going("worker", _steps(None, LeaseLost(), None, None), take)
    assert len(taken) == 2
    assert len(slept) == 1


async def test_a_lease_that_is_lost_as_soon_as_it_is_taken_is_waited_for(slept):
    with pytest.raises(Done):
        await keep_going("worker", _steps(None, *[LeaseLost()] * 100), _steps(*[None] * 1_000))
    assert slept == sorted(slept)
    assert len(slept) == 99
    assert slept[-1] == LONGEST_BACKOFF


async def test_a_lease_that_cannot_be_taken_is_waited_for(slept):
    with pytest.raises(Done):
        await keep_going("worker", _steps(None, LeaseLost()), _steps(*[LeaseLost()] * 50))
    assert slept == sorted(slept)
    assert len(slept) == 50


async def test_it_ends_when_it_is_cancelled():
    task = asyncio.create_task(keep_going("worker", lambda: asyncio.sleep(0)))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=3)
    assert task.cancelled()


async def test_who_swallows_a_cancellation_is_told_again(monkeypatch):
    monkeypatch.setattr(module, "DEAF_SECONDS", 0.01)
    heard: list[bool] = []

    async def deaf() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                heard.append(True)
                if len(heard) == 2:
                    raise

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ended([task])
    assert task.cancelled()
    assert len(heard) == 2
