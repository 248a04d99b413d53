"""`python -m bench.naive.apart SERVICE`: one service of the plain version as a process of its own.

Each event of the topic is handled in a session of its own: read the row, change it, add an event, commit, tell Kafka.
Offsets are committed after each poll, so that everything is handled at least once; what was handled before is found out
by the petition's status. A crash between a commit and its message loses the message: gridcase does not.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer, ConsumerRecord
from fastapi import FastAPI, Request
from sqlalchemy import Engine
from sqlmodel import Session, select

from bench.district import policy
from bench.naive import service
from bench.naive.database import open_server
from bench.naive.service import Rules
from bench.naive.tables import Deadline, Event
from bench.naive.wire import hearing, producing, tell
from intake.filing import NewPetition

THREADS = 4
Step = Callable[[Session, Rules, str], object]
HEARS: dict[str, dict[bytes, Step]] = {
    "severity": {b"PetitionFiled": lambda s, rules, key: service.assess(s, rules, service.existing(s, key))},
    "router": {b"SeverityAssessed": lambda s, rules, key: service.route(s, rules, service.existing(s, key))},
    "feedback": {b"ResolutionReported": lambda s, rules, key: service.ask_back(s, rules, service.existing(s, key))},
}


def done(engine: Engine, work: Callable[[Session], object]) -> list[Event]:
    """What committed work said; nothing when the petition's status shows that it was done before."""
    with Session(engine, expire_on_commit=False) as session:
        with suppress(service.NotAllowed):
            work(session)
        return service.said(session)


async def hear(role: str, engine: Engine, rules: Rules, bootstrap: str) -> None:
    """Handle the topic for ever: partitions beside each other, each in order."""
    steps, loop = HEARS[role], asyncio.get_running_loop()

    def handle(records: Sequence[ConsumerRecord]) -> list[Event]:
        told: list[Event] = []
        for record in records:
            step = steps.get(dict(record.headers)["type"])
            if step is not None:
                told += done(engine, lambda session, step=step, key=record.key.decode(): step(session, rules, key))
        return told

    async def partition(records: Sequence[ConsumerRecord]) -> None:
        await asyncio.gather(*await tell(producer, await loop.run_in_executor(threads, handle, records)))

    threads = ThreadPoolExecutor(THREADS)
    async with hearing(bootstrap, role) as consumer, producing(bootstrap) as producer:
        print("ready", flush=True)
        while True:
            fetched = await consumer.getmany(timeout_ms=1_000)
            if fetched:
                await asyncio.gather(*map(partition, fetched.values()))
                await consumer.commit()


async def notice(engine: Engine) -> None:
    """Mark what passed its deadline, for ever, once a second."""
    print("ready", flush=True)
    while True:
        with Session(engine) as session:
            due = select(Deadline).where(Deadline.state == "open", Deadline.due_at < datetime.now(UTC)).limit(500)
            for deadline in session.exec(due):
                deadline.state = "missed"
            session.commit()
        await asyncio.sleep(1)


def intake(engine: Engine, rules: Rules, producer: AIOKafkaProducer) -> FastAPI:
    """The door: a petition for each request, or for each line of a batch; a commit for each petition either way."""
    app = FastAPI(title="plain intake")

    async def file(new: NewPetition) -> str:
        events = await asyncio.to_thread(done, engine, lambda session: service.file(session, rules, new))
        await asyncio.gather(*await tell(producer, events))
        return events[0].petition_id

    @app.post("/v1/petitions", status_code=201)
    async def create(new: NewPetition) -> dict[str, Any]:
        return {"id": await file(new), "status": "filed"}

    @app.post("/v1/petitions/batch")
    async def batch(request: Request) -> list[str]:
        lines = (await request.body()).splitlines()
        return list(await asyncio.gather(*(file(NewPetition.model_validate_json(line)) for line in lines)))

    return app


async def serve(handle: int, engine: Engine, rules: Rules, bootstrap: str) -> None:
    """Intake on a socket that listens already."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    async with producing(bootstrap) as producer:
        app = intake(engine, rules, producer)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, http="httptools"))
        print("ready", flush=True)
        await server.serve([socket.socket(fileno=handle)])


def main(role: str, handle: int) -> None:
    """Run one service until it is told to stop."""
    engine, bootstrap, rules = open_server(os.environ["DATABASE_URL"]), os.environ["KAFKA"], Rules.of(policy())
    work: dict[str, Callable[[], Awaitable[None]]] = {
        "intake": lambda: serve(handle, engine, rules, bootstrap),
        "escalation": lambda: notice(engine),
    }
    coroutine = work.get(role, lambda: hear(role, engine, rules, bootstrap))
    with suppress(KeyboardInterrupt, asyncio.CancelledError), asyncio.Runner(loop_factory=uvloop.new_event_loop) as one:
        one.run(coroutine())  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
