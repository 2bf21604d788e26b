"""The registry desk: what is to be imported, edited or taken back, seen before it is done."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlmodel import col, select
from werkzeug.wrappers import Response as BaseResponse

from certcheck import audit, messages
from certcheck.audit import Who
from certcheck.desk import asking, differing, findings
from certcheck.desk.asking import MAPPING, SOURCE, Sent
from certcheck.desk.differing import Asked
from certcheck.desk.examining import OPEN
from certcheck.desk.files import MOST_BYTES, MOST_FILES, check_names, safe_name
from certcheck.desk.tables import Kind, State, Task
from certcheck.errors import CertcheckError, Problem, RefusedError, explain
from certcheck.stock.entries import shown
from registry import keeping, store
from registry.importing.changes import Kind as Change
from registry.models import TABLES, Lab
from web import checks, language, signed_in, uploads, whole

registry_desk = Blueprint("desk", __name__, url_prefix="/registry")

# Imports of one page of the log.
IMPORTS = 40
# What a form adds around its files.
PART_BYTES = 2048
# A field for each column of a row, and what is said of it.
EDIT_PARTS = 40
_WAITS = (State.QUEUED, State.RUNNING)
_CLAIM = re.compile(r"\d{2}|CNAS")


def admit_tables(app: Flask) -> None:
    """Lets the form for imports bring more than one photo's bytes, that for a row its columns."""

    @app.url_value_preprocessor
    def widen(endpoint: str | None, values: object) -> None:
        if endpoint == "desk.create":
            request.max_content_length = MOST_BYTES + MOST_FILES * PART_BYTES
            request.max_form_parts = MOST_FILES + 20
        elif endpoint == "desk_labs.edit":
            request.max_form_parts = EDIT_PARTS


def who() -> Who:
    """Who asks, as the audit's log names him."""
    return audit.person(signed_in.person())


@registry_desk.get("")
def index() -> str:
    """What is on the desk, and the ways to everything on it."""
    with uploads.registry().session() as session:
        newest = keeping.imports(session, None, 5)
    done, running = asking.latest(uploads.work(), Kind.EXAMINE)
    return render_template(
        "desk.html", tasks=asking.tasks(uploads.work(), done=False), newest=newest, examined=done,
        examining=running, kinds=findings.kinds(uploads.work(), OPEN),
        counts=differing.counts_of, revision=uploads.registry().revision,
    )  # fmt: skip


@registry_desk.get("/import")
def form() -> str | Response:
    """The form for an import."""
    return _form()


@registry_desk.post("/import")
def create() -> BaseResponse:
    """Takes the files of the form; what they would change is worked out elsewhere."""
    try:
        task_id = _import()
    except CertcheckError as error:
        return _form(explain(error))
    checks.ensure(uploads.app())
    return redirect(_address(task_id), code=303)


@registry_desk.get("/tasks/<task_id>")
def show(task_id: str) -> str | Response:
    """A task: how far it is, what it would change, what came of it."""
    return _show(task_id)


@registry_desk.get("/tasks/<task_id>/state")
def state(task_id: str) -> Response:
    """How far it is, for the script of the waiting page."""
    task = asking.look(uploads.work(), task_id) or abort(404)
    status = str(task.state) if task.state in _WAITS else "done"
    # The script puts the number into the sentence of who waits.
    return jsonify({"status": status, "ahead": task.worked})


@registry_desk.post("/tasks/<task_id>/apply")
def apply(task_id: str) -> BaseResponse:
    """Has a task carried out as it was seen."""
    try:
        asking.carry_out(uploads.work(), task_id, who(), request.form.get("seen", ""))
    except CertcheckError as error:
        return _show(task_id, explain(error))
    checks.ensure(uploads.app())
    return redirect(_address(task_id), code=303)


@registry_desk.post("/tasks/<task_id>/drop")
def drop(task_id: str) -> BaseResponse:
    """Takes a task from the desk."""
    try:
        asking.drop(uploads.work(), task_id, who())
    except CertcheckError as error:
        return _show(task_id, explain(error))
    return redirect(url_for("desk.index", lang=language.current()), code=303)


@registry_desk.get("/imports")
def log() -> str:
    """Every import, the newest first."""
    before = request.args.get("before", type=whole.number)
    with uploads.registry().session() as session:
        found = keeping.imports(session, before, IMPORTS + 1)
        edits = keeping.edits_of(session, [one.id or 0 for one in found])
    more = found[IMPORTS - 1].id if len(found) > IMPORTS else None
    return render_template("desk_log.html", imports=found[:IMPORTS], edits=edits, more=more)


@registry_desk.post("/imports/<int:number>/undo")
def undo(number: int) -> BaseResponse:
    """Asks what taking an import back would change."""
    task_id = ask(Kind.UNDO, f"#{number}", {"number": number})
    return redirect(_address(task_id), code=303)


def ask(kind: Kind, title: str, wish: Mapping[str, Any], files: tuple[Sent, ...] = ()) -> str:
    """Writes a task of who is signed in down and has it worked on; returns its id."""
    work = uploads.work()
    with store.session(work.engine) as opened:
        store.write(opened)
        task_id = asking.ask(opened, work, who(), kind, title, wish, files).id
        opened.commit()
    work.rung()
    checks.ensure(uploads.app())
    return task_id


def _address(task_id: str) -> str:
    return url_for("desk.show", task_id=task_id, lang=language.current())


def _import() -> str:
    """Writes the form's import down; returns its task.

    Raises:
        CertcheckError: the form is no import.
    """
    files = [one for one in request.files.getlist("files") if one.filename]
    mapping = request.files.get("mapping")
    roles = [(SOURCE, one) for one in files]
    roles += [(MAPPING, mapping)] if mapping and mapping.filename else []
    check_names([(role, safe_name(one.filename or "")) for role, one in roles])
    form = request.form
    whole = [
        one.strip().upper() for one in re.split(r"[\s,，、;；]+", form.get("whole", "")) if one
    ]
    if any(not _CLAIM.fullmatch(one) for one in whole):
        raise RefusedError("desk.bad_whole")
    wish = {
        "list_date": _day(form.get("list_date", "")),
        "corrects": form.get("corrects") == "yes",
        "whole": whole,
    }
    sent = []
    for role, one in roles:
        sha256, size = uploads.work().blobs.put(one.stream)
        sent.append(Sent(role, shown(one.filename or ""), size, sha256))
    title = sent[0].name if len(files) == 1 else f"{sent[0].name} …"
    return ask(Kind.IMPORT, title, wish, tuple(sent))


def _day(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise RefusedError("desk.bad_day", value=text[:20]) from None


def _form(told: Problem | None = None) -> Response:
    page = render_template(
        "desk_import.html", told=told, most=MOST_BYTES // 2**20, given=request.form
    )
    return Response(page, told.http_status if told else 200)


def _show(task_id: str, told: Problem | None = None) -> Response:
    task = asking.look(uploads.work(), task_id)
    if task is None:
        abort(404)
    values: dict[str, Any] = {"task": task, "told": told, "title": title_of(task)}
    notes = json.loads(task.told)
    values["notes"] = notes
    if task.state in _WAITS:
        page = render_template("desk_waiting.html", **values)
    elif task.state == State.REFUSED:
        page = render_template("desk_refused.html", **values, **_why(notes))
    else:
        page = render_template("desk_task.html", **values, **_difference(task, notes))
    return Response(page, told.http_status if told else 200)


def _why(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Why a task was refused, in sentences."""
    code = notes.get("code", "desk.died")
    why = messages.text(code, **notes.get("details", {}))
    return {
        "why": why,
        "next_step": messages.next_step(code, **notes.get("details", {})),
        "problems": places_of(notes.get("problems", ())),
        "left": notes.get("wrong", 0) - len(notes.get("problems", ())),
    }


def places_of(problems: Any) -> list[tuple[str, messages.Text]]:  # noqa: ANN401 - JSON
    """Mistakes with their places, in sentences."""
    return [(place, messages.text(code, **details)) for place, code, details in problems]


def _difference(task: Task, notes: Mapping[str, Any]) -> dict[str, Any]:
    """What a task would change, a page of it."""
    args = request.args
    asked = Asked(
        kind=args.get("kind", "") if args.get("kind") in list(Change) else "",
        table=args.get("table", "") if args.get("table") in TABLES else "",
        lab=args.get("lab", "")[:64],
        words=args.get("q", "")[:200],
        after=args.get("after", 0, type=whole.number),
    )
    page = differing.page(uploads.work(), task.id, asked)
    counts = differing.counts_of(task)
    same = counts.pop("same", {}).get("all", 0)
    total = sum(sum(tables.values()) for tables in counts.values())
    return {
        "asked": asked, "page": page, "counts": counts, "same": same, "total": total,
        "kinds": [str(one) for one in (Change.REMOVE, Change.END, Change.CHANGE, Change.ADD)],
        "tables": [name for name in TABLES if any(name in one for one in counts.values())],
        "names": names_of({row.lab_id for row in page.rows}),
        "warnings": places_of(notes.get("warnings", ())),
        "edit": json.loads(task.wish) if task.kind == Kind.EDIT else None,
        "files": asking.files_of(uploads.work(), task.id),
    }  # fmt: skip


def title_of(task: Task) -> str:
    """What a task is called, in the language of the page."""
    return language.word(f"desk.kind.{task.kind}", title=task.title)


def names_of(lab_ids: set[str]) -> dict[str, str]:
    """The names of some laboratories that are held."""
    with uploads.registry().session() as session:
        wanted = select(Lab.lab_id, Lab.name).where(col(Lab.lab_id).in_(lab_ids))
        return dict(session.exec(wanted).all())
