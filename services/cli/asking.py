"""Asking a running server, for commands that find the data in use."""

from typing import Any

import httpx

from services.chassis.settings import Settings
from services.cli.up import fail


def client(settings: Settings, url: str) -> httpx.Client:
    """A client of that server, with the key when one is set."""
    headers = {"Authorization": f"Bearer {settings.key.get_secret_value()}"} if settings.key else {}
    return httpx.Client(base_url=url, headers=headers, timeout=httpx.Timeout(60, read=600), trust_env=False)


def ask(settings: Settings, url: str, method: str, path: str, content: bytes | None = None) -> Any:
    """The server's JSON answer; ends with its own words when it refuses."""
    try:
        with client(settings, url) as http:
            answer = http.request(method, path, content=content)
    except httpx.HTTPError as error:
        raise fail(f"{url} does not answer ({type(error).__name__}); is it still running? / 服务器无响应") from None
    if answer.is_error:
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        lines = [problem.get("detail", answer.reason_phrase)]
        lines += [f"  {one['pointer']}: {one['message']}" for one in problem.get("errors", [])]
        raise fail("\n".join(lines))
    return answer.json()
