"""A case as it is shown: what it says and is about, what is due, what happened, what may come."""

from __future__ import annotations

import dataclasses as dc
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from certcheck.accounts.people import Person
from certcheck.audit import Entry
from certcheck.cases import desk, history, people, rules
from certcheck.cases.history import Difference
from certcheck.cases.rules import State, Step
from certcheck.cases.tables import (
    CaseComplaint,
    CaseDeadline,
    CaseFile,
    CaseThing,
    Complainant,
)


@dc.dataclass(frozen=True, slots=True)
class Thing:
    """What a case is about; see `CaseThing`."""

    kind: str
    ref: str
    told: Mapping[str, Any]
    added_by: str


@dc.dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands, for one who may look at it.

    Attributes:
        row: the case.
        owner: name of who works on it, or "".
        things: checks and observations, in the order they came.
        complaint: or None.
        complainant: who complained, where he may see it and it is known.
        confidential: whether he may see who complained.
        deadlines: those that are open first, the first due first.
        entries: the log, the first first.
        differences: where the case is not what the log says.
        steps: those that he may take.
        asked: what the chief was asked with, empty where nothing.
        names: of people, by account id.
    """

    row: CaseFile
    owner: str
    things: Sequence[Thing]
    complaint: CaseComplaint | None
    complainant: Complainant | None
    confidential: bool
    deadlines: Sequence[CaseDeadline]
    entries: Sequence[Entry]
    differences: Sequence[Difference]
    steps: Sequence[Step]
    asked: Mapping[str, Any]
    names: Mapping[str, str]

    @property
    def state(self) -> State:
        """What the log says."""
        logged = history.said(self.entries).state
        return State(logged or self.row.state)

    @property
    def detachable(self) -> bool:
        """Whether it holds a check without which it is still about something."""
        checks = [one for one in self.things if one.kind == "check"]
        return bool(checks) and (len(self.things) > 1 or self.complaint is not None)

    def may(self, key: str) -> bool:
        """Whether he may take a step."""
        return any(one.key == key for one in self.steps)


def look(opened: Session, case_id: int, person: Person) -> Standing | None:
    """A case; None where there is none."""
    row = opened.get(CaseFile, case_id) if 0 < case_id < 2**31 else None
    if row is None:
        return None
    entries = history.of_case(opened, case_id)
    owners = [row.owner, *(str(one.told.get("owner") or "") for one in entries)]
    names = desk.names_of(opened, owners)
    confidential = people.may_see(row, person)
    whose = rules.hold(row.owner, person.id)
    return Standing(
        row=row,
        owner=names.get(row.owner or "", ""),
        things=_things(opened, case_id),
        complaint=opened.get(CaseComplaint, case_id),
        complainant=people.of_case(opened, case_id) if confidential else None,
        confidential=confidential,
        deadlines=_deadlines(opened, case_id),
        entries=entries,
        differences=history.compare(row, history.said(entries)),
        steps=_steps(row, person, whose),
        asked=json.loads(row.asked_detail) if row.asked_detail else {},
        names=names,
    )


def _steps(row: CaseFile, person: Person, whose: rules.Hold) -> list[Step]:
    """Those that the table allows and that there is something to take with."""
    offered = rules.offered(State(row.state), person.role, whose)
    idle = {"withdraw", "return"} if not row.asked else {"ask"}
    return [one for one in offered if one.key not in idle]


def _things(opened: Session, case_id: int) -> list[Thing]:
    wanted = select(CaseThing).where(CaseThing.case_id == case_id)
    rows = opened.exec(wanted.order_by(col(CaseThing.added_at), col(CaseThing.ref))).all()
    return [Thing(one.kind, one.ref, json.loads(one.told), one.added_by) for one in rows]


def _deadlines(opened: Session, case_id: int) -> list[CaseDeadline]:
    wanted = select(CaseDeadline).where(CaseDeadline.case_id == case_id)
    rows = opened.exec(wanted.order_by(col(CaseDeadline.due_on), col(CaseDeadline.id))).all()
    return sorted(rows, key=lambda one: one.ended_at is not None)
