"""Works on one task of the desk: shows what it would change, or carries it out as it was shown."""

from __future__ import annotations

import contextlib
import dataclasses as dc
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from certcheck import audit
from certcheck.audit import Who
from certcheck.audit.verify import verify
from certcheck.desk import asking, differing, examining
from certcheck.desk.differing import Difference
from certcheck.desk.files import lay_out
from certcheck.desk.tables import Kind, State, Step, Task, TaskFile
from certcheck.errors import CertcheckError
from certcheck.runner.work import Work
from registry import revision, store
from registry.errors import BadImportError, Problem, RegistryError
from registry.importing import edits, undo
from registry.importing.apply import carry_out
from registry.importing.plan import Wish, read_plan
from registry.importing.planned import ImportPlan
from registry.importing.planned import Step as PlanStep
from registry.importing.steps import steps, steps_back
from registry.imports import ImportRecord

log = logging.getLogger(__name__)

# Mistakes and oddities that are shown; the rest are counted.
MOST_TOLD = 500
# Seconds between two tellings of how far it is.
_TELL_S = 1.0
_FOLDER = "desk"
# Deeds, as the audit's log calls them, by what was carried out.
_DEEDS = {
    Kind.IMPORT: "registry.imported", Kind.EDIT: "registry.edited", Kind.UNDO: "registry.undone",
}  # fmt: skip


@dc.dataclass(slots=True)
class _Planned:
    """A plan whose changes are worked out, or carried out, step by step."""

    plan: ImportPlan
    steps: Callable[[], Iterable[PlanStep]]
    apply: Callable[[Iterable[PlanStep]], object]


class _AnewError(Exception):
    """The registry changed since the task was shown."""


def do(work: Work, engine: Engine, task: Task) -> None:
    """Works on a task until it is ready, refused or done.

    Args:
        work: the store.
        engine: of the registry.
        task: marked as begun (`asking.take`).

    Raises:
        DatabaseUnreachableError: a database does not answer.
        StorageError: the disk is full.
    """
    try:
        if task.kind == Kind.EXAMINE:
            examining.examine(work, engine, task)
        elif task.kind == Kind.VERIFY:
            _verify(work, task)
        elif task.step == Step.APPLY:
            _apply(work, engine, task)
        else:
            _show(work, engine, task)
    except _AnewError:
        log.info("the registry changed since task %s was shown", task.id)
        _again(work, task)
    except BadImportError as error:
        _refuse(work, task, problems=error.problems)
    except (RegistryError, CertcheckError) as error:
        _refuse(work, task, code=error.code, details=error.details)


def _verify(work: Work, task: Task) -> None:
    """Goes through the log of who did what, and writes down what came of it."""
    found = verify(work.engine, work.settings.folder)
    one = found.difference
    told = {
        "seq": found.last.seq, "digest": found.last.digest, "heads": found.heads,
        "differs": one and {"code": one.code, "seq": one.seq, "other": one.other},
    }  # fmt: skip
    _settle(work, task, {"state": State.DONE, "told": json.dumps(told)})


def newest(session: Session) -> int:
    """Number of the registry's newest import; 0 without any."""
    return session.exec(select(func.max(col(ImportRecord.id)))).one() or 0


def _show(work: Work, engine: Engine, task: Task) -> None:
    with store.session(work.engine) as opened:
        store.write(opened)
        differing.forget(opened, task.id)
        opened.commit()
    found = Difference(task.id, differing.writer(work))
    with _laid_out(work) as folder, store.session(engine) as session:
        base, held = newest(session), revision.current(session).revision
        planned = _planned(work, session, task, task.by_name, folder)
        plan = planned.plan
        plan.watch = found.take
        if not plan.problems:
            for _ in _telling(work, task, planned.steps(), found):
                pass
    if plan.problems:
        raise BadImportError(plan.problems)
    found.flush()
    counts = {**found.counts, ("same", "all"): plan.unchanged}
    told = {"warnings": _texts(plan.warnings), "news": plan.news, "replaces": plan.replaces}
    values = {
        "state": State.READY, "base": base, "revision": held, "digest": found.digest,
        "source_sha256": plan.source_sha256, "counts": differing.counts_json(counts),
        "told": json.dumps(told | {"list_date": str(plan.list_date or "")}, ensure_ascii=False),
    }  # fmt: skip
    _settle(work, task, values)


def _apply(work: Work, engine: Engine, task: Task) -> None:
    with _laid_out(work) as folder, store.session(engine) as session:
        store.lock(session)
        number = _done_before(session, task)
        if number is None:
            if (newest(session), revision.current(session).revision) != (task.base, task.revision):
                raise _AnewError
            planned = _planned(work, session, task, task.applied_by_name, folder)
            if planned.plan.problems:
                raise BadImportError(planned.plan.problems)
            found = Difference()
            planned.plan.watch = found.take
            planned.apply(_telling(work, task, planned.steps(), found))
            if found.digest != task.digest:  # it is seen differently today than it was
                session.rollback()
                raise _AnewError
            session.commit()
            number = newest(session)
        held = revision.current(session).revision
    _applied(work, task, number if number != task.base else None, held)


def _done_before(session: Session, task: Task) -> int | None:
    """The import that a task became before its process died, or None."""
    wanted = select(ImportRecord).where(col(ImportRecord.id) > (task.base or 0))
    for record in session.exec(wanted):
        same = (record.source_sha256, record.loaded_by) == (
            task.source_sha256, task.applied_by_name
        )  # fmt: skip
        undoes = json.loads(task.wish).get("number") if task.kind == Kind.UNDO else None
        if same and record.undoes == undoes:
            return record.id
    return None


def _planned(work: Work, session: Session, task: Task, by: str, folder: Path) -> _Planned:
    """The plan of a task, its changes not worked out."""
    wish = json.loads(task.wish)
    files = asking.files_of(work, task.id)
    if task.kind == Kind.UNDO:
        plan, groups = undo.prepare(session, int(wish["number"]), by)

        def back(planned: Iterable[PlanStep]) -> object:
            plan.news = True
            return carry_out(session, plan, planned, groups)

        return _Planned(plan, lambda: steps_back(session, plan, groups), back)
    if task.kind == Kind.EDIT:
        plan = edits.prepare(session, asking.edit_wish(task, files, by))
        return _Planned(
            plan,
            lambda: edits.edit_steps(session, plan),
            lambda planned: carry_out(session, plan, planned, {}),
        )
    plan = _of_files(work, session, task, files, by, folder)
    groups = {table: sorted(read.rows.names) for table, read in plan.tables.items()}
    return _Planned(
        plan,
        lambda: steps(session, plan),
        lambda planned: carry_out(session, plan, planned, groups),
    )


def _of_files(
    work: Work, session: Session, task: Task, files: Sequence[TaskFile], by: str, folder: Path
) -> ImportPlan:
    wish = json.loads(task.wish)
    path, mapping = lay_out(work.blobs, files, folder)
    shown = json.loads(task.told).get("list_date")
    asked = Wish(
        # The day that was shown: at midnight it would be another.
        list_date=asking.day(wish.get("list_date") or shown),
        corrects=bool(wish.get("corrects")),
        loaded_by=by,
        mapping=mapping,
        whole=tuple(wish.get("whole", ())),
    )
    return read_plan(session, path, asked)


@contextlib.contextmanager
def _laid_out(work: Work) -> Iterator[Path]:
    """A folder for a task's files, that goes with its use."""
    beside = work.settings.folder / _FOLDER
    beside.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=beside, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _telling(
    work: Work, task: Task, planned: Iterable[PlanStep], found: Difference
) -> Iterator[PlanStep]:
    """Steps, with a word now and then of how far it is; ends where the task was dropped."""
    last = time.monotonic()
    for one in planned:
        yield one
        if time.monotonic() - last >= _TELL_S:
            last = time.monotonic()
            with store.session(work.engine) as opened:
                store.write(opened)
                held = opened.get_one(Task, task.id)
                held.worked = sum(found.counts.values())
                opened.add(held)
                opened.commit()


def _settle(work: Work, task: Task, values: dict[str, object]) -> None:
    """Writes down what came of showing a task, unless it was dropped meanwhile."""
    with store.session(work.engine) as opened:
        store.write(opened)
        held = opened.get_one(Task, task.id)
        if held.state == State.RUNNING:
            for name, value in {**values, "step": Step.SHOW, "changed_at": work.clock()}.items():
                setattr(held, name, value)
            opened.add(held)
        opened.commit()


def _again(work: Work, task: Task) -> None:
    """Has a task shown anew: what would be carried out is not what was seen."""
    _settle(work, task, {"state": State.QUEUED, "anew": task.anew + 1, "worked": 0})


def _refuse(
    work: Work,
    task: Task,
    *,
    code: str = BadImportError.code,
    details: Any = None,  # noqa: ANN401 - as errors have them
    problems: Sequence[Problem] = (),
) -> None:
    told = {
        "code": code,
        "details": {name: str(value) for name, value in (details or {}).items()},
        "problems": _texts(problems),
        "wrong": len(problems),
    }
    _settle(work, task, {"state": State.REFUSED, "told": json.dumps(told, ensure_ascii=False)})
    with store.session(work.engine) as opened:
        store.write(opened)
        asking.let_go_of_sources(opened, task.id)
        opened.commit()


def _applied(work: Work, task: Task, number: int | None, held: str) -> None:
    """Writes down that a task was carried out, in the log too, and has the registry examined."""
    who = Who("person", task.applied_by_id, task.applied_by_name)
    with store.session(work.engine) as opened:
        store.write(opened)
        one = opened.get_one(Task, task.id)
        one.state, one.number, one.changed_at = State.DONE, number, work.clock()
        opened.add(one)
        asking.let_go_of_sources(opened, task.id)
        detail = {
            "number": number, "revision": held, "digest": task.digest,
            "source_sha256": task.source_sha256,
            **{kind: sum(tables.values()) for kind, tables in differing.counts_of(one).items()},
        }  # fmt: skip
        about = ("import", str(number or ""))
        audit.write(opened, who=who, what=_DEEDS[Kind(task.kind)], about=about, detail=detail)
        asking.once(opened, work, audit.SERVER, Kind.EXAMINE)
        opened.commit()


def _texts(problems: Sequence[Problem]) -> list[list[Any]]:
    return [[one.place, one.code, dict(one.details)] for one in problems[:MOST_TOLD]]
