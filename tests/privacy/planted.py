"""`gridcase` that cannot read petitions which say STUMBLE, fails at the door at BREAK, and leaks where it is told to.

`PLANTED` names the leak: `log`, `letter`, `row`, `metric`; without it nothing leaks.
"""

import os
from typing import Any

import structlog

import intake.api
from services.chassis import consumer, dead_letters, metrics
from services.chassis import log as event_log
from services.chassis.sealing import PetitionKey
from services.cli import app
from severity.policy import SeverityPolicy

LEAK = os.environ.get("PLANTED")


def _stumble() -> None:
    read = SeverityPolicy.read

    def read_or_stumble(self: SeverityPolicy, *, title: str, text: str, **more: Any) -> Any:
        if "STUMBLE" in text:
            return ValueError(f"cannot read {text}")  # an error's words are the resident's
        return read(self, title=title, text=text, **more)

    SeverityPolicy.read = read_or_stumble  # type: ignore[method-assign, assignment]


def _break() -> None:
    to_command = intake.api.to_command

    def break_or_go_on(new: Any, *more: Any) -> Any:
        if "BREAK" in new.text:
            raise ValueError(f"cannot file {new.text}")
        return to_command(new, *more)

    intake.api.to_command = break_or_go_on


def _leak_to_log() -> None:
    to_command = intake.api.to_command

    def talkative(new: Any, *more: Any) -> Any:
        structlog.get_logger().warning("filed", text=new.text)
        return to_command(new, *more)

    intake.api.to_command = talkative


def _leak_to_letter() -> None:
    dead_letters.describe = str  # type: ignore[assignment]
    consumer.dead_letters.describe = str  # type: ignore[assignment]


def _leak_to_row() -> None:
    encode = event_log.encode_data

    def talkative(event: Any) -> str:
        return encode(event).replace("{", '{"words":"' + getattr(_seen.get("event"), "clear", "") + '",', 1)

    seal = PetitionKey.seal
    _seen: dict[str, Any] = {}

    def seen(self: Any, event: Any, version: int) -> Any:
        _seen["event"] = getattr(event, "text", None) or _seen.get("event")
        return seal(self, event, version)

    PetitionKey.seal = seen  # type: ignore[method-assign]
    event_log.encode_data = talkative


def _leak_to_metric() -> None:
    to_command = intake.api.to_command

    def talkative(new: Any, *more: Any) -> Any:
        metrics.UNKNOWN_EVENTS.labels(new.text).inc()
        return to_command(new, *more)

    intake.api.to_command = talkative


if __name__ == "__main__":
    _stumble()
    _break()
    if LEAK is not None:
        {"log": _leak_to_log, "letter": _leak_to_letter, "row": _leak_to_row, "metric": _leak_to_metric}[LEAK]()
    app()
