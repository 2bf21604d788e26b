"""Cases, what they are about, and by when something is to be done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    _cases()
    case = sa.ForeignKey("work_cases.id")
    op.create_table(
        "work_case_things",
        sa.Column("case_id", sa.Integer, case, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("ref", sa.String(64), primary_key=True),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(60), nullable=False),
    )
    op.create_index("ix_work_case_things_ref", "work_case_things", ["ref"])
    op.create_table(
        "work_case_complaints",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("work_cases.id"), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("named", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_work_case_complaints_number", "work_case_complaints", ["number"])
    op.create_table(
        "work_complainants",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("work_cases.id"), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("erase_on", sa.Date),
    )
    op.create_index("ix_work_complainants_erase_on", "work_complainants", ["erase_on"])
    _deadlines()


def _cases() -> None:
    op.create_table(
        "work_cases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(16)),
        sa.Column("opened_by", sa.String(60), nullable=False),
        sa.Column("lab_id", sa.String(64)),
        sa.Column("lab", sa.String(160), nullable=False),
        sa.Column("market", sa.String(120), nullable=False),
        sa.Column("item", sa.Integer),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("asked", sa.String(16), nullable=False),
        sa.Column("asked_detail", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("due_sure", sa.Boolean, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("batch_id", sa.String(64)),
    )
    for name, columns in (
        ("work_cases_due", ["active", "due_on", "id"]),
        ("work_cases_owned", ["owner", "active", "due_on", "id"]),
        ("work_cases_state", ["state", "due_on", "id"]),
        ("work_cases_asked", ["asked", "due_on", "id"]),
        ("work_cases_opened", ["opened_at", "id"]),
        ("work_cases_lab", ["lab_id", "opened_at"]),
        ("ix_work_cases_batch_id", ["batch_id"]),
    ):
        op.create_index(name, "work_cases", columns)


def _deadlines() -> None:
    op.create_table(
        "work_case_deadlines",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("work_cases.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("began_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("sure", sa.Boolean, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("extended", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("late", sa.Boolean, nullable=False),
    )
    op.create_index("work_case_deadlines_due", "work_case_deadlines", ["ended_at", "due_on"])
    op.create_index("work_case_deadlines_case", "work_case_deadlines", ["case_id", "ended_at"])


def downgrade() -> None:
    """Drops them."""
    for table in (
        "work_case_deadlines", "work_complainants", "work_case_complaints", "work_case_things",
        "work_cases",
    ):  # fmt: skip
        op.drop_table(table)
