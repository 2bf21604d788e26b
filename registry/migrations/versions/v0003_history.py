"""The registry's history: old versions of rows, what each import was, and its documents.

What was imported before this step is kept as it is, under the number of the newest import;
what the registry held before that was never written down.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY_DIGITS = 32
OLD_KEY_DIGITS = 64
LEGACY = "legacy"

# The contract's columns but for `lab_id`, by the type that they have in the database.
_TEXT, _DAY, _MONEY, _CODE = sa.String(), sa.Date(), sa.Numeric(14, 4), sa.String(2)
COLUMNS: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "labs": {"name": _TEXT, "uscc": _TEXT, "licence_address": _TEXT, "aliases": _TEXT},
    "accreditations": {
        "kind": _TEXT,
        "number": _TEXT,
        "holder_name": _TEXT,
        "address": _TEXT,
        "valid_from": _DAY,
        "valid_until": _DAY,
        "status": _TEXT,
        "status_on": _DAY,
        "authority": _TEXT,
    },
    "scopes": {
        "object": _TEXT,
        "parameter": _TEXT,
        "standard": _TEXT,
        "limitation": _TEXT,
        "valid_from": _DAY,
        "valid_until": _DAY,
    },
    "signatories": {
        "name": _TEXT,
        "scope": _TEXT,
        "valid_from": _DAY,
        "valid_until": _DAY,
        "specimen": _TEXT,
    },
    "seals": {"text": _TEXT, "kind": _TEXT},
    "domains": {"domain": _TEXT},
    "memberships": {"platform": _TEXT, "joined_on": _DAY, "left_on": _DAY},
    "fees": {"item": _TEXT, "unit_cost": _MONEY, "currency": _TEXT, "filed_on": _DAY},
    "coverage": {
        "authority_code": _CODE,
        "kind": _TEXT,
        "complete_from": _DAY,
        "complete_until": _DAY,
        "source": _TEXT,
    },
}
# Rows that a list dropped are in these with no day of their own to say so.
UNDATED = ("seals", "domains", "fees")
# Indexes beside those that every table has.
INDEXES = {"domains": "domain", "coverage": "authority_code"}


def _contract(table: str) -> list[sa.Column[Any]]:
    columns = COLUMNS[table].items()
    return [sa.Column(name, kind, nullable=kind is _DAY) for name, kind in columns]


def _marks() -> list[sa.Column[Any]]:
    """How a row came to be, with what is true of rows that nobody marked."""
    return [
        sa.Column("recorded_by", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("stated_by", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("place", sa.String(), nullable=False, server_default=""),
        sa.Column("dropped_on", sa.Date(), nullable=True),
    ]


def _owner(table: str) -> list[Any]:
    if table == "coverage":
        return []
    lab_id = sa.Column("lab_id", sa.String(64), nullable=False)
    return (
        [lab_id]
        if table == "labs"
        else [lab_id, sa.ForeignKeyConstraint(["lab_id"], ["labs.lab_id"])]
    )


def _remake(table: str, digits: int, *extra: sa.Column[Any]) -> None:
    """The table again, with other columns, its rows kept.

    SQLite cannot change a key in place.
    """
    key = sa.Column("row_key", sa.String(digits), nullable=False)
    unique = ("lab_id", "row_key") if extra and table != "coverage" else ("row_key",)
    op.rename_table(table, f"{table}_before")
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), primary_key=True),
        key,
        *_owner(table),
        *_contract(table),
        *extra,
        sa.UniqueConstraint(*unique),
    )
    names = [*COLUMNS[table], *(() if table == "coverage" else ("lab_id",))]
    listed = ", ".join(names)
    op.execute(
        f"INSERT INTO {table} (row_key, {listed}) "
        f"SELECT substr(row_key, 1, {digits}), {listed} FROM {table}_before ORDER BY id"
    )
    op.drop_table(f"{table}_before")
    if table in INDEXES:
        op.create_index(f"ix_{table}_{INDEXES[table]}", table, [INDEXES[table]])


def _imports() -> None:
    for column in (
        sa.Column("kind", sa.String(16), nullable=False, server_default=LEGACY),
        sa.Column("list_date", sa.Date(), nullable=True),
        sa.Column("loaded_by", sa.String(), nullable=False, server_default=""),
        sa.Column("replaces", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("unchanged", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("imports", column)
    op.create_table(
        "import_documents",
        sa.Column("import_id", sa.Integer(), sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "import_groups",
        sa.Column("table_name", sa.String(16), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("import_id", sa.Integer(), sa.ForeignKey("imports.id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "content_digests",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
    )


def _history(table: str) -> None:
    key = [] if table == "labs" else [sa.Column("row_key", sa.String(KEY_DIGITS), nullable=False)]
    owner = [] if table == "coverage" else [sa.Column("lab_id", sa.String(64), nullable=False)]
    op.create_table(
        f"{table}_history",
        sa.Column("version_id", sa.Integer(), primary_key=True),
        *key,
        *owner,
        *_contract(table),
        *_marks(),
        sa.Column("superseded_by", sa.Integer(), nullable=False),
    )
    group = "authority_code" if table == "coverage" else "lab_id"
    op.create_index(f"ix_{table}_history_{group}", f"{table}_history", [group])


def upgrade() -> None:
    """Adds the history; rows count as recorded by the newest import."""
    for table in COLUMNS:
        if table == "labs":
            for column in _marks():
                op.add_column(table, column)
        else:
            _remake(table, KEY_DIGITS, *_marks())
        _history(table)
        newest = "(SELECT coalesce(max(id), 0) FROM imports)"
        op.execute(f"UPDATE {table} SET recorded_by = {newest}, stated_by = {newest}")
    _imports()


def downgrade() -> None:
    """Takes the history away, with what was known only from it."""
    for table in ("content_digests", "import_groups", "import_documents"):
        op.drop_table(table)
    with op.batch_alter_table("imports") as imports:
        for name in (
            "kind",
            "list_date",
            "loaded_by",
            "replaces",
            "undoes",
            "undone_by",
            "unchanged",
        ):
            imports.drop_column(name)
    for table in COLUMNS:
        op.drop_table(f"{table}_history")
        if table in UNDATED:
            op.execute(f"DELETE FROM {table} WHERE dropped_on IS NOT NULL")
        if table == "labs":
            for column in _marks():
                op.drop_column(table, column.name)
        else:
            _remake(table, OLD_KEY_DIGITS)
            if table != "coverage":
                op.create_index(f"ix_{table}_lab_id", table, ["lab_id"])
