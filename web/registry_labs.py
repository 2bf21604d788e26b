"""A laboratory as who keeps the registry sees it: rows with their sources, edited one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlmodel import col, or_, select
from werkzeug.wrappers import Response as BaseResponse

from certcheck import messages
from certcheck.desk import asking, findings
from certcheck.desk.asking import EVIDENCE, Sent
from certcheck.desk.findings import Wanted
from certcheck.desk.tables import Kind
from certcheck.errors import CertcheckError, Problem, RefusedError, explain
from certcheck.stock.entries import shown
from registry import keeping, names
from registry.days import today
from registry.importing.edits import EditWish, plan_edit
from registry.keeping import KeptRow
from registry.models import ACCREDITATION_KINDS, ACCREDITATION_STATUSES, TABLES, Accreditation, Lab
from registry.shape import TERMS, Shape, shape
from web import language, registry_desk, uploads, view, whole

registry_labs = Blueprint("desk_labs", __name__, url_prefix="/registry/labs")

# Laboratories that a search names, and rows of one table on the laboratory's page and on its own.
MOST_FOUND = 40
FEW_ROWS, ROWS = 12, 100
# What may be done to a row.
ADD, CHANGE, END, CORRECT, NEVER = "add", "change", "end", "correct", "never"
OLD = (CHANGE, END, CORRECT, NEVER)
# Longest text of a reason, and of what bears it out.
LONGEST = 1000
# A letter, scanned.
_MOST_EVIDENCE = 20 * 2**20
_DAYS = frozenset({day for term in TERMS.values() for day in term} | {"status_on", "filed_on"})
_CHOICES = {
    ("accreditations", "kind"): ACCREDITATION_KINDS,
    ("accreditations", "status"): ACCREDITATION_STATUSES,
}
# Columns that are called otherwise in these tables.
_WORDS = {
    ("signatories", "name"): "person", ("seals", "text"): "seal", ("seals", "kind"): "seal_kind",
}  # fmt: skip


def column_word(table: str, column: str) -> str:
    """What a column is called on a page."""
    return language.word("desk.column." + _WORDS.get((table, column), column))


@registry_labs.get("")
def index() -> str:
    """Laboratories that go by some words: an id, a name, a number."""
    words = request.args.get("q", "").strip()[:100]
    found = _found(words) if words else []
    open_ones = findings.counts(uploads.work(), [lab_id for lab_id, _ in found])
    return render_template("desk_labs.html", words=words, found=found, open_ones=open_ones)


@registry_labs.get("/<lab_id>")
def show(lab_id: str) -> str:
    """All that is held of a laboratory, each row with what states it."""
    with uploads.registry().session() as session:
        lab = session.get(Lab, lab_id) or abort(404)
        rows = {table: keeping.rows_of(session, table, lab_id) for table in keeping.OF_LABS}
        cited = [one.stated_by for each in rows.values() for one in each[:FEW_ROWS]]
        stated = keeping.imports_of(session, cited)
    found = findings.page(uploads.work(), Wanted(lab=lab_id))
    return render_template(
        "desk_lab.html", lab=lab, rows=rows, stated=stated, few=FEW_ROWS, found=found,
        today=today().isoformat(),
    )  # fmt: skip


@registry_labs.get("/<lab_id>/history")
def history(lab_id: str) -> str:
    """What was held of a laboratory before, and what changed it."""
    with uploads.registry().session() as session:
        lab = session.get(Lab, lab_id) or abort(404)
        past = keeping.past_of(session, lab_id)
        numbers = [one.until for one in past] + [one.row.stated_by for one in past]
        made, edits = keeping.imports_of(session, numbers), keeping.edits_of(session, numbers)
    return render_template(
        "desk_history.html", lab=lab, past=past, imports=made, edits=edits,
        most=keeping.MOST_PAST,
    )  # fmt: skip


@registry_labs.get("/<lab_id>/<table>")
def table(lab_id: str, table: str) -> str:
    """All rows of one table, a page at a time."""
    _shape(table)
    page = max(1, request.args.get("page", 1, type=whole.number))
    words = request.args.get("q", "").casefold().split()
    with uploads.registry().session() as session:
        lab = session.get(Lab, lab_id) or abort(404)
        every = keeping.rows_of(session, table, lab_id)
        fits = [one for one in every if all(word in _text(one) for word in words)]
        rows = fits[(page - 1) * ROWS : page * ROWS]
        stated = keeping.imports_of(session, [one.stated_by for one in rows])
    return render_template(
        "desk_table.html", lab=lab, table=table, rows=rows, stated=stated, page=page,
        total=len(fits), more=len(fits) > page * ROWS, words=request.args.get("q", ""),
        today=today().isoformat(),
    )  # fmt: skip


@registry_labs.get("/<lab_id>/<table>/edit")
def form(lab_id: str, table: str) -> Response:
    """The form for a row: a new one, or what is to be said of one that is held."""
    return _form(lab_id, _shape(table))


@registry_labs.post("/<lab_id>/<table>/edit")
def edit(lab_id: str, table: str) -> BaseResponse:
    """Asks what an edit would change."""
    shaped = _shape(table)
    try:
        wish, problems = _wish(lab_id, shaped)
        if problems:
            return _form(lab_id, shaped, problems=problems)
        sent = _evidence()
    except CertcheckError as error:
        return _form(lab_id, shaped, explain(error))
    with uploads.registry().session() as session:
        name = session.get_one(Lab, lab_id).name
    title = f"{name} · {language.word('table.' + table)}"
    task_id = registry_desk.ask(Kind.EDIT, title, asking.edit_json(wish), sent)
    address = url_for("desk.show", task_id=task_id, lang=language.current())
    return redirect(address, code=303)


def _shape(table: str) -> Shape:
    if table not in keeping.OF_LABS:
        abort(404)
    return shape(table)


def _text(row: KeptRow) -> str:
    return " ".join(row.cells.values()).casefold()


def _found(words: str) -> list[tuple[str, str]]:
    """(id, name) of laboratories that an id, a number, or a part of a name leads to."""
    number = names.number_key(words)
    wanted = (
        select(Lab.lab_id, Lab.name)
        .where(
            or_(
                Lab.lab_id == words,
                Lab.uscc == words.upper(),
                col(Lab.name).contains(words, autoescape=True),
                col(Lab.aliases).contains(words, autoescape=True),
                col(Lab.lab_id).in_(
                    select(Accreditation.lab_id).where(
                        col(Accreditation.number).in_((words, number))
                    )
                ),
            )
        )
        .order_by(Lab.name, Lab.lab_id)
        .limit(MOST_FOUND)
    )
    with uploads.registry().session() as session:
        return [(lab_id, name) for lab_id, name in session.exec(wanted)]


def _asked(shaped: Shape, lab_id: str) -> tuple[str, KeptRow | None]:
    """What is to be done, and to which row; None for a new one."""
    what = request.values.get("do", ADD)
    number = request.values.get("row", "")
    if what == ADD and shaped.name != "labs":
        return what, None
    with uploads.registry().session() as session:
        row = keeping.row_of(session, shaped.name, lab_id, number)
    if what not in OLD or row is None or (what in (END, NEVER) and shaped.name == "labs"):
        abort(404)
    return what, row


def _columns(shaped: Shape, what: str) -> list[str]:
    """Columns that the form has for what is to be done."""
    if what in (END, NEVER):
        return []
    key = TABLES[shaped.name].key_columns if what == CHANGE else ()
    hidden = {"lab_id", "specimen", *key}
    return [column for column in shaped.columns if column not in hidden]


def _wish(lab_id: str, shaped: Shape) -> tuple[EditWish, dict[str, messages.Text]]:
    """The form's edit, and what is wrong with it by column.

    Raises:
        RefusedError: it says nothing that could be done.
    """
    what, row = _asked(shaped, lab_id)
    form = request.form
    before = dict(row.cells) if row is not None else None
    after: dict[str, str] | None = {**(before or {"lab_id": lab_id})}
    ended_on = None
    for column in _columns(shaped, what):
        assert after is not None  # noqa: S101 - made above
        after[column] = form.get("cell-" + column, "").strip()[:LONGEST]
    if what == NEVER:
        after = None
    elif what == END:
        day = _last_day(form.get("last", ""))
        if shaped.last is None:
            ended_on = day
        elif after is not None:
            after[shaped.columns[shaped.last]] = day.isoformat()
    wish = EditWish(
        shaped.name, lab_id, before, after,
        reason=form.get("reason", "").strip()[:LONGEST],
        source=form.get("source", "").strip()[:LONGEST],
        ended_on=ended_on, corrects=what in (CORRECT, NEVER), url=_url(form.get("url", "")),
    )  # fmt: skip
    with uploads.registry().session() as session:
        plan = plan_edit(session, wish)
    found = {one.column: messages.text(one.code, **one.details) for one in plan.problems}
    if not found and plan.empty:
        raise RefusedError("desk.same_as_before")
    return wish, found


def _last_day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise RefusedError("desk.bad_day", value=text[:20]) from None


def _url(text: str) -> str:
    given = text.strip()[:LONGEST]
    if given and not given.startswith(("https://", "http://")):
        raise RefusedError("desk.bad_url")
    return given


def _evidence() -> tuple[Sent, ...]:
    """The form's document, stored."""
    file = request.files.get("evidence")
    if file is None or not file.filename:
        return ()
    sha256, size = uploads.work().blobs.put(file.stream)
    if size > _MOST_EVIDENCE:
        raise RefusedError("desk.large_evidence", most=_MOST_EVIDENCE // 2**20)
    return (Sent(EVIDENCE, shown(file.filename), size, sha256),)


def _form(
    lab_id: str,
    shaped: Shape,
    told: Problem | None = None,
    problems: dict[str, messages.Text] | None = None,
) -> Response:
    what, row = _asked(shaped, lab_id)
    with uploads.registry().session() as session:
        lab = session.get(Lab, lab_id) or abort(404)
    sent = request.method == "POST"
    held = row.cells if row is not None else {"currency": "CNY", "status": "valid"}
    values: dict[str, Any] = {
        column: request.form.get("cell-" + column, "") if sent else held.get(column, "")
        for column in shaped.columns
    }
    if problems:
        told = view.problem("desk.wrong_cells")
    page = render_template(
        "desk_edit.html", lab=lab, table=shaped.name, row=row, what=what, values=values,
        columns=_columns(shaped, what), days=_DAYS, choices=_CHOICES, told=told,
        problems=problems or {}, given=request.form, dated=shaped.last is not None,
        today=today().isoformat(),
    )  # fmt: skip
    return Response(page, told.http_status if told else 200)
