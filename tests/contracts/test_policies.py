"""The policies of a store that several processes read and publish to."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from schemas.policy import PolicyBundle
from services.chassis.batcher import Batcher
from services.chassis.clock import MachineTime, SetTime
from services.chassis.policies import NotTheBasis, PolicyBook, PolicyWatch, Terms
from services.chassis.policy_files import read_bundle
from services.chassis.runtime import Runtime

BUNDLE = read_bundle(Path(__file__).parents[1] / "district.yaml")
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
OTHER = BUNDLE.model_copy(update={"name_en": "Another"})
THIRD = BUNDLE.model_copy(update={"name_en": "A third"})


async def _books(store, count=2):
    return [PolicyBook(await store.open(), MachineTime()) for _ in range(count)]


async def test_an_event_that_names_a_version_of_another_process_has_it_read(store):
    mine, another = await _books(store)
    await another.publish(BUNDLE)
    event = SimpleNamespace(event=SimpleNamespace(policy=1))
    await mine.know([event])
    assert mine.version(1).bundle == BUNDLE


async def test_what_another_process_puts_in_force_is_in_force_here_after_a_moment(store, monkeypatch):
    monkeypatch.setattr("services.chassis.policies.LOOK_SECONDS", 0.01)
    mine, another = await _books(store)
    watching = asyncio.create_task(PolicyWatch(mine).run())
    await another.publish(BUNDLE)
    for _ in range(500):
        await asyncio.sleep(0.01 if mine.empty else 0)
    watching.cancel()
    assert mine.current.bundle == BUNDLE


async def test_bundles_that_processes_publish_at_once_get_a_version_each(store):
    books = await _books(store, 3)
    published = await asyncio.gather(*(b.publish(one) for b, one in zip(books, (BUNDLE, OTHER, THIRD), strict=True)))
    assert sorted(policy.version for policy, _ in published) == [1, 2, 3]
    assert all(new for _, new in published)
    late = PolicyBook(await store.open(), MachineTime())
    await late.open()
    assert all(late.version(policy.version).bundle == policy.bundle for policy, _ in published)


async def test_the_bundle_in_force_published_by_another_process_stays_the_version_it_is(store):
    mine, another = await _books(store)
    await another.publish(BUNDLE)
    policy, new = await mine.publish(BUNDLE)
    assert (policy.version, new) == (1, False)


async def test_what_was_checked_before_a_bundle_still_holds_when_it_comes_in_force(engine):
    book = PolicyBook(engine, MachineTime())
    bundle = BUNDLE
    await book.publish(bundle)
    in_force = []

    async def check() -> None:
        in_force.append(book.current.version)
        await asyncio.sleep(0.01)
        in_force.append(book.current.version)

    renamed = [bundle.model_copy(update={"name": name}) for name in ("甲区", "乙区")]
    await asyncio.gather(*(book.publish(one, check) for one in renamed))
    assert in_force == [1, 1, 2, 2]


async def test_a_version_counts_from_its_moment_on_and_goes_before_what_was_planned_earlier(store):
    time = SetTime(AT)
    book = PolicyBook(await store.open(), time)
    names = ("现行", "计划", "再计划", "改用")
    now, planned, later, instead = (BUNDLE.model_copy(update={"name": name}) for name in names)
    await book.publish(now)
    await book.publish(planned, terms=Terms(effective_from=AT + timedelta(hours=1)))
    assert (book.current.version, book.newest) == (1, 2)
    time.advance(timedelta(hours=1))
    assert book.current.bundle == planned
    await book.publish(later, terms=Terms(effective_from=AT + timedelta(hours=2)))
    with pytest.raises(NotTheBasis):
        await book.publish(instead, basis=2)
    await book.publish(instead, basis=3)
    time.advance(timedelta(hours=2))
    assert book.current.bundle == instead


class Passing(SetTime):
    """Time that passes whenever somebody looks at it."""

    def now(self) -> datetime:
        self.advance(timedelta(seconds=1))
        return super().now()


async def test_who_decides_as_of_a_moment_does_so_by_the_policy_of_that_moment(log, engine):
    time = Passing(AT)
    book = PolicyBook(engine, time)
    await book.publish(BUNDLE)
    moment = time.now() + timedelta(seconds=5)
    await book.publish(OTHER, terms=Terms(effective_from=moment))
    runtime = Runtime(log, time, book, Batcher(log))
    decided = [runtime.facts() for _ in range(6)]
    assert {facts.policy.version for facts in decided} == {1, 2}
    assert all(facts.policy.version == 1 + (facts.now >= moment) for facts in decided)


async def test_of_two_versions_for_the_same_moment_the_one_published_last_counts(engine):
    time, moment = SetTime(AT), AT + timedelta(hours=1)
    book = PolicyBook(engine, time)
    await book.publish(BUNDLE)
    await book.publish(OTHER, terms=Terms(effective_from=moment))
    await book.publish(THIRD, terms=Terms(effective_from=moment))
    assert (book.at(moment - timedelta(microseconds=1)).version, book.at(moment).version) == (1, 3)
    assert [book.at(moment).as_of(number).bundle for number in (1, 2, 3)] == [BUNDLE, OTHER, THIRD]


async def test_what_is_looked_up_in_a_version_is_built_before_it_counts_and_not_on_the_event_loop(store):
    book, built = PolicyBook(await store.open(), SetTime(AT)), []
    loop = threading.current_thread()
    await book.build_ahead([lambda policy: built.append((policy.version, book.newest, threading.current_thread()))])
    await book.publish(BUNDLE)
    await book.publish(OTHER, terms=Terms(effective_from=AT + timedelta(hours=1)))
    assert [(version, newest) for version, newest, _ in built] == [(1, 0), (2, 1)]
    assert all(thread is not loop for _, _, thread in built)


class Watched(PolicyBundle):
    """A bundle that says who writes it."""

    def model_dump_json(self, **more):
        WRITERS.append(threading.current_thread())
        return super().model_dump_json(**more)


WRITERS: list[threading.Thread] = []


async def test_a_bundle_is_written_down_where_nobody_waits_for_it(engine):
    bundle = Watched.model_validate_json(BUNDLE.model_dump_json())
    await PolicyBook(engine, SetTime(AT)).publish(bundle)
    assert WRITERS
    assert threading.current_thread() not in WRITERS


async def test_nothing_is_built_of_versions_that_never_count_again(store):
    first, built = PolicyBook(await store.open(), SetTime(AT)), []
    await first.publish(BUNDLE)
    await first.publish(OTHER)
    await first.publish(THIRD, terms=Terms(effective_from=AT + timedelta(hours=1)))
    restarted = PolicyBook(await store.open(), SetTime(AT))
    await restarted.open()
    await restarted.build_ahead([lambda policy: built.append(policy.version)])
    assert built == [2, 3]


async def test_a_version_of_which_something_cannot_be_built_counts_all_the_same(store):
    book = PolicyBook(await store.open(), SetTime(AT))
    await book.build_ahead([lambda policy: policy.bundle.places[0]])
    await book.publish(BUNDLE)
    assert book.current.bundle == BUNDLE
