"""What was done to accounts: by whom, to whom, when. The administrator reads it."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from enum import StrEnum

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from certcheck.accounts.tables import AccountDeed

# Kept for so long, then gone: it names people.
KEPT_FOR = dt.timedelta(days=365)
# Rows of one page.
PAGE = 50
# A name that is kept out by wrong passwords is noted once in so long a time.
_LOCKED_AGAIN = dt.timedelta(minutes=15)


class What(StrEnum):
    """What was done."""

    ADDED = "added"
    ROLE = "role"
    DISABLED = "disabled"
    ENABLED = "enabled"
    RESET = "reset"
    CHANGED = "changed"
    LOCKED = "locked"


@dc.dataclass(frozen=True, slots=True)
class Deed:
    """One line of the log.

    Attributes:
        at: when.
        by: name of who did it; "" for the command line, or the server itself.
        name: whose account.
        what: see `What`.
        role: that was given, or "".
    """

    at: dt.datetime
    by: str
    name: str
    what: What
    role: str


def note(opened: Session, deed: Deed) -> None:
    """Writes a line in the transaction that is open, and lets go of those whose time is over."""
    opened.exec(delete(AccountDeed).where(col(AccountDeed.at) < deed.at - KEPT_FOR))
    opened.add(
        AccountDeed(
            at=deed.at, by=deed.by, name=deed.name, what=str(deed.what), role=deed.role or None
        )
    )


def noted_lately(opened: Session, name: str, moment: dt.datetime) -> bool:
    """Whether it was written down a little while ago that a name is kept out."""
    wanted = select(AccountDeed.id).where(
        AccountDeed.name == name, AccountDeed.what == What.LOCKED,
        col(AccountDeed.at) > moment - _LOCKED_AGAIN,
    )  # fmt: skip
    return opened.exec(wanted.limit(1)).first() is not None


def page(opened: Session, number: int) -> tuple[list[Deed], int]:
    """Lines of a page, the newest first, and how many there are in all.

    Args:
        opened: the session.
        number: of the page, from 1.
    """
    rows = opened.exec(
        select(AccountDeed)
        .order_by(col(AccountDeed.at).desc(), col(AccountDeed.id).desc())
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    ).all()
    total = opened.exec(select(func.count()).select_from(AccountDeed)).one()
    return [Deed(one.at, one.by, one.name, What(one.what), one.role or "") for one in rows], total
