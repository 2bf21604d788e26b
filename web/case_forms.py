"""The form that opens a case: from reports, from a complaint, from something observed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from certcheck.cases import desk, needs, opening, rules, running, things
from certcheck.cases.errors import CaseNeedsError
from certcheck.cases.opening import Told, Wish
from certcheck.cases.people import LONGEST
from certcheck.cases.rules import TOLD, Channel, Source, State
from certcheck.cases.tables import CaseFile
from certcheck.errors import CertcheckError, Problem, explain
from certcheck.market import circumstances
from certcheck.seen import book as books
from certcheck.seen.observations import Observation, Observations, lab_name
from certcheck.stock.items import ordered
from registry import store
from web import batches, case_view, cases, language, uploads, view

case_forms = Blueprint("case_forms", __name__, url_prefix="/cases")

_LONGEST_MARKET = 120
_LONGEST_NUMBER = 64
# One's own cases that a check can be put into at once.
_MOST_OFFERED = 8


@case_forms.get("/new")
def form() -> Response:
    """The form, with what the address names: checks, a batch, an observation."""
    return _page({**_place(), **request.args})


@case_forms.post("")
def create() -> BaseResponse:
    """Opens a case."""
    try:
        case_id = opening.open_case(uploads.work(), cases.person(), _wish())
    except CaseNeedsError as error:
        what = language.word(f"case.need.{error.details['what']}")
        return _page(request.form, view.problem(error.code, what=what))
    except CertcheckError as error:
        return _page(request.form, explain(error))
    return redirect(url_for("cases.show", case_id=case_id, lang=language.current()), code=303)


def _place() -> dict[str, str]:
    """Market and stalls where the checks were photographed, as the phone told them.

    Of several markets it is the one that most of them are of.
    """
    work, ids = uploads.work(), list(dict.fromkeys(request.args.getlist("check")))[: things.MOST]
    with store.session(work.engine) as opened:
        found = circumstances.of_checks(opened, ids) if ids else {}
    places = [found[one] for one in ids if one in found]
    markets = Counter(one.market for one in places if one.market)
    market = markets.most_common(1)[0][0] if markets else ""
    stalls = dict.fromkeys(one.stall for one in places if one.stall and one.market == market)
    stall = language.word("case.comma").join(stalls)
    return {"market": market, "stall": stall if len(stall) <= _LONGEST_MARKET else ""}


def _page(typed: Mapping[str, str], told: Problem | None = None) -> Response:
    work = uploads.work()
    checks = list(dict.fromkeys(_values("check")))[: things.MOST]
    with store.session(work.engine) as opened:
        lines = [_line(opened, one) for one in checks]
        known = things.cases_of(opened, checks) if checks else []
        mine = _mine(opened, known) if len(checks) == 1 and lines[0] else []
    html = render_template(
        "case_new.html", told=told, typed=typed, known=known, mine=mine, channels=list(Channel),
        rows=[one for one in lines if one], items=_of_batch(typed.get("batch", "")),
        observed=_observed(typed.get("observation", "")), kinds=TOLD,
        **case_view.helpers(running.day_of(work.clock())),
    )  # fmt: skip
    return make_response(html, told.http_status if told else 200)


def _mine(opened: Session, known: Sequence[CaseFile]) -> list[desk.Line]:
    """One's own cases that a check may be put into, but those that hold it already."""
    me, held = cases.person(), {one.id for one in known}
    wish = desk.Wish(view="mine", me=me.id)
    lines = desk.page(opened, wish, running.day_of(uploads.work().clock())).lines
    into = rules.steps()["attach"].sources
    fit = [one for one in lines if State(one.row.state) in into and one.row.id not in held]
    return fit[:_MOST_OFFERED]


def _values(name: str) -> Sequence[str]:
    return [*request.args.getlist(name), *request.form.getlist(name)]


def _line(opened: Any, check_id: str) -> dict[str, Any] | None:
    """A check of the form, with what it says; None for one that is gone."""
    try:
        return {"id": check_id, **things.of_check(opened, check_id)}
    except CaseNeedsError:
        return None


def _of_batch(batch_id: str) -> list[Any]:
    """Things of a batch to choose from, those with trouble first."""
    found = batches.mine(batch_id) if batch_id else None
    if found is None:
        return []
    order = ordered(found.items, "trouble")
    return [one for one in order if one.check_id and one.outcome]


def _observed(ref: str) -> Observation | None:
    """An observation by what names it; None where there is none such."""
    book = books.configured() if ref else None
    if book is None:
        return None
    return next((one for one in Observations(book.engine).of() if things.ref_of(one) == ref), None)


def _wish() -> Wish:
    """What the form asks for.

    Raises:
        CertcheckError: something in it makes no sense.
    """
    given = request.form
    ref = given.get("observation", "")
    observed = _observed(ref)
    if ref and observed is None:
        raise CaseNeedsError(what="observation")
    return Wish(
        title=_text("title", 120),
        checks=[one for one in given.getlist("check") if one],
        told=_told(),
        observed=observed,
        lab=_lab(),
        market=_text("market", _LONGEST_MARKET),
        stall=_text("stall", _LONGEST_MARKET),
    )


def _told() -> Told | None:
    given = request.form
    kind = given.get("source", "")
    if kind not in TOLD:
        return None
    channel = given.get("channel", "")
    return Told(
        source=Source(kind),
        received_on=_day(given.get("received_on", "")),
        text=_text("text", needs.LONGEST_TEXT),
        number=_text("number", _LONGEST_NUMBER),
        channel=Channel(channel) if channel in list(Channel) else Channel.DESK,
        **{name: _text(name, longest) for name, longest in LONGEST.items()},
    )


def _day(text: str) -> dt.date:
    return needs.day(text, "received_on")


def _lab() -> tuple[str, str] | None:
    """The laboratory that was typed in, by its registered name or id."""
    given = _text("lab", 160)
    if not given:
        return None
    registry = uploads.registry()
    record = registry.lab(given)
    if record is not None:
        return given, record.name
    name = lab_name(registry, given)
    found = next(one for one in registry.similar_names(name) if one.name == name)
    return found.lab_id, name


def _text(name: str, longest: int) -> str:
    value = request.form.get(name, "").replace("\r\n", "\n").strip()
    if len(value) > longest or any(ord(one) < 32 and one != "\n" for one in value):
        raise CaseNeedsError(what=name)
    return value
