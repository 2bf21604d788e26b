"""How often somebody asked of late, one record for all servers of a work store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "work_requests",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("work_requests_key", "work_requests", ["key", "at"])
    op.create_index("ix_work_requests_expires_at", "work_requests", ["expires_at"])


def downgrade() -> None:
    """Drops it; counting begins anew."""
    op.drop_table("work_requests")
