"""One of several servers or workers does a thing, the others take over."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from registry import store

if TYPE_CHECKING:
    from certcheck.runner.work import Work

# Seconds until a PostgreSQL server lets go of what a machine held that is off the network.
_IDLE_S, _INTERVAL_S, _PROBES = 10, 5, 3
# Whoever holds a lock asks after it more often than that, unless it stands still: longer than the
# longest turn of any, webhooks to slow servers.
_SILENT_MS = 120_000
_VERSION, _KNOWS_SILENCE = "SELECT current_setting('server_version_num')::int", 140_000


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Tries to take a lock, without waiting; the kernel lets go of it where a process dies.

    Args:
        path: of its file, made where there is none.

    Yields:
        Whether it is ours until the end of the block; False where another holds it.

    Raises:
        OSError: the file cannot be made, or the disk knows no locks.
    """
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextlib.contextmanager
def sole(work: Work, name: str, silent_ms: int = _SILENT_MS) -> Iterator[Callable[[], bool]]:
    """Tries to be the only one to do a thing for a work store, on whatever machine.

    Those of one machine are told apart by a lock in the work folder, those of several by one of
    the PostgreSQL server, which lets go of it when the connection is gone, or nobody asks.

    Args:
        work: the store.
        name: of what is done.
        silent_ms: after so many milliseconds without a question the PostgreSQL server lets go.

    Yields:
        Asks whether it is ours: at first, and later, as the connection may break, and then it no
        longer is.

    Raises:
        OSError: the file cannot be made, or the disk knows no locks.
        DatabaseUnreachableError: the database does not answer.
    """
    with sole_at(work.settings.folder, work.engine, name, silent_ms) as ours:
        yield ours


@contextlib.contextmanager
def sole_at(
    folder: Path, engine: Engine, name: str, silent_ms: int = _SILENT_MS
) -> Iterator[Callable[[], bool]]:
    """Likewise, for a store that is not opened, by its folder and database.

    Args, yields and errors: see `sole`; with `silent_ms` of 0 nobody has to ask.
    """
    with held(folder / f"{name}.lock") as mine:
        if not mine or engine.dialect.name == "sqlite":
            yield lambda: mine
            return
        with store.session(engine) as opened:
            connection = opened.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            # Closed at the end: nobody gets it from the pool again, with the lock it may hold.
            connection.detach()
            for setting, value in (
                ("idle", _IDLE_S), ("interval", _INTERVAL_S), ("count", _PROBES)
            ):  # fmt: skip
                connection.execute(text(f"SET tcp_keepalives_{setting} = {value}"))
            if connection.execute(text(_VERSION)).scalar_one() >= _KNOWS_SILENCE:
                connection.execute(text(f"SET idle_session_timeout = {silent_ms}"))
            number = {"one": _number(name)}
            got = connection.execute(text("SELECT pg_try_advisory_lock(:one)"), number).scalar()

            def asked() -> bool:
                try:
                    connection.execute(text("SELECT 1"))
                except SQLAlchemyError:
                    return False
                return bool(got)

            yield asked


def _number(name: str) -> int:
    """Names a lock among a server's."""
    return int.from_bytes(hashlib.sha256(f"certcheck {name}".encode()).digest()[:8], signed=True)
