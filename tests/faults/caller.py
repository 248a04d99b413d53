"""One who asks one thing after the other, again while nobody knows what came of it."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.history import FAIL, INFO, OK, Attempt, History

ANSWER_SECONDS = 12.0
"""Longer than any answer may take, so that one that takes longer is seen."""
TRY_AGAIN_SECONDS = 60.0
ODD = (
    "",
    " ",
    "\n换行",
    "👩‍👩‍👧",
    "\u202e反",
    "e\u0301",
    "<script>",
    "'; DROP TABLE",
    "零\u200b宽",
    "\ud7ff\U0010ffff",
)


class Caller:
    """What it asks, and what it is told, stands in the history."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: Callable[[], str],
        history: History,
        number: int,
        luck: random.Random,
        stopping: asyncio.Event,
    ) -> None:
        self.luck = luck
        self.put_off: list[tuple[float, str]] = []
        """Petitions to be handled later, and when."""
        self._stopping = stopping
        self._http = http
        self._url = url
        self._history = history
        self._number = number

    def chance(self, part: float) -> bool:
        """Whether it happens that does so in this part of all cases."""
        return self.luck.random() < part

    def words(self) -> str:
        """What nobody else says."""
        return f"楼道灯坏了 {uuid4().hex} {self.luck.choice(ODD)}"

    async def file_until_known(self, body: dict[str, Any], key: str) -> Attempt:
        """One petition, asked for until it is known whether it is there."""
        return await self.until_known(lambda: self.file(body, key))

    async def send_batch(self, lines: list[dict[str, Any]]) -> set[str]:
        """The keys whose outcome is known."""
        attempts = [
            self._history.begin(
                Attempt("file", line["key"], self._number, time.time(), text=line["text"], body=_without_key(line))
            )
            for line in lines
        ]
        content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
        results: list[dict[str, Any]] = []
        started, outcome, status = time.monotonic(), INFO, 0
        try:
            headers = {"Content-Type": "application/x-ndjson"}
            door = f"{self._url()}/v1/petitions/batch"
            async with self._http.stream("POST", door, content=content, headers=headers) as answer:
                status = answer.status_code
                outcome = INFO if status == 200 else _outcome(status)
                if answer.status_code == 200:
                    async for line in answer.aiter_lines():
                        results.append(json.loads(line))
        except httpx.ConnectError:
            outcome = FAIL
        except (httpx.HTTPError, json.JSONDecodeError):
            pass  # a line that was read whole counts
        for number, attempt in enumerate(attempts):
            attempt.took, attempt.outcome = time.monotonic() - started, outcome
            attempt.status = 0 if status == 200 else status
            if number < len(results):
                result = results[number]
                attempt.status, attempt.code = result["status"], result.get("code", "")
                attempt.outcome = _outcome(attempt.status)
                attempt.petition, attempt.replayed = result.get("id", ""), result.get("replayed", False)
            self._history.end(attempt)
        return {one.key for one in attempts if _known(one)}

    async def at_once(self, *asked: tuple[str, str, dict[str, Any]], version: int = 0) -> list[Attempt]:
        """Several commands, each a petition, a name and a body, at the same moment; of one petition they are a race,
        which one of them wins at most. `version`: the one that they are made for."""
        race = uuid4().hex if len({petition for petition, *_ in asked}) == 1 else ""
        headers = {"If-Match": f'"{version}"'} if version else {}
        tried = [
            self.until_known(self._asking(petition, name, body, uuid4().hex, headers, race))
            for petition, name, body in asked
        ]
        return list(await asyncio.gather(*tried))

    async def done(self, petition: str, name: str, body: dict[str, Any]) -> Attempt | None:
        """A command that is carried out, now and then asked again; None when it was not."""
        key = uuid4().hex
        answer = await self.until_known(self._asking(petition, name, body, key))
        if answer.outcome == OK and self.chance(0.05):
            await self._asking(petition, name, body, key)()
        return answer if answer.outcome == OK else None

    def _asking(
        self,
        petition: str,
        name: str,
        body: dict[str, Any],
        key: str,
        headers: dict[str, str] | None = None,
        race: str = "",
    ) -> Callable[[], Awaitable[Attempt]]:
        """A command that can be tried again: its key is also the person it is done by."""
        sent = {"Idempotency-Key": key, **(headers or {})}
        return lambda: self._send(
            Attempt(name, key, self._number, time.time(), petition=petition, race=race, body=body),
            "POST", f"/v1/petitions/{petition}/{name}", sent, {"by": key, **body},
        )  # fmt: skip

    async def file(self, body: dict[str, Any], key: str, *, other_body: bool = False) -> Attempt:
        """One petition, asked for once."""
        headers = {"Idempotency-Key": key}
        if self.chance(0.4):
            headers["Prefer"] = "wait=2"
        attempt = Attempt("file", key, self._number, time.time(), text=body["text"], body=body, other_body=other_body)
        return await self._send(attempt, "POST", "/v1/petitions", headers, body)

    async def read(self, petition: str) -> Attempt:
        """The petition now."""
        attempt = Attempt("read", "", self._number, time.time(), petition=petition)
        return await self._send(attempt, "GET", f"/v1/petitions/{petition}", {}, None)

    async def becomes(self, petition: str, status: str) -> bool:
        """Whether it gets there in a while."""
        for wait in (0.02, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0):
            answer = await self.read(petition)
            if answer.outcome == OK and answer.code == status:
                return True
            if answer.code in ("referred", "declined", "closed") or self._stopping.is_set():
                return False
            await asyncio.sleep(wait)
        return False

    async def until_known(self, ask: Callable[[], Awaitable[Attempt]]) -> Attempt:
        """Try again with the same key until it is known what came of it."""
        end = time.monotonic() + TRY_AGAIN_SECONDS
        while True:
            answer = await ask()
            if _known(answer) or time.monotonic() > end:
                return answer
            await asyncio.sleep(self.luck.uniform(0.1, 0.8))

    async def _send(
        self, attempt: Attempt, method: str, path: str, headers: dict[str, str], body: dict[str, Any] | None
    ) -> Attempt:
        self._history.begin(attempt)
        started = time.monotonic()
        try:
            answer = await self._http.request(method, self._url() + path, headers=headers, json=body)
            attempt.status = answer.status_code
            attempt.outcome = _outcome(answer.status_code)
            said = answer.json()
            if attempt.outcome == OK:
                attempt.petition, attempt.version, attempt.code = said["id"], said["version"], said["status"]
                attempt.parts = [link["petition"] for link in said["links"] if link["type"] == "part"]
                attempt.replayed = answer.headers.get("idempotency-replayed") == "true"
                if attempt.kind == "file" and not attempt.replayed and said["text"] != attempt.text:
                    attempt.code = "TEXT DIFFERS"
            else:
                attempt.code = said.get("code", "")
        except httpx.ConnectError as error:
            attempt.outcome, attempt.code = FAIL, str(error)
        except (httpx.HTTPError, ValueError) as error:
            attempt.outcome, attempt.code = INFO, type(error).__name__
        finally:
            attempt.took = time.monotonic() - started
            self._history.end(attempt)
        return attempt


def _without_key(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "key"}


def _known(attempt: Attempt) -> bool:
    """Whether there is no reason to try again."""
    return attempt.outcome != INFO and attempt.status not in (0, 429, 503)


def _outcome(status: int) -> str:
    if 200 <= status < 300:
        return OK
    return FAIL if 400 <= status < 500 else INFO
