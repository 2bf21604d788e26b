"""Figures: what was checked and what became of the leads, as charts, tables and CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, stream_with_context
from sqlmodel import Session

from certcheck.figures import counting, sheets, wording
from certcheck.figures.model import Asked, Figure
from registry import store
from registry.days import CHINA
from web import language, uploads

figures = Blueprint("figures", __name__, url_prefix="/figures")

# What is shown where nobody asks for other days: so many months, this one included.
_MONTHS = 12
# More months make no chart, and hardly a mistake costs more.
_LONGEST = dt.timedelta(days=3660)
_LONGEST_NAME = 160
# Rows of a table on the page, and of its chart; the CSV has all.
SHOWN, CHARTED = 20, 10

_Rows = Callable[[Session, Asked], Iterator[Sequence[Any]]]


@figures.get("")
def index() -> str:
    """All figures of some days."""
    asked = _asked()
    with store.session(uploads.work().engine) as opened:
        found = counting.figures(opened, asked, _today())
    by_state = next(one for one in found if one.name == "cases_by_state")
    sums = {one: sum(row.counts[one] for row in by_state.rows) for one in by_state.measures}
    return render_template(
        "figures.html", sums=sums, asked=asked, figures=found, key=wording.key,
        headings=wording.headings, shown=SHOWN, charted=CHARTED, filters=_filters(asked),
    )  # fmt: skip


@figures.get("/<name>.csv")
def table(name: str) -> Response:
    """A figure as CSV, or the rows that were counted: `checks`, `cases`."""
    asked = _asked()
    if name == "checks":
        return _sent(name, _lines(asked, counting.CHECK_COLUMNS, counting.check_rows))
    if name == "cases":
        return _sent(name, _lines(asked, counting.CASE_COLUMNS, counting.case_rows))
    with store.session(uploads.work().engine) as opened:
        found = counting.figures(opened, asked, _today())
    one = next((figure for figure in found if figure.name == name), None)
    if one is None:
        abort(404)
    return _sent(name, _of_figure(one))


def _of_figure(one: Figure) -> Iterator[str]:
    return sheets.lines(wording.headings(one, language.say), wording.rows(one, language.say))


def _lines(asked: Asked, columns: Sequence[str], rows: _Rows) -> Iterator[str]:
    say = language.say
    headings = [wording.column(one, say) for one in columns]
    with store.session(uploads.work().engine) as opened:
        cells = (wording.cells(columns, row, say) for row in rows(opened, asked))
        yield from sheets.lines(headings, cells)


def _sent(name: str, lines: Iterator[str]) -> Response:
    answer = Response(stream_with_context(lines), content_type=sheets.TYPE)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return answer


def _asked() -> Asked:
    """What this request asks for; days that are none are those of the last year."""
    today = _today()
    until = _day("until") or today
    first = until.replace(day=1)
    for _ in range(_MONTHS - 1):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    since = _day("since") or first
    if not dt.timedelta() <= until - since <= _LONGEST:
        since, until = first, until
    names = (request.args.get(name, "").strip()[:_LONGEST_NAME] for name in ("lab", "market"))
    return Asked(since, until, *(name.replace("\0", "") for name in names))


def _filters(asked: Asked) -> dict[str, str]:
    """What an address has to say to ask the same."""
    told = {
        "since": asked.since.isoformat(), "until": asked.until.isoformat(), "lab": asked.lab,
        "market": asked.market,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _day(name: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if found.year in range(2000, 2200) else None


def _today() -> dt.date:
    return uploads.work().clock().astimezone(CHINA).date()
