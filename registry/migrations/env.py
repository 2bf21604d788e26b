"""Runs the steps on the connection that `registry.store` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import registry.history  # noqa: F401  the tables register themselves
import registry.imports  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    # SQLite cannot change a table in place; alembic then copies it.
    render_as_batch=True,
)
context.run_migrations()
