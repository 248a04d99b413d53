"""`gridcase import`: put a district in force."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.chassis.settings import Settings
from services.cli.asking import Data, Url, ask, fail, settings_from, speaks_chinese

if TYPE_CHECKING:
    from schemas.policy import PolicyBundle
    from services.chassis.data_dir import DataDir

MOST_ERRORS_SHOWN = 50


def import_command(
    path: Annotated[Path, typer.Argument(help="A directory with district.yaml and its tables, or one YAML file")],
    url: Url = None,
    data: Data = None,
    if_none: Annotated[bool, typer.Option("--if-none", help="Only when nothing was imported before")] = False,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway",
            help="Also when unfinished petitions stand on tiers that it lacks, or a planned version would never count",
        ),
    ] = False,
) -> None:
    """Read ladder, units, departments, kinds and signs; check them; put them in force as the next policy version."""
    from services.chassis.data_dir import DataLocked

    settings = settings_from(url=url, data=data)
    if path.exists():
        _refuse_a_stray_directory(settings, if_none=if_none)
    bundle = read_or_fail(path)
    server = None if if_none else settings.url  # --if-none is about DATA, which a server is about to serve
    try:
        if if_none and settings.database_url:
            done = asyncio.run(_publish_first(settings, bundle))
        elif server:
            done = _ask(settings, server, bundle, anyway)
        else:
            done = asyncio.run(_publish(settings, bundle, if_none=if_none, anyway=anyway))
    except DataLocked as error:
        if error.url is None:
            raise fail(str(error)) from None
        if if_none:
            return
        done = _ask(settings, error.url, bundle, anyway)
        server = error.url
    where = "in the databases" if if_none and settings.database_url else f"in {settings.data}"
    _report(bundle, done, f"on {server}" if server else where)


def read_or_fail(path: Path) -> "PolicyBundle":
    """The bundle that stands there; ends with every error that it has."""
    from services.chassis.policy_files import BundleErrors, read_bundle

    if not path.exists():
        raise fail(
            f"there is no {path}: name a directory with district.yaml / 没有 {path}，请指定含 district.yaml 的目录"
        )
    try:
        return read_bundle(path)
    except BundleErrors as error:
        lines = [one.told(chinese=speaks_chinese()) for one in error.errors]
        rest = f"\n… and {len(lines) - MOST_ERRORS_SHOWN} more" if len(lines) > MOST_ERRORS_SHOWN else ""
        raise fail("\n".join(lines[:MOST_ERRORS_SHOWN]) + rest + "\nNothing was imported. / 未导入任何内容。") from None


def _refuse_a_stray_directory(settings: Settings, *, if_none: bool) -> None:
    """End with a clear word where data would begin in a directory that nobody named: a server may run on another."""
    if if_none or settings.url or "data" in settings.model_fields_set or settings.data.exists():
        return
    raise fail(
        f"there is no data in {settings.data}: name the directory that the server runs on with --data (or"
        f" GRIDCASE_DATA), or begin a new one with --data {settings.data}; nothing was imported"
        f" / 没有数据目录 {settings.data}：请用 --data（或 GRIDCASE_DATA）指定服务所用的目录，"
        f"或用 --data {settings.data} 新建；未导入任何内容"
    )


def _ask(settings: Settings, server: str, bundle: "PolicyBundle", anyway: bool) -> Any:
    """What the server answers, which is what `_publish` returns."""
    content, query = bundle.model_dump_json().encode(), {"anyway": "true"} if anyway else {}
    return ask(settings, server, "POST", "/v1/operations/policy", content=content, query=query)


async def _publish(settings: Settings, bundle: "PolicyBundle", *, if_none: bool, anyway: bool) -> dict[str, Any]:
    from services.chassis.data_dir import Lock, open_data
    from services.chassis.policy_desk import ByTwoOnly
    from services.console.gone import PlannedSuperseded, TiersInUse, publish_unless_in_use
    from services.console.tables import ReadModel

    lock = Lock(settings.data)
    try:
        opened = await open_data(settings.data, settings.partitions, ReadModel.metadata)
        try:
            policies = opened.runtime.policies
            if if_none and policies.newest:
                return {"version": policies.newest, "new": False, "gone": {}}
            if settings.four_eyes and policies.newest:
                raise ByTwoOnly
            await _list_everything(opened)
            return await publish_unless_in_use(bundle, policies, opened.engine, anyway=anyway)
        except (TiersInUse, PlannedSuperseded, ByTwoOnly) as refusal:
            raise fail(f"{refusal.en()}\n{refusal.zh()}") from None
        finally:
            await opened.close()
    finally:
        lock.release()


async def _publish_first(settings: Settings, bundle: "PolicyBundle") -> dict[str, Any]:
    """Into the databases, when nothing was imported there before and so nothing can be taken away."""
    from services.chassis.databases import open_databases

    opened = await open_databases(settings)
    try:
        policies = opened.runtime.policies
        if policies.newest:
            return {"version": policies.newest, "new": False, "gone": {}}
        policy, new = await policies.publish(bundle)
        return {"version": policy.version, "new": new, "gone": {}}
    finally:
        await opened.close()


async def _list_everything(opened: "DataDir") -> None:
    """Have the list of petitions see what came just before the server was stopped."""
    from services.chassis.projection import ProjectionRunner
    from services.console.petition_list import PETITION_LIST

    runner = ProjectionRunner(PETITION_LIST, opened.runtime.log, opened.engine)
    await runner.start()
    while await runner.step():
        pass


def _report(bundle: "PolicyBundle", done: dict[str, Any], where: str) -> None:
    from schemas.policy import Policy
    from services.console.gone import told

    version = done["version"]

    ladder = Policy(version, bundle).jurisdiction.ladder
    tiers = ", ".join(
        f"{sum(u.tier == tier.code for u in bundle.units)} {tier.code}" for tier in reversed(ladder.tiers)
    )
    state = "in force now" if done["new"] else "in force already, nothing changed"
    typer.echo(
        f"{bundle.name} / {bundle.name_en}: {len(bundle.units)} units ({tiers}), "
        f"{len(bundle.departments)} departments, {len(bundle.kinds)} kinds; "
        f"policy version {version} is {state}, {where}"
    )
    for what, counts in done["gone"].items():
        if counts:
            typer.secho(
                f"{what} that are gone, with the unfinished petitions still there: {told(counts)}; each stays where it"
                " is until its next move / 已不存在而仍有未结诉求，下次流转时另行派单",
                err=True,
                fg=typer.colors.YELLOW,
            )
