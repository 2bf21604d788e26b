"""The list of work that the doctor's findings are: looked through, taken, noted, set aside."""

from __future__ import annotations

import bisect
import dataclasses as dc
import json
from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from certcheck import audit, messages
from certcheck.audit import Who
from certcheck.desk.asking import TaskError
from certcheck.desk.differing import has
from certcheck.desk.examining import ASIDE, CLOSED, OPEN
from certcheck.desk.tables import Found, FoundLab, FoundStep
from certcheck.messages import Text
from certcheck.runner.work import Work
from registry import store
from registry.doctor.findings import PREFIX

# Findings of one page.
PAGE = 50
STATES = (OPEN, ASIDE, CLOSED)
MINE, NOBODYS = "mine", "nobody"
# What somebody says to a finding.
LONGEST = 2000


@dc.dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are wanted; "" for all.

    Attributes:
        state: `open`, `aside` or `closed`.
        rank: "0" for errors, "1" for warnings, "2" for notes.
        kind: the doctor's.
        lab: id of a laboratory.
        words: that a finding has, all of them.
        taken: `mine`, `nobody`, or "".
        me: account of who asks.
        after: rank and number of the last one of the page before, or None.
    """

    state: str = OPEN
    rank: str = ""
    kind: str = ""
    lab: str = ""
    words: str = ""
    taken: str = ""
    me: str = ""
    after: tuple[int, int] | None = None


@dc.dataclass(frozen=True, slots=True)
class Line:
    """A finding as it is shown.

    Attributes:
        sentence: what is found.
        labs: ids of the laboratories.
        rows: of the registry, that it rests on.
    """

    number: int
    rank: int
    kind: str
    sentence: Text
    labs: tuple[str, ...]
    rows: tuple[str, ...]
    state: str
    found: Found


@dc.dataclass(frozen=True, slots=True)
class Page:
    """Some findings, with how many there are in all."""

    lines: tuple[Line, ...]
    more: bool
    total: int


def page(work: Work, wanted: Wanted) -> Page:
    """A page of findings, the gravest first."""
    conditions = [col(Found.state) == wanted.state]
    if wanted.rank.isdecimal() and len(wanted.rank) == 1:
        conditions.append(col(Found.rank) == int(wanted.rank))
    if wanted.kind:
        conditions.append(col(Found.kind) == wanted.kind)
    if wanted.lab:
        of_lab = select(FoundLab.finding_id).where(FoundLab.lab_id == wanted.lab)
        conditions.append(col(Found.id).in_(of_lab))
    if wanted.taken:
        whose = wanted.me if wanted.taken == MINE else ""
        conditions.append(col(Found.taken_by_id) == whose)
    with store.session(work.engine) as opened:
        for word in wanted.words.casefold().split():
            conditions.append(has(opened, col(Found.words), word))
        rows = select(Found).order_by(col(Found.rank), col(Found.id)).limit(PAGE + 1)
        if wanted.words:
            # Texts are looked through once, not once for the count and once for the page.
            fits = select(Found.rank, Found.id).where(*conditions)
            places = sorted((rank, number or 0) for rank, number in opened.exec(fits))
            total = len(places)
            start = bisect.bisect_right(places, wanted.after) if wanted.after else 0
            numbers = [number for _, number in places[start : start + PAGE + 1]]
            rows = rows.where(col(Found.id).in_(numbers))
        else:
            count = select(func.count()).select_from(Found).where(*conditions)
            total = opened.exec(count).one()
            rows = rows.where(*conditions)
            if wanted.after is not None:
                rank, number = wanted.after
                later = (col(Found.rank) == rank) & (col(Found.id) > number)
                rows = rows.where((col(Found.rank) > rank) | later)
        found = opened.exec(rows).all()
    return Page(tuple(map(line, found[:PAGE])), len(found) > PAGE, total)


def line(found: Found) -> Line:
    """A finding as it is shown."""
    return Line(
        number=found.id or 0,
        rank=found.rank,
        kind=found.kind,
        sentence=messages.text(PREFIX + found.kind, **json.loads(found.details)),
        labs=tuple(json.loads(found.labs)),
        rows=tuple(json.loads(found.rows)),
        state=found.state,
        found=found,
    )


def kinds(work: Work, state: str) -> list[tuple[str, int, int]]:
    """(kind, rank, how many) of the findings in a state, the gravest first."""
    wanted = select(Found.kind, Found.rank, func.count()).where(Found.state == state)
    with store.session(work.engine) as opened:
        rows = opened.exec(wanted.group_by(col(Found.kind), col(Found.rank))).all()
    return sorted(((kind, rank, count) for kind, rank, count in rows), key=lambda x: (x[1], x[0]))


def look(work: Work, number: int) -> tuple[Line, list[FoundStep]] | None:
    """A finding with what was done about it, or None."""
    with store.session(work.engine) as opened:
        found = opened.get(Found, number)
        if found is None:
            return None
        steps = select(FoundStep).where(FoundStep.finding_id == number)
        return line(found), list(opened.exec(steps.order_by(col(FoundStep.id))))


def take(work: Work, number: int, who: Who) -> None:
    """Somebody looks after a finding.

    Raises:
        TaskError: there is no such one, it is closed, or another has taken it.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        found = _open(opened, number)
        if found.taken_by_id not in ("", who.id):
            raise TaskError("desk.taken_already", name=found.taken_by_name)
        found.taken_by_id, found.taken_by_name = who.id, who.name
        _step(opened, work, found, who, "taken")


def leave(work: Work, number: int, who: Who) -> None:
    """Nobody looks after it any more.

    Raises:
        TaskError: there is no such one, or it is closed.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        found = _open(opened, number)
        found.taken_by_id = found.taken_by_name = ""
        _step(opened, work, found, who, "left")


def note(work: Work, number: int, who: Who, text: str) -> None:
    """Writes something down about a finding.

    Raises:
        TaskError: nothing is said, or there is no such finding.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        found = _any(opened, number)
        _step(opened, work, found, who, "note", _said(text))


def set_aside(work: Work, number: int, who: Who, reason: str) -> None:
    """Sets a finding aside: it is as found, and there is a reason.

    Raises:
        TaskError: no reason is given, there is no such finding, or it is closed.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        found = _open(opened, number)
        found.state = ASIDE
        _step(opened, work, found, who, "aside", _said(reason))


def bring_back(work: Work, number: int, who: Who, reason: str = "") -> None:
    """Puts a finding that was set aside on the list again.

    Raises:
        TaskError: it was not set aside.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        found = _any(opened, number)
        if found.state != ASIDE:
            raise TaskError("desk.no_finding")
        found.state = OPEN
        _step(opened, work, found, who, "again", reason.strip()[:LONGEST])


def counts(work: Work, lab_ids: Sequence[str]) -> dict[str, int]:
    """How many open findings there are of some laboratories."""
    wanted = (
        select(FoundLab.lab_id, func.count())
        .join(Found, col(Found.id) == col(FoundLab.finding_id))
        .where(col(FoundLab.lab_id).in_(lab_ids), Found.state == OPEN)
        .group_by(FoundLab.lab_id)
    )
    with store.session(work.engine) as opened:
        return dict(opened.exec(wanted).all())


def _any(opened: Session, number: int) -> Found:
    found = opened.get(Found, number)
    if found is None:
        raise TaskError("desk.no_finding")
    return found


def _open(opened: Session, number: int) -> Found:
    found = _any(opened, number)
    if found.state == CLOSED:
        raise TaskError("desk.finding_closed")
    return found


def _said(text: str) -> str:
    said = text.strip()[:LONGEST]
    if not said:
        raise TaskError("desk.nothing_said")
    return said


def _step(opened: Session, work: Work, found: Found, who: Who, what: str, text: str = "") -> None:
    """Writes down what was done, and commits."""
    number = found.id or 0
    opened.add(found)
    opened.add(
        FoundStep(finding_id=number, at=work.clock(), by_name=who.name, what=what, text=text)
    )
    about = ("finding", str(number))
    audit.write(opened, who=who, what=f"finding.{what}", about=about, detail={"kind": found.kind})
    opened.commit()
