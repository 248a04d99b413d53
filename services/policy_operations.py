"""What changes a running server's policy: an import, or two people who publish the same; what goes elsewhere by it."""

import asyncio
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field, ValidationError
from pydantic_core import to_json

from schemas.policy import PolicyBundle
from services.chassis.bodies import Body, Moment, Staff, Words
from services.chassis.making_many import making_many
from services.chassis.misfits import Misfit, misfits, pointer_to
from services.chassis.permissions import Permission, allow
from services.chassis.policies import Terms
from services.chassis.policy_desk import ByTwoOnly, Proposal, Published, propose_or_agree, versions
from services.chassis.policy_files import BundleError, BundleErrors, check_bundle
from services.chassis.policy_pieces import bundle_of
from services.chassis.problems import ProblemRaised
from services.chassis.web import routes
from services.console.gone import publish_unless_in_use, voided_by
from services.operations import Here
from services.process import Process
from services.rerouting import RerouteBody, reroute

api = routes(tags=["operations"])
OPERATE = [allow(Permission.OPERATE)]
ANYWAY = "Also when unfinished petitions stand on tiers that it does not have, or a planned version would never count"
Anyway = Annotated[bool, Query(description=ANYWAY)]


class RollbackBody(Body):
    """Which earlier version is to count again, who wants it, and why."""

    to: Annotated[int, Field(ge=1)]
    by: Staff
    reason: Words
    effective_from: Moment | None = None


@api.post("/v1/operations/policy", dependencies=OPERATE)
async def import_policy(request: Request, process: Here, anyway: Anyway = False) -> dict[str, object]:
    """Put a policy bundle in force, as `gridcase import` read and checked it from files.

    `gone` counts the unfinished petitions that stand where the bundle has nothing any more; `supersedes` are the
    planned versions that will never count. Raises TiersInUse, PlannedSuperseded, and ByTwoOnly where a policy is
    changed by two people and one is in force.
    """
    if request.app.state.settings.four_eyes and process.runtime.policies.newest:
        raise ByTwoOnly
    bundle = await asyncio.to_thread(_checked, await request.body())
    return await publish_unless_in_use(bundle, process.runtime.policies, process.runtime.log.engine, anyway=anyway)


class PublishQuery(Body):
    """Who publishes the bundle and why; from when it counts, at once unless said."""

    by: Staff
    reason: Words
    effective_from: Moment | None = None
    anyway: Annotated[bool, Field(strict=False, description=ANYWAY)] = False


@api.post("/v1/operations/policy/publish", dependencies=OPERATE)
async def publish_policy(request: Request, process: Here, asked: Annotated[PublishQuery, Query()]) -> dict[str, object]:
    """Propose a policy bundle, or agree as the second person to the very same one, which puts it in force.

    `state` is `proposed`, `published` or `unchanged`; `supersedes` are the planned versions that never count by it.
    Raises SecondPersonNeeded, TooLate, TiersInUse, PlannedSuperseded, NotTheBasis.
    """
    bundle = await asyncio.to_thread(_checked, await request.body())
    return await _by_two(process, bundle, Proposal(asked.by, asked.effective_from, asked.reason), anyway=asked.anyway)


@api.post("/v1/operations/policy/rollback", dependencies=OPERATE)
async def roll_back_policy(body: RollbackBody, process: Here, anyway: Anyway = False) -> dict[str, object]:
    """Propose that an earlier version's bundle counts again, or agree to it: it becomes the next version."""
    bundle = _bundle(process, body.to)
    return await _by_two(process, bundle, Proposal(body.by, body.effective_from, body.reason), anyway=anyway)


@api.post("/v1/operations/policy/reroute", dependencies=OPERATE)
async def reroute_petitions(body: RerouteBody, request: Request, process: Here) -> Response:
    """Re-route a page of the unfinished petitions that the policy in force would have elsewhere, or only list them.

    `next` is `after` of the next page. Raises ItsProposer."""
    four_eyes = request.app.state.settings.four_eyes
    return _json(await reroute(body, process.runtime, four_eyes=four_eyes))


@api.get("/v1/operations/policy/versions", dependencies=OPERATE)
async def list_policies(process: Here) -> Response:
    """Every version, the newest first: from when it counts, who published it, who agreed, and why.

    `superseded_by` names what counts instead of a planned one that never does."""
    policies = process.runtime.policies
    in_force = None if policies.empty else policies.current.version
    return _json({"items": await versions(process.runtime.log.engine, in_force)})


@api.get("/v1/operations/policy/versions/{version}", dependencies=OPERATE)
async def read_bundle(version: int, process: Here) -> Response:
    """The whole bundle of one version."""
    return _json(_bundle(process, version).model_dump(mode="json"))


async def _by_two(process: Process, bundle: PolicyBundle, asked: Proposal, *, anyway: bool) -> dict[str, object]:
    runtime = process.runtime
    agreed = await propose_or_agree(bundle, runtime.policies, runtime.log.engine, asked, runtime.time.now())
    if agreed is None:
        planned = await voided_by(bundle, runtime.policies, asked.effective_from)
        proposed = Terms(asked.effective_from, asked.by)
        return {"state": "proposed", "supersedes": list(planned)} | _terms(proposed)
    if isinstance(agreed, Published):
        return {"state": "unchanged", "version": agreed.version} | _terms(agreed.terms)
    done = await publish_unless_in_use(
        bundle, runtime.policies, runtime.log.engine, anyway=anyway, terms=agreed.terms, basis=agreed.basis
    )
    return {"state": "published" if done["new"] else "unchanged"} | done | _terms(agreed.terms)


def _terms(terms: Terms) -> dict[str, object]:
    return {"proposed_by": terms.published_by, "effective_from": terms.effective_from}


def _bundle(process: Process, version: int) -> PolicyBundle:
    known = range(1, process.runtime.policies.newest + 1)
    if version not in known:
        raise ProblemRaised(
            404, "unknown_policy_version", f"There is no policy version {version}; there are 1 to {len(known)}.",
            f"没有规则版本 {version}；现有 1 至 {len(known)}。",
        )  # fmt: skip
    return process.runtime.policies.version(version).bundle


def _json(value: object) -> Response:
    return Response(to_json(value), media_type="application/json")


def _checked(body: bytes) -> PolicyBundle:
    """The bundle, held to every rule that files are held to, whoever sent it."""
    try:
        with making_many(len(body)):
            return check_bundle(bundle_of(body))
    except ValidationError as error:
        errors = misfits(error.errors())
    except BundleErrors as error:
        errors = [Misfit(_pointer(one), one.message_en, one.message_zh) for one in error.errors]
    raise ProblemRaised(
        422, "broken_policy", "The bundle breaks rules; nothing was published. See `errors`.",
        "规则包有错误，未发布，见 errors。", errors,
    )  # fmt: skip


def _pointer(error: BundleError) -> str:
    return error.file + pointer_to(error.field.split(".") if error.field else ())
