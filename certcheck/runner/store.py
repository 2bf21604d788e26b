"""The database of what was accepted: opened, and brought up to date."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from certcheck.errors import SchemaUnknownError, StorageError
from registry import store

log = logging.getLogger(__name__)

# Its own, so that the tables may lie beside the registry's in one database.
VERSION_TABLE = "work_schema"
# Less than the second after which PostgreSQL looks who stands in whose way, and refuses one.
_PATIENCE_MS = 300
_GAVE_WAY = "55P03"  # lock_not_available
_TRIES, _PAUSE_S = 100, 0.05
T = TypeVar("T")
FILE = "work.sqlite"


def open_store(folder: Path, url: str | None = None) -> Engine:
    """The database, ready for use.

    Args:
        folder: where the SQLite file lies that serves without a URL.
        url: a database address, or None.

    Raises:
        StorageError: the folder cannot be made.
        RegistryError: the database cannot be opened; see `registry.store.open_registry`.
    """
    if url:
        address = store.parse_url(url)
    else:
        _ready(folder / FILE)
        address = URL.create("sqlite", database=str(folder / FILE))
    engine = store.make_engine(address)
    try:
        if address.get_backend_name() == "sqlite":
            with store.session(engine) as opened:
                _write_ahead(opened)
        stepped(engine, migrate)
    except BaseException:
        engine.dispose()
        raise
    return engine


def ready(folder: Path) -> None:
    """Sees to it that the folder is there; wherever the rest lies, locks and heads lie in it.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageError(folder=folder, reason=error.strerror) from error


def _ready(file: Path) -> None:
    """Sees to it that only the server's user reads the file; what SQLite puts beside it follows."""
    ready(file.parent)
    try:
        file.touch(mode=0o600)
        file.chmod(0o600)
    except OSError as error:
        raise StorageError(folder=file.parent, reason=error.strerror) from error


def _write_ahead(opened: Session) -> None:
    """Lets pages read while a result is written; kept in the file itself."""
    connection = opened.connection().connection.dbapi_connection
    assert connection is not None  # noqa: S101 - it was just opened
    opened.rollback()
    connection.execute("PRAGMA journal_mode = WAL")


def stepped(engine: Engine, step: Callable[[Connection], T]) -> T:
    """Changes the tables in a transaction that gives way to those who use them.

    On PostgreSQL a change of a table waits for who reads it, and others wait for the change: two
    tables later one of them would be refused. So the change is, soon, and tries again.

    Args:
        engine: the store's.
        step: what changes them; done again from the beginning where it had to give way.

    Raises:
        DatabaseUnreachableError: the database does not answer, or never had a moment for it.
    """
    for left in reversed(range(_TRIES)):
        with store.session(engine) as opened:
            store.lock(opened)
            connection = opened.connection()
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE_MS}"))
            try:
                told = step(connection)
                opened.commit()
            except OperationalError as error:
                if not left or getattr(error.orig, "sqlstate", None) != _GAVE_WAY:
                    raise
            else:
                return told
        time.sleep(_PAUSE_S)
    raise AssertionError("the last try ends the loop")


def migrate(connection: Connection, to: str = "head") -> None:
    """Brings the tables to a step, in the transaction that is open.

    Tables of a newer program stay as they are where no step is named: a step only adds, and what
    it adds an older program need not know. So a program can be taken back without its tables.

    Args:
        connection: in a transaction that keeps others out.
        to: the step; `base` for none.

    Raises:
        SchemaUnknownError: there is no such step, or the tables are a newer program's.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "certcheck.runner:migrations")
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    known = sorted(one.revision for one in script.walk_revisions())
    found, wanted = step_of(connection), known[-1] if to == "head" else to
    if found is not None and found not in known:
        if to != "head" or found < known[-1]:
            raise SchemaUnknownError(step=found, known=known[-1])
        log.warning("tables of a newer program: %s, this one knows %s", found, known[-1])
        return
    if wanted not in (*known, "base"):
        raise SchemaUnknownError(step=wanted, known=known[-1])
    back = wanted == "base" or (found is not None and wanted < found)
    (command.downgrade if back else command.upgrade)(config, wanted)


def step_of(connection: Connection) -> str | None:
    """The step that the tables are at; None where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return str(found) if found is not None else None


def reachable(engine: Engine) -> None:
    """Asks the database something.

    Raises:
        DatabaseUnreachableError: it does not answer.
    """
    with store.session(engine) as opened:
        opened.connection().execute(text("SELECT 1"))
