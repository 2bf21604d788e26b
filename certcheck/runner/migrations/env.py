"""Runs the steps on the connection that `certcheck.runner.store` hands over."""

from __future__ import annotations

from alembic import context

import certcheck.accounts.tables  # noqa: F401 - its tables are part of the metadata
import certcheck.cases.tables  # noqa: F401 - likewise
