"""Evidence packs that are made beside the pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "work_packs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("who_kind", sa.String(16), nullable=False),
        sa.Column("who_id", sa.String(64), nullable=False),
        sa.Column("who_name", sa.String(60), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", sa.BigInteger()),
        sa.Column("digest", sa.String(64)),
        sa.Column("error", sa.String(64)),
        sa.Column("details", sa.String()),
    )
    op.create_index("work_packs_next", "work_packs", ["status", "asked_at"])
    op.create_index("work_packs_latest", "work_packs", ["key", "asked_at"])
    op.create_index("ix_work_packs_expires_at", "work_packs", ["expires_at"])
    op.create_index("ix_work_packs_sha256", "work_packs", ["sha256"])
    op.create_table(
        "work_pack_checks",
        sa.Column("pack_id", sa.String(64), sa.ForeignKey("work_packs.id"), primary_key=True),
        sa.Column("check_id", sa.String(64), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
    )
    op.create_index("ix_work_pack_checks_check_id", "work_pack_checks", ["check_id"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("work_pack_checks")
    op.drop_table("work_packs")
