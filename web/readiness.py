"""Whether work can be taken and done: part by part, with what to do about it.

Asked by whoever runs the server and by the web servers before it. A part that gives no answer in
time is said to be silent and is not asked again before it has answered, so that a hanging disk or
database does not take one thread after the other.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses as dc
import logging
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from certcheck.errors import BrokerAwayError, CertcheckError
from certcheck.runner import clock_watch, sweeping
from certcheck.runner import service as working
from certcheck.runner.engines.outbox import Outbox
from certcheck.runner.engines.turns import Turns
from certcheck.runner.engines.workers import Workers
from certcheck.runner.scanner import Scanner
from certcheck.runner.service import Service
from certcheck.runner.store import VERSION_TABLE
from certcheck.runner.tables import Status
from certcheck.runner.work import Work
from certcheck.stock.entries import MOST_BYTES
from registry import store
from registry.errors import RegistryError
from registry.lookup import Registry
from registry.revision import NEVER

log = logging.getLogger(__name__)

OK = "ok"
# Bytes; below, a few more photos would fill the disk.
LEAST_FREE = 256 * 2**20
# Seconds in which each part has to answer.
PATIENCE_S = 5.0
# What a disk that can be written to takes.
_TRIED = b"certcheck" * 512
# Signs of life that may be missed: a process that starts can take all of a machine for a while.
_MISSED = 12
# Bytes of the largest file that a request may bring, with what is around it.
LARGEST = MOST_BYTES + 2**20
# What is told, and hinders nobody: photos are taken and checked all the same.
_NO_HINDRANCE = frozenset(
    {"ready.full", "ready.clock", "ready.clock_apart", "ready.older", "ready.registry_empty"}
)

# Some hundred kilobytes that PostgreSQL keeps in a file of the database's disk until it has told
# how many rows they are. On a full one it may still change a row in its place, and add none.
_SMALL_MEMORY = "SELECT set_config('work_mem', '64kB', true)"
_FILE = "SELECT count(*) FROM generate_series(1, 20000)"
_CHANGE = f"UPDATE {VERSION_TABLE} SET version_num = version_num"

Probe = Callable[[], str]


@dc.dataclass(frozen=True, slots=True)
class State:
    """How a part stands.

    Attributes:
        code: `ok`, or what is wrong.
    """

    code: str

    @property
    def hinders(self) -> bool:
        """Whether no work can be taken, or none is done."""
        return self.code != OK and self.code not in _NO_HINDRANCE


class Readiness:
    """Asks the parts.

    Args:
        probes: name to what says `ok` or a code, or raises.
        patience: seconds in which each has to answer.
    """

    def __init__(self, probes: Mapping[str, Probe], patience: float = PATIENCE_S) -> None:
        self._probes, self._patience = probes, patience
        self._asked: dict[str, concurrent.futures.Future[str]] = {}
        self._lock = threading.Lock()

    def look(self) -> dict[str, State]:
        """How each part stands now."""
        asked = {name: self._ask(name, probe) for name, probe in self._probes.items()}
        concurrent.futures.wait(asked.values(), self._patience)
        return {name: State(_told(name, one)) for name, one in asked.items()}

    def _ask(self, name: str, probe: Probe) -> concurrent.futures.Future[str]:
        with self._lock:
            before = self._asked.get(name)
            if before is not None and not before.done():
                return before
            future: concurrent.futures.Future[str] = concurrent.futures.Future()
            self._asked[name] = future
        threading.Thread(target=_answer, args=(future, probe), daemon=True).start()
        return future


def _answer(future: concurrent.futures.Future[str], probe: Probe) -> None:
    try:
        future.set_result(probe())
    except Exception as error:  # told by whoever asked
        future.set_exception(error)


def _told(name: str, future: concurrent.futures.Future[str]) -> str:
    """What came of it; never an address or a path, which are for the log."""
    if not future.done():
        log.error("not ready: %s does not answer", name)
        return "ready.silent"
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, CertcheckError | RegistryError):
        log.error("not ready: %s: %s %s", name, error, error.details)
    else:
        log.error("not ready: %s", name, exc_info=error)
    if isinstance(error, OSError):
        return "ready.disk_away"
    return f"ready.{name}_away"


def of_app(app: Flask) -> Readiness:
    """The parts that an app needs."""
    work: Work = app.extensions["work"]
    registry: Registry = app.config["REGISTRY"]
    return Readiness(
        {
            "registry": lambda: _registry(registry),
            "store": lambda: _store(work),
            "disk": lambda: _disk(work),
            **(_workers(app, work) if work.settings.celery else _server(app, work)),
            **({"files": lambda: _files(work)} if work.settings.blobs else {}),
            **_scanner(work),
            "queue": lambda: _queue(work),
            "clock": lambda: _clock(work),
            "log": lambda: _log(work),
        }
    )


def _registry(registry: Registry) -> str:
    """Whether there is anything to hold a certificate against: the demo, or what was imported."""
    now = registry.revision
    return "ready.registry_empty" if now.imported_at == NEVER and not now.demo else OK


def _store(work: Work) -> str:
    """Whether the database takes a change, which is taken back, and has room."""
    address = work.engine.url
    if address.get_backend_name() == "sqlite" and address.database:
        # A connection of its own: it waits for other writers as long as there is patience.
        file = f"{Path(address.database).absolute().as_uri()}?mode=rw"
        with contextlib.closing(
            sqlite3.connect(file, PATIENCE_S / 2, isolation_level=None, uri=True)
        ) as raw:
            for one in ("BEGIN IMMEDIATE", _CHANGE, "ROLLBACK"):
                raw.execute(one)
        return OK
    with store.session(work.engine) as opened:
        for one in (_CHANGE, _SMALL_MEMORY, _FILE):
            opened.connection().execute(text(one))
        opened.rollback()
    return OK


def _disk(work: Work) -> str:
    """Whether the folder of photos takes a file, and has room for more."""
    folder = work.settings.folder
    handle, name = tempfile.mkstemp(dir=folder, prefix=".ready-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_TRIED)
            file.flush()
            os.fsync(file.fileno())
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()
    free = shutil.disk_usage(folder).free
    return OK if free >= LEAST_FREE else "ready.disk_full"


def _files(work: Work) -> str:
    """Whether the place of the files answers, where it is not in the folder."""
    work.blobs.reachable()
    return OK


def _scanner(work: Work) -> dict[str, Probe]:
    """Where uploads are scanned: whether all of any, and whether what is left out is said."""
    if work.settings.scanner is None:
        return {}
    scanner = Scanner(work.settings.scanner)

    def look() -> str:
        if not scanner.takes(LARGEST):
            return "ready.scanner_small"
        return OK if scanner.is_strict() else "ready.scanner_lenient"

    return {"scanner": look}


def _server(app: Flask, work: Work) -> dict[str, Probe]:
    """Where servers do the work themselves."""
    return {"checks": lambda: _checks(work, app.extensions.get("service"))}


def _workers(app: Flask, work: Work) -> dict[str, Probe]:
    """Where workers do it: whether one lives, and whether it can be told."""
    turns = Turns(work.settings)

    def broker() -> str:
        service = app.extensions.get("service")
        try:
            turns.waiting()
        except BrokerAwayError as error:
            if not error.refuses:
                raise
            log.error("not ready: broker: %s %s", error, error.details)
            return "ready.broker_refuses"
        # One that takes nothing may say all the same how much it has.
        refused = isinstance(service, Outbox) and service.refused
        return "ready.broker_refuses" if refused else OK

    return {
        "broker": broker,
        "workers": lambda: OK if Workers(work).living() else "ready.no_workers",
    }


def _checks(work: Work, service: Service | None) -> str:
    """Whether somebody takes the jobs: this process, or another one that shows signs of life."""
    if service is not None and not service.alive:
        return "ready.stopped"
    try:
        beaten = (work.settings.folder / working.LOCK).stat().st_mtime
    except FileNotFoundError:  # nobody has begun: the first photo starts it
        return OK
    silent = time.time() - beaten
    if silent <= _MISSED * working.BEAT_S:
        return OK
    # Where the first photo starts the processes, nobody is missed before.
    waits = work.counts()[Status.QUEUED] > 0
    return "ready.stalled" if service is not None or waits else OK


def _queue(work: Work) -> str:
    with_room = work.counts()[Status.QUEUED] < work.settings.most_queued
    return OK if with_room else "ready.full"


def _clock(work: Work) -> str:
    """Whether the clock jumped, or tells another time than the database's."""
    if work.apart(work.clock()):
        return "ready.clock_apart"
    return "ready.clock" if clock_watch.jumped(work.settings.folder) else OK


def _log(work: Work) -> str:
    """Whether the database holds what was written down of the log: an older one does not."""
    with store.session(work.engine) as opened:
        older = sweeping.beyond(work.settings.folder, work.blobs, opened)
    return OK if older is None else "ready.older"
