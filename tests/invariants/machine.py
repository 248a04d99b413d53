"""Anything in any order: callers, services, timers, clocks, crashes; after every step the checker looks."""

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.invariants import calendars
from tests.invariants.course import Course
from tests.invariants.doors import COMMANDS, Reply
from tests.invariants.expected import Filings
from tests.invariants.following import follow
from tests.invariants.likely import ANSWERED, DANGER, FIRST, LAMP, PARTNER, SUPPLEMENTS, body_of, onward, sensible
from tests.invariants.rows import Row
from tests.invariants.world import PARTITIONS, World

BENCH = "长椅松动了"
TEXTS = [LAMP, "门口占道经营", "小区停水", DANGER, "有人食物中毒", "法院判决不服", "", "灯", BENCH]
PLACES = [None, "SA11", "SA21", "SA1", "SB11", "D"]
ABOUT = [None, None, None, "SA11", "SA", "SA-CITY", "D"]
SERVICES = ["severity", "router", "escalation", "feedback"]
MODELS = ["petition_list", "petition_search"]
KEYS = [None, None, "k-1", "k-2", "k-3"]
NUMBERS = [None, None, "2026-1", "2026-2"]
UNITS = ["SA11", "SA12", "SA1", "SA2", "SA", "SB", "SB11", "D"]
SEVERITIES = ["routine", "urgent", "critical"]
PAUSES = [
    {"minutes": 1}, {"minutes": 4}, {"minutes": 20}, {"hours": 1}, {"hours": 9}, {"days": 1}, {"days": 4}, {"days": 16},
]  # fmt: skip

FILING: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(TEXTS),
    "place": st.sampled_from(PLACES),
    "about": st.sampled_from(ABOUT),
    "key": st.sampled_from(KEYS),
    "number": st.sampled_from(NUMBERS),
    "days_old": st.sampled_from([None, 0, 3]),
    "on_the_spot": st.sampled_from([None, None, "done", "settled"]),
}
OFFICE = {"department": "D-WATER"}
WANTED = [PARTNER, OFFICE, {"department": "SA-CITY"}, {"unit": "SA1"}, {"unit": "SA11"}]

ENDS = [["accept", "resolve"], ["accept", "resolve", "feedback"], ["accept", "resolve", "reopen"], ["withdraw"]]
"""How somebody who has it, or who asked, is done with it."""

Details = tuple[str, str, bool]
"""A unit, a severity, and yes or no: what a body can be filled with."""

which = st.integers(0, 1_000)
units = st.sampled_from(UNITS)
severities = st.sampled_from(SEVERITIES)
days = st.dates(date(2026, 11, 23), date(2026, 12, 31))
pauses = st.sampled_from([{}, {}, {}, *PAUSES])
details = st.tuples(units, severities, st.booleans())
hearing = st.one_of(st.just(SERVICES), st.just(SERVICES * 2), st.lists(st.sampled_from(SERVICES), max_size=6))
filing = st.fixed_dictionaries(FILING)


class AnyOrder(RuleBasedStateMachine):
    """One gridcase, whatever is done to it."""

    @initialize(nudge_from=st.sampled_from([0, 10]), filings=st.lists(filing, min_size=1, max_size=4))
    def open(self, nudge_from: int, filings: list[dict[str, Any]]) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="gridcase-"))
        self.world = World(self.directory, nudge_from=nudge_from)
        self.filings = Filings()
        for told in filings:
            self.file(told)

    @property
    def petitions(self) -> list[UUID]:
        return sorted(UUID(petition) for petition in self.world.checker.petitions())

    def course(self, number: int) -> tuple[UUID, Course]:
        petitions = self.petitions
        petition, beside = (petitions[one % len(petitions)] for one in (number, number + 1))
        course = self.world.checker.courses[petition.hex]
        course.beside = str(beside)
        return petition, course

    # Callers

    @rule(told=filing)
    def file_one(self, told: dict[str, Any]) -> None:
        self.file(told)

    def file(self, told: dict[str, Any], **more: Any) -> Reply:
        text, place, about, key, number, days_old, on_the_spot = (told[name] for name in FILING)
        more = {"about": about, **more}
        if place:
            more["place"] = {"unit": place}
        if number:
            more["external"] = {"source": "12345", "number": number}
        if days_old is not None:
            more["received_at"] = f"2026-11-{22 - days_old:02d}T08:00:00+08:00"
        if on_the_spot and place and text:
            more["resolved_on_the_spot"] = {"text": "已当场更换", "result": on_the_spot}
            more |= {"channel": "grid_patrol", "filed_by": {"role": "grid_worker", "id": "g-1"}}
        reply = self.world.file(text, key=key, **more)
        self.filings.answered(reply, key=key, number=number, body=(text, *sorted(map(repr, more.items()))))
        return reply

    @rule(text=st.sampled_from(TEXTS), key=st.sampled_from(KEYS), times=st.integers(2, 4))
    def file_the_same_at_once(self, text: str, key: str | None, times: int) -> None:
        for reply in self.world.file_at_once([(text, key)] * times):
            self.filings.answered(reply, key=key, number=None, body=(text, "('about', None)"))

    @rule(number=which, steps=st.lists(st.tuples(which, hearing, details, pauses), min_size=2, max_size=8))
    def live_on(self, number: int, steps: list[tuple[int, list[str], Details, dict[str, float]]]) -> None:
        """People do what makes sense with one petition, sooner or later, while the services hear more or less of it."""
        for choice, services, told, pause in steps:
            self.world.advance(**pause)
            petition, course = self.course(number)
            likely = sensible(course, *told)
            name, body = likely[choice % len(likely)]
            self.world.command(petition, name, **body)
            self.hear(services)
            self.world.check()

    @rule(
        number=which,
        first=st.sampled_from(["", *FIRST["routed"], *FIRST["accepted"]]),
        steps=st.lists(details, min_size=3, max_size=6),
    )
    def go_well(self, number: int, first: str, steps: list[Details]) -> None:
        """Nobody disturbs it, or its root, or the first of its parts that goes on."""
        for told in steps:
            self.hear(SERVICES)
            petition, course = self.course(number)
            parts = [part for part, over in course.parts.items() if not over]
            if course.root or parts:
                petition, beside = UUID(course.root or parts[0]), course.beside
                course = self.world.checker.courses[petition.hex]
                course.beside = course.beside or beside
            if name := onward(course, first):
                self.world.command(petition, name, **body_of(name, course, *told))
                first = ANSWERED.get(name, "") if name == first else first
            self.world.check()

    @rule(
        number=which, name=st.sampled_from(sorted(COMMANDS)), key=st.sampled_from(["c-1", "c-2", None]),
        unit=units, severity=severities, yes=st.booleans(), back=st.integers(0, 2),
    )  # fmt: skip
    def do_anything(
        self, number: int, name: str, key: str | None, unit: str, severity: str, yes: bool, back: int
    ) -> None:
        petition, course = self.course(number)
        stale = max(1, course.version - back) if back else None
        reply = self.world.command(petition, name, key=key, at=stale, **body_of(name, course, unit, severity, yes))
        if back and stale != course.version and reply.ok and not reply.replayed:
            raise AssertionError(f"{name} for version {stale} was taken at version {course.version}")

    @rule(number=which, choices=st.lists(which, min_size=2, max_size=4), unit=units, yes=st.booleans())
    def race(self, number: int, choices: list[int], unit: str, yes: bool) -> None:
        petition, course = self.course(number)
        steps = sensible(course, unit, "critical", yes)
        version = course.version
        replies = self.world.commands(petition, [steps[one % len(steps)] for one in choices], at=version)
        won = [reply for reply in replies if reply.ok and reply.version > version and not reply.replayed]
        self.world.checker.look()
        assert len(won) == (1 if self.world.checker.courses[petition.hex].version > version else 0)

    @rule(wanted=st.lists(st.sampled_from(WANTED), min_size=2, max_size=4, unique_by=str), hidden=st.booleans())
    def several_claim_what_is_open(self, wanted: list[dict[str, str]], hidden: bool) -> None:
        """One alone, or at the same moment, when one of them has it."""
        for claims, who in (([PARTNER], False), ([OFFICE], hidden), (wanted, hidden)):
            told = {**dict.fromkeys(FILING), "text": BENCH, "place": "SA11"}
            petition = self.file(told, petitioner={"confidential": who}).petition
            self.hear(["severity", "router"])
            replies = self.world.commands(petition, [("claim", one) for one in claims])
            assert sum(reply.ok for reply in replies) <= 1

    @rule(result=st.sampled_from(["done", "settled"]), text=st.sampled_from(TEXTS), services=hearing)
    def it_was_done_on_the_spot(self, result: str, text: str, services: list[str]) -> None:
        for one, heard in ((LAMP, ["severity", "router"]), (text, services)):
            self.file({**dict.fromkeys(FILING), "text": one, "place": "SA11", "on_the_spot": result})
            self.hear(heard)

    @rule(ends=st.lists(st.sampled_from(ENDS), min_size=2, max_size=2), told=details, services=hearing)
    def it_tells_of_several_matters(self, ends: list[list[str]], told: Details, services: list[str]) -> None:
        whole = self.plain()
        self.world.command(whole, "split", parts=[{"text": LAMP, "kind": "LAMP"}] * 2)
        self.hear(SERVICES)
        for part, names in zip(self.world.checker.courses[whole.hex].parts, ends, strict=False):
            self.go_through(UUID(part), names, told)
            self.hear(services)

    @rule(names=st.sampled_from(ENDS), told=details, services=hearing)
    def it_repeats_another(self, names: list[str], told: Details, services: list[str]) -> None:
        root, repeat = self.plain(), self.plain()
        self.world.command(repeat, "link", to=str(root))
        self.hear(services)
        self.go_through(root, names, told)

    @rule(text=st.sampled_from(TEXTS), added=st.sampled_from([None, *SUPPLEMENTS.values()]), services=hearing)
    def it_is_taken_back_at_once(self, text: str, added: str | None, services: list[str]) -> None:
        petition = self.plain() if added else self.file({**dict.fromkeys(FILING), "text": text}).petition
        if added:
            self.world.command(petition, "supplement", text=added)
        self.world.command(petition, "withdraw", reason="打错了")
        self.hear(services)

    def plain(self) -> UUID:
        """A small matter that a grid has."""
        petition = self.file({**dict.fromkeys(FILING), "text": LAMP, "place": "SA11"}).petition
        self.hear(["severity", "router"])
        return petition

    def go_through(self, petition: UUID, names: list[str], told: Details) -> None:
        for name in names:
            self.world.command(petition, name, **body_of(name, self.world.checker.courses[petition.hex], *told))
            self.world.check()

    @rule(told=filing)
    def nobody_reads_it_in_time(self, told: dict[str, Any]) -> None:
        self.file(told)
        self.hear(["escalation"])
        self.world.advance(minutes=4)
        self.world.fire()
        self.hear(["router"])

    @rule(tier=st.sampled_from(["grid", "community", "street"]))
    def a_new_policy_and_what_is_under_way_follows_it(self, tier: str) -> None:
        self.hear(SERVICES)
        follow(self.world, tier)

    # Services, timers, clocks

    @rule(services=hearing)
    def hear_in_this_order(self, services: list[str]) -> None:
        self.hear(services)

    def hear(self, services: list[str]) -> None:
        for service in services:
            self.world.hear(service)

    @rule(service=st.sampled_from(SERVICES), partition=st.integers(0, PARTITIONS - 1), most=st.integers(1, 3))
    def hear_some(self, service: str, partition: int, most: int) -> None:
        self.world.hear_some(service, partition, most)

    @rule(service=st.sampled_from(SERVICES), back=st.integers(1, 20), pause=pauses)
    def hear_as_before(self, service: str, back: int, pause: dict[str, float]) -> None:
        self.world.advance(**pause)
        self.world.hear_as_before(service, back)

    @rule()
    def fire(self) -> None:
        self.world.fire()

    @rule(name=st.sampled_from(MODELS))
    def project(self, name: str) -> None:
        self.world.project(name)

    @rule(name=st.sampled_from(MODELS))
    def rebuild(self, name: str) -> None:
        self.world.rebuild(name)

    @rule(pause=st.sampled_from(PAUSES))
    def time_passes(self, pause: dict[str, float]) -> None:
        self.world.advance(**pause)

    @rule(off=st.sets(days, max_size=4), services=hearing, plan=st.none() | st.sets(days, max_size=4))
    def what_takes_working_hours_is_filed_before_the_plan_is_known(
        self, off: set[date], services: list[str], plan: set[date] | None
    ) -> None:
        calendars.publish(self.world, (), off)
        self.file({**dict.fromkeys(FILING), "text": TEXTS[1], "place": "SA11"})
        self.hear(services)
        if plan is not None:
            self.world.check_settled()
            calendars.publish(self.world, {2026}, plan)
            calendars.recount(self.world)

    @rule(off=st.sets(days, max_size=4), worked=st.sets(days, max_size=4), counted=st.booleans())
    def a_calendar_comes(self, off: set[date], worked: set[date], counted: bool) -> None:
        """What was counted without a plan is counted again, or not yet."""
        calendars.publish(self.world, {2026}, off, worked - off)
        if counted:
            calendars.recount(self.world)

    # Faults

    @rule(when=st.sampled_from(["before", "after"]))
    def the_next_write_breaks(self, when: str) -> None:
        self.world.next_write_breaks = when

    @rule(service=st.sampled_from(SERVICES), when=st.sampled_from(["before", "after"]), crash=st.booleans())
    def a_write_breaks_while_it_hears(self, service: str, when: str, crash: bool) -> None:
        self.world.next_write_breaks = when
        self.world.hear(service)
        if crash:
            self.world.crash()

    @rule()
    def crash(self) -> None:
        self.world.crash()

    @rule()
    def come_to_rest(self) -> None:
        self.world.check_settled()

    @invariant()
    def holds(self) -> None:
        self.world.check()
        self.filings.compare(self.world.checker.filed_for_themselves())

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            if sys.exception() is None:  # else a complaint was made already
                self.world.check_settled()
                self.filings.compare(self.world.checker.filed_for_themselves())
            World.happened.update(map(befell, self.world.checker.rows))
        finally:
            self.world.close()
            shutil.rmtree(self.directory)


def befell(row: Row) -> str:
    """What an event says in one word more than its type, where a run must have come to that."""
    match row.type, row.data:
        case "ResolutionReported", {"on_the_spot": True}:
            return "done on the spot"
        case "ResolutionReported", {"root": _}:
            return "resolved with its root"
        case "ResolutionReported", {"part": _}:
            return "resolved with its parts"
        case "ResolutionReported", {"result": "settled"}:
            return "settled"
        case "DispatchClaimed", {"responsible": _}:
            return "claimed by a partner"
        case "DispatchClaimed", {"department": _}:
            return "claimed by a department"
        case _:
            return row.type
