"""`gridcase import`: put a district in force."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.chassis.settings import Settings
from services.cli.asking import Data, Url, ask, fail, settings_from

if TYPE_CHECKING:
    from schemas.policy import PolicyBundle

MOST_ERRORS_SHOWN = 50


def import_command(
    path: Annotated[Path, typer.Argument(help="A directory with district.yaml and its tables, or one YAML file")],
    url: Url = None,
    data: Data = None,
    if_none: Annotated[bool, typer.Option("--if-none", help="Only when nothing was imported before")] = False,
) -> None:
    """Read ladder, units, departments, kinds and signs; check them; put them in force as the next policy version."""
    from services.chassis.data_dir import DataLocked
    from services.chassis.policy_files import BundleErrors, read_bundle

    settings = settings_from(url=url, data=data)
    if not path.exists():
        raise fail(
            f"there is no {path}: name a directory with district.yaml / 没有 {path}，请指定含 district.yaml 的目录"
        )
    try:
        bundle = read_bundle(path)
    except BundleErrors as error:
        lines = str(error).splitlines()
        rest = f"\n… and {len(lines) - MOST_ERRORS_SHOWN} more" if len(lines) > MOST_ERRORS_SHOWN else ""
        raise fail("\n".join(lines[:MOST_ERRORS_SHOWN]) + rest + "\nNothing was imported. / 未导入任何内容。") from None
    server = None if if_none else settings.url  # --if-none is about DATA, which a server is about to serve
    try:
        version, new = _ask(settings, server, bundle) if server else asyncio.run(_publish(settings, bundle, if_none))
    except DataLocked as error:
        if error.url is None:
            raise fail(str(error)) from None
        if if_none:
            return
        version, new = _ask(settings, error.url, bundle)
        server = error.url
    _report(bundle, version, new, f"on {server}" if server else f"in {settings.data}")


def _ask(settings: Settings, server: str, bundle: "PolicyBundle") -> tuple[int, bool]:
    answer = ask(settings, server, "POST", "/v1/operations/policy", content=bundle.model_dump_json().encode())
    return answer["version"], answer["new"]


async def _publish(settings: Settings, bundle: "PolicyBundle", if_none: bool) -> tuple[int, bool]:
    from services.chassis.data_dir import Lock, open_data
    from services.console.tables import ReadModel

    lock = Lock(settings.data)
    try:
        opened = await open_data(settings.data, settings.partitions, ReadModel.metadata)
        try:
            policies = opened.runtime.policies
            if if_none and not policies.empty:
                return policies.current.version, False
            policy, new = await policies.publish(bundle)
            return policy.version, new
        finally:
            await opened.close()
    finally:
        lock.release()


def _report(bundle: "PolicyBundle", version: int, new: bool, where: str) -> None:
    from schemas.policy import Policy

    ladder = Policy(version, bundle).jurisdiction.ladder
    tiers = ", ".join(
        f"{sum(u.tier == tier.code for u in bundle.units)} {tier.code}" for tier in reversed(ladder.tiers)
    )
    state = "in force now" if new else "in force already, nothing changed"
    typer.echo(
        f"{bundle.name} / {bundle.name_en}: {len(bundle.units)} units ({tiers}), "
        f"{len(bundle.departments)} departments, {len(bundle.kinds)} kinds; "
        f"policy version {version} is {state}, {where}"
    )
