"""The log in events: owned, sealed, and served from memory exactly as the engine would read it."""

import asyncio
import sqlite3
import tempfile
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.sealed import TOKEN_PREFIX
from services.chassis import log as log_module
from services.chassis.clock import MachineTime
from services.chassis.log import Cause, Entry, Log, NotTheOwner, Write, Written
from services.chassis.sealing import FileKeyring, UnknownKey, Unsealable
from services.chassis.store.engine import Conflict, Duplicate, Statement, StreamsMoved
from services.chassis.store.migrating import make_tables
from services.chassis.store.sqlite import SqliteEngine
from services.chassis.store.tables import keys_metadata, log_metadata
from tests.contracts.petitions import accepted, answered, confirmed, entry, filed, filing
from tests.contracts.rows import PARTITIONS, key, stream

FROM_ZERO = dict.fromkeys(range(PARTITIONS), 0)
WORDS = "王秀英，电话 13912345678，住锚地路 9 号"


async def _opened(log: Log, petition, version: int, name: str):
    recorded = (await log.load([petition]))[petition][version - 1]
    return (await log.keyring.get([petition]))[petition].open(recorded, name)


async def test_what_was_appended_is_loaded_with_its_envelope(log, plain_log):
    petition = stream()
    cause = Cause("intake", "door", by="staff-7", request="digest")
    (written,) = await log.append([Entry(cause, [Write(petition, 0, [filed()])])])
    assert isinstance(written, Written)
    (recorded,) = (await plain_log.load([petition]))[petition]
    assert recorded == written.events[0]
    assert (recorded.service, recorded.causation, recorded.by, recorded.request) == (
        "intake",
        "door",
        "staff-7",
        "digest",
    )
    assert str(recorded.ref) == f"{petition}:1"


async def test_an_unknown_petition_has_an_empty_stream(log):
    unknown = stream()
    assert await log.load([unknown]) == {unknown: ()}


async def test_a_service_may_append_only_what_it_owns(log):
    petition = stream()
    with pytest.raises(NotTheOwner, match="severity may not append PetitionFiled"):
        await log.append([Entry(Cause("severity", "x"), [Write(petition, 0, [filed()])])])
    assert await log.load([petition]) == {petition: ()}


async def test_a_foreign_event_behind_an_own_one_is_refused_too(log):
    petition = stream()
    with pytest.raises(NotTheOwner):
        await log.append([Entry(Cause("intake", "x"), [Write(petition, 0, [filed(), confirmed()])])])
    assert await log.load([petition]) == {petition: ()}


async def test_no_word_is_in_clear_in_any_row(log, store):
    petition = stream()
    await log.append([entry(petition, 0, filed(WORDS, title=None))])
    await log.append([entry(petition, 1, answered(WORDS))])
    rows = await store.rows("SELECT data || meta FROM es_event")
    assert len(rows) == 2
    assert not [row for (row,) in rows if "王秀英" in row or "13912345678" in row or "\\u738b" in row]
    assert all(TOKEN_PREFIX in row for (row,) in rows)


async def test_sealed_words_open_at_their_place_and_nowhere_else(log, plain_log):
    petition = stream()
    await log.append([entry(petition, 0, filed(WORDS))])
    await log.append([entry(petition, 1, answered("好"))])
    assert await _opened(plain_log, petition, 1, "text") == WORDS
    assert await _opened(plain_log, petition, 2, "text") == "好"
    first, second = (await plain_log.load([petition]))[petition]
    moved = second._replace(event=second.event.model_copy(update={"text": first.event.text}))
    with pytest.raises(Unsealable):
        (await plain_log.keyring.get([petition]))[petition].open(moved, "text")


async def test_another_petitions_key_opens_nothing(log):
    mine, other = stream(), stream()
    await log.append([filing(mine, WORDS), filing(other)])
    recorded = (await log.load([mine]))[mine][0]
    with pytest.raises(Unsealable):
        (await log.keyring.get([other]))[other].open(recorded, "text")


async def test_two_petitions_with_the_same_words_store_different_bytes(log, store):
    await log.append([filing(stream(), WORDS), filing(stream(), WORDS)])
    one, two = await store.rows("SELECT data FROM es_event")
    assert one != two


async def test_a_petition_without_its_key_is_an_error_and_its_neighbours_open(log, keyring):
    lost, fine = stream(), stream()
    await log.append([filing(lost), filing(fine)])
    keyring._kept.clear()
    await keyring._writer.submit(lambda c: c.execute("DELETE FROM subject_key WHERE stream_id = ?", (lost.bytes,)))
    keys = await keyring.get([lost, fine])
    assert keys[fine]
    with pytest.raises(UnknownKey):
        keys[lost]


async def test_a_key_that_another_master_wrapped_is_an_error_and_its_neighbours_open(log, keyring, tmp_path):
    lost, fine = stream(), stream()
    await log.append([filing(fine)])
    other = FileKeyring(tmp_path / "keys.db", b"n" * 32, MachineTime())
    await other.make([lost])
    await other.close()
    keyring._kept.clear()
    keys = await keyring.get([lost, fine])
    assert keys[fine]
    with pytest.raises(UnknownKey):
        keys[lost]


@pytest.mark.parametrize("broken", ["A", "AAAA", "é", ""])
async def test_a_token_that_is_none_does_not_open(keyring, broken):
    petition = stream()
    key = (await keyring.make([petition])).keys[petition]
    with pytest.raises(Unsealable):
        key.open_token(TOKEN_PREFIX + broken, 1, "text", TypeAdapter(str))


async def test_a_filing_that_was_a_replay_leaves_no_key_behind(log, keyring, tmp_path):
    petition, again, beside = stream(), stream(), stream()
    await log.append([filing(petition, WORDS, keys=[key("k")])])
    await log.append([filing(again, WORDS, keys=[key("k")]), filing(beside)])
    assert _kept_keys(tmp_path) == {petition.bytes, beside.bytes}
    with pytest.raises(UnknownKey):
        (await keyring.get([again]))[again]


async def test_a_replay_for_a_petition_that_is_there_does_not_cost_it_its_key(log, keyring, plain_log, tmp_path):
    petition = stream()
    await log.append([filing(petition, WORDS, keys=[key("k")])])
    assert await log.append([filing(petition, WORDS, keys=[key("k")])]) == [Duplicate(petition, same_body=True)]
    keyring._kept.clear()
    assert await _opened(plain_log, petition, 1, "text") == WORDS


async def test_a_petition_that_has_its_key_already_is_sealed_with_that(log, keyring, plain_log):
    known, new = stream(), stream()
    await keyring.make([known])  # its rows were not written then
    await log.append([filing(new, WORDS), filing(known, WORDS)])
    keyring._kept.clear()
    assert [await _opened(plain_log, one, 1, "text") for one in (new, known)] == [WORDS, WORDS]


def _kept_keys(directory: Path) -> set[bytes]:
    with sqlite3.connect(directory / "keys.db") as other:
        kept = {stream for (stream,) in other.execute("SELECT stream_id FROM subject_key")}
    other.close()
    return kept


async def test_a_repeated_filing_does_not_cost_the_first_one_its_key(log, plain_log, keyring):
    petition = stream()
    await log.append([filing(petition, WORDS)])
    assert await log.append([filing(petition, "anders")]) == [Conflict(frozenset({petition}))]
    keyring._kept.clear()
    assert await _opened(plain_log, petition, 1, "text") == WORDS


async def test_an_entry_that_failed_can_be_tried_again_as_it_is(log):
    petition = stream()
    wrong = Entry(Cause("severity", "x"), [Write(stream(), 0, [filed()])])
    with pytest.raises(NotTheOwner):
        await log.append([filing(petition, WORDS), wrong])
    (result,) = await log.append([filing(petition, WORDS)])
    assert isinstance(result, Written)
    assert await _opened(log, petition, 1, "text") == WORDS


async def test_keys_of_the_entry_point_to_its_petition(log):
    petition = stream()
    await log.append([filing(petition, keys=[key("k")])])
    assert await log.append([filing(stream(), keys=[key("k")])]) == [Duplicate(petition, same_body=True)]


async def test_the_holder_of_a_key_is_its_petition(log):
    petition = stream()
    assert await log.holder([key("k")]) is None
    await log.append([filing(petition, keys=[key("k")])])
    assert await log.holder([key("k")]) == Duplicate(petition, same_body=True)


async def test_listeners_hear_every_commit_in_order(log):
    heard = []
    log.on_commit(lambda news: heard.extend((one.petition, one.version) for one in news))
    petitions = [stream() for _ in range(20)]
    await asyncio.gather(*(log.append([filing(petition)]) for petition in petitions))
    await log.transact([], [entry(petitions[0], 1, confirmed())])
    assert sorted(heard) == sorted([*((petition, 1) for petition in petitions), (petitions[0], 2)])
    assert heard[-1] == (petitions[0], 2)


async def test_what_was_refused_is_heard_by_nobody(log):
    petition, heard = stream(), []
    await log.append([filing(petition)])
    log.on_commit(heard.extend)
    await log.append([filing(petition)])
    with pytest.raises(StreamsMoved):
        await log.transact([], [filing(petition)])
    with pytest.raises(Exception, match="no_such_table"):
        await log.transact([], [filing(stream())], [Statement("DELETE FROM no_such_table", [{}])])
    assert heard == []
    assert len((await log.load([petition]))[petition]) == 1


async def test_a_change_is_announced_to_who_waits_for_it(log):
    petition, other = stream(), stream()
    change, unchanged = log.next_change(petition), log.next_change(other)
    await log.append([filing(petition)])
    assert (change.done(), unchanged.done()) == (True, False)


async def test_who_stopped_waiting_for_a_change_does_not_hurt_what_is_written(log):
    petition = stream()
    change = log.next_change(petition)
    change.cancel()
    [result] = await log.append([filing(petition)])
    assert isinstance(result, Written)


async def test_a_listener_that_fails_hurts_neither_what_is_written_nor_the_other_listeners(log):
    heard = []
    log.on_commit(lambda news: 1 / 0)
    log.on_commit(heard.extend)
    [result] = await log.append([filing(stream())])
    assert heard == result.events


STEPS = st.lists(
    st.tuples(st.sampled_from(["file", "confirm", "accept", "stale", "two"]), st.integers(0, 7)), max_size=60
)


@settings(max_examples=40, deadline=None)
@given(
    steps=STEPS,
    kept=st.sampled_from([(1, 1), (3, 2), (4_000, 20_000)]),
    limit=st.sampled_from([1, 5, 100]),
    start=st.dictionaries(st.integers(0, PARTITIONS - 1), st.integers(0, 12)),
)
def test_memory_equals_what_a_fresh_log_reads_from_the_same_file(steps, kept, limit, start):
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_module, "KEPT_TAIL", kept[0])
        patch.setattr(log_module, "KEPT_STREAMS", kept[1])
        asyncio.run(_compare(Path(directory), steps, limit, {**FROM_ZERO, **start}))


async def _compare(directory: Path, steps: list[tuple[str, int]], limit: int, start: dict[int, int]) -> None:
    make_tables(directory / "log.db", log_metadata)
    make_tables(directory / "keys.db", keys_metadata)
    keyring = FileKeyring(directory / "keys.db", b"m" * 32, MachineTime())
    engine = SqliteEngine(directory / "log.db", MachineTime(), PARTITIONS)
    await Log(engine, keyring).append([filing(stream(partition=one)) for one in range(3)])  # from before this process
    log, fresh = Log(engine, keyring, known_heads=await engine.heads()), Log(engine, keyring)
    petitions = [stream(partition=number % 3) for number in range(8)]
    for step, number in steps:
        await _append(log, fresh, step, petitions[number], petitions[number - 1])
        await _same(log, fresh, petitions, start, limit)
    await _same(log, fresh, petitions, FROM_ZERO, limit)
    await _same(log, fresh, petitions, await engine.heads(), limit)
    await engine.close()
    await keyring.close()


async def _append(log: Log, fresh: Log, step: str, petition, other) -> None:
    versions = {one: len(stream) for one, stream in (await fresh.load([petition, other])).items()}
    match step:
        case "file":
            await log.append([filing(petition, WORDS)])
        case "confirm":
            await log.append([entry(petition, versions[petition], confirmed())] if versions[petition] else [])
        case "accept":
            entries = [entry(petition, versions[petition], accepted(), accepted("other"))] if versions[petition] else []
            await log.transact([], entries)
        case "stale":
            await log.append([entry(petition, versions[petition] + 1, confirmed())])
        case "two" if versions[petition] and versions[other]:
            writes = [Write(one, versions[one], [confirmed()]) for one in (petition, other)]
            await log.append([Entry(Cause("severity", "both"), writes)])


async def _same(log: Log, fresh: Log, petitions, after: dict[int, int], limit: int) -> None:
    assert await log.load(petitions) == await fresh.load(petitions)
    assert await log.read(after, limit) == await fresh.read(after, limit)


async def test_streams_are_read_as_the_log_was_at_these_heads(log, plain_log):
    petition, later = sorted((stream(), stream()))
    await log.append([filing(petition)])
    heads = await log.heads()
    await log.append([entry(petition, 1, accepted()), filing(later)])
    rows, last = await plain_log.read_streams(UUID(int=0), later, 10, heads)
    assert [(row.stream_id, row.version) for row in rows] == [(petition, 1)]
    assert last == later
    assert await plain_log.read_streams(later, later, 10, heads) == ([], None)
