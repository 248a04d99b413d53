"""The list of petitions knows which units have still to answer a supervision.

The list is made from the log: its checkpoint is set back, so that it fills itself again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """Only the log's database holds the list."""
    if tables != "log":
        return
    asked = sa.text("asked IS NOT NULL")
    op.execute("DELETE FROM petition_list")
    op.add_column("petition_list", sa.Column("asked", sa.String()))
    op.create_index("petition_list_asked", "petition_list", ["asked"], postgresql_where=asked, sqlite_where=asked)
    op.execute("UPDATE es_checkpoint SET position = 0 WHERE subscriber = 'petition_list'")
