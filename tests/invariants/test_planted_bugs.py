"""Every promise has a bug that breaks it, and the checker finds it; without the bug the same story is sound."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.invariants import plants
from tests.invariants.expected import Filings
from tests.invariants.machine import AnyOrder
from tests.invariants.rows import Complaint
from tests.invariants.world import PARTITIONS, World

Story = Callable[[World], None]


def handled(world: World, **told: object) -> UUID:
    """A petition that somebody has accepted."""
    petition = world.file("楼道灯坏了两周了", place={"unit": "SA11"}, **told).petition
    world.settle()
    world.command(petition, "accept")
    return petition


def a_service_wakes_up_where_it_stood_before(world: World) -> None:
    """Escalation hears in time that it was accepted; the next deadline passes; a forgotten escalation wakes up."""
    handled(world)
    world.settle()
    world.advance(days=3)
    world.hear_as_before("escalation", back=100)


def a_service_starts_again_after_it_had_nothing_to_say(world: World) -> None:
    """The same, but escalation is only started again."""
    handled(world)
    world.hear("escalation")
    world.advance(days=3)
    world.crash()
    world.hear("escalation")


def a_resolution_comes_late_and_escalation_hears_it_first(world: World) -> None:
    petition = handled(world)
    world.settle()
    world.advance(days=3)
    world.command(petition, "resolve", text="已修好")


def the_process_ends_just_after_a_commit(world: World) -> None:
    petition = handled(world)
    world.command(petition, "resolve", text="已修好")
    world.next_write_breaks = "after"
    world.hear("feedback")
    world.crash()


def the_process_ends_while_deadlines_run(world: World) -> None:
    world.file("楼道灯坏了两周了", place={"unit": "SA11"})
    world.settle()
    world.crash()
    world.advance(hours=9)


def a_caller_tries_again(world: World) -> None:
    filings = Filings()
    for _ in range(2):
        filings.answered(world.file("停水了", key="k-1"), key="k-1", number=None, body="停水了")


def a_caller_is_answered_and_the_process_ends(world: World) -> None:
    filings = Filings()
    filings.answered(world.file("停水了"), key=None, number=None, body="停水了")
    world.crash()
    world.checker.look()
    filings.compare(world.checker.petitions())


def a_timer_looks_shortly_before(world: World) -> None:
    world.file("楼道灯坏了两周了", place={"unit": "SA11"})
    world.settle()
    world.advance(hours=7, minutes=55)


def a_dispatch_misses_both_its_deadlines(world: World) -> None:
    world.file("楼道灯坏了两周了", place={"unit": "SA11"})
    world.settle()
    world.advance(days=3)


def a_grave_matter_turns_out_to_be_small(world: World) -> None:
    petition = world.file("小区停水", kind="PIPE", place={"unit": "SA11"}).petition
    world.settle()
    world.command(petition, "reassess", kind="LAMP", reason="只是楼道灯")


def nobody_reaches_the_resident_of_a_critical_matter(world: World) -> None:
    petition = handled(world, kind="GAS")
    world.command(petition, "resolve", text="已关阀")
    world.settle()
    world.advance(days=4)


def a_danger_is_over_and_somebody_was_not_told(world: World) -> None:
    petition = handled(world, kind="GAS")
    world.advance(hours=1)
    world.command(petition, "resolve", text="已关阀")
    world.settle()
    world.command(petition, "feedback", reached=True, solved=True)


def somebody_calls_twice_within_a_second(world: World) -> None:
    petition = handled(world)
    world.command(petition, "resolve", text="已修好")
    world.settle()
    for _ in range(2):
        world.command(petition, "feedback", reached=False)


def more_time_is_asked_for_a_gas_leak(world: World) -> None:
    petition = handled(world, kind="GAS")
    world.command(petition, "request-extension", until="2026-12-10T00:00:00+08:00", reason="等配件")


def a_small_matter_turns_out_to_be_grave(world: World) -> None:
    petition = handled(world)
    world.command(petition, "reassess", kind="GAS", severity="critical", reason="闻到燃气味")
    world.command(petition, "resolve", text="已换灯泡")


def a_leak_is_reported_done_in_vain(world: World) -> None:
    petition = handled(world, kind="GAS")
    world.command(petition, "confirm-hand-off", to="119")
    world.command(petition, "resolve", text="已关阀")
    world.settle()
    world.command(petition, "feedback", reached=True, solved=False)


def a_leak_is_told_of_just_before_it_is_reported_done(world: World) -> None:
    petition = handled(world)
    world.command(petition, "supplement", text="现在燃气泄漏，味道很大")
    world.command(petition, "resolve", text="已换灯泡")


def a_leak_is_told_of_just_before_it_is_referred(world: World) -> None:
    petition = handled(world)
    world.command(petition, "supplement", text="现在燃气泄漏，味道很大")
    world.command(petition, "reassess", kind="COURT", disposition="refer", reason="已在法院起诉")


def a_leak_is_told_of_just_before_its_other_matters_are_split_off(world: World) -> None:
    """And both are done with before the router hears how it was read."""
    petition = handled(world)
    world.command(petition, "supplement", text="现在燃气泄漏，味道很大")
    parts = [{"text": "楼道灯坏了两周了", "kind": "LAMP"}, {"text": "店外经营", "kind": "STALL"}]
    asked = world.command(petition, "split", parts=parts)
    for link in asked.body["links"]:
        world.command(UUID(link["petition"]), "withdraw", reason="已好")
    world.hear("severity")
    for link in asked.body["links"]:
        world.hear_some("router", UUID(link["petition"]).int % PARTITIONS, 50)


def a_life(world: World) -> None:
    petition = handled(world)
    world.command(petition, "resolve", text="已修好")
    world.settle()
    world.command(petition, "feedback", reached=True, solved=True)


FOUND_BY: dict[plants.Plant, tuple[Story, str]] = {
    plants.effects_before_the_checkpoint: (a_service_wakes_up_where_it_stood_before, "acted on it again"),
    plants.silence_is_not_remembered: (a_service_starts_again_after_it_had_nothing_to_say, "acted on it again"),
    plants.checkpoint_before_the_effects: (the_process_ends_just_after_a_commit, "nobody goes on"),
    plants.causation_is_not_scoped_by_service: (
        a_resolution_comes_late_and_escalation_hears_it_first, "nobody goes on",
    ),
    plants.timers_live_in_the_process: (the_process_ends_while_deadlines_run, "nobody noticed"),
    plants.the_key_is_not_stored: (a_caller_tries_again, "belongs to"),
    plants.the_reply_comes_before_the_commit: (a_caller_is_answered_and_the_process_ends, "lost"),
    plants.a_deadline_is_noticed_early: (a_timer_looks_shortly_before, "early"),
    plants.attempts_at_once_all_count: (somebody_calls_twice_within_a_second, "was tried a moment ago"),
    plants.what_is_critical_gets_more_time: (more_time_is_asked_for_a_gas_leak, "gets no more time"),
    plants.a_dispatch_climbs_for_every_miss: (a_dispatch_misses_both_its_deadlines, "a dispatch climbs once"),
    plants.a_message_moves_it_down: (a_grave_matter_turns_out_to_be_small, "went down without a person"),
    plants.a_machine_closes_what_is_critical: (
        nobody_reaches_the_resident_of_a_critical_matter, "no machine closes what is critical",
    ),
    plants.the_end_ends_a_hand_off: (a_danger_is_over_and_somebody_was_not_told, "nobody is asked who tells"),
    plants.what_was_done_for_less_answers_a_danger: (a_small_matter_turns_out_to_be_grave, "done for a milder matter"),
    plants.who_was_told_once_is_never_told_again: (a_leak_is_reported_done_in_vain, "nobody tells"),
    plants.what_was_reported_done_was_seen_to: (a_leak_is_told_of_just_before_it_is_reported_done, "nobody opens it"),
    plants.what_a_person_turned_away_was_known: (a_leak_is_told_of_just_before_it_is_referred, "nobody opens it"),
    plants.a_danger_is_seen_to_by_its_parts: (
        a_leak_is_told_of_just_before_its_other_matters_are_split_off, "was read as a danger since it was split",
    ),
    plants.the_list_skips_a_version: (a_life, "the list says"),
}  # fmt: skip


@pytest.fixture
def changed() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as changed:
        yield changed


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def told(story: Story, world: World) -> None:
    story(world)
    world.check_settled()


@pytest.mark.parametrize("plant", FOUND_BY, ids=lambda plant: plant.__name__)
def test_the_checker_finds_it(plant: plants.Plant, changed: pytest.MonkeyPatch, world: World):
    story, complaint = FOUND_BY[plant]
    plant(changed)
    with pytest.raises(Complaint, match=complaint):
        told(story, world)


@pytest.mark.skipif(os.environ.get("GRIDCASE_HYPOTHESIS") != "deep", reason="minutes; with GRIDCASE_HYPOTHESIS=deep")
@pytest.mark.parametrize("plant", FOUND_BY, ids=lambda plant: plant.__name__)
def test_it_is_found_without_a_story_too(plant: plants.Plant, changed: pytest.MonkeyPatch):
    plant(changed)
    looking = settings(
        max_examples=500, stateful_step_count=40, phases=[Phase.generate], database=None, report_multiple_bugs=False
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(AnyOrder, settings=looking)


@pytest.mark.parametrize("story", dict.fromkeys(story for story, _ in FOUND_BY.values()), ids=lambda one: one.__name__)
def test_without_the_bug_the_story_is_sound(story: Story, world: World):
    told(story, world)
