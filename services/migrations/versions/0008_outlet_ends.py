"""Where the topics of dispatches end, noted with the checkpoint."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """Only the log's database has relays."""
    if tables != "log":
        return
    op.create_table(
        "es_outlet",
        sa.Column("topic", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON es_outlet TO gridcase_service")
