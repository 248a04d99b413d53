"""The list of petitions knows what partners claimed, which follows which, and by what an open one is known again.

The list is made from the log: its checkpoint is set back, so that it fills itself again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """Only the log's database holds the list."""
    if tables != "log":
        return
    op.execute("DELETE FROM petition_list")
    op.add_column("petition_list", sa.Column("partner", sa.String()))
    op.add_column("petition_list", sa.Column("root", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")))
    op.add_column("petition_list", sa.Column("person", sa.LargeBinary()))
    op.add_column("petition_list", sa.Column("sketch", sa.LargeBinary()))
    op.create_index("petition_list_partner", "petition_list", ["partner"])
    op.create_index("petition_list_person", "petition_list", ["person", "filed_at"])
    op.execute("UPDATE es_checkpoint SET position = 0 WHERE subscriber = 'petition_list'")
