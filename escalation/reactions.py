"""Whatever stops a deadline late was a miss: say so, even when no timer looked in time."""

from typing import Any

from escalation.decider import NoticeMisses
from schemas.deadlines import Stop, changes
from schemas.event import Recorded
from services.chassis.deciding import Facts


def on_what_stops_a_deadline(heard: Recorded[Any], facts: Facts) -> list[NoticeMisses]:
    """Every event that starts, moves or stops a deadline; only a late stop leads to anything."""
    stops = any(isinstance(change, Stop) for change in changes(heard.event, heard.ref))
    return [NoticeMisses(heard.petition, facts.now, facts.policy)] if stops else []
