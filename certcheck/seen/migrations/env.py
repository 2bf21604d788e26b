"""Runs the steps on the connection that `certcheck.seen.store` hands over."""

from __future__ import annotations

from alembic import context

from certcheck.seen.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
