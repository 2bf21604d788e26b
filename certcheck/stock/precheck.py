"""Pages that show anybody with a code how some items of a batch stand, for a time."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
import secrets
from collections.abc import Sequence

from sqlmodel import col, select

from certcheck.runner.tables import Batch, Precheck
from certcheck.runner.work import Work
from registry import store

# Without those that are taken for one another when read aloud or typed; 12 of 30 signs are
# 59 bits: a thousand pages at once, a thousand guesses a second, found in 18 000 years.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_GROUP = 4
HOURS = (1, 2, 4, 8, 24)


@dc.dataclass(frozen=True, slots=True)
class Page:
    """A pre-check page.

    Attributes:
        code: as it is kept.
        batch_id: of the batch it shows.
        numbers: of the items it shows.
        created_at: when it was made.
        expires_at: not shown from then on.
        over: whether its time is over, or somebody ended it.
    """

    code: str
    batch_id: str
    numbers: frozenset[int]
    created_at: dt.datetime
    expires_at: dt.datetime
    over: bool

    @property
    def shown_code(self) -> str:
        """The code in groups, as a person reads it."""
        return "-".join(self.code[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


class Prechecks:
    """The pre-check pages of a work store.

    Args:
        work: the store.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def make(self, batch_id: str, numbers: Sequence[int], hours: int) -> str | None:
        """Makes a page; returns its code, None where there is no such batch.

        Args:
            batch_id: of the batch.
            numbers: of the items to show.
            hours: it lasts, but no longer than the batch.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        moment = self._work.clock()
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        with store.session(self._work.engine) as opened:
            store.write(opened)
            batch = opened.get(Batch, batch_id)
            if batch is None or batch.expires_at <= moment:
                return None
            opened.add(
                Precheck(
                    code=code,
                    batch_id=batch_id,
                    numbers=json.dumps(sorted(set(numbers))),
                    created_at=moment,
                    expires_at=min(batch.expires_at, moment + dt.timedelta(hours=hours)),
                )  # fmt: skip
            )
            opened.commit()
        return code

    def look(self, code: str) -> Page | None:
        """The page of a code that somebody typed; None where there is none, or it is over.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            found = opened.get(Precheck, plain(code))
        page = self._page(found) if found else None
        return page if page and not page.over else None

    def of_batch(self, batch_id: str) -> list[Page]:
        """All pages of a batch, the newest first.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        wanted = (
            select(Precheck)
            .where(Precheck.batch_id == batch_id)
            .order_by(col(Precheck.created_at).desc())
        )
        with store.session(self._work.engine) as opened:
            return [self._page(one) for one in opened.exec(wanted).all()]

    def end(self, batch_id: str, code: str) -> bool:
        """Ends a page of a batch at once; whether there was one.

        Raises:
            DatabaseUnreachableError: the database does not answer.
        """
        with store.session(self._work.engine) as opened:
            store.write(opened)
            found = opened.get(Precheck, plain(code))
            if found is None or found.batch_id != batch_id:
                return False
            found.ended_at = found.ended_at or self._work.clock()
            opened.add(found)
            opened.commit()
        return True

    def _page(self, row: Precheck) -> Page:
        over = row.ended_at is not None or row.expires_at <= self._work.clock()
        numbers = frozenset(json.loads(row.numbers))
        return Page(row.code, row.batch_id, numbers, row.created_at, row.expires_at, over)


def plain(code: str) -> str:
    """A code as it is kept, from how a person types it."""
    return "".join(char for char in code.upper() if char.isalnum())[: LENGTH + 1]
