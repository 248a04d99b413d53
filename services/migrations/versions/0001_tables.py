"""The tables of the log, the list of petitions, the petitions' keys, and what the search needs."""

from pathlib import Path

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SOURCE = Path(__file__).parents[2] / "chassis" / "store" / "postgres.sql"
FUNCTIONS = [f"{function}$$" for function in SOURCE.read_text(encoding="utf-8").split("$$;")[:-1]]
GRANTS = (
    "DO $$ BEGIN CREATE ROLE gridcase_service NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    "GRANT gridcase_service TO CURRENT_USER",
    "GRANT USAGE, CREATE ON SCHEMA public TO gridcase_service",
)
"""Every service acts in this role: it adds to the log and can change nothing there; read models are its own."""
MORE = {
    "log": (
        "GRANT SELECT ON es_meta TO gridcase_service",
        "GRANT SELECT, INSERT ON es_event, es_key, policy TO gridcase_service",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON es_checkpoint, es_parked TO gridcase_service",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON es_dead_letter, deadline TO gridcase_service",
        "ALTER TABLE petition_list OWNER TO gridcase_service",
        *FUNCTIONS,
    ),
    "keys": ("GRANT SELECT, INSERT, DELETE ON subject_key TO gridcase_service",),
    "search": (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON es_checkpoint TO gridcase_service",
        *(function for function in FUNCTIONS if "FUNCTION es_move" in function),
    ),
}


def _stream_id() -> sa.LargeBinary:
    return sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def _name() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade(tables: str) -> None:
    """`tables`: those of the log with its read models, those of the petitions' keys, or what the search needs."""
    postgres = op.get_bind().dialect.name == "postgresql"
    match tables:
        case "keys":
            _keys()
        case "search":
            _checkpoint()
        case _:
            _log()
            _checkpoint()
            _subscribers()
            _petition_list()
    if postgres:
        for sql in (*GRANTS, *MORE[tables]):
            op.get_bind().exec_driver_sql(sql)


def _log() -> None:
    op.create_table(
        "es_meta", sa.Column("name", sa.Text(), primary_key=True), sa.Column("value", sa.Text(), nullable=False)
    )
    op.create_table(
        "es_event",
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("stream_id", _stream_id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("schema_version", sa.SmallInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("meta", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "position"),
        sa.UniqueConstraint("stream_id", "version"),
    )
    op.create_table(
        "es_key",
        sa.Column("scope", _name(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("stream_id", _stream_id(), nullable=False),
        sa.Column("body_hmac", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key_hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "policy",
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
    )


def _checkpoint() -> None:
    op.create_table(
        "es_checkpoint",
        sa.Column("subscriber", _name(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("subscriber", "partition"),
        sqlite_with_rowid=False,
    )


def _subscribers() -> None:
    op.create_table(
        "es_parked",
        sa.Column("subscriber", _name(), nullable=False),
        sa.Column("stream_id", _stream_id(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "stream_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "es_dead_letter",
        sa.Column("subscriber", _name(), nullable=False),
        sa.Column("stream_id", _stream_id(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "stream_id", "position"),
    )
    op.create_table(
        "deadline",
        sa.Column("stream_id", _stream_id(), nullable=False),
        sa.Column("deadline_id", _name(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "deadline_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("deadline_next", "deadline", ["partition", "next_at"])


def _petition_list() -> None:
    words = sqlmodel.AutoString()
    op.create_table(
        "petition_list",
        sa.Column("petition", _stream_id(), nullable=False),
        sa.Column("number", words, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", words, nullable=False),
        sa.Column("channel", words, nullable=False),
        *(sa.Column(column, words) for column in ("kind", "severity", "disposition", "tier", "unit", "department")),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("title", words),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("petition"),
    )
    op.create_index("petition_list_due", "petition_list", ["due_at"])
    op.create_index("petition_list_filed", "petition_list", ["filed_at", "petition"])
    op.create_index("petition_list_status", "petition_list", ["status", "filed_at"])
    op.create_index("petition_list_unit", "petition_list", ["unit", "filed_at"])


def _keys() -> None:
    op.create_table(
        "subject_key",
        sa.Column("key_id", _stream_id(), primary_key=True),
        sa.Column("stream_id", _stream_id(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("shredded_at", sa.BigInteger()),
    )
    op.create_index("subject_key_stream", "subject_key", ["stream_id"], unique=True)
