"""The list of petitions is asked for what lies in a unit."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade(tables: str) -> None:
    """Only the log's database holds the list."""
    if tables == "log":
        op.create_index("petition_list_place", "petition_list", ["place", "filed_at"])
