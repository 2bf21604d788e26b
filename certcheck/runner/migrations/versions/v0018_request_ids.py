"""The request that a job was queued by, so that lines of the log can be told apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("work_jobs", sa.Column("request_id", sa.String(36), nullable=True))


def downgrade() -> None:
    """Takes it away."""
    op.drop_column("work_jobs", "request_id")
