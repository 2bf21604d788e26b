"""What was done to accounts: by whom, to whom, when. The administrator reads it."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import SelectBase, SQLColumnExpression, delete, func, null, union_all
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from certcheck.accounts.tables import AccountDeed, FactorDeed

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
    FACTOR_ON = "factor_on"
    FACTOR_OFF = "factor_off"
    FACTOR_CODES = "factor_codes"


_OF_FACTORS = frozenset({What.FACTOR_ON, What.FACTOR_OFF, What.FACTOR_CODES})


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
    for table in (AccountDeed, FactorDeed):
        opened.exec(delete(table).where(col(table.at) < deed.at - KEPT_FOR))
    at, by, name, what = deed.at, deed.by, deed.name, str(deed.what)
    if deed.what in _OF_FACTORS:
        opened.add(FactorDeed(at=at, by=by, name=name, what=what))
    else:
        opened.add(AccountDeed(at=at, by=by, name=name, what=what, role=deed.role or None))


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
    both = union_all(
        _columns(AccountDeed, col(AccountDeed.role)), _columns(FactorDeed, null())
    ).subquery()
    newest = both.c.at.desc(), both.c.id.desc()
    asked = sa_select(both).order_by(*newest).offset((number - 1) * PAGE).limit(PAGE)
    rows = opened.connection().execute(asked).all()
    total = opened.connection().execute(sa_select(func.count()).select_from(both)).scalar_one()
    return [Deed(one.at, one.by, one.name, What(one.what), one.role or "") for one in rows], total


def _columns(table: type[AccountDeed | FactorDeed], role: SQLColumnExpression[Any]) -> SelectBase:
    told = col(table.at), col(table.by), col(table.name), col(table.what)
    return sa_select(*told, role.label("role"), col(table.id))
