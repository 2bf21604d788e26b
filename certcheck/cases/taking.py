"""A step with a case: may it be taken, what was told, what it changes; written to the log with it.

Everything happens in one transaction, the row of the log too. Who sends a step tells which version
of the case he saw: where somebody else was faster, nothing is changed and he is told. What only
adds (a note, a check, a day that somebody sets himself) does no harm to what another did.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session, select

from certcheck import audit
from certcheck.accounts.people import Person
from certcheck.archive import lawsuits
from certcheck.cases import deadlines, letters, needs, people, rules, running, things
from certcheck.cases.errors import (
    CaseChangedError,
    CaseNeedsError,
    CaseUnknownError,
    StepRefusedError,
    StillDueError,
)
from certcheck.cases.rules import SETTLED, Hold, State
from certcheck.cases.tables import CaseDeadline, CaseFile
from certcheck.runner.work import Work
from registry import store

ADDING = frozenset({"note", "attach", "remind", "letter"})


@dc.dataclass(frozen=True, slots=True)
class Doing:
    """A step that is being taken.

    Attributes:
        opened: the session.
        row: the case.
        person: who takes it.
        said: what was told, see `needs`; what the step itself finds out is added.
        moment: now.
        work: the store.
    """

    opened: Session
    row: CaseFile
    person: Person
    said: dict[str, Any]
    moment: dt.datetime
    work: Work

    @property
    def today(self) -> dt.date:
        """In China."""
        return running.day_of(self.moment)


def take(
    work: Work, case_id: int, key: str, person: Person, form: Mapping[str, str], version: int
) -> None:
    """Takes a step.

    Args:
        work: the store.
        case_id: of the case.
        key: of the step.
        person: who takes it.
        form: what he told.
        version: of the case as he saw it.

    Raises:
        CaseUnknownError: there is no such case.
        StepRefusedError: he may not, or not in this state.
        CaseChangedError: somebody else was faster.
        CaseNeedsError: something is missing or makes no sense.
        StillDueError: it cannot be closed yet.
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        row = locked(opened, case_id)
        step = rules.steps().get(key)
        whose = rules.hold(row.owner, person.id)
        if step is None or not step.allows(person.role, whose):
            raise StepRefusedError()
        # Told of a change before of a refusal: the state may be what was changed.
        if key not in ADDING and version != row.version:
            raise CaseChangedError()
        if State(row.state) not in step.sources:
            raise StepRefusedError()
        asked = needs.Asked(opened, row, form, running.day_of(work.clock()))
        doing = Doing(opened, row, person, needs.told(step, asked), work.clock(), work)
        before = row.state
        _DOES.get(key, _move if step.to else _nothing)(doing, step)
        write(doing, key, {"from": before, "to": row.state} if step.to else {})


def write(doing: Doing, key: str, also: Mapping[str, Any]) -> None:
    """Brings a case up to what was done, writes that into the log, and ends the transaction."""
    row = doing.row
    running.refresh(doing.opened, row)
    row.version += 1
    row.changed_at = doing.moment
    doing.opened.add(row)
    lawsuits.put(doing.opened, row, doing.said)
    audit.write(
        doing.opened, who=audit.person(doing.person), what=f"case.{key}",
        about=("case", str(row.id)), detail={**doing.said, **also},
    )  # fmt: skip
    doing.opened.commit()


def locked(opened: Session, case_id: int) -> CaseFile:
    """A case that nobody else changes until the transaction ends.

    Raises:
        CaseUnknownError: there is none.
    """
    wanted = select(CaseFile).where(CaseFile.id == case_id).with_for_update()
    found = opened.exec(wanted).first() if case_id < 2**31 else None
    if found is None:
        raise CaseUnknownError()
    return found


def _nothing(doing: Doing, step: rules.Step) -> None:
    """What is told is all."""


def _move(doing: Doing, step: rules.Step) -> None:
    """The state changes."""
    assert step.to is not None  # noqa: S101 - it is called for such steps
    row, said = doing.row, doing.said
    begun = running.happened(doing.opened, row, step.key, doing.today, doing.moment)
    said["due"] = begun
    row.state, row.asked, row.asked_detail = str(step.to), "", None
    row.category = said.get("category", row.category)
    if step.to in SETTLED:
        row.settled_at = row.settled_at if step.to is State.CLOSED else doing.moment
        row.settled_at = row.settled_at or doing.moment
    if step.to is State.CLOSED:
        row.result = said["result"]
        _end_all(doing)
    people.settle(doing.opened, row, doing.today, doing.work.settings)


def _end_all(doing: Doing) -> None:
    """Nothing may be open but what somebody set himself, which ends."""
    assert doing.row.id is not None  # noqa: S101 - it was read
    doing.opened.flush()
    left = running.open_of(doing.opened, doing.row.id)
    ruled = [one.kind for one in left if one.kind in deadlines.rules()]
    if ruled:
        raise StillDueError(kinds=ruled)
    for one in left:
        one.ended_at = doing.moment


def _take(doing: Doing, step: rules.Step) -> None:
    """Who begins to check what nobody has, has it."""
    if rules.hold(doing.row.owner, doing.person.id) is Hold.NOBODY:
        doing.row.owner = doing.said["owner"] = doing.person.id
    _move(doing, step)


def _reopen(doing: Doing, step: rules.Step) -> None:
    _move(doing, step)
    doing.row.settled_at, doing.row.result = None, ""


def _ask(doing: Doing, step: rules.Step) -> None:
    doing.row.asked = doing.said["move"]
    detail = {**doing.said, "by": doing.person.name}
    doing.row.asked_detail = json.dumps(detail, ensure_ascii=False)


def _unask(doing: Doing, step: rules.Step) -> None:
    if not doing.row.asked:
        raise StepRefusedError()
    doing.said["move"] = doing.row.asked
    doing.row.asked, doing.row.asked_detail = "", None


def _hand_over(doing: Doing, step: rules.Step) -> None:
    # The name is for the page; the log has the id.
    doing.said.pop("owner_name")
    doing.row.owner = doing.said["owner"]


def _attach(doing: Doing, step: rules.Step) -> None:
    check_id, row = doing.said["check"], doing.row
    assert row.id is not None  # noqa: S101 - it was read
    told = things.of_check(doing.opened, check_id)
    name = doing.person.name
    if not things.add(doing.opened, row.id, things.CHECK, check_id, told, name, doing.moment):
        raise CaseNeedsError(what="check")
    things.hold(doing.opened, check_id)


def _detach(doing: Doing, step: rules.Step) -> None:
    assert doing.row.id is not None  # noqa: S101 - it was read
    settings = doing.work.settings
    things.remove(doing.opened, doing.row.id, doing.said["check"], settings, doing.moment)


def _tell(doing: Doing, step: rules.Step) -> None:
    on = dt.date.fromisoformat(doing.said["day"])
    event = doing.said["event"]
    doing.said["due"] = running.happened(doing.opened, doing.row, event, on, doing.moment)


def _remind(doing: Doing, step: rules.Step) -> None:
    _set_day(doing, deadlines.OWN, doing.said["label"])


def _letter(doing: Doing, step: rules.Step) -> None:
    """A letter to the laboratory about its certificates: there have to be some."""
    assert doing.row.id is not None  # noqa: S101 - it was read
    if not letters.papers(doing.opened, doing.row):
        raise CaseNeedsError(what="letter")
    _set_day(doing, deadlines.REPLY, "")


def _done(doing: Doing, step: rules.Step) -> None:
    one = doing.opened.get_one(CaseDeadline, doing.said["deadline"])
    one.ended_at = doing.moment


def _set_day(doing: Doing, kind: str, label: str) -> None:
    """A day that somebody sets himself."""
    assert doing.row.id is not None  # noqa: S101 - it was read
    doing.opened.add(
        CaseDeadline(
            case_id=doing.row.id, kind=kind, label=label,
            began_on=doing.today, due_on=dt.date.fromisoformat(doing.said["day"]), sure=True,
        )
    )  # fmt: skip


def _extend(doing: Doing, step: rules.Step) -> None:
    one = doing.opened.get_one(CaseDeadline, doing.said["deadline"])
    doing.said["day"] = running.extend(one, doing.said["days"]).isoformat()


_DOES: Mapping[str, Callable[[Doing, rules.Step], None]] = {
    "take": _take,
    "reopen": _reopen,
    "ask": _ask,
    "withdraw": _unask,
    "return": _unask,
    "hand_over": _hand_over,
    "attach": _attach,
    "detach": _detach,
    "tell": _tell,
    "remind": _remind,
    "letter": _letter,
    "done": _done,
    "extend": _extend,
}
