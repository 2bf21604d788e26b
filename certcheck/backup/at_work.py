"""Whether a server or a worker is at work on a store, on whatever machine; keeps others from it.

On this machine by the locks of the work folder. On PostgreSQL also by its locks, by the workers
that gave a sign of life, and by its connections: a server that has work done by workers holds no
lock, but looks into the database every few seconds.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import URL

from certcheck.backup.errors import AtWorkError
from certcheck.files import shown_name
from certcheck.runner.engines.keeper import KEEPER
from certcheck.runner.engines.workers import living
from certcheck.runner.lock import held, sole_at
from certcheck.runner.service import SERVICE
from certcheck.runner.settings import Settings
from certcheck.runner.tables import Worker
from registry import store

# What of a server and of a worker only one does.
_NAMES = (SERVICE, KEEPER)
# Seconds in which PostgreSQL ends a connection that was closed, also where it is busy.
_ENDING_S, _LOOK_S = 5.0, 0.1
_OURS = """
SELECT DISTINCT coalesce(host(client_addr), 'local') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND application_name = current_setting('application_name')
"""


@contextlib.contextmanager
def nobody(settings: Settings) -> Iterator[None]:
    """Sees to it that nobody is at work, until the block ends.

    Raises:
        AtWorkError: somebody is.
        OSError: the folder cannot be written to, or its disk knows no locks.
        DatabaseUnreachableError: the database does not answer.
    """
    url = store.parse_url(settings.url) if settings.url else None
    with contextlib.ExitStack() as kept:
        if url is None or url.get_backend_name() == "sqlite":
            for name in _NAMES:
                path = settings.folder / f"{name}.lock"
                if not kept.enter_context(held(path)):
                    raise AtWorkError(name=shown_name(path))
        else:
            _of_postgresql(settings, url, kept)
        yield


def _of_postgresql(settings: Settings, url: URL, kept: contextlib.ExitStack) -> None:
    # Named otherwise, as it is none of those that are looked for.
    own = url.update_query_dict({"application_name": f"{store.APPLICATION} restore"})
    holding, asking = store.make_engine(own), store.make_engine(url)
    kept.callback(holding.dispose)
    kept.callback(asking.dispose)
    for name in _NAMES:
        ours = kept.enter_context(sole_at(settings.folder, holding, name, silent_ms=0))
        if not ours():
            raise AtWorkError(name=f"{name}.lock")
    if inspect(asking).has_table(str(Worker.__tablename__)):
        alive = [one.name for one in living(asking, settings.lease)]
        if alive:
            raise AtWorkError(name=", ".join(alive))
    connected = _connected(asking)
    if connected:
        raise AtWorkError(name=", ".join(connected))


def _connected(engine: Engine) -> list[str]:
    """Addresses of machines whose connections to the database are a server's or a worker's."""
    end = time.monotonic() + _ENDING_S
    while True:
        with store.session(engine) as opened:
            found = sorted(opened.connection().execute(text(_OURS)).scalars())
        if not found or time.monotonic() > end:
            return found
        time.sleep(_LOOK_S)
