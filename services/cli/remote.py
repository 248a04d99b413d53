"""The server as a load sees it: found again after a restart, waited for while it is away or busy."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import httpx

from services.cli.asking import problem_of, refusal

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Stopped(Exception):
    """The load cannot go on; says why and what to do next."""


class Server:
    """The server as a load sees it: found again after a restart, waited for while it is away."""

    def __init__(
        self, http: httpx.AsyncClient, find: Callable[[], str | None], patience: float, say: Callable[[str], None]
    ) -> None:
        """`patience`: seconds without any answer until `Stopped`. `say` shows what is waited for, "" for nothing."""
        self.http = http
        self.patience = patience
        self._find = find
        self._say = say
        self._answered = monotonic()
        self._pause = FIRST_PAUSE

    @property
    def url(self) -> str:
        """Where it listens, as far as is known; "" when nobody serves the data."""
        return self._find() or ""

    def answered(self) -> None:
        """It works: patience starts again."""
        if self._pause != FIRST_PAUSE:
            self._say("")
        self._answered, self._pause = monotonic(), FIRST_PAUSE

    async def wait(self, reason: str, seconds: float | None = None) -> None:
        """Wait a little, longer each time; raises Stopped when nothing was answered for too long."""
        if monotonic() - self._answered > self.patience:
            raise Stopped(
                f"{reason}; gave up after {self.patience:.0f} s. Start the server (gridcase up), or name it with --url,"
                " and run the same command again: what was done is not done twice."
                " / 服务器长时间无响应；启动后重新运行同一命令即可，不会重复"
            )
        self._say(f"waiting: {reason}")
        await asyncio.sleep(seconds or self._pause)
        self._pause = min(LONGEST_PAUSE, self._pause * 2)

    async def ready(self) -> None:
        """Return once it can take petitions; raises Stopped."""
        while reason := await self._lacking():
            await self.wait(reason)

    async def _lacking(self) -> str | None:
        url = self._find()
        if url is None:
            return "no server serves this data"
        try:
            answer = await self.http.get(f"{url}/readyz")
        except httpx.TransportError as error:
            return f"{url} does not answer ({type(error).__name__})"
        broken = problem_of(answer).get("broken", [])
        if "policy" in broken:
            raise Stopped(
                f"{url} has no district to route in: gridcase import deploy/districts/ganjingzi, then run this again"
                " / 尚未导入辖区，请先运行 gridcase import"
            )
        if answer.status_code >= 500:
            return f"{url} answers {answer.status_code}{': ' if broken else ''}{', '.join(broken)}"
        if problem_of(answer).get("status") != "ready":
            raise Stopped(not_ours(answer))
        return None

    async def get(self, path: str, **query: str | int) -> Any:
        """A JSON answer, however long the server is away; raises Stopped."""
        answer = await self._ask("GET", path, params=query)
        if answer.is_error:
            raise Stopped(not_ours(answer))
        return answer.json()

    async def command(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """The answer, also a refusal, to what may be sent twice, however long the server is away; raises Stopped."""
        return await self._ask("POST", path, json=body)

    async def _ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        while True:
            try:
                answer = await self.http.request(method, self.url + path, **sent)
            except httpx.TransportError:
                await self.ready()
                continue
            if answer.status_code in (429, 503):
                await self.wait(f"{path} answers {answer.status_code}", retry_after(answer))
                continue
            self.answered()
            return answer


def retry_after(answer: httpx.Response) -> float | None:
    """The seconds a busy server asks for, at most the longest pause; None when it names none."""
    seconds = answer.headers.get("retry-after", "")
    return min(LONGEST_PAUSE, float(seconds)) if seconds.isdigit() else None


def not_ours(answer: httpx.Response) -> str:
    """The server's own words; when they are not gridcase's, what to check."""
    if answer.status_code in (401, 403) or "code" in problem_of(answer):
        return refusal(answer)
    return (
        f"{answer.request.url} answers {answer.status_code}: is this gridcase? Name its address with --url"
        " / 该地址不是 gridcase 服务，请用 --url 指定"
    )
