"""`gridcase backup` and `gridcase restore`: a data directory as one copies it while it is served."""

from pathlib import Path
from typing import Annotated

import typer

from services.chassis.settings import Settings
from services.cli.asking import Data, fail, settings_from


def backup(
    target: Annotated[Path, typer.Argument(help="Folder to write to; it must be empty, or not there yet")],
    data: Data = None,
) -> None:
    """Copy the log and the keys of DATA, also while a server runs on it. `master.key` is not copied: keep it apart."""
    from services.chassis.backups import FILES, back_up

    settings = _of_a_directory(data)
    back_up(settings.data, target)
    sizes = ", ".join(f"{name} {(target / name).stat().st_size / 1_000_000:.1f} MB" for name in FILES)
    typer.echo(f"{settings.data} is backed up in {target}: {sizes}; {settings.data / 'master.key'} is not / 已备份")


def restore(
    backup: Annotated[Path, typer.Argument(help="Folder that `gridcase backup` wrote")],
    data: Data = None,
) -> None:
    """Make DATA of a backup, under a new epoch. DATA must be empty, or not there yet; `master.key` may be there."""
    from services.chassis import backups

    settings = _of_a_directory(data)
    epoch = backups.restore(backup, settings.data)
    key = settings.data / "master.key"
    first = "" if key.exists() else f"Put the master key into {key}, then "
    typer.echo(
        f"{settings.data} is restored under the new epoch {epoch} / 已恢复\n"
        f"{first}look it through: gridcase verify --data {settings.data}"
    )


def _of_a_directory(data: Path | None) -> Settings:
    settings = settings_from(data=data)
    if settings.database_url:
        raise fail(
            "the data are in PostgreSQL, which has its own tools for that: see docs/operations.md"
            " / 数据在 PostgreSQL 中，请使用其自带工具，见 docs/operations.md"
        )
    return settings
