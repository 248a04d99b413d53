"""The plain version over HTTP: a session for each request, called straight from the endpoint.

SQLite has one writer, so threads only wait for each other: of the arrangements tried this is the fastest (README.md).
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from bench.naive import service
from bench.naive.tables import Petition
from intake.filing import NewPetition


class By(BaseModel):
    """Who does it."""

    by: str


class Resolution(By):
    """What was done."""

    result: str = "done"
    text: str


class Feedback(BaseModel):
    """The resident's two answers."""

    solved: bool
    satisfied: bool | None = None


async def _session(request: Request) -> AsyncIterator[Session]:
    with Session(request.app.state.engine, expire_on_commit=False) as session:
        yield session


async def _rules(request: Request) -> service.Rules:
    rules: service.Rules = request.app.state.rules
    return rules


Database = Annotated[Session, Depends(_session)]
InForce = Annotated[service.Rules, Depends(_rules)]


def application(engine: Engine, rules: service.Rules) -> FastAPI:
    """The application over one database file."""
    app = FastAPI(title="plain")
    app.state.engine, app.state.rules = engine, rules

    @app.exception_handler(service.NotAllowed)
    async def not_allowed(request: Request, error: service.NotAllowed) -> JSONResponse:
        return JSONResponse({"detail": f"the petition is {error}"}, 409)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/petitions", status_code=201)
    async def create(new: NewPetition, session: Database, rules: InForce) -> Petition:
        return service.file_and_route(session, rules, new)

    @app.get("/v1/petitions/{petition}")
    async def read(petition: str, session: Database) -> Petition:
        found = session.get(Petition, petition)
        if found is None:
            raise HTTPException(404)
        return found

    @app.post("/v1/petitions/{petition}/accept")
    async def accept(petition: str, body: By, session: Database) -> Petition:
        return service.accept(session, petition, body.by)

    @app.post("/v1/petitions/{petition}/resolve")
    async def resolve(petition: str, body: Resolution, session: Database, rules: InForce) -> Petition:
        return service.resolve(session, rules, petition, body.result, body.text, body.by)

    @app.post("/v1/petitions/{petition}/feedback")
    async def feedback(petition: str, body: Feedback, session: Database) -> Petition:
        return service.take_feedback(session, petition, body.solved, body.satisfied)

    return app
