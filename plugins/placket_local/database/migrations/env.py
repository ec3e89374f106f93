"""What Alembic runs: the scripts, on the connection that it is handed."""

from __future__ import annotations

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    version_table=given["version_table"],
    transactional_ddl=True,
    render_as_batch=False,
)
# The caller has begun the transaction, so that migrating and noting the version happen together or not at all.
context.run_migrations()
