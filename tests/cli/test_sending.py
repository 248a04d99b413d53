"""Every line gets its answer, whatever the server does meanwhile."""

import pytest

from services.cli.lines import Line, Refusal
from services.cli.remote import Server, Stopped
from services.cli.sending import CHUNK_LINES, Tally, send_all
from tests.cli.fake_server import FakeServer


def lines(count: int) -> list[Line]:
    return [Line(number, b'{"key": "k-%d", "text": "a"}' % number) for number in range(1, count + 1)]


class Sent:
    """One load against a server: its tally, its refusals, what it said it waits for."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self.notes: list[str] = []
        self.tally = Tally(self.refusals.append)

    async def run(self, fake: FakeServer, lines: list[Line | Refusal], patience: float = 20) -> "Sent":
        async with fake.client() as http:
            server = Server(http, lambda: fake.url, patience, self.notes.append)
            await send_all(lines, server, self.tally, connections=2)
        return self


async def sent(fake: FakeServer, lines: list[Line | Refusal]) -> Sent:
    return await Sent().run(fake, lines)


async def test_every_line_is_filed_in_batches():
    fake = FakeServer()
    load = await sent(fake, [*lines(CHUNK_LINES + 20)])
    assert (load.tally.filed, load.tally.petitions) == (CHUNK_LINES + 20, set(fake.filed.values()))
    assert sorted(fake.batches) == [20, CHUNK_LINES]


async def test_the_same_lines_again_are_counted_as_filed_before():
    fake = FakeServer()
    await sent(fake, [*lines(30)])
    load = await sent(fake, [*lines(40)])
    assert (load.tally.filed, load.tally.replayed, len(fake.filed)) == (10, 30, 40)


async def test_a_server_that_is_away_is_waited_for():
    fake = FakeServer()
    fake.away = 3
    load = await sent(fake, [*lines(5)])
    assert load.tally.filed == 5
    assert any("does not answer" in note for note in load.notes)
    assert load.notes[-1] == ""


async def test_a_busy_server_is_asked_again():
    fake = FakeServer()
    fake.busy = 2
    load = await sent(fake, [*lines(5)])
    assert (load.tally.filed, load.tally.refused) == (5, 0)


async def test_lines_whose_answer_was_lost_are_sent_again_and_filed_once():
    fake = FakeServer()
    fake.loses = 1
    load = await sent(fake, [*lines(10)])
    assert (load.tally.filed, load.tally.replayed, len(fake.filed)) == (5, 5, 10)


async def test_a_refused_line_is_named_by_number_and_reason_and_the_others_are_filed():
    bad = Line(2, b'{"key": "k-2", "text": ""}')
    unreadable = Refusal(4, "invalid_json", "not JSON")
    load = await sent(FakeServer(), [lines(1)[0], bad, *lines(3)[2:], unreadable])
    assert load.tally.filed == 2
    assert sorted(load.refusals, key=lambda one: one.number) == [Refusal(2, "invalid", "/text is empty"), unreadable]


async def test_a_line_that_breaks_every_answer_is_found_and_the_others_are_filed():
    fake = FakeServer()
    fake.poison = "k-3"
    load = await sent(fake, [*lines(4)])
    assert sorted(fake.filed) == ["k-1", "k-2", "k-4"]
    assert [(one.number, one.code) for one in load.refusals] == [(3, "internal")]


async def test_a_server_that_stays_away_ends_the_load_with_what_to_do_next():
    fake = FakeServer()
    fake.away = 1_000
    with pytest.raises(Stopped, match="run the same command again"):
        await Sent().run(fake, [*lines(5)], patience=0.5)


async def test_a_server_that_asks_for_another_key_ends_the_load_and_names_the_setting():
    fake = FakeServer()
    fake.locked = True
    with pytest.raises(Stopped, match="GRIDCASE_KEY"):
        await sent(fake, [*lines(5)])


async def test_a_server_that_is_not_gridcase_ends_the_load():
    fake = FakeServer()
    fake.url = "http://gridcase.test/elsewhere"
    async with fake.client() as http:
        with pytest.raises(Stopped, match="is this gridcase"):
            await Server(http, lambda: fake.url, 1, print).ready()
