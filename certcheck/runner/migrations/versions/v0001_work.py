"""Checks, the jobs that answer them, and pictures of their pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "work_jobs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("revision", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("interruptions", sa.Integer(), nullable=False),
        _moment("queued_at", nullable=False),
        _moment("started_at"),
        _moment("done_at"),
        sa.Column("reports", sa.Text()),
        sa.Column("error", sa.String(64)),
    )
    op.create_index("ix_work_jobs_sha256", "work_jobs", ["sha256"])
    op.create_index("work_jobs_next", "work_jobs", ["status", "priority", "id"])
    op.create_table(
        "work_checks",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("job_id", sa.Integer(), sa.ForeignKey("work_jobs.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("token", sa.String(255)),
        _moment("created_at", nullable=False),
        _moment("expires_at", nullable=False),
        sa.UniqueConstraint("owner", "token", name="work_checks_token"),
    )
    op.create_index("ix_work_checks_job_id", "work_checks", ["job_id"])
    op.create_index("ix_work_checks_expires_at", "work_checks", ["expires_at"])
    op.create_table(
        "work_pictures",
        sa.Column("job_id", sa.Integer(), sa.ForeignKey("work_jobs.id"), primary_key=True),
        sa.Column("page", sa.Integer(), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_index("ix_work_pictures_sha256", "work_pictures", ["sha256"])


def downgrade() -> None:
    """Drops them; what was accepted is lost with them."""
    for table in ("work_pictures", "work_checks", "work_jobs"):
        op.drop_table(table)
