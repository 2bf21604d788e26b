"""Runs the steps on the connection that `certcheck.runner.store` hands over."""

from __future__ import annotations

from alembic import context

import certcheck.accounts.tables  # noqa: F401 - its tables are part of the metadata
import certcheck.archive.tables  # noqa: F401 - likewise
import certcheck.audit.tables  # noqa: F401 - likewise
import certcheck.cases.tables  # noqa: F401 - likewise
import certcheck.desk.tables  # noqa: F401 - likewise
import certcheck.evidence.tables  # noqa: F401 - likewise
import certcheck.inspections.tables  # noqa: F401 - likewise
from certcheck.runner.store import VERSION_TABLE
from certcheck.runner.tables import WorkModel

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=WorkModel.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
