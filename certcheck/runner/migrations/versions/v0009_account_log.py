"""What was done to accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table; what was done before is not known."""
    op.create_table(
        "work_account_log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16)),
    )
    op.create_index("ix_work_account_log_at", "work_account_log", ["at"])


def downgrade() -> None:
    """Drops it."""
    op.drop_table("work_account_log")
