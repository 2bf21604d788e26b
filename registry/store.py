"""The database: where it is, how it is made, and that it is never found half made."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib.resources import as_file, files
from pathlib import Path

import platformdirs
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy import exc as sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, col, create_engine, func, select

from registry import index
from registry.errors import (
    DatabaseUnreachableError,
    DatabaseUrlError,
    DemoMissingError,
    DriverMissingError,
    TooNewError,
)
from registry.imports import ImportRecord
from registry.models import Lab

log = logging.getLogger(__name__)

URL_VARIABLE = "CERTCHECK_DATABASE_URL"
# How PostgreSQL lists our connections.
APPLICATION = "certcheck"
# The newest step under `migrations/versions`; a test holds the two together, so that an
# up-to-date database is recognised without loading alembic.
SCHEMA = "0008"
KNOWN_SCHEMAS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")

# The look-up tables of an older step are made anew: what its programs wrote there is not what
# this one looks for. Raise it with every change of `registry.index` and `registry.grams`.
LOOKED_UP_SINCE = "0007"

# Code of the sentence told before that where it takes more than a few seconds: 27 s of processor
# time for 100 000 laboratories. As a record of this module's logger, its `details` beside it.
REBUILDING = "registry.rebuilding"
MANY = 10_000

DATABASES = ("sqlite", "postgresql")
# Another process may be importing; a whole registry takes less than this.
BUSY_SECONDS = 60
# SQLite's own is 2000. An import writes to places all over the look-up tables and took a tenth
# less time with this (144 000 rows of 12 000 laboratories); pages are taken as they are needed.
CACHE_KIB = 32 * 1024
# Any number, as long as it is always the same: names our lock among a server's.
_LOCK = 0x63657274
# What an import record calls the demo registry; no file or folder is named so by chance.
DEMO_SOURCE = "certcheck: demo registry"
# The day of its lists, so that everybody's demo is one and the same revision.
DEMO_DAY = dt.date(2026, 11, 21)
# What PostgreSQL says where it may only be read.
_READ_ONLY = "25006"
# On a connection's options: the word after BEGIN.
_BEGIN = "registry_begin"


def _safe(url: URL) -> str:
    """The address without user, password and options, which may hold one."""
    bare = URL.create(url.drivername, host=url.host, port=url.port, database=url.database)
    return bare.render_as_string()


def default_path() -> Path:
    """The SQLite file of a user who named no database."""
    return Path(platformdirs.user_data_dir("certcheck", appauthor=False)) / "registry.sqlite"


def parse_url(address: str) -> URL:
    """A database address.

    Raises:
        DatabaseUrlError: if it is none, or of a kind that is not supported.
    """
    try:
        url = make_url(address)
    except (sql.ArgumentError, ValueError):
        # The cause repeats the address, which may hold a password.
        raise DatabaseUrlError(reason="malformed") from None
    if url.drivername == "postgres":  # as hosting services still write it
        url = url.set(drivername="postgresql")
    if url.get_backend_name() not in DATABASES:
        raise DatabaseUrlError(reason="unsupported", kind=url.get_backend_name())
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url


def _prepare_sqlite(engine: Engine) -> None:
    """Real transactions, also around changes of the schema, and foreign keys that count."""

    def on_connect(connection: object, _record: object) -> None:
        # Python's own guessing of where a transaction begins is switched off.
        connection.isolation_level = None  # type: ignore[attr-defined]
        connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")  # type: ignore[attr-defined]

    def on_begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get(_BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


def make_engine(url: URL) -> Engine:
    """An engine that has not connected yet; raises DriverMissingError."""
    arguments: dict[str, object] = {}
    if url.get_backend_name() == "sqlite":
        arguments["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        if not url.database or url.database == ":memory:":
            # A memory database lives as long as its one connection.
            arguments["poolclass"] = StaticPool
    else:
        arguments["pool_pre_ping"] = True
        # Tells our connections from others, unless the address names them otherwise.
        arguments["connect_args"] = {"fallback_application_name": APPLICATION}
    try:
        engine = create_engine(url, **arguments)
    except (ModuleNotFoundError, sql.NoSuchModuleError):
        raise DriverMissingError(driver=url.drivername) from None
    if url.get_backend_name() == "sqlite":
        _prepare_sqlite(engine)
    return engine


@contextlib.contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Turns what a database says when it cannot serve into our own error."""
    try:
        yield
    except (sql.OperationalError, sql.InterfaceError) as error:
        reason = str(error.orig)
        if engine.url.password:
            reason = reason.replace(str(engine.url.password), "***")
        raise DatabaseUnreachableError(database=_safe(engine.url), reason=reason) from None
    except sql.DatabaseError as error:
        # Anything else that is wrong with a statement is a mistake of ours, but for a file
        # that is no database at all, and a server that is a copy of another for now.
        read_only = getattr(error.orig, "sqlstate", None) == _READ_ONLY
        if read_only or "not a database" in str(error.orig):
            raise DatabaseUnreachableError(
                database=_safe(engine.url), reason=str(error.orig)
            ) from None
        raise


@contextlib.contextmanager
def session(engine: Engine) -> Iterator[Session]:
    """A session that is rolled back unless it was committed.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
    """
    with _told(engine), Session(engine, expire_on_commit=False) as opened:
        yield opened


@contextlib.contextmanager
def opened(address: str | None) -> Iterator[Session]:
    """A session of a registry that nobody else needs opened; its connections are closed after.

    Args and errors: see `open_registry` and `session`.
    """
    engine = open_registry(address)
    try:
        with session(engine) as whole:
            yield whole
    finally:
        engine.dispose()


def write(opened: Session) -> None:
    """Begins a transaction that will write; call it before anything else.

    SQLite then waits its turn here, rather than refuse the first change after a question.
    """
    if opened.get_bind().dialect.name == "sqlite":
        opened.connection(execution_options={_BEGIN: "IMMEDIATE"})


def lock(opened: Session) -> None:
    """Keeps other importers out until the transaction ends; call it before anything else."""
    write(opened)
    if opened.get_bind().dialect.name != "sqlite":
        opened.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _schema(connection: Connection) -> str | None:
    """The database's schema step, None for one without tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def migrate(engine: Engine) -> None:
    """Brings the schema up to date; safe when several processes do so at once.

    Raises:
        TooNewError: if a newer program made the database.
        DatabaseUnreachableError: if it does not answer.
    """
    with _told(engine), Session(engine) as opened:
        found = _schema(opened.connection())
        if found is None or (found in KNOWN_SCHEMAS and found != SCHEMA):
            opened.rollback()
            lock(opened)
            _upgrade(opened.connection(), found)
            opened.commit()
        elif found not in KNOWN_SCHEMAS:
            raise TooNewError(database=_safe(engine.url), schema=found, known=SCHEMA)


def _upgrade(connection: Connection, found: str | None) -> None:
    # Only a database that is not up to date pays for loading alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "registry:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if found is not None and found < LOOKED_UP_SINCE:
        count = connection.scalar(select(func.count()).select_from(Lab)) or 0
        if count >= MANY:
            log.warning(REBUILDING, extra={"details": {"count": count}})
        index.rebuild(connection)


@contextlib.contextmanager
def demo_tables() -> Iterator[Path]:
    """The folder with the demo registry's CSV files.

    Raises:
        DemoMissingError: if they are not installed.
    """
    folder = files("samples") / "registry"
    if not folder.is_dir():
        raise DemoMissingError()
    with as_file(folder) as path:
        yield path


def fill_with_demo(engine: Engine) -> None:
    """Makes the demo registry the whole content, unless it is so already."""
    # The importer brings readers of every format along; only a first use pays for them.
    from registry.importing.apply import apply_plan
    from registry.importing.opening import open_tables
    from registry.importing.plan import Wish, read_plan

    with demo_tables() as folder, session(engine) as opened:
        newest = select(ImportRecord.source_sha256).order_by(col(ImportRecord.id).desc()).limit(1)
        source = open_tables(folder)
        if source is None:
            raise DemoMissingError()
        sha256 = source.sha256
        if opened.exec(newest).first() == sha256:
            return
        opened.rollback()
        lock(opened)
        if opened.exec(newest).first() != sha256:
            plan = read_plan(opened, folder, Wish(list_date=DEMO_DAY, replace=True))
            plan.source_name = DEMO_SOURCE
            apply_plan(opened, plan)
            opened.commit()


def _holds_only_demo(engine: Engine) -> bool:
    """Whether nothing but a demo registry of ours was ever imported."""
    with session(engine) as opened:
        return all(name == DEMO_SOURCE for name in opened.exec(select(ImportRecord.source_name)))


def create_whole(path: Path, fill: Callable[[Engine], None]) -> None:
    """Makes an SQLite database beside its place and moves it there in one step.

    Two processes may both make one; the first to link it wins and the other's is thrown
    away, so nobody ever opens one that is empty or half filled.

    Args:
        path: of the database.
        fill: fills it, its tables made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-", suffix=".sqlite")
    except OSError as error:
        raise DatabaseUnreachableError(database=str(path), reason=str(error.strerror)) from None
    os.close(handle)
    new = Path(name)
    try:
        engine = make_engine(URL.create("sqlite", database=name))
        try:
            migrate(engine)
            fill(engine)
        finally:
            engine.dispose()
        _publish(new, path)
    finally:
        new.unlink(missing_ok=True)


def _publish(new: Path, path: Path) -> None:
    try:
        path.hardlink_to(new)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links; both contents are the same.
        if not path.exists():
            new.replace(path)


def open_registry(url: str | None = None) -> Engine:
    """The registry's database, ready for use.

    Args:
        url: a database address; without it `CERTCHECK_DATABASE_URL`; without that an SQLite
            file in the user's data folder. A named database is created (SQLite) and
            migrated, and left empty; the user's own is filled with the demo registry on
            first use, and kept up with it as long as it holds nothing else.

    Returns:
        An engine; dispose of it when done.

    Raises:
        DatabaseUrlError: if the address is none, or of an unsupported kind.
        DriverMissingError: if the database's Python driver is not installed.
        DatabaseUnreachableError: if the database does not answer.
        TooNewError: if a newer program made it.
        DemoMissingError: if the demo registry is needed and not installed.
    """
    named = url or os.environ.get(URL_VARIABLE)
    if named:
        return _opened(parse_url(named))
    path = default_path()
    if not path.exists():
        create_whole(path, fill_with_demo)
    engine = _opened(URL.create("sqlite", database=str(path)))
    if _holds_only_demo(engine):
        fill_with_demo(engine)
    return engine


def _opened(url: URL) -> Engine:
    """An engine of an up-to-date database; none is left open where that fails."""
    engine = make_engine(url)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine
