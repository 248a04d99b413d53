"""`gridcase policy`: check a bundle, compare it with what is in force, publish it by two people, take it back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.asking import Data, Url, ask, settings_from, speaks_chinese
from services.cli.finding import server_on
from services.cli.importing import read_or_fail

if TYPE_CHECKING:
    from schemas.policy import PolicyBundle
    from services.chassis.settings import Settings

VERSIONS = "/v1/operations/policy/versions"
MOST_SHOWN = 200
LONGEST = 300

Bundle = Annotated[Path, typer.Argument(help="A directory with district.yaml and its tables, or one YAML file")]
By = Annotated[str, typer.Option(help="Id of the person who does it")]
Why = Annotated[str, typer.Option(help="Why it changes")]
From = Annotated[
    str | None, typer.Option("--from", help="From when it counts, as 2026-12-01T00:00:00+08:00; at once unless said")
]
Anyway = Annotated[
    bool,
    typer.Option(
        "--anyway",
        help="Also when unfinished petitions stand on tiers that it lacks, or a planned version would never count",
    ),
]


def check(path: Bundle) -> None:
    """Read a bundle and hold it to every rule, and name what in it would decide nothing; nothing is sent anywhere."""
    bundle = read_or_fail(path)
    _doubt(bundle)
    typer.echo(
        f"{bundle.name} / {bundle.name_en}: sound; {len(bundle.units)} units, {len(bundle.departments)} departments,"
        f" {len(bundle.kinds)} kinds, {len(bundle.areas)} areas, {len(bundle.places)} known places / 规则包无误"
    )


def diff(
    path: Bundle,
    against: Annotated[int | None, typer.Option(help="A version; the one in force unless said")] = None,
    url: Url = None,
    data: Data = None,
) -> None:
    """Say line by line what a bundle would change."""
    from services.chassis.policy_diff import differences

    bundle, settings = read_or_fail(path), settings_from(url=url, data=data)
    server = server_on(settings)
    version = _in_force(settings, server) if against is None else against
    found = differences(_kept(settings, server, version), bundle)
    for where, before, after in found[:MOST_SHOWN]:
        typer.echo(_told(where, before, after))
    if len(found) > MOST_SHOWN:
        typer.echo(f"… and {len(found) - MOST_SHOWN} more / 其余从略")
    typer.echo(f"{len(found)} differences from version {version} / 与第 {version} 版相比共 {len(found)} 处不同")


def publish(
    path: Bundle, by: By, reason: Why, since: From = None, url: Url = None, data: Data = None, anyway: Anyway = False
) -> None:
    """Propose a bundle; when another person publishes the very same one, it counts."""
    bundle, settings = read_or_fail(path), settings_from(url=url, data=data)
    _doubt(bundle)
    query: dict[str, str | int] = {"by": by, "reason": reason}
    query |= {"effective_from": since} if since else {}
    query |= {"anyway": "true"} if anyway else {}
    content = bundle.model_dump_json().encode()
    _report(ask(settings, server_on(settings), "POST", "/v1/operations/policy/publish", content=content, query=query))


def rollback(
    to: Annotated[int, typer.Argument(help="The version whose bundle is to count again")],
    by: By,
    reason: Why,
    since: From = None,
    url: Url = None,
    data: Data = None,
    anyway: Anyway = False,
) -> None:
    """Propose that an earlier version counts again; when another person asks for the same, it becomes the next one."""
    from pydantic_core import to_json

    settings = settings_from(url=url, data=data)
    body = {"to": to, "by": by, "reason": reason, **({"effective_from": since} if since else {})}
    query = {"anyway": "true"} if anyway else {}
    path = "/v1/operations/policy/rollback"
    _report(ask(settings, server_on(settings), "POST", path, content=to_json(body), query=query))


def history(url: Url = None, data: Data = None) -> None:
    """List the versions: from when each counts, who published it, who agreed, and why."""
    settings = settings_from(url=url, data=data)
    for one in ask(settings, server_on(settings), "GET", VERSIONS)["items"]:
        who = " + ".join(filter(None, (one["published_by"], one["approved_by"]))) or "import"
        mark, why = "*" if one["in_force"] else " ", " ".join((one["reason"] or "").split())
        typer.echo(f"{mark} {one['version']:>4}  {one['effective_from']}  {' '.join(who.split())}  {why}".rstrip())
        if (newer := one["superseded_by"]) is not None:
            typer.echo(f"        never counts: superseded by {newer} / 不再生效，已由第 {newer} 版取代")


def _doubt(bundle: "PolicyBundle") -> None:
    from services.chassis.policy_doubts import doubts

    found = doubts(bundle)
    for one in found[:MOST_SHOWN]:
        typer.echo(f"? {one.told(chinese=speaks_chinese())}", err=True)
    if len(found) > MOST_SHOWN:
        typer.echo(f"? … {len(found) - MOST_SHOWN} more / 其余从略", err=True)


def _in_force(settings: "Settings", server: str) -> int:
    version: int = ask(settings, server, "GET", "/v1/policy")["version"]
    return version


def _kept(settings: "Settings", server: str, version: int) -> "PolicyBundle":
    from schemas.policy import PolicyBundle

    return PolicyBundle.model_validate(ask(settings, server, "GET", f"{VERSIONS}/{version}"), strict=False)


def _told(where: str, before: Any, after: Any) -> str:
    if before is None:
        return f"+ {where}: {_short(after)}"
    if after is None:
        return f"- {where}: {_short(before)}"
    return f"~ {where}: {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _report(done: dict[str, Any]) -> None:
    for version in done.get("supersedes", ()):
        typer.echo(
            f"Version {version}, planned for a later moment, will never count by this one."
            f" / 计划中的第 {version} 版将不再生效"
        )
    since = done["effective_from"] or "at once / 立即"
    if done["state"] == "proposed":
        typer.echo(
            f"Proposed by {done['proposed_by']}, to count from {since}. Nothing changed yet: another person must"
            " publish the same. / 已提出，须由另一人以相同内容发布后生效。"
        )
        return
    state = "counts" if done["state"] == "published" else "was there already and counts"
    typer.echo(f"Policy version {done['version']} {state} from {since}. / 规则第 {done['version']} 版生效时间：{since}")
