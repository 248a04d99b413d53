"""The checker finds each broken promise, and names it."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tests.faults import report
from tests.faults.checker import check
from tests.faults.ended import Ended
from tests.faults.history import FAIL, OK, Attempt
from tests.faults.records import DEAD_LETTERS, Record
from tests.faults.sound import CLIMBED, CLOSED, LATER, NOW, at, routed, row, sound


def found(ended: Ended) -> set[int]:
    """The invariants that are broken."""
    again = replace(ended, lives={}, told={})
    return {wrong.invariant for wrong in check(again)}


def change(ended: Ended, petition: str, version: int, **news: Any) -> None:
    """Store an event with other data; the topic then holds what it held."""
    (place,) = [n for n, e in enumerate(ended.store.events) if (e.petition, e.version) == (petition, version)]
    event = ended.store.events[place]
    data = {**event.data, **news}
    ended.store.events[place] = event._replace(data=data, stored=json.dumps(data))


def add(ended: Ended, petition: str, kind: str, service: str, cause: str, data: dict[str, Any]) -> None:
    """One more event at the end of a life."""
    version = sum(event.petition == petition for event in ended.store.events) + 1
    ended.store.events.append(row(petition, version, (kind, service, cause, None, data)))


def drop(ended: Ended, petition: str, *versions: int) -> None:
    """The events are not in the log."""
    ended.store.events[:] = [e for e in ended.store.events if e.petition != petition or e.version not in versions]


def test_a_run_in_which_all_went_well_has_nothing_wrong():
    assert check(sound()) == []


def lost(ended: Ended) -> None:
    drop(ended, CLIMBED, *range(1, 7))


def other_words(ended: Ended) -> None:
    ended.store.words[0] = (CLOSED, "", "诉求", "")


def lost_command(ended: Ended) -> None:
    ended.attempts.append(Attempt("accept", "accept-2", 1, 9.0, 0.1, OK, 200, petition=CLIMBED))


def phantom(ended: Ended) -> None:
    del ended.attempts[1]


def refused_and_done(ended: Ended) -> None:
    ended.attempts[2].outcome = FAIL


def two_of_a_key(ended: Ended) -> None:
    ended.attempts.append(replace(ended.attempts[0], petition=CLIMBED))


def other_body_taken(ended: Ended) -> None:
    ended.attempts.append(replace(ended.attempts[0], other_body=True))


def hole_of_positions(ended: Ended) -> None:
    ended.store.events[-1] = ended.store.events[-1]._replace(position=9)


def hole_of_versions(ended: Ended) -> None:
    ended.store.events[-1] = ended.store.events[-1]._replace(version=9)


def accepted_by_nobody_asked(ended: Ended) -> None:
    change(ended, CLOSED, 4, dispatch=f"{CLOSED}:9")


def routed_when_over(ended: Ended) -> None:
    add(ended, CLOSED, "PetitionRouted", "router", "late", routed("grid", "SA11", 9, "assessed", at(9)))


def both_accepted(ended: Ended) -> None:
    ended.attempts += [
        Attempt("accept", f"raced-{n}", n, 9.0, 0.1, OK, 200, petition=CLIMBED, race="one") for n in range(2)
    ]


def went_back(ended: Ended) -> None:
    ended.attempts.append(Attempt("read", "", 1, 9.0, 0.1, OK, 200, petition=CLOSED, version=7))


def published_and_not_kept(ended: Ended) -> None:
    ended.published = {f"{CLOSED}:9": b"{}"}


def not_published(ended: Ended) -> None:
    assert ended.topics
    del ended.topics.petitions[7]


def published_otherwise(ended: Ended) -> None:
    change(ended, CLOSED, 2, confidence=1)


def out_of_order(ended: Ended) -> None:
    assert ended.topics
    records = ended.topics.petitions
    records[1], records[2] = records[2], records[1]


def repeated_otherwise(ended: Ended) -> None:
    assert ended.topics
    ended.topics.petitions.append(ended.topics.petitions[0]._replace(key=b""))


def assessed_twice(ended: Ended) -> None:
    add(ended, CLIMBED, "SeverityAssessed", "severity", f"{CLIMBED}:1", {"at": at(7)})


def asked_twice(ended: Ended) -> None:
    add(ended, CLOSED, "FeedbackRequested", "feedback", "again", {"at": at(7), "round": 1, "answer_by": at(9)})


def resolved_late_and_only_escalation_heard_it(ended: Ended) -> None:
    """As where feedback takes what escalation said because of the same event for its own."""
    drop(ended, CLOSED, 6, 7, 8)
    late = {"at": at(3, 1), "deadline": "resolve:1", "due_at": at(2, 59), "late": True}
    change(ended, CLOSED, 3, resolve_by=at(2, 59))
    add(ended, CLOSED, "DeadlineMissed", "escalation", f"{CLOSED}:5", late)


def never_placed(ended: Ended) -> None:
    drop(ended, CLIMBED, 3, 4, 5, 6)


def never_moved_up(ended: Ended) -> None:
    drop(ended, CLIMBED, 6)


def stale_list(ended: Ended) -> None:
    ended.store.petitions[1]["version"] = 5


def other_when_rebuilt(ended: Ended) -> None:
    assert ended.later
    ended.later.petitions[0]["kind"] = "LAMP"


def not_listed(ended: Ended) -> None:
    del ended.store.petitions[1]


def missed_twice(ended: Ended) -> None:
    again = {"at": at(6), "deadline": f"accept:{CLIMBED}:3", "due_at": at(5)}
    add(ended, CLIMBED, "DeadlineMissed", "escalation", "timer 2", again)


def missed_though_met(ended: Ended) -> None:
    met = {"at": at(6), "deadline": "assess", "due_at": at(3), "late": True}
    add(ended, CLIMBED, "DeadlineMissed", "escalation", "timer 2", met)


def stopped_late_and_not_said(ended: Ended) -> None:
    change(ended, CLOSED, 3, accept_by=at(1, 30))


def early(ended: Ended) -> None:
    change(ended, CLIMBED, 4, at=at(4, 59))


def early_by_a_clock_that_is_ahead(ended: Ended) -> None:
    ended.store.events[11] = ended.store.events[11]._replace(recorded_at=0)


def escalated_twice(ended: Ended) -> None:
    again = {"at": at(7), "dispatch": f"{CLIMBED}:3", "cause": "resolve:1"}
    add(ended, CLIMBED, "PetitionEscalated", "escalation", "timer 2", again)


def moved_down(ended: Ended) -> None:
    add(ended, CLIMBED, "PetitionRouted", "router", "late", routed("grid", "SA11", 8, "assessed", at(9)))


def not_told(ended: Ended) -> None:
    assert ended.topics
    del ended.topics.dispatches[0]


def superior_not_told(ended: Ended) -> None:
    data = {"at": at(7), "number": 1, "cause": "resolve:1", "answer_by": LATER, "unit": "SA1", "superior": "SA"}
    add(ended, CLIMBED, "SupervisionOrdered", "escalation", "timer 2", data)


def told_out_of_order(ended: Ended) -> None:
    assert ended.topics
    news = ended.topics.dispatches
    news[1], news[3] = news[3], news[1]


def lost_and_told_behind_what_came_later(ended: Ended) -> None:
    """A broker lost its tail, and a relay wrote on before it told again what was lost."""
    assert ended.topics
    ended.topics.petitions.append(ended.topics.petitions.pop(3))


def told_otherwise(ended: Ended) -> None:
    assert ended.topics
    ended.topics.dispatches.append(ended.topics.dispatches[0]._replace(value=b"[]"))


def told_and_a_dead_letter(ended: Ended) -> None:
    assert ended.topics
    ended.store.letters.append(("dispatch_relay", CLOSED, 3, "KeyError"))
    ended.topics.letters.append(letter("dispatch_relay", CLOSED, 3))


def letter(subscriber: str, petition: str, position: int, attempts: int = 1) -> Record:
    """A dead letter on its topic."""
    name = f"{subscriber}:{petition}:{petition[-1]}:{position}:{NOW}"
    return Record(DEAD_LETTERS, 0, 0, name, "gridcase.DeadLetter.v1", 0, petition.encode(), b"%d" % attempts, ())


def dead_letter_not_told(ended: Ended) -> None:
    ended.spoilt = {CLIMBED}
    ended.store.letters.append(("router", CLIMBED, 2, "KeyError"))


def dead_letter_told_otherwise(ended: Ended) -> None:
    assert ended.topics
    dead_letter_not_told(ended)
    ended.topics.letters += [letter("router", CLIMBED, 2), letter("router", CLIMBED, 2, attempts=2)]


def dead_letter_of_nobody(ended: Ended) -> None:
    assert ended.topics
    ended.topics.letters.append(letter("router", CLOSED, 2))


def parked(ended: Ended) -> None:
    ended.store.letters.append(("router", CLOSED, 2, "KeyError"))


def lagging(ended: Ended) -> None:
    ended.store.checkpoints[0] = ("router", 1, 7)


def overdue(ended: Ended) -> None:
    ended.store.deadlines[1] = (CLIMBED, "resolve:1", NOW - 5_000_000)


def unwatched(ended: Ended) -> None:
    change(ended, CLIMBED, 6, accept_by=at(5), resolve_by=at(5))
    del ended.store.deadlines[0]


def danger_taken_back(ended: Ended) -> None:
    add(ended, CLIMBED, "PetitionWithdrawn", "intake", "key:w", {"at": at(7)})
    ended.store.deadlines[:] = [one for one in ended.store.deadlines if one[0] != CLIMBED]
    assert 28 not in found(ended)
    add(ended, CLIMBED, "SeverityAssessed", "severity", "added", {"at": at(8), "severity": "critical"})


def nobody_told_of_a_danger(ended: Ended) -> None:
    add(ended, CLIMBED, "HandOffOrdered", "router", "added", {"at": at(7), "to": ["119"], "confirm_by": at(8)})
    missed = {"at": at(8, 1), "deadline": "hand_off", "due_at": at(8)}
    add(ended, CLIMBED, "DeadlineMissed", "escalation", "timer 3", missed)
    told = replace(ended, store=deepcopy(ended.store))
    add(told, CLIMBED, "HandOffConfirmed", "router", "key:h", {"at": at(9), "to": "119", "outstanding": []})
    assert 28 not in found(told)


@pytest.mark.parametrize(
    ("invariant", "spoil"),
    [
        (1, lost), (1, other_words), (1, lost_command), (2, phantom), (2, refused_and_done), (3, two_of_a_key),
        (3, other_body_taken), (4, hole_of_positions), (4, hole_of_versions), (5, accepted_by_nobody_asked),
        (5, routed_when_over), (6, both_accepted), (7, went_back), (8, published_and_not_kept), (8, not_published),
        (8, published_otherwise), (9, out_of_order),
        (9, lost_and_told_behind_what_came_later), (9, repeated_otherwise), (10, assessed_twice),
        (10, asked_twice), (10, never_placed), (10, resolved_late_and_only_escalation_heard_it),
        (10, never_moved_up), (11, stale_list), (11, other_when_rebuilt),
        (12, not_listed), (13, missed_twice), (13, missed_though_met), (13, stopped_late_and_not_said), (14, early),
        (14, early_by_a_clock_that_is_ahead), (14, escalated_twice), (15, moved_down), (16, not_told),
        (16, superior_not_told),
        (16, told_out_of_order), (16, told_otherwise), (16, told_and_a_dead_letter), (17, parked),
        (17, dead_letter_not_told), (17, dead_letter_told_otherwise), (17, dead_letter_of_nobody),
        (23, lagging), (23, overdue), (28, unwatched), (28, danger_taken_back),
        (28, nobody_told_of_a_danger),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)  # fmt: skip
def test_it_finds(invariant: int, spoil: Callable[[Ended], None]):
    ended = sound()
    spoil(ended)
    assert invariant in found(ended)


def test_what_was_spoilt_on_purpose_must_stop_and_nothing_else_may():
    ended = sound()
    ended.spoilt = {CLIMBED}
    assert 17 in found(ended)
    assert ended.topics
    ended.store.letters.append(("router", CLIMBED, 2, "KeyError"))
    ended.topics.letters += [letter("router", CLIMBED, 2)] * 2
    assert found(ended) == set()


def test_two_deadlines_missed_at_once_may_order_two_supervisions_and_one_may_not():
    ended = sound()
    before = found(ended)
    for number, cause in enumerate(("accept", "resolve"), 1):
        data = {"at": at(7), "number": number, "cause": cause, "answer_by": LATER}
        add(ended, CLIMBED, "SupervisionOrdered", "escalation", "timer 2", data)
    assert 10 not in found(ended) - before
    add(ended, CLIMBED, "SupervisionOrdered", "escalation", "timer 2", data)
    assert 10 in found(ended)


def test_a_petition_that_is_not_read_has_its_words_beside_those_that_were_added():
    ended = sound()
    ended.store.words.append((CLOSED, "", "\U0010ffff 补充", ""))
    ended.read = {petition: text for petition, text in ended.read.items() if petition != CLOSED}
    assert 1 not in found(ended)


def test_an_unknown_outcome_counts_for_neither_side():
    """Nobody knows whether it was kept: that it is there is no phantom, and that it is not is no loss."""
    ended = sound()
    ended.attempts[1].outcome, ended.attempts[1].petition = "info", ""
    assert found(ended) == set()


def test_ten_seconds_are_the_most_that_an_answer_may_take_under_overload():
    slow = Attempt("file", "k", 1, 0.0, 10.5, OK, 201, during="overload")
    assert [one.invariant for one in report.slow_answers([slow])] == [22]
    assert report.slow_answers([replace(slow, during="postgres_paused")]) == []
    assert report.slow_answers([replace(slow, took=0.1, status=503, outcome="info")]) == []
    assert report.slow_answers([replace(slow, behind=1.0)]) == []
