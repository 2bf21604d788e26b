"""What is asked of the desk: written down, looked up, carried out, dropped.

What a page asks for is a `Task`; who works on it is `doing`. A task that was shown is carried out
only by who has seen it: by the digest of what he saw.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, delete, update
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.audit import Who
from certcheck.desk.tables import BESIDE, Kind, State, Step, Task, TaskChange, TaskFile, TaskText
from certcheck.errors import CertcheckError
from certcheck.runner.work import Work, new_id
from registry import store
from registry.importing.edits import EditWish
from registry.importing.source import Document

# What was shown and not carried out is gone after so long; of what was carried out, the list of
# rows goes then: the registry's own history has them.
KEPT = dt.timedelta(days=30)
# Tasks of one page.
PAGE = 30
# A file of a task is a source of the import, what explains it, or bears an edit out.
SOURCE, MAPPING, EVIDENCE = "source", "mapping", "evidence"
_OPEN = (State.QUEUED, State.RUNNING, State.READY, State.REFUSED)
_WAITS = (State.QUEUED, State.RUNNING)


class TaskError(CertcheckError):
    """A task cannot be asked for, or no longer carried out.

    Args:
        code: says why.
        details: what its sentence is filled with.
    """

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        super().__init__(**details)


@dc.dataclass(frozen=True, slots=True)
class Sent:
    """A file that is stored already: its role, name, bytes and SHA-256."""

    role: str
    name: str
    size: int
    sha256: str


def ask(
    opened: Session,
    work: Work,
    who: Who,
    kind: Kind,
    title: str,
    wish: Mapping[str, Any],
    files: Sequence[Sent] = (),
) -> Task:
    """Writes a task down in the transaction that is open; the caller commits and rings.

    Args:
        opened: of the work store, begun with `registry.store.write`.
        work: the store.
        who: asks.
        kind: what for.
        title: what it is called.
        wish: how it is wanted, as JSON has it.
        files: that came with it, stored before.
    """
    moment = work.clock()
    task = Task(
        id=new_id(), kind=kind, step=Step.SHOW, state=State.QUEUED,
        wish=json.dumps(wish, ensure_ascii=False), title=title, by_id=who.id, by_name=who.name,
        asked_at=moment, changed_at=moment,
    )  # fmt: skip
    opened.add(task)
    opened.flush()
    for place, one in enumerate(files, 1):
        opened.add(TaskFile(task_id=task.id, place=place, **dc.asdict(one)))
    told = {"kind": str(kind), "sha256": [one.sha256 for one in files]}
    audit.write(opened, who=who, what="registry.asked", about=("desk", task.id), detail=told)
    return task


def once(opened: Session, work: Work, who: Who, kind: Kind) -> Task:
    """Asks for something of `BESIDE`, unless that waits already; see `ask`."""
    waiting = select(Task).where(Task.kind == kind, Task.state == State.QUEUED)
    return opened.exec(waiting).first() or ask(opened, work, who, kind, "", {})


def latest(work: Work, kind: Kind) -> tuple[Task | None, Task | None]:
    """The last of a kind of `BESIDE` that was done, and the one that waits or runs."""
    mine = select(Task).where(Task.kind == kind)
    with store.session(work.engine) as opened:
        done = mine.where(Task.state == State.DONE).order_by(col(Task.changed_at).desc())
        waits = mine.where(col(Task.state).in_(_WAITS))
        return opened.exec(done.limit(1)).first(), opened.exec(waits.limit(1)).first()


def look(work: Work, task_id: str) -> Task | None:
    """A task, or None."""
    with store.session(work.engine) as opened:
        return opened.get(Task, task_id)


def files_of(work: Work, task_id: str) -> list[TaskFile]:
    """The files of a task, in their order."""
    with store.session(work.engine) as opened:
        wanted = select(TaskFile).where(TaskFile.task_id == task_id)
        return list(opened.exec(wanted.order_by(col(TaskFile.place))))


def tasks(work: Work, *, done: bool, before: dt.datetime | None = None) -> list[Task]:
    """Tasks that are on the desk, or that were done or dropped; the newest first.

    Args:
        work: the store.
        done: which of the two.
        before: only those asked for before, for the next page; one more than PAGE is given
            where there are more.
    """
    wanted = select(Task).where(col(Task.kind).not_in(BESIDE))
    states = (State.DONE, State.DROPPED) if done else _OPEN
    wanted = wanted.where(col(Task.state).in_(states))
    if before is not None:
        wanted = wanted.where(col(Task.asked_at) < before)
    with store.session(work.engine) as opened:
        return list(opened.exec(wanted.order_by(col(Task.asked_at).desc()).limit(PAGE + 1)))


def of_import(work: Work, number: int) -> Task | None:
    """The task that became an import, or None where it came otherwise."""
    with store.session(work.engine) as opened:
        return opened.exec(select(Task).where(Task.number == number)).first()


def ahead(work: Work, task: Task) -> int:
    """Tasks that are worked on before one that waits."""
    wanted = select(Task.id).where(
        col(Task.state).in_(_WAITS), col(Task.asked_at) < task.asked_at, Task.id != task.id
    )
    with store.session(work.engine) as opened:
        return len(opened.exec(wanted).all())


def carry_out(work: Work, task_id: str, who: Who, seen: str) -> None:
    """Has a task carried out as it was seen.

    Args:
        work: the store.
        task_id: of the task.
        who: has it carried out.
        seen: the digest of what he saw.

    Raises:
        TaskError: it is not there to be carried out, or was shown anew since.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        task = opened.get(Task, task_id)
        if task is None or task.state != State.READY or task.digest != seen:
            raise TaskError("desk.not_as_seen")
        task.step, task.state, task.changed_at = Step.APPLY, State.QUEUED, work.clock()
        task.applied_by_id, task.applied_by_name, task.worked = who.id, who.name, 0
        opened.add(task)
        told = {"kind": task.kind, "digest": task.digest, "revision": task.revision}
        audit.write(opened, who=who, what="registry.ordered", about=("desk", task.id), detail=told)
        opened.commit()
    work.rung()


def drop(work: Work, task_id: str, who: Who) -> None:
    """Takes a task from the desk.

    Raises:
        TaskError: it is being carried out, or is over.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        task = opened.get(Task, task_id)
        applied = task is not None and task.step == Step.APPLY and task.state == State.RUNNING
        if task is None or task.state not in _OPEN or applied:
            raise TaskError("desk.not_to_drop")
        task.state, task.changed_at = State.DROPPED, work.clock()
        opened.add(task)
        opened.exec(delete(TaskFile).where(col(TaskFile.task_id) == task_id))
        audit.write(opened, who=who, what="registry.dropped", about=("desk", task.id))
        opened.commit()
    work.rung()


def sweep(work: Work) -> int:
    """Forgets what was not carried out in time; returns how many tasks went."""
    limit = work.clock() - KEPT
    with store.session(work.engine) as opened:
        store.write(opened)
        old = select(Task.id).where(
            col(Task.changed_at) < limit, col(Task.state).not_in((*_WAITS, State.DONE))
        )
        gone = opened.exec(old).all()
        done = select(Task.id).where(col(Task.changed_at) < limit, Task.state == State.DONE)
        for rows in (TaskChange, TaskText):
            opened.exec(delete(rows).where(col(rows.task_id).in_(done)))
        for table in (TaskChange, TaskText, TaskFile):
            opened.exec(delete(table).where(col(table.task_id).in_(gone)))
        opened.exec(delete(Task).where(col(Task.id).in_(gone)))
        opened.commit()
    return len(gone)


def let_go_of_sources(opened: Session, task_id: str) -> None:
    """Lets go of an import's files; of an edit's, which bear it out, of none.

    Documents of authorities may name persons; nothing of these is kept once they are read.
    """
    gone = delete(TaskFile).where(
        col(TaskFile.task_id) == task_id, col(TaskFile.role) != EVIDENCE
    )  # fmt: skip
    opened.exec(gone)


def take(work: Work) -> Task | None:
    """The next task to work on, marked as begun; None where none waits."""
    with store.session(work.engine) as opened:
        store.write(opened)
        wanted = select(Task).where(Task.state == State.QUEUED)
        # Whoever waits at a page goes before the doctor, who takes minutes.
        order = (case((col(Task.kind).in_(BESIDE), 1), else_=0), col(Task.asked_at))
        task = opened.exec(wanted.order_by(*order).limit(1)).first()
        if task is not None:
            task.state, task.changed_at = State.RUNNING, work.clock()
            opened.add(task)
            opened.commit()
        return task


def somebody_waits(work: Work) -> bool:
    """Whether a task of a page waits."""
    wanted = select(Task.id).where(Task.state == State.QUEUED, col(Task.kind).not_in(BESIDE))
    with store.session(work.engine) as opened:
        return opened.exec(wanted.limit(1)).first() is not None


def give_back(work: Work, task_id: str) -> None:
    """Queues a task whose process was ended for another's sake."""
    with store.session(work.engine) as opened:
        store.write(opened)
        begun = update(Task).where(col(Task.id) == task_id, col(Task.state) == State.RUNNING)
        opened.exec(begun.values(state=State.QUEUED))
        opened.commit()


def take_up(work: Work) -> None:
    """Queues what a server that is gone had begun."""
    with store.session(work.engine) as opened:
        store.write(opened)
        left = update(Task).where(col(Task.state) == State.RUNNING)
        opened.exec(left.values(state=State.QUEUED))
        opened.commit()


def edit_json(wish: EditWish) -> dict[str, Any]:
    """An edit as a task keeps it; its documents are the task's files."""
    told = dc.asdict(wish)
    del told["documents"]
    return {**told, "ended_on": _iso(wish.ended_on), "day": _iso(wish.day)}


def edit_wish(task: Task, files: Sequence[TaskFile], by: str) -> EditWish:
    """The edit that a task is about.

    Args:
        task: of it.
        files: the task's.
        by: who says so.
    """
    told = json.loads(task.wish)
    documents = tuple(Document(one.name, one.sha256) for one in files if one.role == EVIDENCE)
    days = {name: day(told[name]) for name in ("ended_on", "day")}
    return EditWish(**{**told, **days, "documents": documents, "loaded_by": by})


def day(text: str | None) -> dt.date | None:
    """A day as JSON has it."""
    return dt.date.fromisoformat(text) if text else None


def _iso(one: dt.date | None) -> str | None:
    return one.isoformat() if one else None
