"""Runs revisions on the connection that the caller hands over; `tables` says which of the databases it is."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=given.get("metadata"),
    render_as_batch=True,  # SQLite cannot alter a table, only copy it
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations(tables=given["tables"])
