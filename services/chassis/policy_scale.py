"""难易: what must hold between the limits of the tiers, so that none of them is without effect."""

from collections.abc import Iterable, Iterator, Sequence

from schemas.policy import ScaleRule
from services.chassis.policy_rows import BundleError, Row


def check_scale(records: Iterable[tuple[Row, ScaleRule]], tiers: Sequence[str]) -> Iterator[BundleError]:
    """Whatever could never decide anything: no limit, one of the top, one above a tier without, one that does not rise.

    `tiers`: the ladder from the lowest up.
    """
    rules = {row.text("tier") or "": (row, rule) for row, rule in records}
    for row, rule in rules.values():
        if all(limit is None for _, limit in rule):
            yield row.error("", "names no limit", "没有写任何限额")
    known = [(tier, *rules[tier]) for tier in tiers if tier in rules]
    for size in ScaleRule.model_fields:
        yield from _rising(size, [(tier, row, getattr(rule, size)) for tier, row, rule in known], tiers)


def _rising(size: str, limits: Sequence[tuple[str, Row, int | None]], tiers: Sequence[str]) -> Iterator[BundleError]:
    given = [(tier, row, limit) for tier, row, limit in limits if limit is not None]
    limited = {tier for tier, _, _ in given}
    endless = next((tier for tier in tiers if tier not in limited), None)
    below, lower = "", -1
    for tier, row, limit in given:
        if tier == tiers[-1]:
            en = f"has no effect: nobody stands above '{tier}'"
            yield row.error(size, en, f"不起作用：“{tier}”之上没有更高一级")
        elif endless is not None and tiers.index(endless) < tiers.index(tier):
            en = f"has no effect: '{endless}' below it has no limit"
            yield row.error(size, en, f"不起作用：其下的“{endless}”没有限额")
        elif limit <= lower:
            en = f"{limit} is not more than {lower} at '{below}' below it"
            yield row.error(size, en, f"{limit} 不高于其下“{below}”的 {lower}")
        below, lower = tier, limit
