"""What a report says of a run beside what was wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tests.faults.ended import Ended, Wrong, is_filing
from tests.faults.history import FAIL, INFO, OK, Told
from tests.faults.records import Record, Topics

STALE = (412, "stale")


def counts(ended: Ended) -> dict[str, Any]:
    """What the report says of the run beside what was wrong."""
    filings = [told for told in ended.told.values() if is_filing(told)]
    lateness = sorted(late for life in ended.lives.values() for _, late in life.lateness)
    said: dict[str, Any] = {
        "acknowledged_petitions": sum(told.outcome == OK for told in filings),
        "unknown_petitions": sum(told.outcome not in (OK, FAIL) for told in filings),
        "petitions_in_the_log": len(ended.lives) + len(ended.spoilt),
        "events": len(ended.store.events),
        "statuses": dict(sorted(Counter(life.status for life in ended.lives.values()).items())),
        "deadlines_missed": len(lateness),
        "warnings": sum(life.warnings for life in ended.lives.values()),
        "lateness_seconds": spread(lateness),
        "resolved_with_their_parts": sum(life.rolled_up for life in ended.lives.values()),
        "resolved_with_their_root": sum(life.followed for life in ended.lives.values()),
        "dealt_with_on_the_spot": sum(life.on_the_spot for life in ended.lives.values()),
        "claims_lost_to_another": sum(one.code == "already_claimed" for one in ended.attempts),
    }
    if ended.topics is not None:
        for name, records in (("petitions", ended.topics.petitions), ("dispatches", ended.topics.dispatches)):
            known = [record.id for record in records if record.id]
            said[f"{name}_records"], said[f"{name}_raw_duplicates"] = len(records), len(known) - len(set(known))
        said["judged_for_order"] = _judged_for_order(ended, ended.topics)
    return said


def _judged_for_order(ended: Ended, topics: Topics) -> dict[str, int]:
    """Of how much it was asked whether it came in its turn: events on the topic in the end, of how many partitions, and
    while it was written; news that came second or later to its receiver about one petition."""
    events = {(record.partition, record.id) for record in topics.petitions if _counts(record, ended)}
    news = {(record.key, record.id) for record in topics.dispatches if _counts(record, ended)}
    about = {(receiver, name.partition(":")[0]) for receiver, name in news}
    partitions = {partition for partition, _ in events}
    return {
        "events": len(events), "partitions": len(partitions), "events_as_they_came": ended.followed,
        "dispatches": len(news) - len(about),
    }  # fmt: skip


def _counts(record: Record, ended: Ended) -> bool:
    return bool(record.id) and record.epoch == ended.store.epoch


def conflicts(ended: Ended) -> int:
    """Commands that were refused because another, asked for at once, had taken the version that they were made for."""
    outcomes: dict[str, set[str]] = {}
    for told in ended.told.values():
        stale = told.outcome == FAIL and STALE in {(one.status, one.code) for one in told.attempts}
        outcomes.setdefault(told.first.race, set()).add("stale" if stale else told.outcome)
    return sum({OK, "stale"} <= each for race, each in outcomes.items() if race)


def found_again(told: Told) -> bool:
    """Whether nobody knew what had come of it, and it was there when it was asked for again."""
    unknown = [number for number, one in enumerate(told.attempts) if one.outcome == INFO]
    return bool(unknown) and any(one.outcome == OK and one.replayed for one in told.attempts[unknown[0] :])


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """Of values in their order."""
    return {"median": _at(values, 0.5), "p99": _at(values, 0.99), "most": _at(values, 1.0)}


def _at(values: Sequence[float], part: float) -> float | None:
    return round(values[min(len(values) - 1, int(part * len(values)))], 3) if values else None


def lost(ended: Ended, wrong: Iterable[Wrong]) -> int:
    """How many acknowledged petitions and commands are not there."""
    return sum(one.invariant == 1 for one in wrong)


def doubled(wrong: Iterable[Wrong]) -> int:
    """How many effects happened more than once."""
    return sum(one.invariant in (3, 10) for one in wrong)
