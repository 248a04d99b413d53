"""The tables of the log; moments in microseconds since 1970 UTC."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

STREAM_ID = LargeBinary(16).with_variant(Uuid(), "postgresql")
"""A petition's id: a uuid where the database has that type, 16 bytes in SQLite."""
NAME = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared byte by byte, as in SQLite, whatever language the database was made for."""

log_metadata = MetaData()
keys_metadata = MetaData()

es_meta = Table("es_meta", log_metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""What is fixed when the store is made: partitions, epoch, created_at."""

es_event = Table(
    "es_event",
    log_metadata,
    Column("partition", SmallInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("stream_id", STREAM_ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", SmallInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("meta", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("partition", "position"),
    UniqueConstraint("stream_id", "version"),
)

es_key = Table(
    "es_key",
    log_metadata,
    Column("scope", NAME, nullable=False),
    Column("key_hash", LargeBinary(16), nullable=False),
    Column("stream_id", STREAM_ID, nullable=False),
    Column("body_hmac", LargeBinary(16), nullable=False),
    PrimaryKeyConstraint("scope", "key_hash"),
    sqlite_with_rowid=False,
)

es_checkpoint = Table(
    "es_checkpoint",
    log_metadata,
    Column("subscriber", NAME, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("lease_until", BigInteger),
    PrimaryKeyConstraint("subscriber", "partition"),
    sqlite_with_rowid=False,
)

es_member = Table(
    "es_member",
    log_metadata,
    Column("subscriber", NAME, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    PrimaryKeyConstraint("subscriber", "owner"),
    sqlite_with_rowid=False,
)
"""Processes that share a subscriber's partitions, also those that have none yet."""

es_parked = Table(
    "es_parked",
    log_metadata,
    Column("subscriber", NAME, nullable=False),
    Column("stream_id", STREAM_ID, nullable=False),
    PrimaryKeyConstraint("subscriber", "stream_id"),
    sqlite_with_rowid=False,
)

es_outlet = Table(
    "es_outlet",
    log_metadata,
    Column("topic", NAME, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    PrimaryKeyConstraint("topic", "partition"),
    sqlite_with_rowid=False,
)
"""The offset where a topic of dispatches ended when a relay last noted it: one that ends before it lost records."""

NOT_TOLD = text("told < attempts")
es_dead_letter = Table(
    "es_dead_letter",
    log_metadata,
    Column("subscriber", NAME, nullable=False),
    Column("stream_id", STREAM_ID, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger),
    Column("error", Text, nullable=False),
    Column("failed_at", BigInteger, nullable=False, server_default="0"),
    Column("told", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("subscriber", "stream_id", "position"),
    Index("es_dead_letter_news", "partition", postgresql_where=NOT_TOLD, sqlite_where=NOT_TOLD),
)
"""`told`: of how many attempts the topic was told. The defaults are for writers of the release before."""

deadline = Table(
    "deadline",
    log_metadata,
    Column("stream_id", STREAM_ID, nullable=False),
    Column("deadline_id", NAME, nullable=False),
    Column("stage", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    PrimaryKeyConstraint("stream_id", "deadline_id"),
    Index("deadline_next", "partition", "next_at"),
    sqlite_with_rowid=False,
)

policy = Table(
    "policy",
    log_metadata,
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("imported_at", BigInteger, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("effective_from", BigInteger, nullable=False, server_default="0"),
    Column("published_by", Text),
    Column("approved_by", Text),
    Column("reason", Text),
)
"""Every policy version ever published here; in force is the newest that is effective by now."""

policy_proposal = Table(
    "policy_proposal",
    log_metadata,
    Column("basis", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("effective_from", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("basis", "digest", "effective_from"),
    sqlite_with_rowid=False,
)
"""Bundles that wait for a second person, while `basis` is the newest version."""

subject_key = Table(
    "subject_key",
    keys_metadata,
    Column("key_id", STREAM_ID, primary_key=True),
    Column("stream_id", STREAM_ID, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("shredded_at", BigInteger),
    Index("subject_key_stream", "stream_id", unique=True),
)
