"""What was read, kept for corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; what was read before is read again."""
    op.add_column("work_jobs", sa.Column("reading", sa.String(64)))
    op.create_index("ix_work_jobs_reading", "work_jobs", ["reading"])


def downgrade() -> None:
    """Drops it; the files go with the next sweep."""
    op.drop_index("ix_work_jobs_reading", "work_jobs")
    op.drop_column("work_jobs", "reading")
