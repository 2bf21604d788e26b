"""Pages of a check that somebody wants on paper: written down, looked up, taken, answered.

Each is made once, kept with its check, and deleted with it.
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import io
import json
from collections.abc import Mapping

from sqlalchemy import func
from sqlmodel import Session, col, select

from certcheck.audit import Who
from certcheck.errors import PdfBusyError, PdfError
from certcheck.runner import begun, logged
from certcheck.runner.tables import Print, Status
from certcheck.runner.work import Work
from registry import store

# Each takes a second or two; who comes later is told to come again.
MOST_WAITING = 100
# A page that ended so many processes ends the next one too.
MOST_DEATHS = 2


@dc.dataclass(frozen=True, slots=True)
class Name:
    """Names a document.

    Attributes:
        check_id: of the check.
        kind: which page of it.
        lang: `zh` or `en`.
    """

    check_id: str
    kind: str
    lang: str


@dc.dataclass(frozen=True, slots=True)
class Sheet:
    """A page to be put on paper.

    Attributes:
        html: with its styles in it.
        pictures: address in the page to the SHA-256 of a stored file.
    """

    html: str
    pictures: Mapping[str, str]


@dc.dataclass(frozen=True, slots=True)
class Printed:
    """How a document stands.

    Attributes:
        status: how far it is.
        sha256: of the PDF, or None.
        error: code of why there is none, or None.
    """

    status: Status
    sha256: str | None
    error: str | None


def ask(work: Work, name: Name, sheet: Sheet, by: Who | None = None) -> None:
    """Writes down that a page is wanted; what is there of the same page already will do.

    Raises:
        PdfBusyError: too many wait.
        DatabaseUnreachableError: the database does not answer.
    """
    digest = hashlib.sha256(sheet.html.encode()).hexdigest()
    with store.session(work.engine) as opened:
        store.write(opened)
        one = _get(opened, name)
        if one is not None and one.page_sha256 == digest and one.error is None:
            return
        waiting = select(func.count()).select_from(Print).where(Print.status == Status.QUEUED)
        if opened.exec(waiting).one() >= MOST_WAITING:
            raise PdfBusyError()
        one = one or Print(**dc.asdict(name))
        one.page_sha256, one.html = digest, sheet.html
        one.pictures = json.dumps(dict(sheet.pictures))
        one.status, one.asked_at = Status.QUEUED, work.clock()
        one.deaths, one.sha256, one.error = 0, None, None
        opened.add(one)
        logged.printed(opened, name.check_id, name.kind, name.lang, by)
        opened.commit()
    work.rung()


def look(work: Work, name: Name) -> Printed | None:
    """How a document stands; None where nobody asked for it.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        one = _get(opened, name)
        return Printed(Status(one.status), one.sha256, one.error) if one else None


def take(work: Work) -> tuple[Name, Sheet] | None:
    """The next page, now being made; None where none waits.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        # Asked twice a second: nothing is locked while nothing waits.
        waiting = select(Print).where(Print.status == Status.QUEUED)
        waiting = waiting.order_by(col(Print.asked_at)).limit(1)
        if opened.exec(waiting).first() is None:
            return None
        opened.rollback()
        store.write(opened)
        one = opened.exec(waiting).first()
        if one is None:
            return None
        one.status = Status.RUNNING
        opened.add(one)
        taken = (
            Name(one.check_id, one.kind, one.lang),
            Sheet(one.html or "", json.loads(one.pictures)),
        )
        opened.commit()
        return taken


def finish(work: Work, name: Name, found: bytes | str) -> None:
    """Writes down what came of it: a PDF, or the code of why there is none.

    Raises:
        StorageError: the disk is full or gone.
        DatabaseUnreachableError: the database does not answer.
    """
    sha256 = work.blobs.put(io.BytesIO(found))[0] if isinstance(found, bytes) else None
    with store.session(work.engine) as opened:
        store.write(opened)
        one = _get(opened, name)
        # Deleted meanwhile, or asked for with another page.
        if one is not None and one.status == Status.RUNNING:
            one.status, one.html = Status.DONE, None
            one.sha256, one.error = sha256, found if isinstance(found, str) else None
            opened.add(one)
            opened.commit()


def died(work: Work, name: Name) -> None:
    """A process died over a page, or one of its pictures alone cannot be read; see `begun.died`.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """

    def give_up(one: Print) -> None:
        one.html, one.error = None, PdfError.code

    begun.died(work, Print, dc.astuple(name), MOST_DEATHS, give_up)


def take_up(work: Work) -> None:
    """Queues what was begun and not ended, as if it had never begun.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    begun.take_up(work, Print)


def _get(opened: Session, name: Name) -> Print | None:
    return opened.get(Print, (name.check_id, name.kind, name.lang))
