"""One box that finds certificates, laboratories, signatories, stalls and cases, for the office."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlmodel import Session, col, select

from certcheck.accounts.roles import INSPECTING
from certcheck.accounts.tables import Account
from certcheck.archive import registered
from certcheck.archive.filing import ERROR, PERSONS
from certcheck.archive.search import PAGE, Question, find
from certcheck.archive.tables import ITEMS, Archived, Entry, Kind
from certcheck.cases.rules import State
from certcheck.cases.tables import CaseFile
from certcheck.report import VERDICTS
from registry import store
from web import language, uploads

search = Blueprint("search", __name__)

# Of each kind, where all are shown together.
_FEW = 5
# The order of kinds; those with something called exactly so come first.
_ORDER = (Kind.LABORATORY, Kind.CERTIFICATE, Kind.CASE, Kind.SIGNATORY, Kind.STALL)
# What narrows a list; names of `filing.findable`'s properties.
_NARROW = ("verdict", "item", "market", "who", "state", "lab", "signatory", "stall", "inspection")
_LONGEST = 200
# So many laboratories are looked over while a page waits; more by the server's own thread.
_AT_ONCE = 2000
_MOST_MARKETS = 300


@dc.dataclass(frozen=True, slots=True)
class Line:
    """Something found, as the page shows it.

    Attributes:
        entry: of the index.
        row: of a certificate, else None.
        case: of a case, else None.
    """

    entry: Entry
    row: Archived | None = None
    case: CaseFile | None = None


@dc.dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind.

    Attributes:
        kind: which.
        lines: the best first.
        exact: how many of them are called exactly so.
        before: key of the next page, or None.
    """

    kind: Kind
    lines: Sequence[Line]
    exact: int
    before: int | None


@search.get("/search")
def index() -> str:
    """What was found: a few of each kind, or a page of one; the latest checks where none asked."""
    _follow()
    question, kind = _question(), _kind()
    if kind is None and question.empty:
        kind = Kind.CERTIFICATE
    work = uploads.work()
    with store.session(work.engine) as opened:
        if kind is not None:
            groups = [_group(opened, kind, question, PAGE, _before())]
        else:
            groups = [_group(opened, one, question, _FEW, None) for one in _ORDER]
            groups = sorted((one for one in groups if one.lines), key=lambda one: not one.exact)
    with store.session(work.engine) as opened:
        choices = _choices(opened)
        chips = _chips(opened, question)
    return render_template(
        "search.html", question=question, kind=kind, groups=groups, chips=chips, address=_address,
        narrowed=_narrowed(question), **choices,
    )  # fmt: skip


def _follow() -> None:
    """Brings the index up to a small registry at once."""
    work, registry = uploads.work(), uploads.registry()
    if not registered.follows(work, registry) and registry.size <= _AT_ONCE:
        registered.follow(work, registry)


def _question() -> Question:
    told = {name: request.args.get(name, "")[:_LONGEST] for name in _NARROW}
    return Question(
        request.args.get("q", "")[:_LONGEST].replace("\0", ""),
        {name: value for name, value in told.items() if value},
        _day("from"),
        _day("to"),
    )


def _narrowed(question: Question) -> bool:
    """Whether fields of the form do that stand behind its box."""
    fields = ("verdict", "item", "market", "who", "state")
    return bool(question.first or question.last or any(map(question.properties.get, fields)))


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _kind() -> Kind | None:
    asked = request.args.get("kind", "")
    return Kind(asked) if asked in list(Kind) else None


def _before() -> int | None:
    asked = request.args.get("before", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def _group(opened: Session, kind: Kind, question: Question, most: int, before: int | None) -> Group:
    found = find(opened, kind, question, before=before, most=most)
    rows = _of(opened, Archived, found.every) if kind is Kind.CERTIFICATE else {}
    cases = _of(opened, CaseFile, found.every) if kind is Kind.CASE else {}
    lines = [Line(one, rows.get(one.ref), cases.get(one.ref)) for one in found.every]
    return Group(kind, lines, len(found.exact), found.before)


def _of(opened: Session, table: type[Any], entries: Sequence[Entry]) -> Mapping[str, Any]:
    """Rows by the refs of their entries."""
    ids = [int(one.ref) for one in entries]
    return {str(one.id): one for one in opened.exec(select(table).where(table.id.in_(ids)))}


def _choices(opened: Session) -> dict[str, Any]:
    """What the form offers."""
    markets = select(Entry.title).where(Entry.kind == Kind.STALL, Entry.line == "")
    people = select(Account).where(col(Account.role).in_(INSPECTING)).order_by(col(Account.name))
    return {
        "markets": sorted(opened.exec(markets.limit(_MOST_MARKETS)).all()),
        "people": [(PERSONS + one.id, one.name) for one in opened.exec(people).all()],
        "verdicts": [*map(str, VERDICTS), ERROR],
        "item_numbers": list(ITEMS),
        "states": [str(one) for one in State],
        "kinds": _ORDER,
    }


def _chips(opened: Session, question: Question) -> list[tuple[str, str]]:
    """What narrows the list that no field of the form shows: its name and words for it."""
    told = question.properties
    found = []
    if lab := told.get("lab"):
        record = uploads.registry().lab(lab)
        found.append(("lab", record.name if record else lab))
    for name in ("signatory", "stall"):
        if value := told.get(name):
            found.append(
                (
                    name,
                    " ".join(value.split("\t")[::-1] if name == "signatory" else value.split("\t")),
                )
            )
    if inspection := told.get("inspection"):
        found.append(("inspection", inspection))
    return found


def _address(**changes: str | int | None) -> str:
    """This page with something changed; None takes it away."""
    told: dict[str, Any] = {**request.args, "before": None, "lang": language.current(), **changes}
    return url_for("search.index", **{name: one for name, one in told.items() if one})
