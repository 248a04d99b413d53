"""PostgreSQL and Kafka of a cluster: its own, with their data below DATA, or servers that exist."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from deploy.broker.cache import kit
from deploy.broker.kafka import Broker
from deploy.cluster.options import NO_KAFKA, Options
from deploy.cluster.record import Record
from deploy.database import PostgresServer

DATABASE = "gridcase"


class Unreachable(Exception):
    """The user that PostgreSQL runs as cannot reach its data."""


@dataclass(frozen=True)
class Logins:
    """The log's database for its owner, and for the services; `password` is what `gridcase migrate` gives to these, if
    they have a login of their own."""

    owner: str
    services: str
    password: str | None = None


class Servers:
    """What the services are told to use, once it is started."""

    def __init__(self, options: Options, record: Record) -> None:
        self._options = options
        self._record = record
        self._postgres: PostgresServer | None = None
        self._broker: Broker | None = None

    def start_database(self) -> Logins:
        """Who logs in how; raises NoPostgres or Unreachable.

        On a server that exists the services have the login that was named, unless a password for their own is set."""
        password = self._options.service_password
        if url := self._options.database_url:
            return Logins(url, _as_service(url, password) if password else url, password)
        home = self._options.data / "postgres"
        home.mkdir(parents=True, exist_ok=True)
        _refuse_closed(home)
        self._postgres = PostgresServer(home, password=_password(self._options.data / "postgres.password"))
        self._postgres.start()
        self._record.note("postgres", self._postgres.pid)
        url = self._postgres.url(DATABASE)
        password = password or _password(self._options.data / "services.password")
        return Logins(url, _as_service(url, password), password)

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


def _as_service(url: str, password: str) -> str:
    """The same database for `gridcase_service`."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"gridcase_service:{quote(password, safe='')}@{server}").geturl()


def _password(file: Path) -> str:
    """What the file holds, made with the data."""
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
