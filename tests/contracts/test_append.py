"""What an engine promises of `append`: an entry is all or nothing, and none hurts another."""

from uuid import UUID

import pytest

from services.chassis.store.engine import Appended, Conflict, Duplicate, Engine, EntryRows, KeysDisagree
from tests.contracts.rows import entry, filing, key, stream, write


async def _data(engine: Engine, petition: UUID) -> list[str]:
    return [row.data for row in await engine.load([petition])]


async def test_events_stand_in_their_stream_from_version_one_with_the_bytes_that_came(engine):
    petition, words = stream(), ('{"a": 1}', '{"b":"诉求 \\u2028"}', "{}")
    (outcome,) = await engine.append([filing(petition, *words)])
    assert isinstance(outcome, Appended)
    rows = await engine.load([petition])
    assert [(row.version, row.data) for row in rows] == list(enumerate(words, 1))
    assert [(place.version, place.position) for place in outcome.places] == [(r.version, r.position) for r in rows]


async def test_the_answer_says_where_each_event_stands(engine):
    petition = stream(partition=5)
    await engine.append([filing(petition)])
    (outcome,) = await engine.append([entry(write(petition, 1, "{}", "{}"))])
    assert isinstance(outcome, Appended)
    assert [place[:4] for place in outcome.places] == [(petition, 2, 5, 2), (petition, 3, 5, 3)]


async def test_what_was_appended_is_there_after_a_restart(engine, reopened):
    petition = stream()
    await engine.append([filing(petition, '{"kept":true}')])
    assert await _data(await reopened(), petition) == ['{"kept":true}']


async def test_what_was_appended_is_committed_when_the_answer_comes(engine, store):
    await engine.append([filing(stream())])
    assert await store.rows("SELECT count(*) FROM es_event") == [(1,)]


async def test_committed_is_told_before_the_caller_and_in_commit_order(engine):
    petition, told = stream(), []
    await engine.append([filing(petition)], told.append)
    assert [type(outcome) for outcome in told[0]] == [Appended]
    await engine.append([entry(write(petition, 7))], told.append)
    assert told[1] == [Conflict(frozenset({petition}))]


@pytest.mark.parametrize("expected", [0, 2, 9])
async def test_a_stream_with_another_version_conflicts_and_nothing_is_written(engine, expected):
    petition = stream()
    await engine.append([filing(petition, "first")])
    assert await engine.append([entry(write(petition, expected, "second"))]) == [Conflict(frozenset({petition}))]
    assert await _data(engine, petition) == ["first"]


async def test_an_entry_with_one_stale_stream_writes_none_of_its_streams(engine):
    stale, fine = stream(), stream()
    await engine.append([filing(stale)])
    assert await engine.append([entry(write(fine), write(stale, 0))]) == [Conflict(frozenset({stale}))]
    assert await _data(engine, fine) == []


async def test_a_refused_entry_claims_no_key(engine):
    taken, other = stream(), stream()
    await engine.append([filing(taken)])
    await engine.append([filing(taken, keys=[key("k")])])
    (outcome,) = await engine.append([filing(other, keys=[key("k")])])
    assert isinstance(outcome, Appended)


async def test_two_streams_of_one_entry_are_both_written(engine):
    one, two = stream(), stream()
    (outcome,) = await engine.append([entry(write(one, 0, "a"), write(two, 0, "b", "c"))])
    assert isinstance(outcome, Appended)
    assert (await _data(engine, one), await _data(engine, two)) == (["a"], ["b", "c"])


async def test_entries_of_one_call_do_not_hurt_each_other(engine):
    old, first, last = stream(), stream(), stream()
    await engine.append([filing(old, keys=[key("k")])])
    outcomes = await engine.append(
        [filing(first), entry(write(old, 5)), filing(stream(), keys=[key("k")]), filing(last), entry(write(old, 1))]
    )
    assert [type(outcome) for outcome in outcomes] == [Appended, Conflict, Duplicate, Appended, Appended]
    assert len(await engine.load([first, last, old])) == 4


async def test_of_two_entries_for_one_version_in_one_call_the_first_wins(engine):
    petition = stream()
    outcomes = await engine.append([filing(petition, "first"), filing(petition, "second")])
    assert [type(outcome) for outcome in outcomes] == [Appended, Conflict]
    assert await _data(engine, petition) == ["first"]


async def test_an_entry_sees_what_the_entry_before_it_wrote(engine):
    petition = stream()
    outcomes = await engine.append([filing(petition), entry(write(petition, 1))])
    assert [type(outcome) for outcome in outcomes] == [Appended, Appended]


async def test_no_entries_are_no_work(engine):
    assert await engine.append([]) == []
    assert set((await engine.heads()).values()) == {0}


async def test_a_key_names_its_first_petition_for_the_same_body(engine):
    first = stream()
    await engine.append([filing(first, keys=[key("k")])])
    again = stream()
    assert await engine.append([filing(again, keys=[key("k")])]) == [Duplicate(first, same_body=True)]
    assert await _data(engine, again) == []


async def test_a_key_with_another_body_says_so(engine):
    first = stream()
    await engine.append([filing(first, keys=[key("k", body="one")])])
    assert await engine.append([filing(stream(), keys=[key("k", body="two")])]) == [Duplicate(first, same_body=False)]


async def test_an_entry_without_writes_asks_for_its_keys_and_claims_none(engine):
    first = stream()
    assert await engine.append([EntryRows((), [key("k")])]) == [Appended([])]
    await engine.append([filing(first, keys=[key("k")])])
    assert await engine.append([EntryRows((), [key("k")])]) == [Duplicate(first, same_body=True)]
    assert await engine.append([EntryRows((), [key("k", body="other")])]) == [Duplicate(first, same_body=False)]


async def test_the_same_key_in_two_scopes_is_two_keys(engine):
    await engine.append([filing(stream(), keys=[key("k", scope="caller")])])
    (outcome,) = await engine.append([filing(stream(), keys=[key("k", scope="external")])])
    assert isinstance(outcome, Appended)


async def test_of_two_entries_with_one_key_in_one_call_the_second_is_the_duplicate(engine):
    first, second = stream(), stream()
    outcomes = await engine.append([filing(first, keys=[key("k")]), filing(second, keys=[key("k")])])
    assert outcomes[1] == Duplicate(first, same_body=True)
    assert await _data(engine, second) == []


async def test_two_keys_that_name_different_petitions_disagree(engine):
    one, two = stream(), stream()
    await engine.append([filing(one, keys=[key("a")]), filing(two, keys=[key("b")])])
    (outcome,) = await engine.append([filing(stream(), keys=[key("a"), key("b")])])
    assert outcome == KeysDisagree(frozenset({one, two}))


async def test_a_second_key_of_a_repeated_request_is_remembered_too(engine):
    first = stream()
    await engine.append([filing(first, keys=[key("external")])])
    await engine.append([filing(stream(), keys=[key("external"), key("late")])])
    assert await engine.append([filing(stream(), keys=[key("late")])]) == [Duplicate(first, same_body=True)]


async def test_a_second_key_of_another_body_is_not_remembered(engine):
    await engine.append([filing(stream(), keys=[key("external")])])
    await engine.append([filing(stream(), keys=[key("external", "other"), key("late", "other")])])
    (outcome,) = await engine.append([filing(stream(), keys=[key("late")])])
    assert isinstance(outcome, Appended)


async def test_keys_are_kept_over_a_restart(engine, reopened):
    first = stream()
    await engine.append([filing(first, keys=[key("k")])])
    assert await (await reopened()).append([filing(stream(), keys=[key("k")])]) == [Duplicate(first, same_body=True)]


async def test_more_entries_than_one_list_of_parameters_takes(engine):
    petitions = [stream() for _ in range(1_203)]
    outcomes = await engine.append([filing(p, keys=[key(str(p))]) for p in petitions])
    assert all(isinstance(outcome, Appended) for outcome in outcomes)
    again = await engine.append([filing(stream(), keys=[key(str(p))]) for p in petitions])
    assert again == [Duplicate(petition, same_body=True) for petition in petitions]
    assert len(await engine.load(petitions)) == 1_203
