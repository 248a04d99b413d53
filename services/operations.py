"""What operators ask of a running server: health, metrics, a rebuild, a redrive."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json

from services.chassis import dead_letters, metrics
from services.chassis.clock import micros
from services.chassis.permissions import Permission, allow
from services.chassis.problems import ProblemRaised
from services.chassis.subscribers import Subscriber, subscribers
from services.chassis.web import routes
from services.process import Process

health = routes(tags=["operations"])
"""What every process answers."""
api = routes(tags=["operations"])


async def _process(request: Request) -> Process:
    process: Process = request.app.state.process
    return process


Here = Annotated[Process, Depends(_process)]


@health.get("/healthz", dependencies=[allow(Permission.PUBLIC)])
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@health.get("/readyz", dependencies=[allow(Permission.PUBLIC)])
async def readyz(process: Here) -> Response:
    """It can take petitions: a policy is in force, the log answers and takes writes, every part of the work runs."""
    await process.runtime.log.heads()
    broken = [] if not process.runtime.policies.empty else ["policy"]
    broken += [] if process.runtime.batcher.running else ["batcher"]
    broken += ["writes"] if process.runtime.batcher.failing else []
    broken += [task.get_name() for task in process.tasks if task.done()]
    body = {"status": "not ready" if broken else "ready", "broken": broken}
    return Response(to_json(body), 503 if broken else 200, media_type="application/json")


@health.get("/metrics", dependencies=[allow(Permission.OPERATE)])
async def read_metrics(process: Here) -> Response:
    """Prometheus text; no personal data in any label."""
    heads = await process.runtime.log.heads()
    if process.tells_of_all:
        await _measure_all(process, heads)
    for one in process.workers:
        reached = one.reached
        metrics.LAG.labels(one.name).set(sum(heads[partition] - position for partition, position in reached.items()))
        metrics.HELD.labels(one.name).set(len(reached))
    metrics.WAITING.set(process.runtime.batcher.waiting)
    return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)


async def _measure_all(process: Process, heads: Mapping[int, int]) -> None:
    """Every subscriber, whichever process hears for it."""
    waiting = await dead_letters.waiting(process.data.engine)
    for one in await _subscribers(process, heads):
        metrics.LAG.labels(one.subscriber).set(one.events)
        metrics.HELD.labels(one.subscriber).set(sum(len(owner.partitions) for owner in one.owners if owner.owner))
        metrics.OWNERS.labels(one.subscriber).set(sum(bool(owner.owner) for owner in one.owners))
        metrics.LETTERS_WAITING.labels(one.subscriber).set(waiting.get(one.subscriber, 0))


@api.get("/v1/operations/lag", dependencies=[allow(Permission.OPERATE)])
async def read_lag(process: Here) -> dict[str, object]:
    """Every subscriber: how many events it is behind, who hears for it, how old the leases are."""
    heads = await process.runtime.log.heads()
    return {"items": [asdict(one) for one in await _subscribers(process, heads)]}


async def _subscribers(process: Process, heads: Mapping[int, int]) -> list[Subscriber]:
    return await subscribers((process.data.engine, process.data.search), heads, process.runtime.time.now())


@api.get("/v1/operations/projections", dependencies=[allow(Permission.OPERATE)])
async def list_projections(process: Here) -> dict[str, object]:
    """The read models that can be rebuilt from the log."""
    return {"items": [{"name": one.name} for one in process.projections]}


@api.post("/v1/operations/rebuild/{projection}", dependencies=[allow(Permission.OPERATE)])
async def rebuild(projection: str, process: Here) -> dict[str, object]:
    """Build a read model again from the log beside the live one, then switch."""
    names = [one.name for one in process.projections]
    if projection not in names:
        raise ProblemRaised(
            404, "unknown_projection", f"There is no read model {projection}; there are {', '.join(names)}.",
            f"没有名为 {projection} 的读模型；可选：{'、'.join(names)}。",
        )  # fmt: skip
    return {"projection": projection, "events": await process.projection(projection).rebuild()}


@api.get("/v1/operations/dead-letters", dependencies=[allow(Permission.OPERATE)])
async def read_dead_letters(process: Here) -> dict[str, object]:
    """What could not be handled: pointers and errors, no data."""
    letters = await dead_letters.listed(process.runtime.log.engine)
    return {"items": [asdict(one) for one in letters]}


@api.post("/v1/operations/redrive", dependencies=[allow(Permission.OPERATE)])
async def redrive(process: Here) -> dict[str, int]:
    """Try every dead letter again, in order for each petition; the owner of the partition does it at once."""
    now = micros(process.runtime.time.now())
    await dead_letters.ask_for_all(process.runtime.log.engine, now)
    waiting = len(await dead_letters.listed(process.runtime.log.engine))
    for consumer in process.consumers:
        consumer.wake.set()
    return {"asked": waiting}
