"""The desk of who works on cases: lists by what is due, a case with its history, every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from certcheck.accounts.people import Person
from certcheck.cases import book, desk, people, running, taking
from certcheck.cases.errors import (
    CaseChangedError,
    CaseNeedsError,
    CaseUnknownError,
    StepRefusedError,
    StillDueError,
)
from certcheck.cases.rules import Source, State
from certcheck.errors import CertcheckError, Problem, explain
from registry import store
from web import case_view, language, signed_in, uploads, view
from web.pages import problem_page

cases = Blueprint("cases", __name__, url_prefix="/cases")

# Working days ahead that the desk looks.
AHEAD = 3
# Where on the page it is seen that a step was taken; of the others, at its top.
_SEEN_AT = {
    "note": "history", "tell": "history", "attach": "about", "detach": "about", "letter": "history",
    "remind": "due", "done": "due", "extend": "due",
}  # fmt: skip


@cases.get("")
def index() -> str:
    """A list: one's own open cases where nothing else is asked for, what is overdue first."""
    me, today = person(), running.day_of(uploads.work().clock())
    wish = _wish(me)
    with store.session(uploads.work().engine) as opened:
        page = desk.page(opened, wish, today)
        counts = desk.counts(opened, me.id, today)
        late, soon = desk.due_counts(opened, today, AHEAD, me.id)
        workers = desk.workers(opened, case_view.WORKER_ROLES)
    return render_template(
        "cases.html", page=page, counts=counts, wish=wish, ahead=AHEAD,
        late=late, soon=soon, most=desk.MOST_COUNTED, workers=workers,
        views=desk.VIEWS, states=list(State), sources=list(Source), **case_view.helpers(today),
    )  # fmt: skip


@cases.get("/<int:case_id>")
def show(case_id: int) -> Response:
    """A case."""
    return page(case_id)


@cases.post("/<int:case_id>/<key>")
def step(case_id: int, key: str) -> BaseResponse:
    """Takes a step; where that cannot be, the page says why and keeps what was typed."""
    version = request.form.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    try:
        taking.take(uploads.work(), case_id, key, person(), request.form, seen)
    except (CaseChangedError, CaseNeedsError, StepRefusedError, StillDueError) as error:
        return page(case_id, _told(error), failed=key)
    return redirect(_address(case_id, _SEEN_AT.get(key)), code=303)


@cases.post("/<int:case_id>/complainant")
def who(case_id: int) -> BaseResponse:
    """Puts in who complained."""
    try:
        people.tell(uploads.work(), case_id, person(), request.form)
    except StepRefusedError as error:
        return page(case_id, explain(error))
    return redirect(_address(case_id), code=303)


def person() -> Person:
    """Who is signed in."""
    found = signed_in.person()
    assert found is not None  # noqa: S101 - `access` lets nobody else come here
    return found


def page(case_id: int, told: Problem | None = None, failed: str = "") -> Response:
    """A case's page.

    Args:
        case_id: of the case.
        told: what went wrong, or None.
        failed: the step that it went wrong with; its form is open, with what was typed.
    """
    me, today = person(), running.day_of(uploads.work().clock())
    with store.session(uploads.work().engine) as opened:
        found = book.look(opened, case_id, me)
        if found is None:
            return problem_page(explain(CaseUnknownError()))
        html = render_template(
            "case.html", found=found, told=told, failed=failed,
            typed=_typed(found, failed), pictured=_pictured(found),
            workers=_workers(opened, found), **case_view.helpers(today),
        )  # fmt: skip
    return make_response(html, told.http_status if told else 200)


def _typed(found: book.Standing, failed: str) -> Mapping[str, Any]:
    """What stands in a step's form: what was typed, else what the chief was asked with."""
    return request.form if failed else found.asked


def _workers(opened: Session, found: book.Standing) -> list[str]:
    """To whom it can be handed."""
    rows = desk.workers(opened, case_view.WORKER_ROLES)
    return [name for one, name in rows if one != found.row.owner]


def _pictured(found: book.Standing) -> frozenset[str]:
    """Checks that have a picture of their first page."""
    work = uploads.work()
    ids = [one.ref for one in found.things if one.kind == "check"]
    looked = {one: work.look(one) for one in ids[: case_view.MOST_PICTURES]}
    return frozenset(name for name, one in looked.items() if one and 1 in one.pictures)


def _told(error: CertcheckError) -> Problem:
    """An error in the words of the page."""
    if isinstance(error, CaseNeedsError):
        what = language.word(f"case.need.{error.details['what']}")
        return view.problem(error.code, what=what)
    if isinstance(error, StillDueError):
        words = [language.word(f"case.due.{kind}") for kind in error.details["kinds"]]  # type: ignore[attr-defined]
        return view.problem(error.code, kinds=language.word("case.comma").join(words))
    return explain(error)


def _wish(me: Person) -> desk.Wish:
    """What is to be listed, of what the address asks for."""
    told = request.args
    asked = told.get("view", "")
    state, source = told.get("state", ""), told.get("source", "")
    return desk.Wish(
        view=asked if asked in desk.VIEWS else case_view.first_view(me.role),
        me=me.id,
        state=state if state in list(State) else "",
        source=source if source in list(Source) else "",
        owner=told.get("owner", "")[:16],
        after=told.get("after", "")[:32],
        before=told.get("before", "")[:32],
    )


def _address(case_id: int, part: str | None = None) -> str:
    return url_for("cases.show", case_id=case_id, lang=language.current(), _anchor=part)
