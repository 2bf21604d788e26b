"""Workers of many machines, and who holds a job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds both; a job that runs meanwhile is held by nobody, and taken up again."""
    op.add_column("work_jobs", sa.Column("claim", sa.String(64)))
    op.create_table(
        "work_workers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("hands", sa.Integer, nullable=False),
        sa.Column("beats", sa.Integer, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drops them; workers are to be stopped before."""
    op.drop_table("work_workers")
    op.drop_column("work_jobs", "claim")
