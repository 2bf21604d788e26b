"""Where, when and by whom a certificate was photographed in the market."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLE = "work_circumstances"


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        _TABLE,
        sa.Column("check_id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("market", sa.String(100), nullable=False),
        sa.Column("stall", sa.String(100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("batch", sa.String(64)),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("accuracy", sa.Integer()),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("back", sa.String(64)),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("owner", "key", name="work_circumstances_key"),
    )
    op.create_index("work_circumstances_market", _TABLE, ["market", "stall"])
    op.create_index("ix_work_circumstances_batch", _TABLE, ["batch"])
    op.create_index("ix_work_circumstances_back", _TABLE, ["back"])


def downgrade() -> None:
    """Drops it; photos of backs go with the next sweep."""
    op.drop_table(_TABLE)
