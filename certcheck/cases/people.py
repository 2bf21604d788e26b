"""Who complained: kept apart from the case, shown to few, deleted in time.

Who reports something is kept confidential, and none of it is needed once he was told what came of
it. It is never written into the log, which keeps what it has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlmodel import Session, col

from certcheck import audit
from certcheck.accounts.people import Person
from certcheck.cases import rules
from certcheck.cases.errors import CaseUnknownError, StepRefusedError
from certcheck.cases.rules import SETTLED, State
from certcheck.cases.tables import CaseFile, Complainant
from certcheck.runner.settings import Settings
from registry import store

if TYPE_CHECKING:
    from certcheck.runner.work import Work

LONGEST: Mapping[str, int] = {"name": 80, "phone": 40, "address": 200}


def may_see(row: CaseFile, person: Person) -> bool:
    """Whether somebody may see who complained, and change it."""
    whose = rules.hold(row.owner, person.id)
    return rules.allowed("complainant", State(row.state), person.role, whose)


def of_case(opened: Session, case_id: int) -> Complainant | None:
    """Who complained, or None where nobody said, or it is deleted."""
    return opened.get(Complainant, case_id)


def settle(opened: Session, row: CaseFile, today: dt.date, settings: Settings) -> None:
    """Says when it is deleted, as soon as a case is settled; a case opened again keeps it."""
    assert row.id is not None  # noqa: S101 - it was read
    found = of_case(opened, row.id)
    if found is not None:
        settled = State(row.state) in SETTLED
        found.erase_on = today + settings.keep_people if settled else None
        opened.add(found)


def change(opened: Session, case_id: int, told: Mapping[str, str]) -> None:
    """Puts in what is known of somebody; nothing at all deletes it."""
    found = of_case(opened, case_id) or Complainant(case_id=case_id)
    for name, longest in LONGEST.items():
        setattr(found, name, told.get(name, "").strip()[:longest])
    if any(getattr(found, name) for name in LONGEST):
        opened.add(found)
    else:
        opened.exec(delete(Complainant).where(col(Complainant.case_id) == case_id))


def tell(work: Work, case_id: int, person: Person, told: Mapping[str, str]) -> None:
    """Puts in who complained; the log says that it was done, and nothing of whom.

    Raises:
        CaseUnknownError: there is no such case.
        StepRefusedError: the person may not.
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        row = opened.get(CaseFile, case_id)
        if row is None:
            raise CaseUnknownError()
        if not may_see(row, person):
            raise StepRefusedError()
        change(opened, case_id, told)
        audit.write(
            opened, who=audit.person(person), what="case.complainant", about=("case", str(case_id))
        )
        opened.commit()


def sweep(opened: Session, today: dt.date) -> int:
    """Deletes what nobody needs any more; returns how many."""
    return int(opened.exec(delete(Complainant).where(col(Complainant.erase_on) <= today)).rowcount)
