"""What Alembic runs: the scripts, on the connection that it is handed."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True, render_as_batch=False)
# The caller has begun the transaction, so that migrating and noting the version happen together or not at all.
context.run_migrations()
