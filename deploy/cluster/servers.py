"""PostgreSQL and Kafka of a cluster: its own, with their data below DATA, or servers that exist."""

import os
import secrets
from pathlib import Path

from deploy.broker.cache import kit
from deploy.broker.kafka import Broker
from deploy.cluster.options import NO_KAFKA, Options
from deploy.cluster.record import Record
from deploy.database import PostgresServer

DATABASE = "gridcase"


class Unreachable(Exception):
    """The user that PostgreSQL runs as cannot reach its data."""


class Servers:
    """What the services are told to use, once it is started."""

    def __init__(self, options: Options, record: Record) -> None:
        self._options = options
        self._record = record
        self._postgres: PostgresServer | None = None
        self._broker: Broker | None = None

    def start_database(self) -> str:
        """The URL of the log's database; raises NoPostgres or Unreachable."""
        if self._options.database_url:
            return self._options.database_url
        home = self._options.data / "postgres"
        home.mkdir(parents=True, exist_ok=True)
        _refuse_closed(home)
        self._postgres = PostgresServer(home, password=_password(self._options.data / "postgres.password"))
        self._postgres.start()
        self._record.note("postgres", self._postgres.pid)
        return self._postgres.url(DATABASE)

    def start_kafka(self) -> str | None:
        """The bootstrap servers; None when the cluster is to do without. Raises what the kit raises."""
        if not self._options.own_kafka:
            return None if self._options.kafka == NO_KAFKA else self._options.kafka
        self._broker = Broker(self._options.data / "kafka", kit())
        self._broker.start()
        self._record.note("kafka", self._broker.pid)
        return self._broker.address

    def stop_kafka(self) -> None:
        """End the broker, if it is the cluster's own."""
        if self._broker is not None:
            self._broker.stop()

    def stop_database(self) -> None:
        """End PostgreSQL, if it is the cluster's own."""
        if self._postgres is not None:
            self._postgres.stop()


def _password(file: Path) -> str:
    """The superuser's, made with the data."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(16))
    return file.read_text()


def _refuse_closed(home: Path) -> None:
    """Root's PostgreSQL runs as another user, who must be able to come here."""
    closed = [parent for parent in home.parents if not parent.stat().st_mode & 0o001]
    if os.geteuid() == 0 and closed:
        raise Unreachable(
            f"PostgreSQL does not run as root, and its user cannot enter {closed[0]}: choose another place with"
            " DATA=…, or open that folder (chmod o+x) / PostgreSQL 无法进入该目录，请用 DATA=… 另选位置"
        )
