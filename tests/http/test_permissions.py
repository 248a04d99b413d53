"""Every route declares who may use it; one that forgot stops the start."""

from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI

from services.chassis.permissions import (
    Permission,
    UnprotectedRoute,
    allow,
    api_routes,
    permissions_of,
    refuse_unprotected,
)
from services.chassis.settings import Settings
from services.chassis.web import routes
from services.embedded import running
from services.server import application


def app_with(router: APIRouter) -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    return app


def test_a_route_without_a_permission_stops_the_start() -> None:
    bare = routes()

    @bare.get("/v1/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(UnprotectedRoute, match="/v1/forgotten"):
        refuse_unprotected(app_with(bare))


def test_a_route_with_a_permission_does_not() -> None:
    guarded = routes()

    @guarded.get("/v1/guarded", dependencies=[allow(Permission.READ)])
    async def read() -> None: ...

    refuse_unprotected(app_with(guarded))


async def test_all_routes_of_the_application_are_looked_at(tmp_path: Path) -> None:
    async with running(tmp_path) as embedded:
        paths = {route.path for route in api_routes(application(embedded, Settings(data=tmp_path)))}
    assert {"/v1/petitions", "/v1/petitions/{petition}/resolve", "/metrics", "/", "/docs"} <= paths


async def test_who_works_where_is_told_to_whoever_may_read_petitions_and_to_nobody_else(tmp_path: Path) -> None:
    """Their timelines and worklists name staff too; what is policy names nobody."""
    async with running(tmp_path) as embedded:
        declared = {
            route.path: permissions_of(route) for route in api_routes(application(embedded, Settings(data=tmp_path)))
        }
    assert declared["/v1/units/{code}"] == declared["/v1/units/{code}/worklist"] == [Permission.READ]
    assert declared["/v1/policy"] == [Permission.POLICY_READ]
