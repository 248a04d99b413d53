"""What a run is worth: passed, failed, or no proof of anything."""

import json
from dataclasses import replace

import pytest

from tests.faults import report
from tests.faults.checker import check
from tests.faults.ended import Ended
from tests.faults.faults import Done
from tests.faults.history import FAIL, Attempt
from tests.faults.lateness import in_calm, too_late
from tests.faults.sound import CLOSED, sound
from tests.faults.test_checker import lost


def made(ended: Ended, *kills: int, calm: float = 0.0) -> report.Report:
    faults, had = [Done("kill", kills=list(kills))], report.HadTo(calm_seconds=calm)
    return report.made(7, "cluster", "make faults", 1.0, faults, ended, check(ended), had)


def test_a_deadline_must_be_noticed_soon_after_the_faults_and_the_time_of_these_does_not_count():
    ended = sound()
    event = next(event for event in ended.store.events if event.type == "DeadlineMissed")
    place = ended.store.events.index(event)
    assert in_calm(ended, []) == [1.0]
    assert too_late(ended, []) == []
    ended.store.events[place] = event._replace(recorded_at=event.recorded_at + 60_000_000)
    late = replace(ended, lives={}, told={})
    due = event.recorded_at / 1e6 - 1
    assert [one.invariant for one in too_late(late, [])] == [13]
    assert too_late(late, [Done("kill", at=due + 1, took=1), Done("pause", at=due + 20, took=20)]) == []
    assert [one.invariant for one in too_late(late, [Done("kill", at=due + 1, took=1)])] == [13]
    assert in_calm(late, [Done("kill", at=due + 1, took=1)]) == []


def test_a_run_proves_nothing_where_nothing_happened():
    ended = sound()
    assert (made(ended, 0).verdict, made(ended, 0).exit_code) == (report.INVALID, 2)
    assert "nothing was there already when its key was tried again" in made(ended, 3).why_invalid


@pytest.mark.parametrize(("kills", "proves"), [((3, 0, 0), False), ((3, 0), False), ((3, 1, 0), True)])
def test_most_kills_must_come_while_something_is_asked(kills, proves):
    why = "no request was in flight at most of the kills"
    assert (why not in made(sound(), *kills).why_invalid) == proves


@pytest.mark.parametrize(("type", "why"), [("DeadlineMissed", "no deadline was missed"),
                                           ("PetitionClosed", "no life came to its end"),
                                           ("PetitionSplit", "no whole was resolved with its parts"),
                                           ("DuplicateLinked", "no repeat was resolved with its root")])  # fmt: skip
def test_a_run_proves_nothing_where_what_is_judged_did_not_come(type, why):
    assert why not in made(sound(), 3, calm=1).why_invalid
    ended = sound()
    ended.store.events[:] = [event for event in ended.store.events if event.type != type]
    assert why in made(replace(ended, lives={}, told={}), 3, calm=1).why_invalid


def test_a_run_proves_nothing_where_nobody_lost_a_claim_and_nothing_was_done_on_the_spot():
    ended = sound()
    why = {"nobody lost a claim to another", "nothing was dealt with on the spot"}
    assert why.isdisjoint(made(ended, 3, calm=1).why_invalid)
    ended.attempts[:] = [one for one in ended.attempts if one.code != "already_claimed"]
    ended.store.events[:] = [event for event in ended.store.events if not event.data.get("on_the_spot")]
    without = replace(ended, lives={}, told={})
    assert why <= {*made(without, 3, calm=1).why_invalid}
    assert why.isdisjoint(made(without, 3).why_invalid), "a run of a minute may not come to it"


def test_a_run_proves_nothing_where_a_fault_had_no_effect():
    owed = [("disk_full", "the data has no disk of its own")]
    told = report.made(7, "cluster", "", 1.0, [], ended := sound(), check(ended), report.HadTo(owed=owed))
    assert "disk_full was never dealt with effect: the data has no disk of its own" in told.why_invalid
    had = report.HadTo(petitions=7, calm_seconds=100, short_lived=["api-1", "relay-2"])
    assert {
        "fewer than 7 petitions were acknowledged", "fewer than 10 deadlines passed in calm",
        "nobody was warned of a deadline",
        "api-1, relay-2 did not serve long enough to be judged for leaks",
    } <= {*report.made(7, "cluster", "", 1.0, [], ended, [], had).why_invalid}  # fmt: skip


def test_a_run_proves_nothing_where_somebody_looked_away():
    gone = "the reader of the log ended: KeyError('partition')"
    told = report.made(7, "cluster", "", 1.0, [], sound(), [], report.HadTo(no_witness=[gone]))
    assert gone in told.why_invalid
    assert told.exit_code == 2


def test_a_run_proves_nothing_where_no_order_was_judged():
    why = "no order on the topics was judged"
    ended = sound()
    assert why not in made(ended, 3).why_invalid
    assert why in made(replace(sound(), followed=0), 3).why_invalid
    assert ended.topics
    ended.topics.dispatches[:] = [one for one in ended.topics.dispatches if "Issued" in one.type]
    assert why in made(ended, 3).why_invalid


def test_a_run_passes_where_everything_happened_and_every_promise_was_kept(tmp_path):
    ended = sound()
    ended.redelivered = 1
    ended.attempts[0].replayed = True
    ended.attempts.insert(0, replace(ended.attempts[0], outcome="info", petition="", status=0, replayed=False))
    ended.attempts[2].race = "one"
    ended.attempts.append(Attempt("accept", "a-3", 1, 9.0, 0.1, FAIL, 412, "stale", petition=CLOSED, race="one"))
    again = replace(ended, lives={}, told={})
    passed = made(again, 3)
    assert (passed.verdict, passed.exit_code) == (report.PASSED, 0), passed.text()
    passed.write(tmp_path)
    said = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (said["seed"], said["figures"]["kills_in_flight"], said["verdict"]) == (7, 1, "passed")
    assert "0 of 6 acknowledged petitions lost" in (tmp_path / "report.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("status", "code", "race", "met"),
    [(412, "stale", "one", 1), (409, "not_accepted", "one", 0), (412, "stale", "", 0), (412, "stale", "other", 0)],
)
def test_a_conflict_is_a_command_refused_for_another_that_was_asked_for_at_once(status, code, race, met):
    ended = sound()
    ended.attempts[2].race = "one"
    ended.attempts.append(Attempt("accept", "a-3", 1, 9.0, 0.1, FAIL, status, code, petition=CLOSED, race=race))
    assert made(replace(ended, lives={}, told={}), 3).figures["conflicts"] == met


def test_a_run_fails_where_a_promise_was_broken():
    ended = sound()
    lost(ended)
    failed = made(replace(ended, lives={}, told={}), 3)
    assert (failed.verdict, failed.exit_code) == (report.FAILED, 1)
    assert "1 of 6 acknowledged petitions lost" in failed.text()
