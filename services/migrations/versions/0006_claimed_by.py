"""The list of petitions knows who claimed each.

The list is made from the log: its checkpoint is set back, so that it fills itself again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """Only the log's database holds the list."""
    if tables != "log":
        return
    op.execute("DELETE FROM petition_list")
    op.add_column("petition_list", sa.Column("claimed_by", sa.String()))
    op.create_index("petition_list_claimed_by", "petition_list", ["claimed_by"])
    op.execute("UPDATE es_checkpoint SET position = 0 WHERE subscriber = 'petition_list'")
