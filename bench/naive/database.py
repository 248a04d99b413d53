"""Where the plain version keeps its rows: a SQLite file as durable as the log, or PostgreSQL as it comes."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlmodel import create_engine

from bench.naive.tables import Table


def open_database(path: Path) -> Engine:
    """An engine whose transactions take the write lock at their beginning, so that none fails half-way for it."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30, "check_same_thread": False}, pool_size=50)
    event.listen(engine, "connect", _settings)
    event.listen(engine, "begin", _begin)
    Table.metadata.create_all(engine)
    return engine


def _settings(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA cache_size=-65536")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_server(url: str) -> Engine:
    """An engine on a PostgreSQL database, with the isolation and the pool that it has by default."""
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
