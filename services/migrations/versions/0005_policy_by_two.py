"""A policy version says from when it counts, who published it, who agreed and why; bundles wait for a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """Only the log's database has policies."""
    if tables != "log":
        return
    op.add_column("policy", sa.Column("effective_from", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("policy", sa.Column("published_by", sa.Text()))
    op.add_column("policy", sa.Column("approved_by", sa.Text()))
    op.add_column("policy", sa.Column("reason", sa.Text()))
    op.create_table(
        "policy_proposal",
        sa.Column("basis", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("basis", "digest"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT ON policy_proposal TO gridcase_service")
