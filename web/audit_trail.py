"""The page of who did what: the log, whose state it tells."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck import audit, messages
from certcheck.audit import Entry, trail
from certcheck.audit.trail import Wanted
from certcheck.desk import asking
from certcheck.desk.tables import Kind
from registry import store
from registry.formulas import guarded
from web import checks, language, uploads, whole
from web.registry_desk import who

audit_trail = Blueprint("trail", __name__, url_prefix="/audit")

_WHAT = re.compile(r"[a-z_.]{1,64}")
_KIND = "audit.kind."
_COLUMNS = (
    "seq", "at", "who_kind", "who_id", "who_name", "what", "about_kind", "about_id", "detail",
    "previous", "digest",
)  # fmt: skip


@audit_trail.get("")
def index() -> str:
    """The rows that are wanted, the newest first."""
    wanted = _wanted()
    with store.session(uploads.work().engine) as opened:
        rows, more = trail.page(opened, wanted)
        known, head = trail.deeds(opened), audit.head(opened)
    kept = {name: text for name, text in request.args.items() if name not in ("before", "lang")}
    return render_template(
        "audit.html", rows=rows, more=more, wanted=wanted, known=known, head=head, kept=kept,
        told=told, kind_of=kind_of, kinds=_kinds(wanted), detail=detail,
        verified=asking.latest(uploads.work(), Kind.VERIFY),
        json=json.loads, text=messages.text,
    )  # fmt: skip


@audit_trail.get("/log.csv")
def table() -> Response:
    """The wanted rows as a table, whole, with their digests."""
    wanted, engine = _wanted(), uploads.work().engine

    def lines() -> Iterator[str]:
        with store.session(engine) as opened:
            # A spreadsheet program knows UTF-8 by its mark.
            yield "\ufeff" + _line(_COLUMNS)
            for row in trail.every(opened, wanted):
                yield _line([guarded(str(getattr(row, name))) for name in _COLUMNS])

    answer = Response(lines(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


@audit_trail.post("/verify")
def verify() -> BaseResponse:
    """Has the whole log gone through, link by link."""
    work = uploads.work()
    with store.session(work.engine) as opened:
        store.write(opened)
        asking.once(opened, work, who(), Kind.VERIFY)
        opened.commit()
    checks.ensure(uploads.app())
    return redirect(url_for("trail.index", lang=language.current()), code=303)


def _kinds(wanted: Wanted) -> list[str]:
    """Kinds of things to choose from; the one that is asked for among them."""
    known = [one.removeprefix(_KIND) for one in messages.catalogue() if one.startswith(_KIND)]
    return sorted({*known, wanted.about_kind} - {""})


def told(what: str) -> str:
    """A deed in words; its own name where none are known."""
    code = "audit.did." + what
    return language.word(code) if code in messages.catalogue() else what


def kind_of(kind: str) -> str:
    """What a row is about, in words."""
    code = _KIND + kind
    return language.word(code) if code in messages.catalogue() else kind


def detail(row: Entry) -> str:
    """What else is known of a deed, on one line."""
    return " · ".join(f"{name} {_plain(value)}" for name, value in row.told.items())


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _line(cells: tuple[str, ...] | list[str]) -> str:
    made = io.StringIO()
    csv.writer(made).writerow(cells)
    return made.getvalue()


def _wanted() -> Wanted:
    args = request.args
    what = args.get("what", "")
    return Wanted(
        who=args.get("who", "").strip()[:60],
        what=what if _WHAT.fullmatch(what) else "",
        about_kind=args.get("kind", "").strip()[:32],
        about_id=args.get("id", "").strip()[:255],
        since=_day(args.get("since", "")),
        until=_day(args.get("until", "")),
        before=args.get("before", type=whole.number),
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
