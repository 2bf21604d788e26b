"""Photos whose file cannot be read: how often that was so, and when it is tried again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds both; an older program tries such a photo at once, as it did."""
    count = sa.Column("unreadable", sa.Integer(), nullable=False, server_default="0")
    op.add_column("work_jobs", count)
    op.add_column("work_jobs", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Takes them away."""
    op.drop_column("work_jobs", "not_before")
    op.drop_column("work_jobs", "unreadable")
