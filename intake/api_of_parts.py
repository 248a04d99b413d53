"""The door by which a petition is split; it stands with intake's others."""

from uuid import UUID

import uuid_utils
from fastapi import Response

from intake.api import api
from intake.decider import DECIDER
from intake.parts import SplitBody, to_command
from intake.rejections import AlreadyResolved, PetitionEnded
from intake.rejections_of_parts import IsSplit
from schemas.events.intake import PetitionSplit
from schemas.petition import PetitionAnswer
from services.chassis.door import Asking, PetitionId, Running, execute, in_time, petition_response, request_digest
from services.chassis.permissions import Permission, allow
from services.chassis.problems import ProblemRaised, not_found


@api.post("/v1/petitions/{petition}/split", response_model=PetitionAnswer, dependencies=[allow(Permission.FILE)])
@in_time()
async def split(petition: PetitionId, body: SplitBody, asker: Asking, runtime: Running) -> Response:
    """拆分: each of its matters becomes a petition of its own; it is resolved with the last of them."""
    stream = (await runtime.log.load([petition]))[petition]
    if not stream:
        raise not_found()
    key = (await runtime.log.keyring.get([petition]))[petition]
    ids = [UUID(bytes=uuid_utils.uuid7().bytes) for _ in body.parts]
    try:
        return await execute(
            DECIDER, runtime, petition, asker,
            lambda facts: to_command(body, stream, key, ids, facts),
            name="split", by=body.by,
        )  # fmt: skip
    except (IsSplit, AlreadyResolved, PetitionEnded, ProblemRaised):
        # Who asks for the very same again finds the parts that it has, also where they are all done with, or where the
        # policy of today, or a version that the first time moved on from, would refuse it.
        stream = (await runtime.log.load([petition]))[petition]
        digest = request_digest(runtime, "split", asker.sent).hex()
        if not any(isinstance(one.event, PetitionSplit) and one.request == digest for one in stream):
            raise
        return await petition_response(runtime, stream, replayed=True)


__all__ = ["api"]
