"""Who looks on complains: at the log's end, at the topic's, and at what processes hold."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.faults import watching
from tests.faults.measuring import JUDGED_SECONDS, LOOK_SECONDS, Held, Measured
from tests.faults.records import PETITIONS
from tests.faults.watching import LogTail, TopicTail

LOOKS = int(JUDGED_SECONDS / LOOK_SECONDS)
ID = "019a0b1c-7d2e-7f00-8000-000000000001:1"


class Reads:
    """A connection to a log whose partition 3 holds these positions; it has no other."""

    def __init__(self, *positions: int) -> None:
        self.positions = positions

    async def fetch(self, sql: str, *asked: int) -> Sequence[tuple[int | None, ...]]:
        if "generate_series" in sql:
            return [(3, max(self.positions, default=None))]
        return [(one,) for one in sorted(self.positions) if one > asked[1]]


async def looks(tail: LogTail, *reads: Reads) -> list[str]:
    for one in reads:
        await tail.look(one)
    return [str(wrong) for wrong in tail.wrong]


async def test_a_reader_of_the_log_that_meets_every_position_is_content():
    assert await looks(LogTail(""), Reads(1, 2), Reads(1, 2, 3), Reads(1, 2, 3)) == []


async def test_a_position_that_was_skipped_is_found_even_if_it_comes_later():
    told = await looks(LogTail(""), Reads(1, 2), Reads(1, 2, 4), Reads(1, 2, 3, 4))
    assert told == ["invariant 4: a reader of partition 3 met 4 where 3 is due"]


async def test_a_log_that_goes_back_is_found_unless_it_is_another_store():
    tail = LogTail("")
    assert await looks(tail, Reads(1, 2, 3), Reads(1, 2)) == ["invariant 4: partition 3 went back from 3 to 2"]
    tail = LogTail("")
    await looks(tail, Reads(1, 2, 3))
    tail.look_away()
    await looks(tail, Reads())
    tail.from_the_beginning()
    assert await looks(tail, Reads(1)) == []


class Message:
    """A record as the client has it."""

    def __init__(self, value: bytes, named: str = ID, sequence: int = 1, sent_at: int = 0) -> None:
        self._value, self._named, self._sequence, self._sent_at = value, named, sequence, sent_at

    def topic(self) -> str:
        return PETITIONS

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 0

    def timestamp(self) -> tuple[int, int]:
        return 1, self._sent_at

    def key(self) -> bytes:
        return b""

    def value(self) -> bytes:
        return self._value

    def headers(self) -> list[tuple[str, bytes]]:
        return [("ce_id", self._named.encode()), ("ce_sequence", b"%d" % self._sequence)]


def test_a_record_that_comes_again_is_counted_and_must_be_the_same():
    tail = TopicTail("")
    for message in (Message(b"{}"), Message(b"{}", sent_at=1), Message(b"poison", named="who knows")):
        tail.keep(message)
    assert (tail.repeats, tail.seen, tail.wrong) == (1, {ID: b"{}"}, [])
    tail.keep(Message(b"[]", sent_at=2))
    assert [wrong.invariant for wrong in tail.wrong] == [9]


def test_what_a_reader_reads_again_because_it_begins_again_was_not_sent_again():
    tail = TopicTail("")
    for sent_at in (0, 0, 7):
        tail.keep(Message(b"{}", sent_at=sent_at))
        tail.look_away()
        tail.from_the_beginning()
    assert tail.repeats == 1


def met(*sequences: int) -> list[Message]:
    """Events at these positions of one partition."""
    return [Message(b"{}", f"019a0b1c-7d2e-7f00-8000-000000000001:{one}", one) for one in sequences]


def told_of(tail: TopicTail, messages: Sequence[Message]) -> list[str]:
    for message in messages:
        tail.keep(message)
    return [str(wrong) for wrong in tail.wrong]


def test_a_topic_on_which_a_tail_is_told_again_is_in_order():
    tail = TopicTail("")
    assert told_of(tail, met(1, 2, 3, 2, 3, 4)) == []
    assert tail.followed == 4


def test_what_was_lost_and_comes_behind_what_is_newer_is_out_of_order_even_if_all_of_it_comes():
    told = told_of(TopicTail(""), met(1, 2, 5, 3, 4))
    assert told == ["invariant 9: a reader of the topic's partition 0 met 5 after 2"]


def test_after_a_loss_the_order_is_judged_from_the_beginning():
    tail = TopicTail("")
    told_of(tail, met(1, 2, 3))
    tail.look_away()
    tail.from_the_beginning()
    assert told_of(tail, met(1, 2, 4)) == ["invariant 9: a reader of the topic's partition 0 met 4 after 2"]


async def test_a_reader_of_the_log_that_ended_or_stood_still_is_no_witness(monkeypatch):
    monkeypatch.setattr(watching, "CATCH_UP_SECONDS", 0.1)

    async def breaks(self: LogTail) -> None:
        raise KeyError("partition")

    async def waits(self: LogTail) -> None:
        await asyncio.sleep(60)

    async def told(follow: Any, head: int) -> str:
        monkeypatch.setattr(LogTail, "_follow", follow)
        tail = LogTail("")
        tail.start()
        await asyncio.sleep(0)
        await tail.look(Reads(1, 2))
        return await tail.stop({3: head})

    assert await told(breaks, 2) == "the reader of the log ended: KeyError('partition')"
    assert await told(waits, 2) == ""
    assert await told(waits, 3) == "the reader of the log did not see the end of partitions [3]"


def test_a_reader_of_the_topic_that_ended_or_stood_still_is_no_witness(monkeypatch):
    monkeypatch.setattr(watching, "CATCH_UP_SECONDS", 0.1)

    def breaks(bootstrap: str) -> None:
        raise KeyError("topic")

    monkeypatch.setattr(watching, "reader", breaks)
    tail = TopicTail("")
    tail.start()
    assert tail.stop({0: 1}) == "the reader of the topic ended: KeyError('topic')"
    tail = TopicTail("")
    tail.look_away()
    tail.start()
    told_of(tail, met(1, 2))
    assert tail.stop({0: 3}) == "the reader of the topic did not see the end of partitions [0]"
    assert tail.stop({0: 2}) == ""


async def test_a_look_at_processes_that_ended_is_told():
    measured = Measured(Two(), lambda pid: {}[pid])  # type: ignore[arg-type]
    measured.start()
    await asyncio.sleep(0)
    assert await measured.stop() == ""
    measured = Measured(Two(), lambda pid: [][pid])  # type: ignore[arg-type]
    measured.start()
    await asyncio.sleep(0)
    assert await measured.stop() == "IndexError('list index out of range')"


class Two:
    """A target of two processes."""

    names = ("relay-1", "api-1")

    def pid(self, name: str) -> int:
        return self.names.index(name)


def measured(looks: int, held: Any) -> Measured:
    """After so many looks, at each of which every process holds what `held` says for its number."""
    at = iter(range(looks))
    made = Measured(Two(), lambda pid: Held(*held(next(at))) if pid else Held(10, 80.0))  # type: ignore[arg-type]
    for _ in range(looks):
        made.look()
    return made


@pytest.mark.parametrize(
    "held",
    [lambda look: (20 + 10 * look, 80.0), lambda look: (20, 80.0 + 20 * look)],
    ids=["descriptors", "memory"],
)
def test_what_grows_on_is_a_leak(held):
    made = measured(3 * LOOKS, held)
    assert [(one.invariant, one.what.split()[0]) for one in made.wrong()] == [(25, "api-1")]
    assert measured(LOOKS - 1, held).judged == []


def test_what_is_filled_at_first_or_given_back_is_none():
    filled = measured(LOOKS, lambda look: (20 + 10 * min(look, 11), 80.0 + 20 * min(look, 11)))
    given_back = measured(LOOKS, lambda look: (20, 80.0) if look != LOOKS - 1 else (900, 900.0))
    assert [len(one.judged) for one in (filled, given_back)] == [2, 2]
    assert [*filled.wrong(), *given_back.wrong()] == []
