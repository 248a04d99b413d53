"""Watches a whole gridcase from outside: its files, and the answers it gave. Raises Complaint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tests.invariants.course import Course, Rungs
from tests.invariants.rows import Complaint, Row, Tail, ask

Heard = Mapping[tuple[str, str], frozenset[str]]
"""(service, event) → what the service had said because of it when it had first heard it."""


@dataclass
class Checker:
    """Follows the log as it grows; remembers what every petition went through."""

    directory: Path
    partitions: int
    rungs: Rungs
    rows: list[Row] = field(default_factory=list)
    courses: dict[str, Course] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tail = Tail(self.directory / "log.db", self.partitions)
        self._effects: dict[tuple[str, str], set[str]] = {}

    def look(self) -> None:
        """Read on: positions and versions without gaps, and only legal steps."""
        for row in self._tail.news():
            self.courses.setdefault(row.petition, Course(self.rungs)).hear(row)
            self._effects.setdefault((row.service, row.causation), set()).add(row.ref)
            self.rows.append(row)

    def nothing_was_rewritten(self) -> None:
        """The log from its beginning is what was read as it grew."""
        whole = Tail(self.directory / "log.db", self.partitions).news()
        if sorted(whole, key=_place) != sorted(self.rows, key=_place):
            raise Complaint("the log is not what it was")

    def said_because_of(self, service: str, ref: str) -> frozenset[str]:
        """The events a service has said because of another one."""
        return frozenset(self._effects.get((service, ref), ()))

    def heard_once(self, heard: Heard) -> None:
        """Whatever was heard, in silence or not, is never acted on again."""
        for (service, ref), said in heard.items():
            if more := self._effects.get((service, ref), set()) - said:
                raise Complaint(f"{service} had heard {ref} and acted on it again: {sorted(more)}")

    def settled(self, now: datetime) -> None:
        """Everything was heard and every timer looked."""
        for petition, course in self.courses.items():
            course.time.settled(now, petition)
            course.settled()
        self._links()
        self._splits()
        self._deadline_table()
        self._petition_list()

    def _links(self) -> None:
        """What follows another is known there, and somebody must go on with that one."""
        for petition, course in self.courses.items():
            own = str(UUID(petition))
            root = self.courses[UUID(course.root).hex] if course.root else None
            if root and (own not in root.followers or root.ended or root.status in ("linked", "resolved")):
                raise Complaint(f"{own} follows {course.root}, which is {root.status} and followed by {root.followers}")
            followers = [self.courses[UUID(one).hex] for one in course.followers]
            if any(own not in (one.root, one.left) for one in followers):
                raise Complaint(f"{own} is followed by {course.followers}, which do not all follow it")

    def _splits(self) -> None:
        """What was split waits for those parts that go on, and for nothing else."""
        for petition, course in self.courses.items():
            for part, over in course.parts.items():
                one = self.courses[UUID(part).hex]
                if over != (one.ended or one.status == "resolved"):
                    raise Complaint(f"{petition} has {course.parts}, and its part {part} is {one.status}")
            parts = [self.courses[UUID(one).hex] for one in course.resolved_with]
            goes_on = any(not one.ended and one.status != "resolved" for one in parts)
            if course.status == "resolved" and goes_on and course.severity != "critical":
                raise Complaint(f"{petition} is resolved, and one of {course.resolved_with} goes on")
            if course.status == "split" and all(course.parts.values()):
                raise Complaint(f"{petition} waits for no part")

    def petitions(self) -> set[str]:
        return set(self.courses)

    def filed_for_themselves(self) -> set[str]:
        """All that were filed by a caller for themselves; a part has come with what it was split from."""
        for petition, course in self.courses.items():
            whole = self.courses[UUID(course.split_from).hex] if course.split_from else None
            if whole and str(UUID(petition)) not in whole.all_parts:
                raise Complaint(f"{petition} says that it is a part of {course.split_from}, which does not know it")
        return {petition for petition, course in self.courses.items() if not course.split_from}

    def _deadline_table(self) -> None:
        """The timer's table holds exactly what is open."""
        found = set(ask(self.directory / "log.db", "SELECT hex(stream_id), deadline_id, due_at FROM deadline"))
        wanted = {
            (petition.upper(), one.name, round(one.due.timestamp() * 1_000_000))
            for petition, course in self.courses.items()
            for one in course.time.open
        }
        if found != wanted:
            raise Complaint(f"the timer knows {found - wanted} too much and {wanted - found} too little")

    def _petition_list(self) -> None:
        """Every row of the list is what its petition's events say."""
        sql = "SELECT hex(petition), version, status, round, kind, severity, tier, unit, department FROM petition_list"
        found = {row[0].lower(): row[1:] for row in ask(self.directory / "log.db", sql)}
        wanted = {
            petition: (c.version, c.status, c.round, c.kind, c.severity, *c.stands_at)
            for petition, c in self.courses.items()
        }
        wrong = {petition for petition in found | wanted if found.get(petition) != wanted.get(petition)}
        if wrong:
            raise Complaint(f"the list says {[found.get(p) for p in wrong]}, it is {[wanted.get(p) for p in wrong]}")


def same_rows(name: str, live: Iterable[object], rebuilt: Iterable[object]) -> None:
    """A read model is what its rebuild from zero is."""
    if sorted(live, key=repr) != sorted(rebuilt, key=repr):
        raise Complaint(f"{name} is not its own rebuild")


def _place(row: Row) -> tuple[int, int]:
    return row.partition, row.position
