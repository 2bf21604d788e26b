"""The whole examination."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlmodel import Session, col, select

from registry.doctor import cells, claims, rights, shared
from registry.doctor.findings import Finding
from registry.index import chunks
from registry.lookup import records_of
from registry.models import Lab

# Days after which a claim without end is called stale. Ours: a quarter of a year. New
# accreditations are given all the time, so the shorter the better.
STALE_AFTER = 92


def examine(session: Session, day: dt.date, *, stale_after: int = STALE_AFTER) -> Iterator[Finding]:
    """Everything in the registry that contradicts itself or has grown old.

    Reads the registry once, a few hundred laboratories at a time; changes nothing.

    Args:
        session: of the registry.
        day: of the examination.
        stale_after: days, see `claims.claims`.

    Yields:
        Lists and claims of coverage first, then what laboratories share, then one after the
        other.
    """
    yield from cells.lists_to_come(session, day)
    yield from claims.claims(session, day, stale_after)
    for across in shared.CHECKS:
        yield from across(session)
    session.expunge_all()
    for some in chunks(session.exec(select(Lab.lab_id).order_by(col(Lab.lab_id))).all()):
        for record in records_of(session, some):
            for check in (*rights.CHECKS, *cells.CHECKS):
                yield from check(record, day)
        session.expunge_all()
