"""Where a relay goes on is what the topic says."""

from uuid import UUID

import pytest

from schemas.event import EventRef
from services.chassis.wire.tails import NotOurs, Stands, Tail, goes_on_from

HEAD, CHECKPOINT = 50, 20
EVENT, OTHER = EventRef(UUID(int=5), 1), EventRef(UUID(int=21), 1)


def _tail(begins: int, ends: int, first: int, last: int, epoch: str = "ours", event: EventRef = EVENT) -> Tail:
    return Tail(begins, ends, Stands(first, epoch, EVENT), Stands(last, epoch, event))


def _from(tail: Tail) -> int:
    return goes_on_from(tail, "ours", HEAD, CHECKPOINT, EVENT)


@pytest.mark.parametrize("last", [10, 20, 30])
def test_it_goes_on_behind_the_last_record_lower_or_higher_than_the_checkpoint(last):
    assert _from(_tail(0, last, 1, last)) == last


def test_a_topic_that_is_new_or_was_wiped_is_filled_from_the_first_event():
    assert _from(Tail(0, 0)) == 0


def test_where_everything_expired_the_checkpoint_says_it():
    assert _from(Tail(30, 30)) == CHECKPOINT


def test_repeats_and_what_expired_are_no_hole():
    assert _from(_tail(0, 45, 1, 30)) == 30
    assert _from(_tail(15, 45, 12, 30)) == 30
    assert _from(_tail(0, 42, 31, 30)) == 30  # sent again behind what was written after a loss


@pytest.mark.parametrize("tail", [_tail(0, 5, 26, 30), _tail(0, 25, 1, 30), _tail(10, 20, 11, 30)])
def test_fewer_records_than_positions_mean_a_hole_and_all_is_sent_again(tail):
    assert _from(tail) == 0


def test_records_that_are_no_events_are_not_counted():
    """One of 31 records is somebody's broken one: 30 events for 31 positions."""
    assert _from(_tail(0, 31, 1, 31)) == 31
    assert _from(_tail(0, 31, 1, 31)._replace(passed=1)) == 0
    assert _from(_tail(0, 31, 1, 30)._replace(passed=1)) == 30


def test_a_partition_with_nothing_but_such_records_is_like_an_empty_one():
    assert _from(Tail(0, 3, passed=3)) == 0
    assert _from(Tail(30, 33, passed=3)) == CHECKPOINT


@pytest.mark.parametrize(
    "tail",
    [
        _tail(0, 30, 1, 30, "another"),
        _tail(0, HEAD + 1, 1, HEAD + 1),
        _tail(0, 30, 1, 30, event=OTHER),
        Tail(0, 9, None, None),
    ],
    ids=["another store", "beyond the head", "another event", "no event"],
)
def test_what_is_not_of_this_log_stops_it(tail):
    with pytest.raises(NotOurs):
        _from(tail)
