"""The page of inspectors and keepers: what was observed, and whose certificates were at fault."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request

from certcheck import audit
from certcheck.cases.things import ref_of
from certcheck.errors import CertcheckError, ObservationError, Problem, SeenBookError, explain
from certcheck.seen import book as books
from certcheck.seen import store
from certcheck.seen.book import Book
from certcheck.seen.counting import THRESHOLD, counts
from certcheck.seen.observations import (
    PRICES,
    Kind,
    Observation,
    Observations,
    lab_name,
    yuan,
)
from registry import days
from web import access, signed_in, uploads, view

observations = Blueprint("observations", __name__, url_prefix="/observations")

# Laboratories that the page counts.
_MOST_COUNTED = 50
_COUNTS = ("instruments", "people", "issued")


@observations.get("")
def index() -> Response:
    """What was observed, the latest first, and a form to tell more."""
    return _page()


@observations.post("")
def add() -> Response:
    """Records an observation; of the file that bears it out only its SHA-256 is kept."""
    try:
        one = _observation()
        Observations(_book().engine).add(one)
        audit.tell(
            uploads.work().engine, who=access.who(), what="observation.added",
            about=("observation", ref_of(one)), detail={"kind": str(one.kind)},
        )  # fmt: skip
    except CertcheckError as error:
        return _page(explain(error), entered=request.form)
    return _page(view.problem("observe.kept", lab=one.lab, day=one.observed_on))


def _observation() -> Observation:
    form, today = request.form, days.today()
    given = form.get("kind", "")
    if given not in list(Kind):
        raise ObservationError(what="kind")
    person, file = signed_in.person(), request.files.get("evidence")
    data = file.read() if file else b""
    counted = {name: _count(form.get(name, "")) for name in _COUNTS}
    return Observation(
        lab=lab_name(uploads.registry(), form.get("lab", "")),
        kind=Kind(given),
        observed_on=_day(form.get("day", ""), today),
        source=form.get("source", "").strip(),
        told_by=person.name if person else "",
        told_on=today,
        price=yuan(form.get("price", "")) if given in PRICES else None,
        instruments=counted["instruments"],
        people=counted["people"],
        issued=counted["issued"],
        evidence=hashlib.sha256(data).hexdigest() if data else "",
    )


def _count(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal():
        raise ObservationError(what="counts")
    return int(text)


def _day(text: str, today: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(text) if text.strip() else today
    except ValueError:
        raise ObservationError(what="day") from None


def _near(given: str) -> list[str]:
    """Registered names like one that was entered; none where it is one of them."""
    registry = uploads.registry()
    if not given.strip() or registry.lab(given.strip()) is not None:
        return []
    found = [one.name for one in registry.similar_names(given.strip())]
    return [] if given.strip() in found else found


def _book() -> Book:
    found = books.configured()
    if found is None:
        raise SeenBookError(name=store.SETTING, detail=store.OFF)
    return found


def _page(told: Problem | None = None, entered: Mapping[str, str] | None = None) -> Response:
    """The page.

    Args:
        told: what came of what was entered.
        entered: that, where it has to be put right.
    """
    try:
        book = _book()
        rows, labs = Observations(book.engine).of(), counts(book, most=_MOST_COUNTED)
    except SeenBookError as error:
        rows, labs, told = [], [], told or explain(error)
    page = render_template(
        "observations.html",
        rows=rows,
        labs=labs,
        kinds=list(Kind),
        told=told,
        threshold=THRESHOLD,
        entered=entered or {},
        near=_near((entered or {}).get("lab", "")),
        ref_of=ref_of,
    )
    answer = make_response(page)
    answer.status_code = told.http_status if told else 200
    return answer
