"""The history of the tables, one for both databases: `alembic` runs it on SQLite files and on PostgreSQL."""
