"""Where the book is, how it is opened, and that it is up to date."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy import exc as sql
from sqlalchemy.engine import URL
from sqlmodel import Session

from certcheck.errors import SeenBookError
from certcheck.seen.tables import KEYS, SCHEMA, VERSION_TABLE
from registry import store
from registry.errors import RegistryError

SETTING = "CERTCHECK_SEEN"
OFF = "off"
_FILE = "seen.sqlite"
_KEY, _KEY_BYTES = "people", 32
_OWNER_ONLY = 0o600


def address() -> str | None:
    """The file or the database that is named, this user's own file else; None for none."""
    named = os.environ.get(SETTING, "")
    if named == OFF:
        return None
    return named or str(store.default_path().with_name(_FILE))


@functools.lru_cache(maxsize=4)
def opened(where: str) -> Engine:
    """The book, ready for use; kept open as long as the process lives.

    Args:
        where: a file's path, or a database address.

    Raises:
        SeenBookError: it cannot be used.
    """
    try:
        engine = store.make_engine(_url(where))
        try:
            _bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
    except (OSError, sql.SQLAlchemyError, RegistryError) as error:
        raise SeenBookError(name=_shown(where), detail=str(error).split("\n", 1)[0]) from error
    return engine


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only asks."""
    with _told(engine), engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection that writes, committed at the end; another writer is waited for."""
    with _told(engine), store.session(engine) as session:
        store.write(session)
        yield session.connection()
        session.commit()


@contextlib.contextmanager
def _told(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (OSError, sql.SQLAlchemyError, RegistryError) as error:
        where = engine.url.database or engine.url.render_as_string()
        raise SeenBookError(name=where, detail=str(error).split("\n", 1)[0]) from error


def _url(where: str) -> URL:
    if "://" in where:
        return store.parse_url(where)
    file = Path(where)
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
    return URL.create("sqlite", database=str(file))


def _shown(where: str) -> str:
    """The address without what may be a password."""
    return where if "://" not in where else where.partition("://")[0] + "://…"


def _bring_up_to_date(engine: Engine) -> None:
    with store.session(engine) as session:
        if _schema(session.connection()) == SCHEMA:
            return
        session.rollback()
        if engine.dialect.name == "sqlite":
            _write_ahead(session)
        store.lock(session)
        migrate(session.connection())
        if session.connection().scalar(select(KEYS.c.value)) is None:
            key = {"name": _KEY, "value": secrets.token_bytes(_KEY_BYTES)}
            session.connection().execute(KEYS.insert().values(key))
        session.commit()


def _write_ahead(session: Session) -> None:
    """Lets checks read while another writes; kept in the file itself."""
    connection = session.connection().connection.dbapi_connection
    assert connection is not None  # noqa: S101 - it was just opened
    session.rollback()
    connection.execute("PRAGMA journal_mode = WAL")


def _schema(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return str(found) if found is not None else None


def migrate(connection: Connection, to: str = "head") -> None:
    """Brings the tables forward to a step, or takes them away (`base`)."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "certcheck.seen:migrations")
    config.attributes["connection"] = connection
    (command.downgrade if to == "base" else command.upgrade)(config, to)
