"""Why it is so grave and due by then, and what became of a petition that had no dispatch of its own."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from router.policy import routing_policy
from schemas.event import Event
from schemas.events.router import DeadlinesRecounted, ExtensionGranted, PetitionHeld, PetitionResumed
from schemas.events.severity import Reason
from schemas.policy import Policy
from schemas.sealed import Sealed
from schemas.words import Severity
from services.console.reader import Reader
from services.console.why import explain
from services.console.why_so_grave import confidence_of
from services.console.words import Lang
from tests.console.test_why import after
from tests.given import DISTRICT, T0, dispatch, later, recorded
from tests.past import (
    ROOT,
    assessed,
    closed,
    confirmed,
    escalated,
    filed,
    linked,
    missed,
    placed,
    reassessed,
    referred,
    reopened,
    resolved,
    review_requested,
    routed,
    split,
    unlinked,
    withdrawn,
)

ZH, EN = Reader(Lang.ZH, DISTRICT, T0), Reader(Lang.EN, DISTRICT, T0)


def grave(*past: Event) -> str:
    return explain(recorded(*past), EN).severity


def test_a_danger_now_is_why_it_is_critical():
    now = assessed("GAS", "critical").model_copy(update={"reasons": (Reason(rule="GAS:3:now", start=0, end=2),)})
    gas = DISTRICT.kinds["GAS"].name
    assert grave(filed(), now) == f"Read as Critical: words say that this happens now: {gas}."


def test_without_a_word_of_danger_it_is_as_grave_as_its_kind():
    lamp = DISTRICT.kinds["LAMP"]
    told = (
        f'Read as Routine: the district takes all of the kind "{lamp.name}" as that.'
        " No words tell of a danger now, which would raise it."
    )
    assert grave(filed(), assessed("LAMP")) == told
    chosen = assessed("LAMP").model_copy(update={"reasons": (Reason(rule="filed_kind", field="filed"),)})
    assert "the filer chose the kind" in grave(filed(), chosen)
    assert "would be Critical if it happened now" in grave(filed(), assessed("GAS", "urgent"))


def test_caution_a_person_and_a_missed_reading_are_each_a_reason():
    assert "the most cautious one" in grave(filed(), assessed("LAMP", "urgent"))
    assert "the most cautious one" in grave(filed(), assessed(None, "urgent"))
    assert grave(filed(), assessed(None)) == "Read as Routine: no words tell of a danger."
    assert grave(filed(), assessed(), reassessed("LAMP", "urgent")) == "A named person read it as Urgent."
    assert grave(filed(), assessed(), reassessed("NOISE")) == "A named person left it at Routine."
    assert "was not read in time" in grave(filed(), routed(rule="unassessed", severity="urgent"))
    assert grave(filed()) == ""


def test_what_no_words_of_its_own_raised_says_what_did():
    of_the_whole = assessed("LAMP", "urgent").model_copy(update={"whole": ROOT})
    told = "Read as Urgent: what was added to 20261123-05-1, of which it is a part, is graver and may be about it."
    named = replace(EN, numbers={ROOT: "20261123-05-1"})
    assert explain(recorded(filed(split_from=ROOT), assessed(), of_the_whole), named).severity == told


def test_what_was_not_read_in_time_stays_critical_whatever_the_words_say():
    late = Reason(rule="routed_as_critical", field="filed")
    for kind in ("GAS", "LAMP", None):
        read = assessed(kind, "critical").model_copy(update={"reasons": (late,)})
        said = grave(filed(), routed(rule="unassessed", severity="critical"), read)
        assert said == "Still Critical: it was not read in time and was routed as that; only a person lowers it."


def test_how_surely_it_was_read_is_what_was_said_last():
    assert confidence_of(recorded(filed(), assessed())) == 0.9
    assert confidence_of(recorded(filed(), assessed(), review_requested())) == 0.3
    assert confidence_of(recorded(filed(), assessed(), review_requested(), reassessed())) is None
    assert confidence_of(recorded(filed(), assessed(), review_requested(), confirmed())) is None
    assert confidence_of(recorded(filed())) is None


@pytest.mark.parametrize(("kind", "severity"), [("LAMP", "routine"), ("LAMP", "critical"), ("STALL", "routine")])
def test_the_hours_that_are_named_are_those_that_the_router_counts(kind, severity):
    """The router counts with its own code; what is said has to come out at the same moment."""
    why = after(filed("SA11"), assessed(kind, severity), reader=EN)
    due = routing_policy(DISTRICT).deadlines(kind, Severity(severity), T0, None, None)
    accept, resolve = why.due
    assert accept.startswith(f"To be accepted by {EN.moment(due.accept_by)}: ")
    assert resolve.startswith(f"To be resolved by {EN.moment(due.resolve_by)}: ")
    for said, by in ((accept, due.accept_by), (resolve, due.resolve_by)):
        if "counted from the dispatch" in said:
            [[number, unit]] = re.findall(r" leaves ([\d.]+) (h|min)", said)
            assert T0 + float(number) * {"h": timedelta(hours=1), "min": timedelta(minutes=1)}[unit] == by


def test_it_says_which_rule_gives_the_hours():
    lamp = DISTRICT.kinds["LAMP"]
    routine = after(filed("SA11"), assessed("LAMP"), reader=EN).due
    assert routine[0].endswith(f': its kind, "{lamp.name}", leaves 8 h (day and night), counted from the dispatch.')
    critical = after(filed("SA11"), assessed("LAMP", "critical"), reader=EN).due
    assert ": what is Critical leaves " in critical[0]
    assert critical[0].endswith(f'counted from the dispatch, less than the 8 h of its kind, "{lamp.name}".')
    assert "(working days 09:00–17:00 only)" in after(filed("SA11"), assessed("STALL"), reader=EN).due[1]
    assert after(filed("SA11"), assessed(None), reader=EN).due[0].endswith(": the hours of what has no kind.")


def test_the_hours_of_a_kind_are_its_own_also_where_the_severity_counts_them_by_another_clock():
    short = tuple(
        kind.model_copy(update={"resolve_hours": 8}) if kind.code == "STALL" else kind for kind in DISTRICT.bundle.kinds
    )
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"kinds": short}))
    resolve = after(filed("SA11"), assessed("STALL", "critical"), reader=Reader(Lang.EN, policy, T0)).due[1]
    stall = DISTRICT.kinds["STALL"].name
    assert resolve.endswith(
        f': its kind, "{stall}", leaves 8 h, and what is Critical counts them day and night, counted from the dispatch.'
    )


def test_where_no_kind_gives_the_hours_the_severity_that_does_is_named():
    assert (
        after(filed("SA11"), assessed(None, "critical"), reader=EN)
        .due[0]
        .endswith(": what is Critical leaves 30 min (day and night), counted from the dispatch.")
    )


def test_hours_of_two_clocks_are_not_compared():
    resolve = after(filed("SA11"), assessed("STALL", "critical"), reader=EN).due[1]
    assert resolve.endswith(": what is Critical leaves 24 h (day and night), counted from the dispatch.")


def test_what_came_too_late_to_be_resolved_in_time_is_due_when_it_must_be_accepted():
    long_ago = filed("SA11", received_at=later(days=-30))
    assert after(long_ago, assessed("LAMP"), reader=EN).due[1] == (
        "To be resolved by 2026-11-23 17:00: its time to be resolved ends before it must be accepted, so both are due"
        " together."
    )


def test_another_dispatch_of_the_round_keeps_its_deadline_and_says_so():
    past = [filed("SA11"), assessed("LAMP"), routed(), missed(f"accept:{dispatch(3)}", later(hours=8))]
    why = after(*past, escalated(dispatch(3), f"accept:{dispatch(3)}", at=later(hours=9)), reader=EN)
    assert "the round has had that from before, and" in why.due[1]


@pytest.mark.parametrize(
    "given_since",
    [
        ExtensionGranted(at=T0, round=1, until=later(hours=90), reason=Sealed.of("等配件")),
        PetitionResumed(at=T0, number=1, round=1, resolve_by=later(hours=90), cause="person", policy=1),
        DeadlinesRecounted(at=T0, dispatch=dispatch(3), round=1, resolve_by=later(hours=90), policy=1),
    ],
)
def test_another_dispatch_keeps_the_time_that_the_round_was_given_since(given_since):
    past = filed("SA11"), assessed("LAMP"), routed(), given_since
    why = explain(recorded(*past, routed("community", "SA1", rule="moved", resolve_by=later(hours=90))), EN)
    assert "from before, when it was extended, on hold or counted anew" in why.due[1]
    assert "its kind" in explain(recorded(*past, routed(resolve_by=later(hours=20))), EN).due[1]


def test_a_time_to_accept_that_was_counted_anew_is_told():
    anew = DeadlinesRecounted(at=T0, dispatch=dispatch(3), round=1, accept_by=later(hours=30), policy=1)
    why = explain(recorded(filed("SA11"), assessed("LAMP"), routed(), anew), EN)
    assert why.due[2:] == [
        "It is now to be accepted by 2026-11-24 15:00: that was counted anew on the calendar that was published."
    ]


def test_what_is_on_hold_says_until_when():
    until = later(hours=500)
    held = PetitionHeld(at=T0, number=1, until=until, reason=Sealed.of("等配件"))
    why = explain(recorded(filed("SA11"), assessed("LAMP"), routed(), held), EN)
    assert why.due[2].startswith(f"It is on hold until {EN.moment(until)}")


FOLLOWS = "It follows petition"


def test_what_follows_another_is_said_to_follow_only_while_it_does():
    past = filed("SA11"), assessed("LAMP"), routed(), linked()
    assert explain(recorded(*past), EN).placed.startswith(FOLLOWS)
    answered = explain(recorded(*past, resolved("3")), EN).placed
    assert answered.startswith("It is resolved, and the resident is being asked. Before that it followed petition")
    ended = explain(recorded(*past, resolved("3"), closed()), EN).placed
    assert ended.startswith("Closed: solved, by the resident's word. Before that it followed petition")
    again = explain(recorded(*past, unlinked()), EN).placed
    assert again.startswith("It is no longer linked and waits to be routed. Before that it followed petition")
    after_all = explain(recorded(*past, resolved("3"), closed(), reopened(2)), EN).placed
    assert after_all.startswith("It is open again and waits to be routed. Before that it followed petition")


def test_what_was_split_says_so_until_it_has_ended():
    past = filed("SA11"), assessed("LAMP"), routed(), split()
    assert explain(recorded(*past), EN).placed.startswith("2 parts have its matters")
    ended = explain(recorded(*past, resolved("3"), closed()), EN).placed
    assert ended.startswith("Closed: solved, by the resident's word. Before that: 2 parts have its matters")


@pytest.mark.parametrize("end", [withdrawn(), referred("COURT")])
def test_what_was_opened_again_is_not_said_to_be_over(end):
    placed = explain(recorded(filed(), assessed(), end, reopened(2)), EN).placed
    assert placed.startswith("It is open again and waits to be routed. Before that: ")


def test_what_was_reported_done_says_that_the_resident_is_being_asked():
    why = explain(recorded(filed("SA11"), assessed("LAMP"), routed(), resolved("3")), EN)
    assert why.placed.startswith("It was reported done, and the resident is being asked. It is with 东一社区一网格")


def test_a_unit_above_the_tier_is_not_said_to_follow_from_the_floors():
    why = after(filed("SA11", about="SA11"), assessed("LAMP"), reader=EN)
    assert why.holds == (
        "Its floors ask for no more than grid, but 东一社区, above that, has it: the floors and the notes say why."
    )


def test_a_place_that_has_no_unit_of_the_tier_with_power_says_so():
    told = "The place has no {} that could handle it."
    assert told.format("grid") in after(filed("SA1P"), assessed("LAMP"), reader=EN).notes
    units = [one.model_copy(update={"parent": "SA"} if one.code == "SA11" else {}) for one in DISTRICT.bundle.units]
    policy = Policy(1, DISTRICT.bundle.model_copy(update={"units": tuple(units)}))
    why = after(filed("SA11"), assessed("NOISE"), reader=Reader(Lang.EN, policy, T0))
    assert why.holds.startswith("Its floors ask for no more than community, but 东街道, above that, has it")
    assert why.notes[-1] == told.format("community")
    for known in (filed("SA11"), filed("SA"), filed("SA11", about="SA11")):
        assert not [one for one in after(known, assessed("LAMP"), reader=EN).notes if "has no" in one]


def test_the_unit_that_contains_the_place_is_named():
    why = after(filed("SA11"), assessed("LAMP", "critical"), reader=EN)
    assert why.holds == "The highest of its floors is street, so that tier handles it; the place belongs to 东街道."


def test_where_nothing_names_the_zone_a_moment_says_how_far_it_is_from_utc():
    there = Reader(Lang.EN, DISTRICT, T0, offset=True)
    why = explain(recorded(filed("SA11"), assessed("LAMP"), routed()), there)
    assert why.due[0].startswith("To be accepted by 2026-11-23 17:00+08:00")


def test_its_floors_are_those_of_the_dispatch_also_where_a_desk_has_placed_it_since():
    past = filed(None), assessed("LAMP"), routed("grid", "D")
    why = explain(recorded(*past, placed("SA11")), ZH)
    assert why.floors == explain(recorded(*past), ZH).floors
    assert why.holds.startswith("派单以后已定位到东一社区一网格。")


def test_what_is_closed_is_with_nobody_and_says_how_it_ended():
    past = filed("SA11"), assessed("LAMP"), routed("SA11"), resolved("3"), closed()
    why = explain(recorded(*past), ZH)
    assert why.placed == "已结案：群众确认已解决。此前在东一社区一网格（grid）：按研判结果派单。"


def test_what_was_opened_again_is_with_nobody_until_it_is_routed():
    past = filed("SA11"), assessed("LAMP"), routed("SA11"), resolved("3"), closed(), reopened(2)
    why = explain(recorded(*past), EN)
    assert why.placed == (
        "It is open again and waits to be routed. Before that it was with 东一社区一网格 (grid): routed by the reading."
    )
    assert not why.due
    assert explain(recorded(*past, routed(round=2)), EN).due
