"""Alembic's entry: runs the migrations within the transaction of ``app.journal.schema``."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
