"""Values as a second engine reads them, in place of which of them it repeats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the one column and takes the other away."""
    op.add_column("seen_sightings", sa.Column("again", sa.Text()))
    op.drop_column("seen_sightings", "borne")


def downgrade() -> None:
    """The other way round."""
    column = sa.Column("borne", sa.String(80), nullable=False, server_default="")
    op.add_column("seen_sightings", column)
    op.drop_column("seen_sightings", "again")
