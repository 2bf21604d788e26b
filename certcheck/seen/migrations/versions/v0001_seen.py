"""What was seen, and what was observed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "seen_keys",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "seen_sightings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("photo", sa.String(32), nullable=False, unique=True),
        sa.Column("lab", sa.String(160), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("number_sure", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date()),
        sa.Column("person", sa.String(32)),
        sa.Column("piece", sa.LargeBinary()),
        sa.Column("places", sa.Text()),
        sa.Column("page", sa.LargeBinary()),
        sa.Column("frame", sa.LargeBinary()),
        sa.Column("accused", sa.Integer(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
    )
    op.create_index("seen_by_number", "seen_sightings", ["lab", "number"])
    op.create_index("seen_by_person", "seen_sightings", ["person"])
    op.create_index("seen_by_day", "seen_sightings", ["seen_on"])
    op.create_table(
        "seen_bands",
        sa.Column("band", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("sighting", sa.Integer(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen_labs",
        sa.Column("lab", sa.String(160), primary_key=True),
        sa.Column("pictured", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
    )
    _observations()


def _observations() -> None:
    op.create_table(
        "seen_observations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lab", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("price", sa.Numeric(14, 4)),
        sa.Column("instruments", sa.Integer()),
        sa.Column("people", sa.Integer()),
        sa.Column("issued", sa.Integer()),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(64), nullable=False),
        sa.Column("told_by", sa.String(80), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
    )
    op.create_index("seen_observations_by_lab", "seen_observations", ["lab", "observed_on"])


def downgrade() -> None:
    """Takes them away."""
    for table in ("observations", "labs", "bands", "sightings", "keys"):
        op.drop_table(f"seen_{table}")
