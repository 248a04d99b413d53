"""Reading many: the list of petitions, units and their worklists, and the policy in force."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from schemas.jurisdiction import Unit
from schemas.life import fold_life
from schemas.policy import Policy
from services.chassis.door import PetitionId, Running
from services.chassis.permissions import Permission, allow
from services.chassis.policy_areas import feature_collection
from services.chassis.problems import ProblemRaised, not_found
from services.chassis.web import routes
from services.console.explaining import Explanation, explained
from services.console.linked import called
from services.console.listing import ListAnswer, ListQuery, Lists
from services.console.worklist import WorklistAnswer, with_staff

api = routes(tags=["reading"])


async def _lists(request: Request) -> Lists:
    lists: Lists = request.app.state.lists
    return lists


Listing = Annotated[Lists, Depends(_lists)]


@api.get("/v1/petitions", response_model=ListAnswer, dependencies=[allow(Permission.READ)])
async def list_petitions(query: Annotated[ListQuery, Query()], lists: Listing) -> Response:
    """Petitions that fit every filter, the newest first; `behind` says what the list has not seen yet."""
    return _json(await lists.page(query))


@api.get("/v1/petitions/{petition}/explain", response_model=Explanation, dependencies=[allow(Permission.READ)])
async def read_explanation(petition: PetitionId, runtime: Running) -> Response:
    """Why the petition is where it is, in Chinese and in English: what its page in the console says."""
    stream = (await runtime.log.load([petition]))[petition]
    if not stream:
        raise not_found()
    await runtime.policies.know(stream)
    key = (await runtime.log.keyring.get([petition]))[petition]
    return _json(explained(stream, key, runtime, await called(fold_life(stream), runtime.log)))


class NoFilters(BaseModel):
    """A list that is always whole: a filter that would be passed over is refused."""

    model_config = ConfigDict(extra="forbid")


class UnitFilters(BaseModel):
    """Which units; an unknown filter is refused, as everywhere."""

    model_config = ConfigDict(extra="forbid")
    tier: Annotated[str | None, Field(max_length=100)] = None
    parent: Annotated[str | None, Field(max_length=100)] = None


class DepartmentFilters(BaseModel):
    """Which departments."""

    model_config = ConfigDict(extra="forbid")
    unit: Annotated[str | None, Field(max_length=100)] = None


@api.get("/v1/units", dependencies=[allow(Permission.POLICY_READ)])
async def list_units(
    runtime: Running,
    wanted: Annotated[UnitFilters, Query()],
) -> Response:
    """The units of the jurisdiction, all or of one tier or below one parent."""
    units = runtime.policies.current.jurisdiction.units.values()
    fitting = [u for u in units if wanted.tier in (None, u.tier) and wanted.parent in (None, u.parent)]
    return _json({"items": [unit.model_dump(mode="json") for unit in fitting]})


@api.get("/v1/units/{code}", dependencies=[allow(Permission.READ)])
async def read_unit(code: str, runtime: Running) -> Response:
    """One unit with the units above it, the departments attached to it, and by its roster, if it has one, who is on
    duty today: named to whoever may read petitions, whose timelines name staff too."""
    policy = runtime.policies.current
    unit = _unit(policy, code)
    above = [one.model_dump(mode="json") for one in policy.jurisdiction.chain(code)[1:]]
    offices = [one.model_dump(mode="json") for one in policy.jurisdiction.departments.values() if one.unit == code]
    on_duty = sorted(policy.rosters.on_duty(code, runtime.time.now())) if code in policy.rosters else None
    return _json({**unit.model_dump(mode="json"), "above": above, "departments": offices, "on_duty": on_duty})


@api.get("/v1/units/{code}/worklist", response_model=WorklistAnswer, dependencies=[allow(Permission.READ)])
async def read_worklist(
    code: str,
    runtime: Running,
    lists: Listing,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """First the petitions of which this unit has still to answer a supervision, whoever has them, also when they have
    ended; then the unfinished ones that are with it, or that it claimed, each with who there has it to do and whether
    that person is away. Of both the nearest deadline first; with them those of units that an import took away, which
    lay in it."""
    if runtime.policies.names().unit(code) is None:  # one that an import took away may still have some
        raise _unknown_unit(code)
    units = [code] if runtime.policies.empty else runtime.policies.current.jurisdiction.answering_for(code)
    return _json(await with_staff(await lists.worklist(units, limit, cursor), units, runtime))


@api.get("/v1/departments", dependencies=[allow(Permission.POLICY_READ)])
async def list_departments(runtime: Running, wanted: Annotated[DepartmentFilters, Query()]) -> Response:
    """The departments, all or those attached to one unit."""
    offices = runtime.policies.current.jurisdiction.departments.values()
    return _json({"items": [one.model_dump(mode="json") for one in offices if wanted.unit in (None, one.unit)]})


@api.get("/v1/kinds", dependencies=[allow(Permission.POLICY_READ)])
async def list_kinds(runtime: Running, _: Annotated[NoFilters, Query()]) -> Response:
    """The kinds with their floors, powers and hours."""
    kinds = runtime.policies.current.kinds.values()
    return _json({"items": [kind.model_dump(mode="json", exclude={"signs"}) for kind in kinds]})


@api.get("/v1/policy", dependencies=[allow(Permission.POLICY_READ)])
async def read_policy(runtime: Running) -> Response:
    """The policy in force, with everything that has no list of its own: ladder, severities, who is told of a hand-off
    when nothing else says it, limits, calendar."""
    policy = runtime.policies.current
    listed = {"units", "departments", "kinds", "areas", "places", "roster", "absences"}
    bundle = policy.bundle.model_dump(mode="json", exclude=listed)
    return _json({"version": policy.version, **bundle})


@api.get("/v1/areas", dependencies=[allow(Permission.POLICY_READ)])
async def list_areas(runtime: Running, _: Annotated[NoFilters, Query()]) -> Response:
    """The ground of units and neighbours as GeoJSON (RFC 7946, WGS 84)."""
    areas = feature_collection(runtime.policies.current.bundle.areas)
    return Response(to_json(areas), media_type="application/geo+json")


@api.get("/v1/places", dependencies=[allow(Permission.POLICY_READ)])
async def list_places(runtime: Running, _: Annotated[NoFilters, Query()]) -> Response:
    """The known places by name, each with the unit or the neighbour in which it lies."""
    places = runtime.policies.current.bundle.places
    return _json({"items": [place.model_dump(mode="json") for place in places]})


def _unit(policy: Policy, code: str) -> Unit:
    unit = policy.jurisdiction.units.get(code)
    if unit is None:
        raise _unknown_unit(code)
    return unit


def _unknown_unit(code: str) -> ProblemRaised:
    return ProblemRaised(404, "unknown_unit", f"There is no unit {code}; see /v1/units.", f"没有编码为 {code} 的单元。")


def _json(value: Any) -> Response:
    return Response(to_json(value), media_type="application/json")
