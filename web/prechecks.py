"""Pre-check pages: made from a batch by who sells, seen by anybody who has the code."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck.stock import qr
from certcheck.stock.items import KINDS, Item, Stock, kind, ordered
from certcheck.stock.outcome import State
from certcheck.stock.precheck import HOURS, Page
from registry.days import CHINA
from web import batches, language, uploads, view
from web.pages import problem_page

prechecks = Blueprint("prechecks", __name__)


@prechecks.get("/batches/<batch_id>/precheck")
def choose(batch_id: str) -> str | Response:
    """Items to choose from, and the pages of the batch that there are."""
    found = batches.mine(batch_id)
    if found is None:
        return problem_page(view.problem("stock.gone"))
    pages = batches.prechecks().of_batch(batch_id)
    return render_template(
        "precheck_make.html",
        found=found,
        rows=_showable(found),
        pages=[(one, url := _url(one), qr.drawn(url)) for one in pages],
        hours=HOURS,
        kind=kind,
    )


@prechecks.post("/batches/<batch_id>/precheck")
def make(batch_id: str) -> BaseResponse:
    """Makes a page that shows the chosen items."""
    found = batches.mine(batch_id)
    if found is None:
        return problem_page(view.problem("stock.gone"))
    there = {one.number for one in _showable(found)}
    numbers = [int(one) for one in request.form.getlist("item") if one.isdecimal() and len(one) < 6]
    chosen = [one for one in numbers if one in there]
    if not chosen:
        return problem_page(view.problem("precheck.none_chosen"))
    asked = request.form.get("hours", "")
    hours = int(asked) if asked in map(str, HOURS) else HOURS[0]
    batches.prechecks().make(batch_id, chosen, hours)
    return redirect(_chooser(batch_id), code=303)


@prechecks.post("/batches/<batch_id>/precheck/<code>/end")
def end(batch_id: str, code: str) -> BaseResponse:
    """Ends a page at once."""
    found = batches.mine(batch_id)
    if found is None or not batches.prechecks().end(batch_id, code):
        return problem_page(view.problem("precheck.gone"))
    return redirect(_chooser(batch_id), code=303)


@prechecks.get("/p")
def enter() -> BaseResponse | str:
    """A form for the code; with one, leads to its page."""
    code = request.args.get("code", "").strip()
    if code:
        lang = language.current()
        return redirect(url_for("prechecks.show", code=code[:64], lang=lang), code=303)
    return render_template("precheck_enter.html")


@prechecks.get("/p/<code>")
def show(code: str) -> str | Response:
    """How the chosen items stand, for anybody who has the code."""
    told = _told(code)
    return problem_page(view.problem("precheck.gone")) if told is None else render_template(
        "precheck.html", **told
    )  # fmt: skip


@prechecks.get("/p/<code>/live")
def live(code: str) -> str | Response:
    """The part of the page that changes, for its script."""
    told = _told(code)
    return problem_page(view.problem("precheck.gone")) if told is None else render_template(
        "precheck_live.html", **told
    )  # fmt: skip


@prechecks.get("/p/<code>/qr.svg")
def picture(code: str) -> Response:
    """The QR code of a page, as a file."""
    page = batches.prechecks().look(code)
    if page is None:
        return problem_page(view.problem("precheck.gone"))
    answer = Response(qr.drawn(_url(page)).svg, mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = f"attachment; filename=certcheck-{page.shown_code}.svg"
    return answer


def _told(code: str) -> dict[str, Any] | None:
    """What the page's template needs; None where there is no such page."""
    page = batches.prechecks().look(code)
    found = batches.store().look(page.batch_id) if page else None
    if page is None or found is None:
        return None
    items = ordered([one for one in found.items if one.number in page.numbers], "trouble")
    registry, now = uploads.registry().revision, uploads.work().clock()
    words = [kind(one) for one in items]
    return {
        "page": page,
        "total": len(found.items),
        "rows": items,
        "counts": [(one, words.count(one)) for one in KINDS if one in words],
        "kind": kind,
        "now": language.moment(now),
        "until": language.moment(page.expires_at),
        "day": language.day(registry.imported_at),
        "days": max(0, (_day(now) - _day(registry.imported_at)).days),
        "revision": registry.revision,
        "demo": any(one.outcome and one.outcome.demo for one in items),
    }


def _showable(found: Stock) -> list[Item]:
    """Items of which there is something to show."""
    return [one for one in found.items if one.state not in (State.REFUSED, State.DELETED)]


def _day(moment: dt.datetime) -> dt.date:
    """The day in China."""
    return moment.astimezone(CHINA).date()


def _url(page: Page) -> str:
    """The page's whole address; without a language, each viewer's own is taken."""
    return url_for("prechecks.show", code=page.shown_code, _external=True)


def _chooser(batch_id: str) -> str:
    return url_for("prechecks.choose", batch_id=batch_id, lang=language.current())
