"""The log of who did what, and what keeps its rows as they are.

The guards are no part of the tables that the program knows: a row may only be added, after the
last one and bound to it. Whoever may change the database's own rules can take them away; the chain
of hashes shows what was done then.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_GENESIS = "0" * 64
_APART = "work_audit: rows are added after the last one and bound to it"
_KEPT = "work_audit: rows are not changed and not taken away"
# What SQLite is told, and PostgreSQL's function, where a row does not follow the last one.
_FOLLOWS = f"""
    NEW.seq = (SELECT coalesce(max(seq), 0) + 1 FROM work_audit)
    AND NEW.previous =
        coalesce((SELECT digest FROM work_audit ORDER BY seq DESC LIMIT 1), '{_GENESIS}')
"""


def upgrade() -> None:
    """Makes the table and its guards; what was done before is not known."""
    op.create_table(
        "work_audit",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who_kind", sa.String(16), nullable=False),
        sa.Column("who_id", sa.String(64), nullable=False),
        sa.Column("who_name", sa.String(60), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("about_kind", sa.String(32), nullable=False),
        sa.Column("about_id", sa.String(255), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("work_audit_about", "work_audit", ["about_kind", "about_id"])
    op.create_index("work_audit_at", "work_audit", ["at"])
    op.create_index("work_audit_what", "work_audit", ["what"])
    op.create_index("work_audit_who", "work_audit", ["who_id"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    for name, when in (("update", "UPDATE"), ("delete", "DELETE")):
        op.execute(
            f"CREATE TRIGGER work_audit_no_{name} BEFORE {when} ON work_audit "
            f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END"
        )
    # REPLACE takes a row's place without a word to the guard against deleting.
    op.execute(
        f"CREATE TRIGGER work_audit_follows BEFORE INSERT ON work_audit WHEN NOT ({_FOLLOWS}) "
        f"BEGIN SELECT RAISE(ABORT, '{_APART}'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION work_audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{_KEPT}'; END $$"
    )
    op.execute(
        "CREATE FUNCTION work_audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF NOT ({_FOLLOWS}) THEN RAISE EXCEPTION '{_APART}'; END IF; RETURN NEW; END $$"
    )
    for name, when, each, function in (
        ("no_change", "UPDATE OR DELETE", "ROW", "kept"),
        ("no_truncate", "TRUNCATE", "STATEMENT", "kept"),
        ("follows", "INSERT", "ROW", "follows"),
    ):
        op.execute(
            f"CREATE TRIGGER work_audit_{name} BEFORE {when} ON work_audit "
            f"FOR EACH {each} EXECUTE FUNCTION work_audit_{function}()"
        )
        # Also for who applies changes of another server.
        op.execute(f"ALTER TABLE work_audit ENABLE ALWAYS TRIGGER work_audit_{name}")


def downgrade() -> None:
    """Drops all of it."""
    op.drop_table("work_audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION work_audit_kept()")
        op.execute("DROP FUNCTION work_audit_follows()")
