"""The right to rebuild a read model: kept for as long as the rebuild takes, whatever it waits for."""

import asyncio

import pytest

from services.chassis import rebuilding
from services.chassis.rebuilding import RebuildLease, RebuildUnderWay
from services.chassis.store.engine import Checkpoint, StoreUnavailable

NAME = "petition_list"


class Answers:
    """Leases that say at each renewal what they were told to, in the end always the last."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.asked = 0
        self.enough = asyncio.Event()
        self.released = False

    async def take(self):
        return [Checkpoint(0, 0, 7), Checkpoint(1, 0, 4)]

    async def look(self):
        self.asked += 1
        if self.asked > len(self._answers):
            self.enough.set()
        answer = self._answers[min(self.asked, len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def release(self):
        self.released = True


STILL = [Checkpoint(0, 0, 7), Checkpoint(1, 0, 4)]


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(rebuilding, "RENEW_SECONDS", 0.001)


def _lease(answers):
    return RebuildLease(NAME, answers, f"{NAME}.rebuild", None)


async def test_it_is_renewed_while_the_rebuild_waits_for_something_else():
    answers = Answers(STILL, STILL, None, STILL)
    lease = _lease(answers)
    async with lease.held():
        await asyncio.wait_for(answers.enough.wait(), 10)
        lease.go_on()
    assert answers.released


async def test_a_database_that_is_away_for_a_moment_does_not_end_the_rebuild():
    answers = Answers(StoreUnavailable(), StoreUnavailable(), STILL)
    lease = _lease(answers)
    async with lease.held():
        await asyncio.wait_for(answers.enough.wait(), 10)
        lease.go_on()


@pytest.mark.parametrize(
    "later",
    [[], [Checkpoint(0, 0, 8), Checkpoint(1, 0, 5)], STILL[:1]],
    ids=["another has it", "another had it", "another has a part"],
)
async def test_a_rebuild_that_lost_it_is_told_at_its_next_page_and_asks_for_no_more(later):
    answers = Answers(STILL, later)
    lease = _lease(answers)
    async with lease.held():
        with pytest.raises(RebuildUnderWay):
            await asyncio.wait_for(_pages(lease), 10)
    assert answers.asked == 2


async def _pages(lease):
    while True:
        lease.go_on()
        await asyncio.sleep(0.001)


async def test_it_is_given_back_by_a_rebuild_that_fails():
    answers = Answers(STILL)
    with pytest.raises(ConnectionError):
        async with _lease(answers).held():
            raise ConnectionError
    assert answers.released
