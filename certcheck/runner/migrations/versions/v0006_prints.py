"""Pages put on paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "work_prints",
        sa.Column("check_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("lang", sa.String(2), primary_key=True),
        sa.Column("page_sha256", sa.String(64), nullable=False),
        sa.Column("html", sa.Text()),
        sa.Column("pictures", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("error", sa.String(64)),
    )
    op.create_index("work_prints_next", "work_prints", ["status", "asked_at"])
    op.create_index("ix_work_prints_sha256", "work_prints", ["sha256"])


def downgrade() -> None:
    """Drops it; PDFs are made again where they are asked for."""
    op.drop_table("work_prints")
