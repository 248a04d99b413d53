"""Whatever stops or moves a deadline late was a miss: say so, even when no timer looked in time."""

from typing import Any

from escalation.decider import NoticeMisses
from schemas.event import Recorded
from services.chassis.deciding import Facts


def on_what_stops_a_deadline(heard: Recorded[Any], facts: Facts) -> list[NoticeMisses]:
    """Every event that moves or stops a deadline; only what came late leads to anything."""
    return [NoticeMisses(heard.petition, facts.now, facts.policy)]
