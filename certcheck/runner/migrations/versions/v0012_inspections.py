"""Inspections planned as batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _of_inspection(*, key: bool) -> sa.Column[str]:
    return sa.Column(
        "inspection_id",
        sa.String(16),
        sa.ForeignKey("work_inspections.id"),
        primary_key=key,
        nullable=False,
    )


def upgrade() -> None:
    """Makes the tables."""
    _inspections()
    _targets()
    _members()
    _checks()
    _draws()


def _inspections() -> None:
    op.create_table(
        "work_inspections",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("planned_by", sa.String(60), nullable=False),
        sa.Column("planned_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.Column("outcome", sa.Text(), nullable=False),
    )
    op.create_index("ix_work_inspections_planned_at", "work_inspections", ["planned_at"])
    op.create_index("work_inspections_listed", "work_inspections", ["state", "ends_on"])


def _targets() -> None:
    op.create_table(
        "work_inspection_targets",
        _of_inspection(key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("market", sa.String(100), nullable=False),
        sa.Column("stall", sa.String(100), nullable=False),
        sa.Column("lab", sa.String(200), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
    )


def _members() -> None:
    op.create_table(
        "work_inspection_members",
        _of_inspection(key=True),
        sa.Column("person_id", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
    )
    op.create_index(
        "ix_work_inspection_members_person_id", "work_inspection_members", ["person_id"]
    )


def _checks() -> None:
    op.create_table(
        "work_inspection_checks",
        sa.Column("check_id", sa.String(64), primary_key=True),
        _of_inspection(key=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_index(
        "work_inspection_checks_of", "work_inspection_checks", ["inspection_id", "check_id"]
    )


def _draws() -> None:
    op.create_table(
        "work_inspection_draws",
        _of_inspection(key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Drops them."""
    for name in ("draws", "checks", "members", "targets"):
        op.drop_table(f"work_inspection_{name}")
    op.drop_table("work_inspections")
