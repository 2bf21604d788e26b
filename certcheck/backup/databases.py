"""One database copied while others write to it, and put back: SQLite and PostgreSQL.

The copy is of one moment: SQLite's own backup, or a dump of PostgreSQL's by its own programs.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

from certcheck import ink_book
from certcheck.backup.errors import OtherKindError, ProgramMissingError
from certcheck.errors import StorageError
from certcheck.runner.settings import Settings
from certcheck.runner.store import FILE
from certcheck.seen import store as seen
from registry import store
from registry.errors import DatabaseUnreachableError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
WORK, REGISTRY, SEEN, INK = "work", "registry", "seen", "ink"
# Where Debian keeps the programs, by version.
_DEBIAN = Path("/usr/lib/postgresql")
# Pages that are copied before others may write again.
_PAGES = 2048
_OWNER_ONLY = 0o600
# How tables of the work store and of the book of what was seen are named, and the registry's steps.
_PREFIXES = ("work_", "desk_", "search_", "seen_", "alembic_version")
# A line of a dump's list: what it is and its name.
_LISTED = re.compile(r"^\d+; \d+ \d+ (TABLE|FUNCTION) \S+ (\w+)", re.M)


@dc.dataclass(frozen=True, slots=True)
class Place:
    """A database that is configured.

    Attributes:
        names: what it is for; several where they lie in one.
        url: its address.
    """

    names: tuple[str, ...]
    url: URL

    @property
    def kind(self) -> str:
        """SQLITE or POSTGRESQL."""
        return self.url.get_backend_name()

    @property
    def member(self) -> str:
        """What its copy is named."""
        ends = {SQLITE: "sqlite", POSTGRESQL: "pgdump"}
        return f"databases/{'+'.join(self.names)}.{ends[self.kind]}"

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.url.database or "")


def configured(settings: Settings, registry: str | None = None) -> list[Place]:
    """The databases of this deployment, each once.

    Args:
        settings: for the work store.
        registry: address of the registry's, or None for the environment's.

    Raises:
        RegistryError: an address is none.
    """
    named = registry or os.environ.get(store.URL_VARIABLE)
    urls = {WORK: store.parse_url(settings.url) if settings.url else _of(settings.folder / FILE)}
    urls[REGISTRY] = store.parse_url(named) if named else _of(store.default_path())
    address = seen.address()
    if address is not None:
        urls[SEEN] = store.parse_url(address) if "://" in address else _of(Path(address))
    book = ink_book.configured(visitor=True)
    if book is not None:
        urls[INK] = _of(ink_book.path())
    together: dict[str, tuple[URL, list[str]]] = {}
    for name, url in urls.items():
        together.setdefault(str(url), (url, []))[1].append(name)
    return [Place(tuple(names), url) for url, names in together.values()]


def _of(path: Path) -> URL:
    return URL.create(SQLITE, database=str(path.absolute()))


def there(place: Place) -> bool:
    """Whether a database holds anything of ours.

    Raises:
        DatabaseUnreachableError: it does not answer.
    """
    if place.kind == SQLITE:
        return place.path.is_file() and place.path.stat().st_size > 0
    return bool(_ours(place))


def copy(place: Place, to: Path) -> None:
    """Copies a database as it is at one moment.

    Raises:
        DatabaseUnreachableError: it does not answer.
        ProgramMissingError: PostgreSQL's program is missing, or failed.
        StorageError: there is no room for the copy.
    """
    if place.kind == SQLITE:
        _copy_sqlite(place.path, to)
        return
    _run(place, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")


def put(place: Place, source: Path) -> None:
    """Puts a copy in the place of what is there, all of it or nothing.

    Raises:
        DatabaseUnreachableError: the database does not answer.
        ProgramMissingError: PostgreSQL's program is missing, or failed.
        StorageError: there is no room.
    """
    if place.kind == POSTGRESQL:
        _put_postgresql(place, source)
        return
    path = place.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f".{path.name}.restored")
        shutil.copyfile(source, new)
        new.chmod(_OWNER_ONLY)
        # What SQLite put beside the file belongs to what was there.
        for end in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        new.replace(path)
    except OSError as error:
        raise StorageError(folder=path.parent, reason=error.strerror) from error


def same_kind(place: Place, kind: str) -> None:
    """Looks whether a copy can be put there.

    Raises:
        OtherKindError: it is of the other kind of database.
    """
    if place.kind != kind:
        raise OtherKindError(name=place.names[0], kind=kind, here=place.kind)


def _copy_sqlite(path: Path, to: Path) -> None:
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target, pages=_PAGES)
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise DatabaseUnreachableError(database=path.name, reason=str(error)) from error


def _ours(place: Place) -> list[str]:
    """The tables of ours that a PostgreSQL database has; others' are left alone."""
    with _connected(place) as engine:
        found = inspect(engine).get_table_names()
    registry = SQLModel.metadata.tables
    return [one for one in found if one in registry or one.startswith(_PREFIXES)]


@contextlib.contextmanager
def _connected(place: Place) -> Iterator[Engine]:
    engine = store.make_engine(place.url)
    try:
        with store.session(engine):
            yield engine
    finally:
        engine.dispose()


def _put_postgresql(place: Place, source: Path) -> None:
    """One transaction: without our tables that are there, with those of the copy."""
    script, listed = source.with_suffix(".sql"), source.with_suffix(".list")
    _run(None, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source))
    _run(None, "pg_restore", "--list", f"--file={listed}", str(source))
    first = source.with_suffix(".first.sql")
    copied = set(_LISTED.findall(listed.read_text(encoding="utf-8")))
    first.write_text("".join(f"{one};\n" for one in _dropping(place, copied)), encoding="utf-8")
    _run(
        place, "psql", "--no-psqlrc", "--quiet", "--single-transaction",
        "--set=ON_ERROR_STOP=1", "--output=/dev/null", f"--file={first}", f"--file={script}",
    )  # fmt: skip
    # The plan of a question rests on what is known of the tables, which no dump holds.
    with _connected(place) as engine, engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _dropping(place: Place, copied: Collection[tuple[str, str]]) -> list[str]:
    """Takes away what the copy brings, and tables of ours that a newer program made."""
    tables = {name for kind, name in copied if kind == "TABLE"} | set(_ours(place))
    functions = sorted(name for kind, name in copied if kind == "FUNCTION")
    drops = [f'DROP TABLE IF EXISTS "{one}" CASCADE' for one in sorted(tables)]
    return [*drops, *(f'DROP FUNCTION IF EXISTS "{one}" CASCADE' for one in functions)]


def _run(place: Place | None, program: str, *arguments: str) -> None:
    """Runs a program of PostgreSQL's; the password goes by the environment, not by the list."""
    found = _program(program)
    env = dict(os.environ)
    words = [str(found)]
    if place is not None:
        url = place.url
        if url.password:
            env["PGPASSWORD"] = str(url.password)
        # `URL.set` keeps a password that is to be None, and prints it as stars.
        address = URL.create(
            POSTGRESQL, url.username, None, url.host, url.port, url.database, url.query
        )
        words.append(f"--dbname={address.render_as_string()}")
    done = subprocess.run(
        [*words, *arguments], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[0]
        raise ProgramMissingError(program=program, reason=last)


def _program(name: str) -> Path:
    """The newest that is installed: an older one does not understand a newer server."""
    folders = [one for one in _DEBIAN.glob("*/bin") if one.parent.name.isdigit()]
    folders.sort(key=lambda one: int(one.parent.name), reverse=True)
    found = next((one / name for one in folders if (one / name).exists()), shutil.which(name))
    if found is None:
        raise ProgramMissingError(program=name, reason="postgresql-client")
    return Path(found)
