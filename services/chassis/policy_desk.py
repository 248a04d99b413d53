"""A policy changes by two people: one proposes a bundle, another agrees to the very same one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.people import same_person
from schemas.policy import PolicyBundle
from services.chassis.clock import from_micros, micros
from services.chassis.deciding import Rejected
from services.chassis.policies import PolicyBook, Terms, digested
from services.chassis.store.engine import Engine, Statement, Transaction

PROPOSE = (
    "INSERT INTO policy_proposal VALUES (:basis, :digest, :proposed_by, :proposed_at, :effective_from, :reason)"
    " ON CONFLICT DO NOTHING"
)
PROPOSED = (
    "SELECT proposed_by, effective_from, reason FROM policy_proposal WHERE basis = :basis AND digest = :digest"
    " ORDER BY proposed_at DESC"
)
NEWEST = (
    "SELECT version, digest, effective_from, published_by, approved_by, reason FROM policy"
    " ORDER BY version DESC LIMIT 1"
)
PROPOSER = "SELECT published_by FROM policy WHERE version = :version"
LISTED = (
    "SELECT version, imported_at, effective_from, published_by, approved_by, reason FROM policy ORDER BY version DESC"
)


class SecondPersonNeeded(Rejected):
    """The bundle is proposed, and its proposer cannot agree to it alone."""

    code = "second_person_needed"

    def __init__(self, proposer: str) -> None:
        super().__init__(proposer)
        self.proposer = proposer

    def en(self) -> str:
        return f"{self.proposer} proposed this bundle; another person must publish the same one for it to count."

    def zh(self) -> str:
        return f"该规则包由 {self.proposer} 提出，须由另一人以相同内容发布后方可生效。"


class TooLate(Rejected):
    """A policy cannot count from a moment that is over: decisions were made by another then."""

    code = "effective_in_the_past"
    status = 422

    def en(self) -> str:
        return "The moment from which it is to count is over; name a later one, or none for at once."

    def zh(self) -> str:
        return "生效时间已过，请改为以后的时间；不填则立即生效。"


class ByTwoOnly(Rejected):
    """This server takes a policy from two people only."""

    code = "by_two_only"

    def en(self) -> str:
        return "This server changes its policy by two people: use `gridcase policy publish`."

    def zh(self) -> str:
        return "本服务的规则须由两人发布：请使用 gridcase policy publish。"


class ItsProposer(Rejected):
    """Who proposed the policy in force cannot re-route by it: that takes another person."""

    code = "its_proposer"

    def __init__(self, proposer: str) -> None:
        super().__init__(proposer)
        self.proposer = proposer

    def en(self) -> str:
        return f"{self.proposer} proposed the policy in force; another person must re-route by it. A dry run is free."

    def zh(self) -> str:
        return f"现行规则由 {self.proposer} 提出，须由另一人重派；试算不受限制。"


class OtherInForce(Rejected):
    """Another policy is in force than the one by which petitions were to be re-routed."""

    code = "other_in_force"

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version

    def en(self) -> str:
        return (
            f"Policy version {self.version} is in force now: see what it would move (`--dry-run`), then run this again."
        )

    def zh(self) -> str:
        return f"现行规则已是第 {self.version} 版：请先试算（--dry-run），再重新运行。"


class Proposal(NamedTuple):
    """Who proposed a bundle, from when it is to count (None: at once), and why."""

    by: str
    effective_from: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A bundle that two people want, on these terms, instead of the version `basis`."""

    terms: Terms
    basis: int


@dataclass(frozen=True, slots=True)
class Published:
    """The bundle is the newest version already, on these terms."""

    version: int
    terms: Terms


async def propose_or_agree(
    bundle: PolicyBundle, policies: PolicyBook, engine: Engine, asked: Proposal, now: datetime
) -> Agreed | Published | None:
    """The terms when this is the second person; None when it is the first, whose proposal is kept.

    A proposal stands until any version is published. Who names another moment proposes anew; who names none agrees to
    the moment proposed last. What is agreed to after its moment counts at once. Raises SecondPersonNeeded, TooLate.
    """
    await policies.open()
    _, digest = await asyncio.to_thread(digested, bundle)
    newest = await engine.query(NEWEST, {})
    wanted = None if asked.effective_from is None else micros(asked.effective_from)
    if newest and newest[0][1] == digest:
        version, _, since, *who = newest[0]
        if since <= micros(now) or wanted in (None, since):
            return Published(version, Terms(_moment(since), *who))
    basis = newest[0][0] if newest else 0
    key = {"basis": basis, "digest": digest}
    found = await _proposed(engine, key, wanted)
    if not found:
        if wanted is not None and wanted <= micros(now):
            raise TooLate
        row = {"proposed_by": asked.by, "proposed_at": micros(now), "effective_from": wanted or 0}
        await engine.transact(Transaction(statements=[Statement(PROPOSE, [key | row | {"reason": asked.reason}])]))
        found = await _proposed(engine, key, wanted or 0)
        if found[0][0] == asked.by:
            return None
    proposer, since, reason = found[0]
    if same_person(proposer, asked.by):
        raise SecondPersonNeeded(proposer)
    return Agreed(Terms(_moment(since if since > micros(now) else 0), proposer, asked.by, reason), basis)


async def refuse_its_proposer(by: str, version: int, engine: Engine) -> None:
    """Raises ItsProposer where this person proposed the version; an import has no proposer."""
    for (proposer,) in await engine.query(PROPOSER, {"version": version}):
        if proposer is not None and same_person(proposer, by):
            raise ItsProposer(proposer)


async def _proposed(engine: Engine, key: dict[str, Any], wanted: int | None) -> list[Any]:
    found = await engine.query(PROPOSED, key)
    return [one for one in found if wanted is None or one[1] == wanted]


def _moment(stored: int) -> datetime | None:
    return from_micros(stored) if stored else None


async def versions(engine: Engine, in_force: int | None) -> list[dict[str, Any]]:
    """Every version, the newest first: when it was published, from when it counts, by whom, and why; of one that was
    planned and never counts, which one counts instead of it."""
    listed = await engine.query(LISTED, {})
    begins = {version: since or published for version, published, since, *_ in listed}
    return [
        {
            "version": version,
            "published_at": from_micros(published),
            "effective_from": from_micros(since or published),
            "published_by": by,
            "approved_by": approver,
            "reason": reason,
            "in_force": version == in_force,
            "superseded_by": _instead_of(version, begins) if since else None,
        }
        for version, published, since, by, approver, reason in listed
    ]


def _instead_of(version: int, begins: Mapping[int, int]) -> int | None:
    """The newest version after it that counts from the same moment or an earlier one."""
    return max((one for one, since in begins.items() if one > version and since <= begins[version]), default=None)
