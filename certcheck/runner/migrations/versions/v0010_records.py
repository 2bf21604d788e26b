"""What laboratories' sites sent when records were looked up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "work_records",
        sa.Column("job_id", sa.Integer, sa.ForeignKey("work_jobs.id"), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
    )
    op.create_index("ix_work_records_sha256", "work_records", ["sha256"])


def downgrade() -> None:
    """Drops it; the files go with the next sweep."""
    op.drop_table("work_records")
