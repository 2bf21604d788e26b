"""The registry desk: tasks with what they would change, and what the doctor found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    _tasks()
    _findings()


def _tasks() -> None:
    op.create_table(
        "desk_tasks",
        sa.Column("id", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("kind", "step", "state")),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(64), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("applied_by_id", sa.String(64), nullable=False),
        sa.Column("applied_by_name", sa.String(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.String(64), nullable=False)
            for name in ("revision", "source_sha256", "digest")
        ),
        sa.Column("anew", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("worked", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True, index=True),
    )
    op.create_index("desk_tasks_next", "desk_tasks", ["state", "asked_at"])
    op.create_table(
        "desk_files",
        sa.Column("task_id", sa.String(64), sa.ForeignKey("desk_tasks.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
    )
    op.create_table(
        "desk_changes",
        sa.Column("task_id", sa.String(64), sa.ForeignKey("desk_tasks.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("table_name", sa.String(16), nullable=False),
        sa.Column("lab_id", sa.String(64), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_index("desk_changes_lab", "desk_changes", ["task_id", "lab_id"])


def _findings() -> None:
    op.create_table(
        "desk_findings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("labs", "rows", "details", "words")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("seen_in", sa.Integer(), nullable=False),
        sa.Column("taken_by_id", sa.String(64), nullable=False),
        sa.Column("taken_by_name", sa.String(), nullable=False),
    )
    op.create_index("desk_findings_list", "desk_findings", ["state", "rank", "id"])
    op.create_index("desk_findings_kind", "desk_findings", ["state", "kind", "id"])
    op.create_index("desk_findings_taken", "desk_findings", ["taken_by_id", "state"])
    op.create_table(
        "desk_finding_labs",
        sa.Column("finding_id", sa.Integer(), sa.ForeignKey("desk_findings.id"), primary_key=True),
        sa.Column("lab_id", sa.String(64), primary_key=True),
    )
    op.create_index("desk_finding_labs_lab", "desk_finding_labs", ["lab_id", "finding_id"])
    op.create_table(
        "desk_finding_steps",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "finding_id", sa.Integer(), sa.ForeignKey("desk_findings.id"), nullable=False,
            index=True,
        ),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )  # fmt: skip


def downgrade() -> None:
    """Takes them away; the registry is as it is."""
    for table in (
        "desk_finding_steps", "desk_finding_labs", "desk_findings", "desk_changes", "desk_files",
        "desk_tasks",
    ):  # fmt: skip
        op.drop_table(table)
