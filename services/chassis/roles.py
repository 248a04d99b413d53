"""What one process of several does."""

from enum import StrEnum


class Role(StrEnum):
    """`api` is the front door: every service's HTTP and the lists, with no consumer behind it."""

    API = "api"
    INTAKE = "intake"
    SEVERITY = "severity"
    ROUTER = "router"
    ESCALATION = "escalation"
    FEEDBACK = "feedback"
    CONSOLE = "console"
    RELAY = "relay"
