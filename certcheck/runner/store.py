"""The database of what was accepted: opened, and brought up to date."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL
from sqlmodel import Session

from certcheck.errors import StorageError
from registry import store

# Its own, so that the tables may lie beside the registry's in one database.
VERSION_TABLE = "work_schema"
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
        with store.session(engine) as opened:
            if address.get_backend_name() == "sqlite":
                _write_ahead(opened)
            store.lock(opened)
            migrate(opened.connection())
            opened.commit()
    except BaseException:
        engine.dispose()
        raise
    return engine


def _ready(file: Path) -> None:
    """Sees to it that only the server's user reads the file; what SQLite puts beside it follows."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def migrate(connection: Connection, to: str = "head") -> None:
    """Brings the tables forward to a step, or takes them away, in the transaction that is open.

    Args:
        connection: in a transaction that keeps others out.
        to: the step; `base` for none.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "certcheck.runner:migrations")
    config.attributes["connection"] = connection
    if to == "base":
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)


def reachable(engine: Engine) -> None:
    """Asks the database something.

    Raises:
        DatabaseUnreachableError: it does not answer.
    """
    with store.session(engine) as opened:
        opened.connection().execute(text("SELECT 1"))
