"""The contract's tables, the imports, and the look-up keys."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order in which they can be made; dropped the other way round.
TABLES = (
    "labs",
    "accreditations",
    "scopes",
    "signatories",
    "seals",
    "domains",
    "memberships",
    "fees",
    "coverage",
    "imports",
    "lookup_keys",
    "lookup_grams",
)


def _text(name: str, length: int | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _day(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=True)


def _rows(table: str, *columns: sa.Column[Any], of_lab: bool = True) -> None:
    """A table of the contract: numbered rows, each stored once, most of them of a laboratory."""
    owner: tuple[sa.Column[Any] | sa.ForeignKeyConstraint, ...] = ()
    if of_lab:
        owner = (_text("lab_id"), sa.ForeignKeyConstraint(["lab_id"], ["labs.lab_id"]))
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("row_key", 64),
        *owner,
        *columns,
        sa.UniqueConstraint("row_key"),
    )
    if of_lab:
        op.create_index(f"ix_{table}_lab_id", table, ["lab_id"])


def _contract_tables() -> None:
    op.create_table(
        "labs",
        sa.Column("lab_id", sa.String(64), primary_key=True),
        *(_text(name) for name in ("name", "uscc", "licence_address", "aliases")),
    )
    op.create_index("ix_labs_name", "labs", ["name"])
    _rows(
        "accreditations",
        *(_text(name) for name in ("kind", "number", "holder_name", "address")),
        *(_day(name) for name in ("valid_from", "valid_until")),
        _text("status"),
        _day("status_on"),
        _text("authority"),
    )
    _rows(
        "scopes",
        *(_text(name) for name in ("object", "parameter", "standard", "limitation")),
        *(_day(name) for name in ("valid_from", "valid_until")),
    )
    _rows(
        "signatories",
        *(_text(name) for name in ("name", "scope")),
        *(_day(name) for name in ("valid_from", "valid_until")),
        _text("specimen"),
    )
    _rows("seals", _text("text"), _text("kind"))
    _rows("domains", _text("domain"))
    op.create_index("ix_domains_domain", "domains", ["domain"])
    _rows("memberships", _text("platform"), _day("joined_on"), _day("left_on"))
    cost = sa.Column("unit_cost", sa.Numeric(14, 4), nullable=False)
    _rows("fees", _text("item"), cost, _text("currency"), _day("filed_on"))
    _rows(
        "coverage",
        _text("authority_code", 2),
        _text("kind"),
        *(_day(name) for name in ("complete_from", "complete_until")),
        _text("source"),
        of_lab=False,
    )
    op.create_index("ix_coverage_authority_code", "coverage", ["authority_code"])


def _own_tables() -> None:
    counts = ("added", "changed", "ended", "removed")
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("revision", 64),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        _text("source_name"),
        _text("source_sha256", 64),
        sa.Column("demo", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
    )
    op.create_table(
        "lookup_keys",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        _text("lab_id"),
        _text("kind"),
        _text("key"),
        sa.ForeignKeyConstraint(["lab_id"], ["labs.lab_id"]),
    )
    op.create_index("ix_lookup_keys_lab_id", "lookup_keys", ["lab_id"])
    op.create_index("ix_lookup_keys_key", "lookup_keys", ["key"])
    op.create_table(
        "lookup_grams",
        sa.Column("gram", sa.String(2), primary_key=True),
        sa.Column("key_id", sa.Integer(), primary_key=True),
        sa.ForeignKeyConstraint(["key_id"], ["lookup_keys.id"]),
    )
    op.create_index("ix_lookup_grams_key_id", "lookup_grams", ["key_id"])


def upgrade() -> None:
    """Makes every table."""
    _contract_tables()
    _own_tables()


def downgrade() -> None:
    """Drops every table with all that it holds."""
    for table in reversed(TABLES):
        op.drop_table(table)
