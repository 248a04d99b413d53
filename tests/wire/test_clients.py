"""What aiokafka may do while it is waited for."""

import asyncio
from contextlib import suppress

import pytest

from services.chassis.wire import clients
from services.chassis.wire.clients import answered


async def _closing(seconds: float = 60) -> str:
    """As aiokafka closes: a cancellation ends its wait, and is swallowed."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(seconds)
    return "closed"


async def test_what_is_answered_is_given():
    assert await answered(_closing(0)) == "closed"


async def test_an_error_is_raised_as_it_is():
    async def fails() -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await answered(fails())


async def test_who_is_cancelled_while_kafka_closes_ends():
    task = asyncio.create_task(answered(_closing()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()


async def test_what_does_not_answer_is_given_up(monkeypatch):
    monkeypatch.setattr(clients, "ANSWER_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        await answered(_closing())


async def test_what_gives_up_by_itself_cancels_nobody():
    async def gives_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(TimeoutError):
        await answered(gives_up())
