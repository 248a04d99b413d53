"""A real PostgreSQL of one's own: for tests and for a cluster on one machine."""

from deploy.database.binaries import NoPostgres, postgres_binaries, wheel_binaries
from deploy.database.server import PostgresServer

__all__ = ["NoPostgres", "PostgresServer", "postgres_binaries", "wheel_binaries"]
