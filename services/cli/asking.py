"""What every command needs: its settings, a clear last word, and a server's answer."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from pydantic import ValidationError

from services.chassis.misfits import misfits
from services.chassis.settings import Settings

Data = Annotated[Path | None, typer.Option(help="Directory of the data (GRIDCASE_DATA; default: data)")]
Url = Annotated[str | None, typer.Option(help="Server to ask, instead of the one on DATA (GRIDCASE_URL)")]


def settings_from(**options: object) -> Settings:
    """Settings from the environment, overridden by the options that were given; ends with a clear word when wrong."""
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise fail("; ".join(_about_a_setting(one) for one in error.errors())) from None


def _about_a_setting(error: Any) -> str:
    """The setting's own words, or its name and what is wrong with it."""
    if not error["loc"]:
        return str(error["ctx"]["error"])
    ((_, en, zh),) = misfits([error])
    return f"GRIDCASE_{str(error['loc'][0]).upper()}: {en} / {zh}"


def fail(message: str) -> typer.Exit:
    """Say what is wrong and what to do next; raise what this returns."""
    typer.secho(message, err=True, fg=typer.colors.RED)
    return typer.Exit(1)


def speaks_chinese() -> bool:
    """Whether the terminal's language is Chinese."""
    return (os.environ.get("LC_ALL") or os.environ.get("LANG", "")).startswith("zh")


def headers(settings: Settings) -> dict[str, str]:
    """The key when one is set, and the language to be answered in."""
    key = {"Authorization": f"Bearer {settings.key.get_secret_value()}"} if settings.key else {}
    return {**key, "Accept-Language": "zh" if speaks_chinese() else "en"}


def ask(
    settings: Settings,
    url: str,
    method: str,
    path: str,
    *,
    content: bytes | None = None,
    query: Mapping[str, str | int] | None = None,
    seconds: float | None = 600,
) -> Any:
    """The server's JSON answer; ends with its own words when it refuses or is not there.

    `seconds` is how long it may think; None: as long as it takes.
    """
    sent = headers(settings) | ({"Content-Type": "application/json"} if content is not None else {})
    try:
        with httpx.Client(base_url=url, headers=sent, timeout=httpx.Timeout(60, read=seconds), trust_env=False) as http:
            answer = http.request(method, path, content=content, params=query)
    except httpx.HTTPError as error:
        raise fail(
            f"{url} does not answer ({type(error).__name__}): start it with `gridcase up`, or name another with --url"
            " / 服务器无响应：请启动服务，或用 --url 指定"
        ) from None
    if answer.is_error:
        raise fail(refusal(answer))
    return answer.json()


def refusal(answer: httpx.Response) -> str:
    """Why the server refused, in its own words, and what to do about a key."""
    problem = problem_of(answer)
    lines = [problem.get("detail") or f"the server answers {answer.status_code} {answer.reason_phrase}"]
    lines += [f"  {one['pointer']}: {one['message']}" for one in problem.get("errors", [])]
    if answer.status_code in (401, 403):
        lines.append("Set GRIDCASE_KEY to the server's key. / 请将 GRIDCASE_KEY 设为服务器的访问密钥。")
    return "\n".join(lines)


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem details of an error, empty when it is not the server's own."""
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
