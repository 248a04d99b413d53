"""What operators ask of a running server: health, metrics, a new policy, a rebuild, a redrive."""

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import ValidationError
from pydantic_core import to_json

from schemas.policy import PolicyBundle
from services.chassis import dead_letters, metrics
from services.chassis.clock import micros
from services.chassis.misfits import Misfit, misfits, pointer_to
from services.chassis.permissions import Permission, allow
from services.chassis.policy_files import BundleError, BundleErrors, check_bundle
from services.chassis.problems import ProblemRaised
from services.chassis.web import routes
from services.console.gone import publish_unless_in_use
from services.embedded import Embedded

api = routes(tags=["operations"])


async def _embedded(request: Request) -> Embedded:
    embedded: Embedded = request.app.state.embedded
    return embedded


Process = Annotated[Embedded, Depends(_embedded)]


@api.get("/healthz", dependencies=[allow(Permission.PUBLIC)])
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@api.get("/readyz", dependencies=[allow(Permission.PUBLIC)])
async def readyz(embedded: Process) -> Response:
    """It can take petitions: a policy is in force, the log answers, every part of the work runs."""
    await embedded.runtime.log.heads()
    broken = [] if not embedded.runtime.policies.empty else ["policy"]
    broken += [] if embedded.runtime.batcher.running else ["batcher"]
    broken += [task.get_name() for task in embedded.tasks if task.done()]
    body = {"status": "not ready" if broken else "ready", "broken": broken}
    return Response(to_json(body), 503 if broken else 200, media_type="application/json")


@api.get("/metrics", dependencies=[allow(Permission.OPERATE)])
async def read_metrics(embedded: Process) -> Response:
    """Prometheus text; no personal data in any label."""
    heads = await embedded.runtime.log.heads()
    for one in embedded.workers:
        reached = one.reached
        metrics.LAG.labels(one.name).set(sum(head - reached[partition] for partition, head in heads.items()))
    metrics.WAITING.set(embedded.runtime.batcher.waiting)
    return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)


@api.post("/v1/operations/policy", dependencies=[allow(Permission.OPERATE)])
async def publish_policy(
    request: Request,
    embedded: Process,
    anyway: Annotated[
        bool, Query(description="Also when unfinished petitions stand on tiers that it does not have")
    ] = False,
) -> dict[str, object]:
    """Put a policy bundle in force, as `gridcase import` read and checked it from files.

    `gone` counts the unfinished petitions that stand where the bundle has nothing any more. Raises TiersInUse.
    """
    bundle = await asyncio.to_thread(_checked, await request.body())
    return await publish_unless_in_use(bundle, embedded.runtime.policies, embedded.runtime.log.engine, anyway=anyway)


def _checked(body: bytes) -> PolicyBundle:
    """The bundle, held to every rule that files are held to, whoever sent it."""
    try:
        return check_bundle(PolicyBundle.model_validate_json(body))
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


@api.get("/v1/operations/projections", dependencies=[allow(Permission.OPERATE)])
async def list_projections(embedded: Process) -> dict[str, object]:
    """The read models that can be rebuilt from the log."""
    return {"items": [{"name": one.name} for one in embedded.projections]}


@api.post("/v1/operations/rebuild/{projection}", dependencies=[allow(Permission.OPERATE)])
async def rebuild(projection: str, embedded: Process) -> dict[str, object]:
    """Build a read model again from the log beside the live one, then switch."""
    names = [one.name for one in embedded.projections]
    if projection not in names:
        raise ProblemRaised(
            404, "unknown_projection", f"There is no read model {projection}; there are {', '.join(names)}.",
            f"没有名为 {projection} 的读模型；可选：{'、'.join(names)}。",
        )  # fmt: skip
    return {"projection": projection, "events": await embedded.projection(projection).rebuild()}


@api.get("/v1/operations/dead-letters", dependencies=[allow(Permission.OPERATE)])
async def read_dead_letters(embedded: Process) -> dict[str, object]:
    """What could not be handled: pointers and errors, no data."""
    letters = await dead_letters.listed(embedded.runtime.log.engine)
    return {"items": [asdict(one) for one in letters]}


@api.post("/v1/operations/redrive", dependencies=[allow(Permission.OPERATE)])
async def redrive(embedded: Process) -> dict[str, int]:
    """Try every dead letter again, in order for each petition; the owner of the partition does it at once."""
    now = micros(embedded.runtime.time.now())
    await dead_letters.ask_for_all(embedded.runtime.log.engine, now)
    waiting = len(await dead_letters.listed(embedded.runtime.log.engine))
    for consumer in embedded.consumers:
        consumer.wake.set()
    return {"asked": waiting}
