"""What is open at a place is found without what was closed there before, of which there is ever more."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
LIST = "petition_list"


def upgrade(tables: str) -> None:
    """Only the log's database holds the list."""
    if tables != "log":
        return
    before = sa.inspect(op.get_bind()).get_indexes(LIST)
    is_open = sa.text("closed_at IS NULL")
    op.create_index("petition_list_place_all", LIST, ["place"])
    op.create_index(
        "petition_list_place_open", LIST, ["place", "filed_at"], postgresql_where=is_open, sqlite_where=is_open
    )
    for index in before:  # at the end: from here on nobody can read the list until it is committed
        if index["column_names"] == ["place", "filed_at"]:  # a rebuild gave it a name of its own
            op.drop_index(str(index["name"]), LIST)
