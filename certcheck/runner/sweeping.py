"""What nobody asks for any more is deleted, unless there is reason to doubt that it is so.

Two doubts: a clock that jumped (`clock_watch`), and a database of an earlier day that was put in
the place of a later one. It does not know what came since; the files of that are kept until
somebody has looked at them (`certcheck recover`).
"""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from certcheck.archive import keeping
from certcheck.audit import heads
from certcheck.audit.chain import Head
from certcheck.cases import people, running
from certcheck.runner import logged, readings
from certcheck.runner.asked import drop_batches, drop_unasked, referred_to
from certcheck.runner.blobs import Stored
from certcheck.runner.clock_watch import ClockWatch
from certcheck.runner.tables import Batch, Check, Message
from registry import store

log = logging.getLogger(__name__)


def beyond(folder: Path, blobs: Stored, opened: Session) -> Head | None:
    """Where the log ended when it was last written down, if the log does not hold that row.

    Written down in the work folder of each machine that sweeps, and beside the files, which are
    of all machines: the next one to sweep may be new, or may not have done so for days.

    Raises:
        StorageError: what was written down cannot be read.
        DatabaseUnreachableError: the database does not answer.
    """
    return heads.beyond(folder, opened) or heads.missing(blobs.mark(), opened)


def mark(blobs: Stored, last: Head) -> None:
    """Writes beside the files where the log ends now.

    Raises:
        StorageError: it cannot be written.
    """
    line = heads.line_of(last)
    if last.seq and blobs.mark() != line:
        blobs.set_mark(line)


def sweep(
    engine: Engine, folder: Path, blobs: Stored, watch: ClockWatch, moment: dt.datetime
) -> int:
    """Deletes checks whose time is over, with their results and files; returns how many.

    Args:
        engine: of the work store.
        folder: likewise.
        blobs: its files.
        watch: looks at the clock.
        moment: now.

    Raises:
        StorageError: the folder cannot be written to.
        DatabaseUnreachableError: the database does not answer.
    """
    if not watch.steady(moment):
        return 0
    with store.session(engine) as opened:
        store.write(opened)
        gone = keeping.drop(opened, col(Check.expires_at) <= moment)
        over = select(Batch.id).where(col(Batch.expires_at) <= moment)
        drop_batches(opened, opened.exec(over).all())
        opened.exec(delete(Message).where(col(Message.expires_at) <= moment))
        drop_unasked(opened)
        readings.let_go(opened, moment)
        people.sweep(opened, running.day_of(moment))
        logged.expired(opened, gone)
        opened.commit()
    with store.session(engine) as opened:
        last = heads.keep(folder, opened, moment)
        older = beyond(folder, blobs, opened)
    if older is not None:
        log.error("the database is older than its files, which stay: certcheck recover")
        return gone
    mark(blobs, last)
    with store.session(engine) as opened:
        blobs.sweep(lambda names: referred_to(opened, names), moment)
    return gone
