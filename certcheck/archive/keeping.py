"""How long a check stays, and that what a case holds does not go.

A visitor's photo is gone after a day; what an inspector looked into is evidence and is kept for
years; what lies in a case is kept as long as the case holds it, whoever sent it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, select

from certcheck.archive import filing
from certcheck.archive.filing import FOREVER
from certcheck.runner.asked import related
from certcheck.runner.settings import Settings
from certcheck.runner.tables import Check

_AT_ONCE = 500


def until(
    opened: Session, settings: Settings, owner: str | None, moment: dt.datetime
) -> dt.datetime:
    """When a check, or a batch, that somebody asks for now is to be deleted.

    Args:
        opened: the session.
        settings: how work is kept.
        owner: see `runner.tables.Check`.
        moment: now.
    """
    kept = filing.inspector(opened, owner) is not None
    return moment + (settings.keep_inspected if kept else settings.keep)


def hold(opened: Session, check_id: str) -> str | None:
    """Keeps a check, with all of its photo, until it is let go; for cases.

    It is in the archive from then on, at once where it is done, else as soon as it is.

    Args:
        opened: in a transaction that writes; nothing is committed.
        check_id: any check of the photo.

    Returns:
        The check that the photo came with; None where there is none.
    """
    root = _keep(opened, check_id, FOREVER)
    if root is not None:
        filing.file(opened, root)
    return root


def let_go(opened: Session, check_id: str, moment: dt.datetime) -> None:
    """Lets a check go at a moment, when no case holds it any more.

    Args:
        opened: in a transaction that writes; nothing is committed.
        check_id: any check of the photo.
        moment: when it is to be deleted.
    """
    root = _keep(opened, check_id, moment)
    if root is not None:
        filing.file(opened, root)


def held(check: Check) -> bool:
    """Whether a case holds a check."""
    return check.expires_at >= FOREVER


def drop(opened: Session, which: ColumnElement[bool], *, also_held: bool = False) -> int:
    """Deletes checks and what the archive has of them; returns how many.

    Args:
        opened: in a transaction that writes; nothing is committed.
        which: of the checks; what a case holds stays all the same.
        also_held: whether what a case holds goes too.
    """
    free = which if also_held else which & (col(Check.expires_at) < FOREVER)
    ids = opened.exec(select(Check.id).where(free)).all()
    for some in _some(ids):
        filing.forget(opened, some)
        opened.exec(delete(Check).where(col(Check.id).in_(some)))
    return len(ids)


def _some(ids: Iterable[str]) -> Iterable[list[str]]:
    every = list(ids)
    return (every[at : at + _AT_ONCE] for at in range(0, len(every), _AT_ONCE))


def _keep(opened: Session, check_id: str, moment: dt.datetime) -> str | None:
    check = opened.get(Check, check_id)
    if check is None:
        return None
    changed = update(Check).where(related(check)).values(expires_at=moment)
    opened.exec(changed)
    opened.refresh(check)
    return check.root or check.id
