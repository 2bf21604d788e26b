"""The doctor's findings brought into the list of work: new ones opened, gone ones closed.

What was said of a finding stays with it: one that is found again is the same one. A finding that
was set aside stays aside as long as it is found.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.desk.tables import Found, FoundLab, FoundStep, State, Task
from certcheck.runner.work import Work
from registry import bulk, revision, store
from registry.days import today
from registry.doctor.examine import examine as examined
from registry.doctor.findings import Finding, Level
from registry.imports import ImportRecord
from registry.index import chunks
from registry.models import Lab

RANKS = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTE: 2}
OPEN, ASIDE, CLOSED = "open", "aside", "closed"
_AT_ONCE = 1000
_TELL_S = 1.0
_FOUND: Any = Found.__table__  # type: ignore[attr-defined]
_LABS: Any = FoundLab.__table__  # type: ignore[attr-defined]


@dc.dataclass(frozen=True, slots=True)
class _Known:
    """A finding that is kept already."""

    number: int
    state: str


def examine(work: Work, engine: Engine, task: Task) -> None:
    """Examines the whole registry and brings the list of work up to date.

    Args:
        work: the store.
        engine: of the registry.
        task: of the examination.
    """
    this = _number(work)
    counts: Counter[str] = Counter()
    with store.session(engine) as session:
        held = revision.current(session).revision
        base = session.exec(select(ImportRecord.id).order_by(col(ImportRecord.id).desc())).first()
        keys: Counter[str] = Counter()
        last = time.monotonic()
        for some in _some(examined(session, today())):
            _take(work, engine, some, keys, this)
            counts.update(one.level.value for one in some)
            if time.monotonic() - last >= _TELL_S:
                last = time.monotonic()
                if not _goes_on(work, task, counts.total()):
                    return
    closed = _close(work, this)
    with store.session(work.engine) as opened:
        store.write(opened)
        one = opened.get_one(Task, task.id)
        one.state, one.changed_at, one.base = State.DONE, work.clock(), base
        one.counts, one.revision, one.worked = json.dumps(counts), held, counts.total()
        opened.add(one)
        detail = {**counts, "closed": closed, "revision": held}
        audit.write(
            opened, who=audit.SERVER, what="registry.examined", about=("desk", task.id),
            detail=detail,
        )  # fmt: skip
        opened.commit()


def key_of(finding: Finding, ordinal: int) -> str:
    """What a finding is known again by: what it is about, not how many days that is old.

    Args:
        finding: of the doctor.
        ordinal: which of several that are about the same.
    """
    told = [finding.kind, sorted(finding.labs), sorted(finding.rows), ordinal]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _number(work: Work) -> int:
    """The number of this examination."""
    with store.session(work.engine) as opened:
        newest = select(Found.seen_in).order_by(col(Found.seen_in).desc()).limit(1)
        return (opened.exec(newest).first() or 0) + 1


def _some(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    waiting: list[Finding] = []
    for one in findings:
        waiting.append(one)
        if len(waiting) >= _AT_ONCE:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _take(
    work: Work, engine: Engine, findings: Sequence[Finding], seen: Counter[str], this: int
) -> None:
    """Writes some findings down: new ones, and that old ones are there still."""
    keyed: dict[str, Finding] = {}
    for one in findings:
        bare = key_of(one, 0)
        keyed[key_of(one, seen[bare])] = one
        seen[bare] += 1
    names = _names(engine, {lab for one in findings for lab in one.labs})
    with store.session(work.engine) as opened:
        store.write(opened)
        known = _known(opened, list(keyed))
        moment = work.clock()
        for key, finding in keyed.items():
            if key in known:
                _seen_again(opened, known[key], finding, this, moment)
        new = [key for key in keyed if key not in known]
        columns = (
            "key", "rank", "kind", "labs", "rows", "details", "words", "state", "found_at",
            "seen_in", "taken_by_id", "taken_by_name",
        )  # fmt: skip
        rows = ((key, *_row(keyed[key], names), OPEN, moment, this, "", "") for key in new)
        opened.connection().execute(
            _FOUND.insert(), [dict(zip(columns, row, strict=True)) for row in rows]
        ) if new else None
        made = _known(opened, new)
        about = [(made[key].number, lab) for key in new for lab in dict.fromkeys(keyed[key].labs)]
        if about:
            bulk.insert(opened.connection(), _LABS, ("finding_id", "lab_id"), iter(about))
        opened.commit()


def _row(finding: Finding, names: dict[str, str]) -> tuple[Any, ...]:
    texts = [*finding.labs, *(names.get(lab, "") for lab in finding.labs), *finding.rows]
    texts += finding.details.values()
    return (
        RANKS[finding.level], finding.kind, json.dumps(finding.labs, ensure_ascii=False),
        json.dumps(finding.rows, ensure_ascii=False),
        json.dumps(dict(finding.details), ensure_ascii=False), " ".join(texts).casefold(),
    )  # fmt: skip


def _known(opened: Session, keys: Sequence[str]) -> dict[str, _Known]:
    found = {}
    for some in chunks(keys):
        wanted = select(Found.key, Found.id, Found.state).where(col(Found.key).in_(some))
        found.update(
            {key: _Known(number or 0, state) for key, number, state in opened.exec(wanted)}
        )
    return found


def _seen_again(
    opened: Session, known: _Known, finding: Finding, this: int, moment: dt.datetime
) -> None:
    values = {"seen_in": this, "details": json.dumps(dict(finding.details), ensure_ascii=False)}
    if known.state == CLOSED:
        values |= {"state": OPEN, "closed_at": None}
        opened.add(FoundStep(finding_id=known.number, at=moment, what="back"))
    opened.connection().execute(_FOUND.update().where(_FOUND.c.id == known.number).values(**values))


def _close(work: Work, this: int) -> int:
    """Closes what is no longer found; returns how many."""
    with store.session(work.engine) as opened:
        store.write(opened)
        gone = select(Found.id).where(col(Found.state) != CLOSED, col(Found.seen_in) != this)
        numbers = [number for number in opened.exec(gone).all() if number is not None]
        moment = work.clock()
        closed = {"state": CLOSED, "closed_at": moment}
        for start in range(0, len(numbers), _AT_ONCE):
            some = _FOUND.c.id.in_(numbers[start : start + _AT_ONCE])
            opened.connection().execute(_FOUND.update().where(some).values(**closed))
        opened.add_all(FoundStep(finding_id=one, at=moment, what="closed") for one in numbers)
        opened.commit()
    return len(numbers)


def _names(engine: Engine, lab_ids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    with store.session(engine) as session:
        for some in chunks(sorted(lab_ids)):
            wanted = select(Lab.lab_id, Lab.name).where(col(Lab.lab_id).in_(some))
            found.update(session.exec(wanted).all())
    return found


def _goes_on(work: Work, task: Task, worked: int) -> bool:
    """Tells how far it is; whether anybody wants to know."""
    with store.session(work.engine) as opened:
        store.write(opened)
        one = opened.get_one(Task, task.id)
        one.worked = worked
        opened.add(one)
        goes_on = one.state == State.RUNNING
        opened.commit()
    return goes_on
