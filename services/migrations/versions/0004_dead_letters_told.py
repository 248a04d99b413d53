"""Dead letters know when they failed, and of how many attempts the topic was told.

One from before has the moment of the event that it points to: it was put aside soon after that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NOT_TOLD = sa.text("told < attempts")
SINCE = (
    "UPDATE es_dead_letter SET failed_at = coalesce((SELECT e.recorded_at FROM es_event e"
    " WHERE e.partition = es_dead_letter.partition AND e.position = es_dead_letter.position), 0)"
)


def upgrade(tables: str) -> None:
    """Only the log's database has dead letters."""
    if tables != "log":
        return
    op.add_column("es_dead_letter", sa.Column("failed_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("es_dead_letter", sa.Column("told", sa.Integer(), nullable=False, server_default="0"))
    op.execute(SINCE)
    op.create_index(
        "es_dead_letter_news", "es_dead_letter", ["partition"], postgresql_where=NOT_TOLD, sqlite_where=NOT_TOLD
    )
