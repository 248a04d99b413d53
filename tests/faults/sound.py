"""A small run in which everything went well, to be spoilt in one place by each test of the checker."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

from tests.faults.ended import Ended
from tests.faults.fold import moment
from tests.faults.history import OK, Attempt
from tests.faults.records import DISPATCHES, PETITIONS, Record, Topics
from tests.faults.rows import EventRow, Store
from tests.faults.sound_kin import asked, at, kin, listed, text_of

CLOSED = "019a0b1c-7d2e-7f00-8000-000000000001"
CLIMBED = "019a0b1c-7d2e-7f00-8000-000000000002"
SECOND = 1_000_000
NOW = 1_795_426_200 * SECOND
LATER = "2026-12-24T00:00:00Z"


def routed(tier: str, unit: str, minute: int, rule: str, accept_by: str) -> dict[str, Any]:
    """A dispatch."""
    return {"at": at(minute), "tier": tier, "unit": unit, "department": None, "round": 1, "rule": rule,
            "accept_by": accept_by, "resolve_by": LATER}  # fmt: skip


def lives() -> dict[str, list[tuple[str, str, str, str | None, dict[str, Any]]]]:
    """Of each petition: type, service, cause, person, data."""
    one, two = CLOSED, CLIMBED
    return {
        one: [
            ("PetitionFiled", "intake", one, None, {"at": at(0), "assess_by": at(3)}),
            ("SeverityAssessed", "severity", f"{one}:1", None, {"at": at(0, 1)}),
            ("PetitionRouted", "router", f"{one}:2", None, routed("grid", "SA11", 1, "assessed", LATER)),
            ("DispatchAccepted", "router", "key:a", "accept-1", {"at": at(2), "dispatch": f"{one}:3"}),
            ("ResolutionReported", "router", "key:b", "resolve-1",
             {"at": at(3), "dispatch": f"{one}:3", "round": 1, "answer_by": LATER}),
            ("FeedbackRequested", "feedback", f"{one}:5", None, {"at": at(3, 1), "round": 1, "answer_by": LATER}),
            ("FeedbackReceived", "feedback", "key:c", "feedback-1", {"at": at(4), "round": 1, "solved": True}),
            ("PetitionClosed", "feedback", "key:c", "feedback-1", {"at": at(4), "round": 1}),
        ],
        two: [
            ("PetitionFiled", "intake", two, None, {"at": at(0), "assess_by": at(3)}),
            ("SeverityAssessed", "severity", f"{two}:1", None, {"at": at(0, 1)}),
            ("PetitionRouted", "router", f"{two}:2", None, routed("grid", "SA11", 1, "assessed", at(5))),
            ("DeadlineMissed", "escalation", "timer", None,
             {"at": at(5, 1), "deadline": f"accept:{two}:3", "due_at": at(5)}),
            ("PetitionEscalated", "escalation", "timer", None,
             {"at": at(5, 1), "dispatch": f"{two}:3", "cause": f"accept:{two}:3"}),
            ("PetitionRouted", "router", f"{two}:5", None, routed("community", "SA1", 6, "escalated", LATER)),
        ],
    }  # fmt: skip


def row(petition: str, version: int, event: tuple[str, str, str, str | None, dict[str, Any]]) -> EventRow:
    """Each petition lies in a partition of its own, so positions are versions."""
    kind, service, cause, by, data = event
    partition = int(petition[-1])
    stored_at = round(moment(data["at"]).timestamp() * SECOND)
    return EventRow(partition, version, petition, version, kind, data, service, cause, by, stored_at, json.dumps(data))


def record(event: EventRow, offset: int) -> Record:
    """The event on the topic."""
    headers = (("ce_id", event.id.encode()), ("ce_sequence", str(event.position).encode()))
    return Record(PETITIONS, event.partition, offset, event.id, f"gridcase.{event.type}.v1", event.position,
                  event.petition.encode(), event.stored.encode(), headers)  # fmt: skip


def news(event: EventRow, offset: int, kind: str = "DispatchIssued", target: str = "") -> Record:
    """What a receiver hears of it."""
    target = target or event.data["unit"]
    headers = (("ce_id", f"{event.id}:{target}".encode()),)
    return Record(DISPATCHES, 0, offset, f"{event.id}:{target}", f"gridcase.{kind}.v1", 0, target.encode(),
                  b"{}", headers)  # fmt: skip


def told() -> list[Attempt]:
    """What the callers were told."""
    filings = [
        Attempt(
            "file", f"file-{number}", number, 1.0, 0.1, OK, 201, petition=petition, text=f"诉求 {number}", version=1
        )
        for number, petition in enumerate((CLOSED, CLIMBED), 1)
    ]
    commands = [
        Attempt(name, f"{name}-1", 1, 2.0 + number, 0.1, OK, 200, petition=CLOSED, version=version)
        for number, (name, version) in enumerate((("accept", 4), ("resolve", 5), ("feedback", 8)))
    ]
    return [*filings, *commands, *asked()]


def sound() -> Ended:
    """The run; each call makes another one."""
    events, others = (
        [row(petition, version, one) for petition, life in some.items() for version, one in enumerate(life, 1)]
        for some in (lives(), kin())
    )
    unit = {CLOSED: "SA11", CLIMBED: "SA1"}
    rows = [
        {"petition": CLOSED, "status": "closed", "version": 8, "tier": "grid", "round": 1},
        {"petition": CLIMBED, "status": "routed", "version": 6, "tier": "community", "round": 1},
    ]
    rows = [{**one, "unit": unit[one["petition"]], "department": None} for one in rows]
    due = 1_798_070_400 * SECOND  # LATER
    store = Store(
        [*events, *others],
        [(CLIMBED, f"accept:{CLIMBED}:6", due), (CLIMBED, "resolve:1", due)],
        [],
        [("router", 1, 8), ("router", 2, 6)],
        [("caller", CLOSED), ("caller", CLIMBED)],
        [*rows, *listed()],
        [(CLOSED, "", "诉求 1", ""), (CLIMBED, "", "诉求 2", ""), *((one, "", text_of(one), "") for one in kin())],
    )
    topics = Topics(
        [record(event, offset) for offset, event in enumerate(store.events)],
        [news(event, offset) for offset, event in enumerate(events) if event.type == "PetitionRouted"],
    )
    topics.dispatches.append(news(events[-1], len(events), "DispatchWithdrawn", "SA11"))
    topics.dispatches += [news(event, 99) for event in others if event.type == "PetitionRouted"]
    later = replace(deepcopy(store), events=store.events)
    return Ended(told(), store, topics=topics, later=later, followed=len(store.events), now=NOW)
