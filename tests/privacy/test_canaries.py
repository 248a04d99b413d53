"""A resident's words stand in clear in the search table and nowhere else."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.policy_files import read_bundle
from tests.privacy.canaries import Canary, canary, files, forms, hits
from tests.serving import DISTRICT, Door, Process

pytestmark = pytest.mark.slow
LAUNCHER = [sys.executable, "-m", "tests.privacy.planted"]
NDJSON = {"Content-Type": "application/x-ndjson"}
SEARCHABLE = {"title", "text", "address", "supplement", "dead letter's text"}


class Lived:
    """Petitions that went through everything, filled with canaries, and where they could have leaked."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.words: dict[str, Canary] = {}
        self.heard: list[bytes] = []
        door.http.event_hooks["response"].append(self._listen)

    def new(self, name: str, words: str = "金丝雀") -> Canary:
        self.words[name] = canary(words)
        return self.words[name]

    def live(self) -> None:
        """A whole life with two rounds and a second petition that nobody could read."""
        door = self.door
        filed = door.file(
            key=self.new("idempotency key", "key-"),
            wait=10,
            title=self.new("title"),
            text=self.new("text", "楼道灯坏了 "),
            place={"unit": "SA11", "address": self.new("address", "迎客路"), "lat": 38.9517263, "lon": 121.5316274},
            petitioner={"name": self.new("name", "欧阳"), "phone": self.new("phone", "+86139")},
            attachments=[{"url": "https://files.example/" + self.new("attachment", "")}],
            kind="LAMP",
        ).json()
        one = filed["id"]
        door.done(one, "reassess", severity="urgent", reason=self.new("reassess reason"))
        door.done(one, "confirm")
        door.done(one, "move", unit="SA12", reason=self.new("move reason"))
        door.done(one, "accept")
        letter = {"url": "https://files.example/" + self.new("added attachment", "")}
        door.done(one, "supplement", text=self.new("supplement"), attachments=[letter])
        photo = {"url": "https://files.example/" + self.new("result attachment", "")}
        door.done(one, "resolve", text=self.new("resolution"), attachments=[photo])
        door.done(one, "feedback", reached=False, text=self.new("attempt"))
        door.done(one, "feedback", reached=True, solved=False, text=self.new("feedback"))
        door.becomes(one, "routed")
        door.done(one, "escalate", reason=self.new("escalate reason"))
        door.becomes(one, "routed", tier="street")
        door.done(one, "accept")
        door.done(one, "resolve", text=self.new("second resolution"))
        door.done(one, "close", reason=self.new("close reason"))
        door.done(one, "reopen", reason=self.new("reopen reason"))
        self._mishaps()

    def _mishaps(self) -> None:
        """What goes wrong must not talk either."""
        door = self.door
        door.file(text=self.new("dead letter's text", "STUMBLE "))
        while not door.http.get("/v1/operations/dead-letters").json()["items"]:
            pass
        door.http.post("/v1/operations/redrive")
        assert door.file(text=self.new("failed request", "BREAK ")).status_code == 500
        broken = {"channel": "app", "text": self.new("failed line", "BREAK "), "key": "k"}
        batch = door.http.post("/v1/petitions/batch", content=json.dumps(broken).encode(), headers=NDJSON)
        assert batch.json()["status"] == 500
        json_type = {"Content-Type": "application/json"}
        door.file(channel=self.new("bad value"))
        door.file(**{self.new("unknown field", "x"): 1})
        door.http.post("/v1/petitions", content=f'{{"text":"{self.new("broken body")}"'.encode(), headers=json_type)
        door.http.post("/v1/petitions", content=self.new("too large").encode() * 9_000, headers=json_type)
        door.http.get("/v1/petitions", params={"q": self.new("search words")})
        door.http.get(f"/v1/petitions/{self.new('path', '')}")
        door.settled()

    def _listen(self, answer: httpx.Response) -> None:
        self.heard.append(b"\n".join(b"%b: %b" % pair for pair in answer.headers.raw))

    def places(self, process: Process) -> dict[str, bytes]:
        """Everything that outlives a request."""
        operators = ("/metrics", "/v1/operations/dead-letters", "/readyz", "/openapi.json")
        return {
            **dict(files(process.data)),
            "stdout": process.out.read_bytes(),
            "stderr": process.err.read_bytes(),
            "headers": b"\n".join(self.heard),
            **{path: self.door.http.get(path).content for path in operators},
        }


@pytest.fixture
def process(tmp_path: Path):
    made = Process(tmp_path / "data", LAUNCHER)
    yield made
    made.stop()


def _lived(process: Process, **environment: str) -> Lived:
    door = process.start(**environment)
    door.publish(read_bundle(DISTRICT))
    lived = Lived(door)
    lived.live()
    return lived


def _leaks(places: dict[str, bytes], words: dict[str, Canary]) -> set[tuple[str, str, str]]:
    return {hit for hit in hits(places, words) if not hit[0].startswith("search.db")}


def test_no_words_are_in_clear_anywhere_but_the_search_table(process):
    lived = _lived(process)
    places = lived.places(process)
    assert {"log.db", "log.db-wal", "log.db-shm", "keys.db", "search.db", "master.key"} <= set(places)
    assert b"parked" in places["stderr"]
    assert b"request_failed" in places["stderr"]
    assert b"Traceback" not in places["stderr"]
    assert b'"attempts":' in places["/v1/operations/dead-letters"]
    assert _leaks(places, lived.words) == set()
    assert not [place for place, content in places.items() if b"38.9517263" in content or b"121.5316274" in content]
    searchable = {name for place, name, _ in hits(places, lived.words) if place.startswith("search.db")}
    assert searchable == SEARCHABLE
    process.kill()
    assert _leaks(dict(files(process.data)), lived.words) == set()


def test_after_a_restart_and_a_rebuild_it_is_still_so(process):
    lived = _lived(process)
    process.kill()
    door = lived.door = process.start()
    for model in ("petition_list", "petition_search"):
        assert door.http.post(f"/v1/operations/rebuild/{model}").status_code == 200
    assert _leaks(lived.places(process), lived.words) == set()


@pytest.mark.parametrize(
    ("leak", "place"),
    [("log", "stderr"), ("letter", "/v1/operations/dead-letters"), ("row", "log.db"), ("metric", "/metrics")],
)
def test_a_planted_leak_is_found(process, leak, place):
    lived = _lived(process, PLANTED=leak)
    found = _leaks(lived.places(process), lived.words)
    assert place in {hit[0].removesuffix("-wal") for hit in found}


@pytest.mark.parametrize("words", ["金丝雀" + "0123456789abcdef" * 2, "0123456789abcdef" * 2, "+86139 canary"])
def test_every_form_of_the_words_is_known(words):
    spelled: dict[str, Any] = {
        "utf-8": words.encode(),
        "utf-16-le": words.encode("utf-16-le"),
        "utf-16-be": words.encode("utf-16-be"),
        "json": json.dumps({"text": words}).encode(),
        "hex": words.encode().hex().encode(),
        **{f"base64+{n}": base64.b64encode(b"ab"[:n] + words.encode() + b"tail") for n in range(3)},
        **{f"base64url+{n}": base64.urlsafe_b64encode(b"\xff\xfe"[:n] + words.encode()) for n in range(3)},
    }
    for form, content in spelled.items():
        assert forms(words)[form] in b"before " + content + b" after", form
        assert len(forms(words)[form]) > 8
