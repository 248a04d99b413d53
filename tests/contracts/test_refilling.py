"""The pieces of a long log that helpers fill: a helper may be lost, a piece may not."""

import asyncio
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from services import refilling
from services.chassis.rebuilding import MOST_TRIES, HelperLost
from services.chassis.settings import Settings
from services.refilling import Refilling, fill_pieces

FIRST, SECOND, THIRD = ((UUID(int=n), UUID(int=n + 1)) for n in range(3))


class Given:
    """Pieces in a row."""

    def __init__(self, *pieces):
        self._left = list(pieces)

    async def next(self):
        return self._left.pop(0) if self._left else None


class Helping:
    """Helpers of which those are lost that are asked for a piece at these times."""

    def __init__(self, *lost_at):
        self._lost_at = lost_at
        self.asked = []
        self.started = 0
        self.alive = 0
        self.count = 0

    @asynccontextmanager
    async def helper(self):
        self.started += 1
        self.alive += 1
        try:
            yield self._ask
        finally:
            self.alive -= 1

    async def _ask(self, piece, again):
        self.asked.append((piece, again))
        await asyncio.sleep(0)
        if len(self.asked) in self._lost_at:
            raise HelperLost("petition_list")
        return 10

    async def filled(self, events):
        self.count += events


async def test_a_helper_fills_piece_after_piece():
    helping = Helping()
    await fill_pieces(Given(FIRST, SECOND, THIRD), helping.helper, helping.filled)
    assert helping.asked == [(FIRST, False), (SECOND, False), (THIRD, False)]
    assert (helping.started, helping.count) == (1, 30)


async def test_another_helper_fills_again_what_a_lost_one_may_have_left_half_done():
    helping = Helping(2)
    await fill_pieces(Given(FIRST, SECOND, THIRD), helping.helper, helping.filled)
    assert helping.asked == [(FIRST, False), (SECOND, False), (SECOND, True), (THIRD, False)]
    assert (helping.started, helping.count) == (2, 30)


async def test_losses_of_different_pieces_are_not_added_up():
    helping = Helping(1, 2, 4, 5, 7, 8)
    await fill_pieces(Given(FIRST, SECOND, THIRD), helping.helper, helping.filled)
    assert (helping.started, helping.count) == (7, 30)


async def test_a_piece_that_no_helper_survives_ends_it():
    helping = Helping(*range(2, 2 + MOST_TRIES))
    with pytest.raises(HelperLost):
        await fill_pieces(Given(FIRST, SECOND, THIRD), helping.helper, helping.filled)
    assert len(helping.asked) == 1 + MOST_TRIES
    assert helping.alive == 0


async def test_a_rebuild_that_must_not_go_on_is_not_tried_again():
    helping = Helping()

    async def told_to_stop(events):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await fill_pieces(Given(FIRST, SECOND), helping.helper, told_to_stop)
    assert (helping.started, helping.alive) == (1, 0)


class LongLog:
    """A log of so many pieces."""

    def __init__(self, pieces):
        self.engine = self
        self._left = pieces

    async def query(self, sql, parameters):
        self._left -= 1
        return [(UUID(int=parameters["after"].int + 1),)] if self._left else []


@pytest.mark.parametrize(("cores", "asked_for", "started"), [(8, None, 2), (8, 3, 3), (1, None, 1), (None, 3, 1)])
async def test_no_more_helpers_work_at_once_than_the_setting_and_the_cores_allow(
    monkeypatch, tmp_path, cores, asked_for, started
):
    helping = Helping()
    monkeypatch.setattr(refilling, "_helper", lambda told: helping.helper())
    monkeypatch.setattr(refilling.os, "cpu_count", lambda: cores)
    more = {} if asked_for is None else {"rebuild_processes": asked_for}
    settings = Settings(database_url="postgresql://nobody@nowhere/log", data=tmp_path, **more)
    await Refilling(settings)(LongLog(20), "petition_list", "petition_list__new", {0: 200}, helping.filled)
    assert (helping.started, helping.count) == (started, 200)
