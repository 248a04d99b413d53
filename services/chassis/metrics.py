"""What operations watch. Labels are names of parts, never of petitions or people."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

HANDLED = Counter("gridcase_events_handled", "Events heard by a subscriber", ["subscriber"], registry=REGISTRY)
BATCH_SECONDS = Histogram(
    "gridcase_batch_seconds", "Reacting, deciding and committing one batch", ["subscriber"], registry=REGISTRY
)
CONFLICTS = Counter(
    "gridcase_conflicts", "Batches decided again because a petition moved on", ["subscriber"], registry=REGISTRY
)
DEAD_LETTERS = Counter("gridcase_dead_letters", "Events parked as dead letters", ["subscriber"], registry=REGISTRY)
LETTERS_WAITING = Gauge(
    "gridcase_dead_letters_waiting", "Dead letters that wait for a redrive", ["subscriber"], registry=REGISTRY
)
UNKNOWN_EVENTS = Counter(
    "gridcase_unknown_events", "Events of a later release, skipped", ["subscriber"], registry=REGISTRY
)
LAG = Gauge("gridcase_lag_events", "Events not yet heard by a subscriber", ["subscriber"], registry=REGISTRY)
RELAY_STOPPED = Gauge(
    "gridcase_relay_stopped",
    "Partitions that the relay does not write, because of what stands there",
    registry=REGISTRY,
)
RELAY_AGE = Gauge(
    "gridcase_relay_age_seconds", "Age of the oldest that a relay has not sent", ["subscriber"], registry=REGISTRY
)
FEED_READS = Counter(
    "gridcase_feed_events", "Events that a service heard, by where they came from", ["source"], registry=REGISTRY
)
HELD = Gauge("gridcase_partitions_held", "Partitions that somebody holds", ["subscriber"], registry=REGISTRY)
OWNERS = Gauge("gridcase_lease_owners", "Processes that hold partitions", ["subscriber"], registry=REGISTRY)
NEAR = Counter("gridcase_deadlines_near", "Deadlines of which most of the time is gone", ["family"], registry=REGISTRY)
MISSED = Counter("gridcase_deadlines_missed", "Deadlines noticed as missed", ["family"], registry=REGISTRY)
LATENESS = Histogram(
    "gridcase_deadline_lateness_seconds", "From the due time to the moment it was noticed", registry=REGISTRY
)
WAITING = Gauge("gridcase_writes_waiting", "HTTP writes that wait for the next commit", registry=REGISTRY)
REQUESTS = Counter("gridcase_http_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY)
REQUEST_SECONDS = Histogram("gridcase_http_request_seconds", "Time to answer", ["method", "route"], registry=REGISTRY)


def tell_age(relay: str, unsent: Iterable[datetime], now: datetime) -> None:
    """How old the oldest is of what a relay has not sent; 0 when that is nothing."""
    oldest = min(unsent, default=now)
    RELAY_AGE.labels(relay).set(max(0.0, (now - oldest).total_seconds()))
