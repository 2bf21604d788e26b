"""Databases of PostgreSQL that serve one test after the other.

A new one is some 450 files: a fifth of a second of processor time, and as much again to remove.
"""

from __future__ import annotations

from pathlib import Path

from psycopg.errors import UndefinedTable
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import create_engine

from certcheck.runner import store as work_stores
from certcheck.runner.tables import WorkModel
from registry import store
from tests.registry.server import Server

# What tests that change the tables themselves would leave to others, as far as it is not rows.
_FORM = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
    SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull, attisdropped) AS part
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', pg_get_triggerdef(oid), tgenabled)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', proname, prosrc)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT version_num FROM work_schema
) AS parts
"""
_ALWAYS = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger
WHERE NOT tgisinternal AND tgenabled = 'A' AND tgparentid = 0
"""
_LOOKS = 200
# Whoever did not let go of a database keeps it.
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def empty(connection: Connection, tables: MetaData) -> None:
    """As new; TRUNCATE takes twenty times as long for so few rows."""
    # Foreign keys are not looked after while all is taken away.
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    # Some triggers are asked even so: those that keep the log as it is.
    always = [f"{table} {{}} TRIGGER {name}" for table, name in connection.execute(text(_ALWAYS))]
    for one in always:
        connection.execute(text(f"ALTER TABLE {one.format('DISABLE')}"))
    for table in tables.sorted_tables:
        connection.execute(table.delete())
    for one in always:
        connection.execute(text(f"ALTER TABLE {one.format('ENABLE ALWAYS')}"))
    used = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
    for name in connection.execute(text(used)).scalars().all():
        connection.execute(text(f"ALTER SEQUENCE {name} RESTART"))


def _used(connection: Connection) -> bool:
    """Whether somebody else is connected, who is no longer on his way out."""
    for _ in range(_LOOKS):
        if not connection.execute(text(_OTHERS)).scalar_one():
            return False
        # Within a transaction the answer stays what it was.
        connection.execute(text("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)"))
    return True


class WorkDatabases:
    """Hands out databases with the tables of a work store, nothing in them.

    Args:
        server: where they are.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._like = server.create()
        engine = work_stores.open_store(Path(), server.url(self._like))
        with engine.connect() as connection:
            self._form = connection.execute(text(_FORM)).scalar_one()
        engine.dispose()
        self._last: str | None = None

    def own(self) -> str:
        """The address of a new one, for who keeps it longer than a test."""
        return self._server.url(self._server.create(self._like))

    def next(self) -> str:
        """The address of the last one again, unless its tables are others or somebody uses it."""
        if self._last is None or not self._emptied(self._last):
            self._last = self.own()
        return self._last

    def _emptied(self, url: str) -> bool:
        engine = create_engine(store.parse_url(url))
        try:
            with engine.begin() as connection:
                if _used(connection):
                    return False
                if connection.execute(text(_FORM)).scalar_one() != self._form:
                    return False
                empty(connection, WorkModel.metadata)
        except ProgrammingError as error:
            # A test took the table away that tells the version.
            if not isinstance(error.orig, UndefinedTable):
                raise
            return False
        finally:
            engine.dispose()
        return True
