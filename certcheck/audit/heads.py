"""Where the log ended, written down beside the database: a log that was cut short is known by it.

A file in the work folder, one line for each hour in which something was done: place and digest of
the last row, and when it was written down. The line of this hour is brought up to date; one that
the log no longer agrees with is left as it is, for `verify` to tell.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import os
import re
import tempfile
from pathlib import Path

from sqlmodel import Session, col, select

from certcheck.audit.chain import Head, moment
from certcheck.audit.log import head
from certcheck.audit.tables import AuditRow
from certcheck.errors import StorageError

log = logging.getLogger(__name__)

FILE = "audit-heads.txt"
_LINE = re.compile(r"([0-9]{1,18}) ([0-9a-f]{64}) (\S+)")
# Of a line's moment: those of one hour begin alike.
_HOUR = len("2026-11-22T13")


def known(folder: Path) -> list[Head]:
    """Where the log ended, the oldest first; lines that are none are passed over.

    Raises:
        StorageError: the file is there and cannot be read.
    """
    return [Head(int(one[1]), one[2]) for one in map(_LINE.fullmatch, _lines(folder)) if one]


def keep(folder: Path, opened: Session, now: dt.datetime) -> Head:
    """Writes down where the log ends now; returns that.

    Raises:
        StorageError: the file cannot be written.
        DatabaseUnreachableError: the database does not answer.
    """
    last = head(opened)
    lines = _lines(folder)
    before = _LINE.fullmatch(lines[-1]) if lines else None
    if before is not None:
        kept = Head(int(before[1]), before[2])
        if kept == last:
            return last
        if not _holds(opened, kept):
            log.error("the log no longer holds row %d as it was: certcheck audit verify", kept.seq)
            return last
    if last.seq:
        at = moment(now)
        if before is not None and before[3][:_HOUR] == at[:_HOUR]:
            lines.pop()
        _write(folder, [*lines, f"{last.seq} {last.digest} {at}"])
    return last


def beyond(folder: Path, opened: Session) -> Head | None:
    """Where the log ended when it was last written down, if the log does not hold that row.

    So it is where a database of an earlier day was put in the place of a later one.

    Raises:
        StorageError: the file is there and cannot be read.
        DatabaseUnreachableError: the database does not answer.
    """
    kept = known(folder)
    return kept[-1] if kept and not _holds(opened, kept[-1]) else None


def line_of(last: Head) -> str:
    """Where the log ends, in one line; see `missing`."""
    return f"{last.seq} {last.digest}"


def missing(line: str, opened: Session) -> Head | None:
    """Where the log ended by a line, if it does not hold that row; see `beyond`.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    told = _LINE.fullmatch(f"{line} -")
    kept = Head(int(told[1]), told[2]) if told else None
    return kept if kept and not _holds(opened, kept) else None


def begin_anew(folder: Path) -> Path | None:
    """Lays aside what was written down, for a log that is known to lack its end.

    Returns:
        The file that it is kept in from now on; None where nothing was written down.

    Raises:
        StorageError: the file cannot be moved.
    """
    file = folder / FILE
    try:
        numbers = itertools.count(1)
        aside = next(
            one for number in numbers
            if not (one := file.with_name(f"{file.stem}-before-{number}{file.suffix}")).exists()
        )  # fmt: skip
        return file.rename(aside) if file.exists() else None
    except OSError as error:
        raise StorageError(folder=folder, reason=error.strerror) from error


def _holds(opened: Session, kept: Head) -> bool:
    wanted = select(AuditRow.digest).where(col(AuditRow.seq) == kept.seq)
    return not kept.seq or opened.exec(wanted).first() == kept.digest


def _lines(folder: Path) -> list[str]:
    try:
        return (folder / FILE).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(folder=folder, reason=error.strerror) from error


def _write(folder: Path, lines: list[str]) -> None:
    """All of it or nothing."""
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{FILE}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("".join(f"{one}\n" for one in lines))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(folder / FILE)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(folder=folder, reason=error.strerror) from error
