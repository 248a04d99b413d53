"""`gridcase lag`: how far each subscriber is behind the log, and who hears for it."""

from rich.console import Console
from rich.table import Table

from services.cli.asking import Data, Url, ask, fail, settings_from
from services.cli.finding import server_of


def lag(url: Url = None, data: Data = None) -> None:
    """Show every subscriber of a running gridcase: events behind, the owners of its partitions, age of their leases."""
    settings = settings_from(url=url, data=data)
    server = server_of(settings)
    if server is None:
        raise fail(
            "no server serves this data: start it, or name one with --url / 没有运行中的服务：请启动，或用 --url 指定"
        )
    table = Table(title_justify="left")
    for column in ("subscriber", "behind", "owner", "partitions", "lease age, s"):
        table.add_column(column, justify="right" if column in ("behind", "lease age, s") else "left", overflow="fold")
    for one in ask(settings, server, "GET", "/v1/operations/lag")["items"]:
        for index, owner in enumerate(one["owners"]):
            first = (one["subscriber"], f"{one['events']:,}") if index == 0 else ("", "")
            age = "" if owner["lease_age"] is None else f"{owner['lease_age']:.1f}"
            table.add_row(*first, owner["owner"] or "nobody 无", _ranges(owner["partitions"]), age)
    Console().print(table)


def _ranges(partitions: list[int]) -> str:
    """`0-3 8`: the partitions in order, neighbours together."""
    parts: list[list[int]] = []
    for one in sorted(partitions):
        if parts and one == parts[-1][-1] + 1:
            parts[-1].append(one)
        else:
            parts.append([one])
    return " ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
