"""Checks of corrected values, which belong to the first; larger pictures to enlarge places of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = (("work_checks", "root"), ("work_pictures", "detail"))


def upgrade() -> None:
    """Adds the columns."""
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, sa.String(64)))
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Drops them; a check of corrected values stays as one of its own."""
    for table, column in _COLUMNS:
        op.drop_index(f"ix_{table}_{column}", table)
        op.drop_column(table, column)
