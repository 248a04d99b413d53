"""The checker finds what became of parts, repeats, claims and what was dealt with on the spot, and names it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checker import check
from tests.faults.ended import Ended
from tests.faults.fold import folded
from tests.faults.history import FAIL, OK, Attempt
from tests.faults.sound import sound
from tests.faults.sound_kin import DONE_PART, LATER, REPEAT, ROOT, SPOT, WHOLE, WITHDRAWN_PART, at
from tests.faults.test_checker import add, change, drop, found


def roll_up_forgotten(ended: Ended) -> None:
    drop(ended, WHOLE, 6, 7, 8, 9, 10)


def told_of_its_parts_and_not_resolved(ended: Ended) -> None:
    drop(ended, WHOLE, 7, 8, 9, 10)


def rolled_up_twice(ended: Ended) -> None:
    again = {"at": at(6), "dispatch": f"{DONE_PART}:3", "round": 1, "part": DONE_PART, "answer_by": LATER}
    add(ended, WHOLE, "ResolutionReported", "router", "again", again)


def rolled_up_while_a_part_goes_on(ended: Ended) -> None:
    drop(ended, WHOLE, 5)


def a_danger_rolled_up(ended: Ended) -> None:
    change(ended, WHOLE, 2, severity="critical")


def waits_again_for_no_part(ended: Ended) -> None:
    add(ended, ROOT, "PetitionReopened", "feedback", "key:again", {"at": at(6), "round": 2, "cause": "part"})


def a_part_ends_twice(ended: Ended) -> None:
    change(ended, WHOLE, 6, part=DONE_PART)


def part_lost(ended: Ended) -> None:
    drop(ended, DONE_PART, *range(1, 9))


def words_of_a_part_lost(ended: Ended) -> None:
    ended.store.words[:] = [row for row in ended.store.words if row[0] != DONE_PART]


def half_of_an_unknown_split_there(ended: Ended) -> None:
    ended.attempts[:] = [replace(one, outcome="info") if one.kind == "split" else one for one in ended.attempts]
    words_of_a_part_lost(ended)


def part_doubled(ended: Ended) -> None:
    ended.store.words.append(next(row for row in ended.store.words if row[0] == DONE_PART))


def refused_and_split(ended: Ended) -> None:
    ended.attempts[:] = [replace(one, outcome=FAIL) if one.kind == "split" else one for one in ended.attempts]


def part_of_nobody(ended: Ended) -> None:
    change(ended, WHOLE, 4, parts=[WITHDRAWN_PART])


def another_ones_part(ended: Ended) -> None:
    change(ended, DONE_PART, 1, split_from=ROOT)


def repeat_forgotten(ended: Ended) -> None:
    drop(ended, REPEAT, 5, 6, 7, 8)


def linked_at_one_end(ended: Ended) -> None:
    repeat_forgotten(ended)
    drop(ended, ROOT, *range(4, 10))


def done_with_another(ended: Ended) -> None:
    change(ended, REPEAT, 5, root=WHOLE)


def claimed_twice(ended: Ended) -> None:
    again = {"at": at(6), "dispatch": f"{ROOT}:3", "unit": "SA1P", "responsible": "SA1", "claimed_by": "claim-2"}
    add(ended, ROOT, "DispatchClaimed", "router", "key:claim-2", again)


def two_won(ended: Ended) -> None:
    ended.attempts[:] = [replace(one, outcome=OK, race="one") if one.kind == "claim" else one for one in ended.attempts]


def handed_over_by_who_had_it_not(ended: Ended) -> None:
    over = {"at": at(6), "dispatch": f"{ROOT}:3", "from_staff": "another", "to_staff": "x"}
    add(ended, ROOT, "WorkHandedOver", "router", "key:over", over)


def never_done_on_the_spot(ended: Ended) -> None:
    drop(ended, SPOT, 4, 5, 6, 7, 8)


def done_on_the_spot_and_not_asked_back(ended: Ended) -> None:
    drop(ended, SPOT, 6, 7, 8)


def supplemented_twice_by_one_key(ended: Ended) -> None:
    ended.attempts.append(Attempt("supplement", "more-1", 2, 9.0, 0.1, OK, 200, petition=WHOLE))
    for number in (1, 2):
        add(ended, WHOLE, "PetitionSupplemented", "intake", f"key:{number}", {"at": at(6), "number": 1})


@pytest.mark.parametrize(
    ("invariant", "spoil"),
    [
        (10, roll_up_forgotten), (10, told_of_its_parts_and_not_resolved), (10, rolled_up_twice),
        (5, rolled_up_while_a_part_goes_on), (10, a_part_ends_twice), (5, a_danger_rolled_up),
        (5, waits_again_for_no_part), (1, part_lost), (1, words_of_a_part_lost),
        (1, half_of_an_unknown_split_there), (3, part_doubled), (2, refused_and_split), (2, part_of_nobody),
        (5, another_ones_part), (10, repeat_forgotten), (5, linked_at_one_end), (5, done_with_another),
        (10, claimed_twice), (6, two_won), (5, handed_over_by_who_had_it_not), (10, never_done_on_the_spot),
        (10, done_on_the_spot_and_not_asked_back), (10, supplemented_twice_by_one_key),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)  # fmt: skip
def test_it_finds(invariant: int, spoil: Callable[[Ended], None]):
    ended = sound()
    spoil(ended)
    assert invariant in found(ended)


def test_a_split_of_which_nobody_knows_may_be_there_or_not():
    ended = sound()
    ended.attempts[:] = [replace(one, outcome="info") if one.kind == "split" else one for one in ended.attempts]
    assert found(ended) == set()


def test_it_finds_what_is_asked_about_while_a_part_of_it_goes_on():
    ended = sound()
    drop(ended, WHOLE, 9, 10)
    again = {"at": at(6), "round": 2, "cause": "person", "route_by": LATER}
    add(ended, DONE_PART, "PetitionReopened", "feedback", "key:again", again)
    assert any("one of its parts goes on" in wrong.what for wrong in check(replace(ended, lives={}, told={})))


def test_what_waits_again_for_its_parts_is_resolved_again_with_the_last_of_them():
    """A part is opened again while the whole is asked about, and done with in its second round."""
    ended = sound()
    drop(ended, WHOLE, 9, 10)
    again: list[tuple[str, str, dict[str, Any]]] = [
        ("PetitionReopened", "feedback", {"at": at(6), "round": 2, "cause": "part"}),
        ("PartReopened", "feedback", {"at": at(6), "part": DONE_PART, "round": 2}),
        ("PartFinished", "router", {"at": at(7), "part": DONE_PART, "round": 2}),
        ("ResolutionReported", "router",
         {"at": at(7), "dispatch": f"{DONE_PART}:9", "round": 2, "part": DONE_PART, "answer_by": LATER}),
    ]  # fmt: skip
    stood = []
    for name, service, data in again:
        add(ended, WHOLE, name, service, "again", data)
        life = folded(ended.store.streams()[WHOLE])
        stood.append(life.status)
    assert (stood, life.rolled_up, life.wrong) == (["split", "split", "split", "resolved"], 2, [])
