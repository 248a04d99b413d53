"""Processes that share a subscriber's partitions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """The log knows its members; keys and search have none."""
    if tables != "log":
        return
    name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "es_member",
        sa.Column("subscriber", name, nullable=False),
        sa.Column("owner", name, nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "owner"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON es_member TO gridcase_service")
