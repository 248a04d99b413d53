"""Callers who file and handle petitions until the server dies under them, and remember what they were told."""

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.serving import Door

KINDS = ("LAMP", "NOISE", "STALL", "PIPE", "QUICK")
UNITS = ("SA11", "SA12", "SA21", "SB11", None)


@dataclass
class Filing:
    """One filing: `id` once the whole 201 was read; without it nobody knows whether it was kept."""

    key: str
    body: dict[str, Any]
    id: str | None = None


@dataclass
class Command:
    """One command that was answered with 200, and the event that proves it."""

    petition: str
    name: str
    body: dict[str, Any]
    key: str
    event: str


EVENTS = {"accept": "DispatchAccepted", "resolve": "ResolutionReported", "move": "PetitionRouted"}


@dataclass
class Callers:
    """What several callers at once were told."""

    seed: int
    filings: list[Filing] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    broken_off: int = 0
    """Requests that were under way when the server died."""

    def start(self, door: Door, callers: int = 4, most: int = 400) -> list[threading.Thread]:
        """Let them call until the server dies or each has filed `most`."""
        numbers = range(len(self.filings), len(self.filings) + callers)
        threads = [threading.Thread(target=self._call, args=(door, self.seed + n, most)) for n in numbers]
        for thread in threads:
            thread.start()
        return threads

    def acknowledged(self, count: int) -> None:
        """Return once this many answers were read."""
        while sum(one.id is not None for one in self.filings) + len(self.commands) < count:
            time.sleep(0.001)

    def _call(self, door: Door, seed: int, most: int) -> None:
        luck = random.Random(seed)
        with httpx.Client(base_url=door.url, timeout=20, trust_env=False) as http:
            caller = Door.__new__(Door)
            caller.url, caller.http = door.url, http
            try:
                for _ in range(most):
                    self._one(caller, luck)
            except httpx.TransportError:
                self.broken_off += 1

    def _one(self, door: Door, luck: random.Random) -> None:
        body: dict[str, Any] = {"text": f"诉求 {uuid4()}", "kind": luck.choice(KINDS)}
        if unit := luck.choice(UNITS):
            body["place"] = {"unit": unit}
        filing = Filing(uuid4().hex, body)
        self.filings.append(filing)
        answer = door.file(key=filing.key, wait=luck.choice([0, 5]), **body)
        assert answer.status_code == 201, answer.text
        filing.id = answer.json()["id"]
        for name, more in (
            ("accept", {}),
            ("resolve", {"text": "路灯已更换"}),
            ("move", {"unit": "SB1", "reason": "复核"}),
        ):
            if luck.random() < 0.5:
                self._ask(door, filing.id, name, {"by": "staff", **more})

    def _ask(self, door: Door, petition: str, name: str, body: dict[str, Any]) -> None:
        key = uuid4().hex
        answer = door.command(petition, name, headers={"Idempotency-Key": key}, **body)
        assert answer.status_code in (200, 409), answer.text
        if answer.status_code == 200:
            self.commands.append(Command(petition, name, body, key, EVENTS[name]))
