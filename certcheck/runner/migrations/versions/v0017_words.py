"""Where a case was come upon, what an inspector noted, and which job made a report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NOTES = """
UPDATE work_archive SET note = COALESCE(
    (SELECT note FROM work_circumstances WHERE check_id = work_archive.root), ''
)
"""
# Reports are a list of objects; each database opens it by itself.
_NAMES = {
    "sqlite": "SELECT DISTINCT json_extract(one.value, '$.id'), job.id "
    "FROM work_jobs AS job, json_each(job.reports) AS one "
    "WHERE json_extract(one.value, '$.id') IS NOT NULL",
    "postgresql": "SELECT DISTINCT one ->> 'id', job.id "
    "FROM work_jobs AS job, json_array_elements(CAST(job.reports AS json)) AS one "
    "WHERE one ->> 'id' IS NOT NULL",
}


def upgrade() -> None:
    """Adds them; what is there already gets its own."""
    op.add_column(
        "work_cases", sa.Column("stall", sa.String(120), nullable=False, server_default="")
    )
    op.add_column("work_archive", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.execute(_NOTES)
    op.create_table(
        "work_reports",
        sa.Column("report_id", sa.String(64), primary_key=True),
        sa.Column("job_id", sa.Integer(), sa.ForeignKey("work_jobs.id"), primary_key=True),
    )
    op.create_index("ix_work_reports_job_id", "work_reports", ["job_id"])
    op.execute("INSERT INTO work_reports " + _NAMES[op.get_bind().dialect.name])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("work_reports")
    op.drop_column("work_archive", "note")
    op.drop_column("work_cases", "stall")
