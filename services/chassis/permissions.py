"""Who may do what: every route declares one permission, and a route without one stops the start."""

import base64
import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from services.chassis.problems import ProblemRaised
from services.chassis.settings import Settings


class Permission(StrEnum):
    """What a route lets its caller do."""

    PUBLIC = "public"
    """Health and static files: nothing about petitions."""
    FILE = "petitions.file"
    READ = "petitions.read"
    HANDLE = "petitions.handle"
    ASSESS = "petitions.assess"
    SUPERVISE = "petitions.supervise"
    FEEDBACK = "petitions.feedback"
    POLICY_READ = "policy.read"
    OPERATE = "operate"


class UnprotectedRoute(Exception):
    """A route that declares no permission."""


def allow(permission: Permission) -> Any:
    """The dependency that declares and checks a route's permission."""

    async def check(request: Request) -> None:  # async, or FastAPI takes it through a thread
        if permission is not Permission.PUBLIC:
            _check_key(request)

    check.permission = permission  # type: ignore[attr-defined]
    return Depends(check)


def _check_key(request: Request) -> None:
    settings: Settings = request.app.state.settings
    if settings.key is None:
        return
    given = _given(request.headers.get("authorization", ""))
    if not hmac.compare_digest(given, settings.key.get_secret_value().encode()):
        raise ProblemRaised(
            401,
            "unauthorized",
            "This server asks for a key: send `Authorization: Bearer <key>`.",
            "需要访问密钥：请发送 Authorization: Bearer <密钥>。",
            headers={"WWW-Authenticate": 'Bearer, Basic realm="gridcase", charset="UTF-8"'},
        )


def _given(authorization: str) -> bytes:
    """The key of a Bearer header, or the password of a Basic one: that is how a browser can send it."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except ValueError:
            return b""
    return b""


def refuse_unprotected(app: FastAPI) -> None:
    """Stop the start when any route declares no permission."""
    bare = [route.path for route in api_routes(app) if not permissions_of(route)]
    if bare:
        raise UnprotectedRoute(f"routes without a permission: {', '.join(bare)}")


def api_routes(app: FastAPI) -> list[APIRoute]:
    """Every route with an endpoint of ours, also those of included routers, which the application keeps folded."""
    found = (context.original_route for context in iter_route_contexts(app.routes))
    return [route for route in found if isinstance(route, APIRoute)]


def permissions_of(route: APIRoute) -> list[Permission]:
    """What a route declares."""
    calls: list[Callable[..., Any] | None] = [dependency.call for dependency in route.dependant.dependencies]
    return [call.permission for call in calls if call is not None and hasattr(call, "permission")]
