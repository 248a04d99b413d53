"""The list of petitions knows where each lies, and what was escalated or is under supervision.

The list is made from the log: it is emptied and its checkpoint set back, so that it fills itself again.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """Only the log's database holds the list."""
    if tables != "log":
        return
    words = sqlmodel.AutoString()
    op.drop_table("petition_list")
    op.create_table(
        "petition_list",
        sa.Column("petition", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("number", words, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", words, nullable=False),
        sa.Column("channel", words, nullable=False),
        *(sa.Column(one, words) for one in ("kind", "severity", "disposition", "tier", "unit", "department", "place")),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("supervised", sa.Boolean(), nullable=False),
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
    op.execute("UPDATE es_checkpoint SET position = 0 WHERE subscriber = 'petition_list'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE petition_list OWNER TO gridcase_service")
