"""Which values a second engine repeats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column; of what was seen before nothing is known to have been repeated."""
    column = sa.Column("borne", sa.String(80), nullable=False, server_default="")
    op.add_column("seen_sightings", column)


def downgrade() -> None:
    """Takes it away."""
    op.drop_column("seen_sightings", "borne")
