"""A server in memory with the batch endpoint's contract, and the ways in which a real one fails."""

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx


class FakeServer:
    """Files each key once. Can be away, busy, refuse a line, or break off its answer."""

    url = "http://gridcase.test"

    def __init__(self) -> None:
        self.filed: dict[str, UUID] = {}
        self.away = 0
        """So many requests find nobody."""
        self.busy = 0
        """So many batches are answered 503."""
        self.loses = 0
        """So many batches are filed and the answer breaks off in the middle."""
        self.locked = False
        """A key is asked for, and every one is wrong."""
        self.poison = ""
        """A line with this key breaks off the answer, and nothing of its batch is answered."""
        self.batches: list[int] = []

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            self.away -= 1
            raise httpx.ConnectError("nobody listens", request=request)
        if request.url.path == "/readyz":
            return httpx.Response(200, json={"status": "ready", "broken": []})
        lines = [json.loads(line) for line in request.content.splitlines()]
        self.batches.append(len(lines))
        if self.locked:
            return httpx.Response(401, json={"code": "unauthorized", "detail": "This server asks for a key."})
        if self.busy:
            self.busy -= 1
            return httpx.Response(503, headers={"Retry-After": "0"}, json={"code": "overloaded", "detail": "busy"})
        if self.poison in {line.get("key") for line in lines}:
            return httpx.Response(200, stream=_Stream([], breaks_off=True))
        results = [self._file(line) for line in lines]
        breaks_off = self.loses > 0
        if breaks_off:
            self.loses -= 1
            results = results[: len(results) // 2]
        return httpx.Response(200, stream=_Stream(results, breaks_off=breaks_off))

    def _file(self, line: dict[str, str]) -> bytes:
        if not line["text"]:
            refusal = {"status": 422, "code": "invalid", "detail": "see errors"}
            return json.dumps(refusal | {"errors": [{"pointer": "/text", "message": "is empty"}]}).encode()
        replayed = line["key"] in self.filed
        petition = self.filed.setdefault(line["key"], uuid4())
        return json.dumps({"status": 201, "id": str(petition), "replayed": replayed}).encode()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, results: list[bytes], *, breaks_off: bool) -> None:
        self._results = results
        self._breaks_off = breaks_off

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for result in self._results:
            yield result + b"\n"
        if self._breaks_off:
            raise httpx.RemoteProtocolError("the answer broke off")
