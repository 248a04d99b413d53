"""The same petitions in `eventsourcing`, the library for it in Python, with its PostgreSQL functions."""

from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from deploy.database import PostgresServer


class Petition(Aggregate):
    """A petition that was filed with these fields; no cipher, which is the library's own default."""

    @event("Filed")
    def __init__(self, filed: dict[str, Any]) -> None:
        self.filed = filed


def library_on(server: PostgresServer, database: str) -> Application[Any]:
    """An application of the library; its tables are made when they are missing."""
    return Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": database,
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(server.port),
            "POSTGRES_USER": server.superuser,
            "POSTGRES_PASSWORD": server.password,
            "POSTGRES_ENABLE_DB_FUNCTIONS": "yes",
        }
    )
