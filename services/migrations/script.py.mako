"""${message}."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade(tables: str) -> None:
    """`tables`: those of the log with its read models, those of the petitions' keys, or what the search needs."""
    if tables == "log":
        ${upgrades if upgrades else "pass"}
