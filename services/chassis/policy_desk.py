"""A policy changes by two people: one proposes a bundle, another agrees to the very same one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from schemas.policy import PolicyBundle
from services.chassis.clock import from_micros, micros
from services.chassis.deciding import Rejected
from services.chassis.policies import PolicyBook, Terms, digested
from services.chassis.store.engine import Engine, Statement, Transaction

PROPOSE = (
    "INSERT INTO policy_proposal VALUES (:basis, :digest, :proposed_by, :proposed_at, :effective_from, :reason)"
    " ON CONFLICT DO NOTHING"
)
PROPOSED = "SELECT proposed_by, effective_from, reason FROM policy_proposal WHERE basis = :basis AND digest = :digest"
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


class OtherTerms(Rejected):
    """Who agrees names another moment than was proposed."""

    code = "other_terms"

    def __init__(self, proposed: str) -> None:
        super().__init__(proposed)
        self.proposed = proposed

    def en(self) -> str:
        return f"It was proposed to count from {self.proposed}; agree to that, or leave the moment out."

    def zh(self) -> str:
        return f"提出时约定自 {self.proposed} 起生效，请按此同意，或不填写生效时间。"


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


class Proposal(NamedTuple):
    """Who proposed a bundle, from when it is to count (None: at once), and why."""

    by: str
    effective_from: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A bundle that two people want, on these terms."""

    terms: Terms


async def propose_or_agree(
    bundle: PolicyBundle, policies: PolicyBook, engine: Engine, asked: Proposal, now: datetime
) -> Agreed | None:
    """The terms when this is the second person; None when it is the first, whose proposal is kept. A proposal stands
    until any version is published. Raises SecondPersonNeeded, OtherTerms, TooLate."""
    await policies.open()
    key = {"basis": policies.newest, "digest": digested(bundle)[1]}
    found = await engine.query(PROPOSED, key)
    if not found:
        if asked.effective_from is not None and asked.effective_from <= now:
            raise TooLate
        row = {
            "proposed_by": asked.by,
            "proposed_at": micros(now),
            "effective_from": micros(asked.effective_from) if asked.effective_from else 0,
            "reason": asked.reason,
        }
        await engine.transact(Transaction(statements=[Statement(PROPOSE, [key | row])]))
        found = await engine.query(PROPOSED, key)
        if found[0][0] == asked.by:
            return None
    proposer, since, reason = found[0]
    if proposer == asked.by:
        raise SecondPersonNeeded(proposer)
    effective = from_micros(since) if since else None
    if asked.effective_from is not None and asked.effective_from != effective:
        raise OtherTerms(effective.isoformat() if effective else "at once / 立即")
    return Agreed(Terms(effective, proposer, asked.by, reason))


async def versions(engine: Engine, in_force: int | None) -> list[dict[str, Any]]:
    """Every version, the newest first: when it was published, from when it counts, by whom, and why."""
    return [
        {
            "version": version,
            "published_at": from_micros(published),
            "effective_from": from_micros(since or published),
            "published_by": by,
            "approved_by": approver,
            "reason": reason,
            "in_force": version == in_force,
        }
        for version, published, since, by, approver, reason in await engine.query(LISTED, {})
    ]
