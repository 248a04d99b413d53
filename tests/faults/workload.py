"""Callers who file petitions and lead them through their lives, whatever happens to the servers meanwhile."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.history import FAIL, INFO, OK, Attempt, History
from tests.serving import WARNED_SECONDS

ANSWER_SECONDS = 12.0
"""Longer than any answer may take, so that one that takes longer is seen."""
TRY_AGAIN_SECONDS = 60.0
KINDS = ("LAMP", "LAMP", "NOISE", "STALL", "PIPE", "QUICK", "WARNED", "COURT", "GAS", None)
UNITS = ("SA11", "SA12", "SA21", "SB11", "SA1", None)
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
BATCH = (20, 90)
BATCHES = 0.12
"""Of what a caller does: most petitions come in batches. With many more of them services lag, and no life gets far."""
AGAIN_AT_ONCE = 16
WARNING_SECONDS = (0.75 * WARNED_SECONDS, 1.02 * WARNED_SECONDS)
"""After so long some accept what their receiver is warned of: before, just then, or when it is over."""
TICK_SECONDS = 0.05
HESITATION_SECONDS = (0.5, 2.5)
"""Around the shortest time that a district gives, so that some commands come when it is just over."""


class Workload:
    """Callers that go on until they are told to stop; then each finishes what it asked last."""

    def __init__(self, url: Callable[[], str], history: History, seed: int) -> None:
        """`url`: where the server is now; it may come back elsewhere."""
        self._url = url
        self._history = history
        self._seed = seed
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._watch: asyncio.Task[None] | None = None
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=3.0),
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=2.0),
        )

    def start(self, callers: int) -> list["asyncio.Task[None]"]:
        """Let so many more call."""
        self._watch = self._watch or asyncio.create_task(self._look_at_the_clock())
        first = len(self._tasks)
        more = [asyncio.create_task(self._call(first + number)) for number in range(callers)]
        self._tasks += more
        return more

    async def stop(self) -> None:
        """Return once everything that was asked is answered, given up, or timed out."""
        self._stopping.set()
        if not self._tasks:
            return  # it never began
        await asyncio.wait(self._tasks, timeout=TRY_AGAIN_SECONDS + 2 * ANSWER_SECONDS)
        for task in self._tasks:
            if not task.done():
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def failed(self) -> list[BaseException]:
        """What went wrong in the callers themselves."""
        done = [task for task in self._tasks if task.done() and not task.cancelled()]
        return [error for task in done if (error := task.exception())]

    async def _call(self, number: int) -> None:
        luck = random.Random(self._seed * 1_000 + number)
        caller = Caller(self._http, self._url, self._history, number, luck, self._stopping)
        while not self._stopping.is_set() and asyncio.current_task() not in self.dismissed:
            await (caller.batch() if caller.luck.random() < BATCHES else caller.life())

    async def again(self, filings: Mapping[str, dict[str, Any]]) -> None:
        """File each again with its key, as whoever filed them does after a restore: many at once."""
        waiting = iter(filings.items())
        await asyncio.gather(*(self._file_again(waiting, number) for number in range(1, 1 + AGAIN_AT_ONCE)))

    async def _file_again(self, filings: Iterator[tuple[str, dict[str, Any]]], number: int) -> None:
        luck = random.Random(self._seed - number)
        caller = Caller(self._http, self._url, self._history, -number, luck, self._stopping)
        for key, body in filings:
            await caller.file_until_known(body, key)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        await self._http.aclose()

    async def _look_at_the_clock(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(TICK_SECONDS)
            self._history.behind += max(0.0, time.monotonic() - began - TICK_SECONDS)

    dismissed: frozenset["asyncio.Task[None]"] = frozenset()
    """Callers that stop after the life they lead."""


class Caller:
    """One who asks one thing after the other."""

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
        self._stopping = stopping
        self._http = http
        self._url = url
        self._history = history
        self._number = number
        self._put_off: list[tuple[float, str]] = []
        """Petitions to be handled later, and when."""

    async def life(self) -> None:
        """One petition, as far as it comes; before that, those that were put off until now."""
        ripe = [one for at, one in self._put_off if at <= time.monotonic()]
        self._put_off = [(at, one) for at, one in self._put_off if one not in ripe]
        for petition in ripe:
            await self._handled(petition, hesitates=False)
        body, key = self._body(), uuid4().hex
        filed = await self.file_until_known(body, key)
        if filed.outcome != OK:
            return
        if self.luck.random() < 0.05:
            await self._file(body, key)
        if self.luck.random() < 0.03:
            await self._file({**body, "text": body["text"] + "?"}, key, other_body=True)
        if body.get("kind") == "QUICK" and self.luck.random() < 0.7:
            return  # its deadline passes
        if body.get("kind") == "WARNED" and self.luck.random() < 0.9:
            if self.luck.random() < 0.7:
                self._put_off.append((time.monotonic() + self.luck.uniform(*WARNING_SECONDS), filed.petition))
            return
        await self._handled(filed.petition, hesitates=body.get("kind") == "QUICK")

    async def file_until_known(self, body: dict[str, Any], key: str) -> Attempt:
        """One petition, asked for until it is known whether it is there."""
        return await self._until_known(lambda: self._file(body, key))

    async def _handled(self, petition: str, *, hesitates: bool) -> None:
        if not await self._becomes(petition, "routed"):
            return
        if hesitates and self.luck.random() < 0.3:
            await asyncio.sleep(self.luck.uniform(*HESITATION_SECONDS))
        if self.luck.random() < 0.15:
            await self._raced(petition)
        elif not await self._done(petition, "accept", {}):
            return
        if not await self._becomes(petition, "accepted"):
            return
        if hesitates and self.luck.random() < 0.3:
            await asyncio.sleep(self.luck.uniform(*HESITATION_SECONDS))
        if not await self._done(petition, "resolve", {"text": "路灯已更换"}):
            return
        answered = {"reached": True, "solved": self.luck.random() < 0.8, "satisfied": True}
        await self._done(petition, "feedback", answered)
        await self._read(petition)

    async def batch(self) -> None:
        """Many petitions in one request."""
        lines = [self._body() | {"key": uuid4().hex} for _ in range(self.luck.randint(*BATCH))]
        end = time.monotonic() + TRY_AGAIN_SECONDS
        while lines and time.monotonic() < end:
            known = await self._send_batch(lines)
            lines = [line for line in lines if line["key"] not in known]
            if lines:
                await asyncio.sleep(self.luck.uniform(0.2, 1.0))

    async def _send_batch(self, lines: list[dict[str, Any]]) -> set[str]:
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

    async def _raced(self, petition: str) -> None:
        """Two accept the same version at once."""
        now = await self._read(petition)
        if now is None or now.outcome != OK:
            return
        race, headers = uuid4().hex, {"If-Match": f'"{now.version}"'}
        keys = [uuid4().hex for _ in range(2)]
        tried = [self._until_known(self._asking(petition, "accept", {}, key, headers, race)) for key in keys]
        await asyncio.gather(*tried)

    async def _done(self, petition: str, name: str, body: dict[str, Any]) -> bool:
        key = uuid4().hex
        answer = await self._until_known(self._asking(petition, name, body, key))
        if answer.outcome == OK and self.luck.random() < 0.05:
            await self._asking(petition, name, body, key)()
        return answer.outcome == OK

    def _asking(
        self,
        petition: str,
        name: str,
        body: dict[str, Any],
        key: str,
        headers: dict[str, str] | None = None,
        race: str = "",
    ) -> Callable[[], Any]:
        """A command that can be tried again: its key is also the person it is done by."""
        sent = {"Idempotency-Key": key, **(headers or {})}
        return lambda: self._send(
            Attempt(name, key, self._number, time.time(), petition=petition, race=race),
            "POST", f"/v1/petitions/{petition}/{name}", sent, {"by": key, **body},
        )  # fmt: skip

    async def _file(self, body: dict[str, Any], key: str, *, other_body: bool = False) -> Attempt:
        headers = {"Idempotency-Key": key}
        if self.luck.random() < 0.4:
            headers["Prefer"] = "wait=2"
        attempt = Attempt("file", key, self._number, time.time(), text=body["text"], body=body, other_body=other_body)
        return await self._send(attempt, "POST", "/v1/petitions", headers, body)

    async def _read(self, petition: str) -> Attempt:
        attempt = Attempt("read", "", self._number, time.time(), petition=petition)
        return await self._send(attempt, "GET", f"/v1/petitions/{petition}", {}, None)

    async def _becomes(self, petition: str, status: str) -> bool:
        """Whether it gets there in a while."""
        for wait in (0.02, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0):
            answer = await self._read(petition)
            if answer.outcome == OK and answer.code == status:
                return True
            if answer.code in ("referred", "declined", "closed") or self._stopping.is_set():
                return False
            await asyncio.sleep(wait)
        return False

    async def _until_known(self, ask: Callable[[], Any]) -> Attempt:
        """Try again with the same key until it is known what came of it."""
        end = time.monotonic() + TRY_AGAIN_SECONDS
        while True:
            answer: Attempt = await ask()
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

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "channel": self.luck.choice(["hotline", "app", "walk_in"]),
            "text": f"楼道灯坏了 {uuid4().hex} {self.luck.choice(ODD)}",
        }
        if (kind := self.luck.choice(KINDS)) is not None:
            body["kind"] = kind
        if (unit := self.luck.choice(UNITS)) is not None:
            body["place"] = {"unit": unit}
        return body


def _without_key(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "key"}


def _known(attempt: Attempt) -> bool:
    """Whether there is no reason to try again."""
    return attempt.outcome != INFO and attempt.status not in (0, 429, 503)


def _outcome(status: int) -> str:
    if 200 <= status < 300:
        return OK
    return FAIL if 400 <= status < 500 else INFO
