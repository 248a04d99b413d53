"""What a publication would take away: tiers, units and departments from under unfinished petitions, and planned
versions, which would never count."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.policy import Policy, PolicyBundle
from services.chassis.deciding import Rejected
from services.chassis.policies import AT_ONCE, PolicyBook, Terms
from services.chassis.store.engine import Engine
from services.console.tables import PetitionRow

MOST_NAMED = 10
STANDING = (
    f"SELECT tier, unit, department, count(*) FROM {PetitionRow.__tablename__}"  # noqa: S608
    " WHERE closed_at IS NULL GROUP BY tier, unit, department"
)


@dataclass(frozen=True)
class Gone:
    """Codes that the policy in force has and the next one has not, with how many unfinished petitions stand there."""

    tiers: Mapping[str, int]
    units: Mapping[str, int]
    departments: Mapping[str, int]


class TiersInUse(Rejected):
    """The district's ladder lacks a tier on which unfinished petitions stand."""

    code = "tiers_in_use"

    def __init__(self, tiers: Mapping[str, int], planned: Mapping[int, datetime]) -> None:
        super().__init__(tiers, planned)
        self.tiers = tiers
        self.also = [PlannedSuperseded(planned)] if planned else []

    def en(self) -> str:
        return " ".join((self._en(), *(one.en() for one in self.also)))

    def zh(self) -> str:
        return "".join((self._zh(), *(one.zh() for one in self.also)))

    def _en(self) -> str:
        return (
            f"Unfinished petitions stand on tiers that this ladder does not have ({told(self.tiers)}); nothing was"
            " imported. Keep these tiers until the petitions are closed, or import with --anyway (`?anyway=true`):"
            " their next move then takes them to the top."
        )

    def _zh(self) -> str:
        return (
            f"新的层级阶梯缺少仍有未结诉求的层级（{told(self.tiers)}），未导入任何内容。请保留这些层级直到诉求办结；"
            "或加 --anyway（?anyway=true）仍然导入，这些诉求下一次流转时将上到最高一级。"
        )


class PlannedSuperseded(Rejected):
    """A version that is planned would never count, for this one would come after it and count from before."""

    code = "planned_superseded"

    def __init__(self, planned: Mapping[int, datetime]) -> None:
        super().__init__(planned)
        self.planned = planned

    def en(self) -> str:
        named = ", ".join(f"version {version} ({since.isoformat()})" for version, since in self.planned.items())
        return (
            f"What is planned would never count: {named}. Nothing was published. Name a later moment than that; or"
            " publish with --anyway (`?anyway=true`), and then the planned bundle, with this change in it, again for"
            " its moment."
        )

    def zh(self) -> str:
        named = "、".join(f"第 {version} 版（{since.isoformat()}）" for version, since in self.planned.items())
        return (
            f"已计划的{named}将永远不会生效，未发布任何内容。请改用更晚的生效时间；或加 --anyway（?anyway=true）"
            "仍然发布，再把本次改动并入计划中的规则包，按原定时间重新发布。"
        )


async def voided_by(bundle: PolicyBundle, policies: PolicyBook, since: datetime | None) -> Mapping[int, datetime]:
    """Each planned version that would never count beside this bundle, with its moment in the district's time; one with
    the very same content only counts from another moment."""
    await policies.open()
    planned = policies.voided_by(since).items()
    same = await asyncio.to_thread(lambda: {one.version for one, _ in planned if one.bundle == bundle})
    zones = {one.version: ZoneInfo(one.bundle.timezone) for one, _ in planned}
    return {one.version: at.astimezone(zones[one.version]) for one, at in planned if one.version not in same}


async def publish_unless_in_use(
    bundle: PolicyBundle,
    policies: PolicyBook,
    engine: Engine,
    *,
    anyway: bool,
    terms: Terms = AT_ONCE,
    basis: int | None = None,
) -> dict[str, Any]:
    """Put the bundle in force and tell what is gone with it, and which planned versions will never count; raises
    TiersInUse and PlannedSuperseded unless it is meant `anyway`."""
    gone, planned = Gone({}, {}, {}), dict[int, datetime]()

    async def check() -> None:
        nonlocal gone
        planned.update(await voided_by(bundle, policies, terms.effective_from))
        gone = await _gone_with(bundle, policies, engine, planned=terms.effective_from is not None)
        if gone.tiers and not anyway:
            raise TiersInUse(gone.tiers, planned)
        if planned and not anyway:
            raise PlannedSuperseded(planned)

    policy, new = await policies.publish(bundle, check, terms, basis)
    return {"version": policy.version, "new": new, "gone": asdict(gone), "supersedes": list(planned)}


async def _gone_with(bundle: PolicyBundle, policies: PolicyBook, engine: Engine, *, planned: bool) -> Gone:
    """What stands, by the list of petitions, where the policy in force has something and `bundle` has nothing; every
    tier that is gone where it is planned, for nobody knows what will stand there then."""
    if policies.empty:
        return Gone({}, {}, {})
    counts: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())
    for *codes, petitions in await engine.query(STANDING, {}):
        for counted, code in zip(counts, codes, strict=True):
            counted[code] += petitions
    now, then = _codes(policies.current), await asyncio.to_thread(_codes_of, bundle)
    if planned:
        counts[0].update(dict.fromkeys(now[0], 0))
    return Gone(
        *({code: n for code, n in c.items() if code in a - b} for c, a, b in zip(counts, now, then, strict=True))
    )


def _codes_of(bundle: PolicyBundle) -> tuple[set[str], set[str], set[str]]:
    return _codes(Policy(0, bundle))


def _codes(policy: Policy) -> tuple[set[str], set[str], set[str]]:
    units = policy.jurisdiction
    return {tier.code for tier in units.ladder.tiers}, set(units.units), set(units.departments)


def told(counts: Mapping[str, int]) -> str:
    """`SA: 3, SB: 1, …`: the codes with the most petitions first."""
    most = sorted(counts, key=lambda code: (-counts[code], code))
    named = [f"{code}: {counts[code]}" for code in most[:MOST_NAMED]]
    return ", ".join(named + ["…"] * (len(most) > MOST_NAMED))
