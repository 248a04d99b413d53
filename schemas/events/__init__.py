"""Every event of a petition's life, by the service that owns it."""

from schemas.event import Event
from schemas.events import escalation, feedback, intake, router, severity

EVENT_TYPES: dict[str, type[Event]] = {
    event.__name__: event for owner in (intake, severity, router, escalation, feedback) for event in owner.EVENTS
}
"""Name as stored → class."""
