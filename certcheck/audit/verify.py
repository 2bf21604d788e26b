"""Whether the log is what was written, as far as can be told from it and from known heads."""

from __future__ import annotations

import contextlib
import dataclasses as dc
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from certcheck.audit import heads, log
from certcheck.audit.chain import Difference, Head, first_difference
from registry import store

# What the guards say; see the step that makes them.
_REFUSED = "work_audit: rows"
_TRIES = (
    "UPDATE work_audit SET digest = digest WHERE seq = :seq",
    "DELETE FROM work_audit WHERE seq = :seq",
)


@dc.dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it.

    Attributes:
        difference: the first, or None.
        last: the last row before it.
        heads: how many known heads it was held against.
    """

    difference: Difference | None
    last: Head
    heads: int


def verify(engine: Engine, folder: Path | None = None, given: Sequence[Head] = ()) -> Verdict:
    """Goes through the whole log.

    Args:
        engine: of the work store.
        folder: with the heads that were written down, or None.
        given: heads from elsewhere, of packs say.

    Raises:
        StorageError: the heads cannot be read.
        DatabaseUnreachableError: the database does not answer.
    """
    known = [*(heads.known(folder) if folder else ()), *given]
    with store.session(engine) as opened:
        found, last = first_difference(log.rows(opened), known)
    if found is None and last.seq:
        with store.session(engine) as opened:
            if not guarded(opened, last.seq):
                found = Difference("audit.differs.unguarded", last.seq)
    return Verdict(found, last, len(known))


def guarded(opened: Session, seq: int) -> bool:
    """Whether the database refuses to change a row: it is tried, and nothing comes of it."""
    store.write(opened)
    for one in _TRIES:
        refused = False
        with contextlib.suppress(_Undone), opened.begin_nested():
            try:
                opened.connection().execute(text(one), {"seq": seq})
            except DBAPIError as error:
                refused = _REFUSED in str(error.orig)
            raise _Undone
        if not refused:
            opened.rollback()
            return False
    opened.rollback()
    return True


class _Undone(Exception):  # noqa: N818 - no error
    """Takes back what was tried."""
