"""A laboratory's rights over time, as bars of a picture: where each begins, ends, or is taken away.

Places are percents of the picture's width, so that it is drawn at any width with print of one size.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.models import Accreditation
from registry.records import LabRecord

# Kinds of rows, in their order.
ACCREDITATION, SCOPE, SIGNATORY, SEAL = "accreditation", "scope", "signatory", "seal"
OPEN, HOLDS = "open", "valid"
# Years that the picture shows at most; what lies before is drawn from its edge.
_YEARS = 12
# Shown beyond today, where no right does so by itself.
_AHEAD = dt.timedelta(days=180)
_YEAR = dt.timedelta(days=366)
# Rows of one kind in the picture; the tables have all of them.
MOST_ROWS = 12


@dc.dataclass(frozen=True, slots=True)
class Term:
    """A time in which something holds, or does not although its days would have it so.

    Attributes:
        first: None for an open beginning.
        last: None for an open end.
        status: see `Accreditation.status`; `valid` for what has none.
    """

    first: dt.date | None
    last: dt.date | None
    status: str = HOLDS


@dc.dataclass(frozen=True, slots=True)
class Right:
    """What is drawn in one row.

    Attributes:
        kind: see above.
        name: what it is, as registered.
        detail: more of it, or "".
        terms: by their first days.
    """

    kind: str
    name: str
    detail: str
    terms: Sequence[Term]


@dc.dataclass(frozen=True, slots=True)
class Bar:
    """A term as it is drawn, in percents of the width.

    Attributes:
        term: which.
        x: where it begins.
        width: likewise.
    """

    term: Term
    x: float
    width: float


@dc.dataclass(frozen=True, slots=True)
class Picture:
    """The whole of it.

    Attributes:
        first: day at its left edge.
        last: day at its right edge.
        today: place of today.
        years: the years' first days, with their places.
        rows: what is drawn, with its bars.
        left_out: by kind, how many rows are not drawn.
    """

    first: dt.date
    last: dt.date
    today: float
    years: Sequence[tuple[int, float]]
    rows: Sequence[tuple[Right, Sequence[Bar]]]
    left_out: Mapping[str, int]

    def place(self, day: dt.date) -> float:
        """Where a day is, 0 to 100."""
        return _place(day, self.first, self.last)


def rights(record: LabRecord) -> list[Right]:
    """What a laboratory may or might do, row for row.

    Args:
        record: all that is registered of it.
    """
    scopes = ((row.object or row.parameter or row.standard, row) for row in record.scopes)
    return [
        *_accreditations(record),
        *_grouped(SCOPE, scopes),
        *_grouped(SIGNATORY, ((row.name, row) for row in record.signatories)),
        *_seals(record),
    ]  # fmt: skip


def drawn(every: Sequence[Right], today: dt.date) -> Picture:
    """The picture of some rights.

    Args:
        every: from `rights`.
        today: in China.
    """
    first, last = _edges(every, today)
    shown: list[Right] = []
    left_out: dict[str, int] = {}
    for kind in (ACCREDITATION, SCOPE, SIGNATORY, SEAL):
        some = [one for one in every if one.kind == kind]
        shown += some[:MOST_ROWS]
        if len(some) > MOST_ROWS:
            left_out[kind] = len(some) - MOST_ROWS
    years = [dt.date(year, 1, 1) for year in range(first.year, last.year + 1)]
    return Picture(
        first,
        last,
        _place(today, first, last),
        [(one.year, _place(one, first, last)) for one in years if first <= one <= last],
        [(one, [_bar(term, first, last) for term in one.terms if _seen(term, first, last)])
         for one in shown],
        left_out,
    )  # fmt: skip


def _accreditations(record: LabRecord) -> Iterator[Right]:
    """A number at an address is one row, its terms one after the other, so that gaps show."""
    rows: dict[tuple[str, str, str], list[Accreditation]] = {}
    for row in record.accreditations:
        rows.setdefault((row.kind, row.number, row.address), []).append(row)
    for (kind, number, address), some in rows.items():
        terms = [part for row in some for part in _parts(row)]
        name = number if number.startswith(kind) else f"{kind} {number}"
        yield Right(ACCREDITATION, name, address, _sorted(terms))


def _parts(row: Accreditation) -> Iterator[Term]:
    """A term, cut where its status changes."""
    on = row.status_on
    if row.status == HOLDS or on is None:
        yield Term(row.valid_from, row.valid_until, row.status)
        return
    if row.valid_from is None or row.valid_from < on:
        before = on - dt.timedelta(days=1)
        last = min(before, row.valid_until) if row.valid_until else before
        yield Term(row.valid_from, last)
    if row.valid_until is None or on <= row.valid_until:
        first = max(on, row.valid_from) if row.valid_from else on
        yield Term(first, row.valid_until, row.status)


def _grouped(kind: str, named: Iterable[tuple[str, object]]) -> Iterator[Right]:
    """Rows of one name as one, with terms that touch or overlap joined."""
    rows: dict[str, list[Term]] = {}
    for name, row in named:
        days = getattr(row, "valid_from", None), getattr(row, "valid_until", None)
        rows.setdefault(name, []).append(Term(*days))
    for name, terms in rows.items():
        yield Right(kind, name, "", _joined(_sorted(terms)))


def _seals(record: LabRecord) -> Iterator[Right]:
    """Seals have no days but that of a list which no longer has them."""
    for row in record.seals:
        last = row.dropped_on - dt.timedelta(days=1) if row.dropped_on else None
        yield Right(SEAL, row.text, row.kind, [Term(None, last)])


def _sorted(terms: Iterable[Term]) -> list[Term]:
    return sorted(terms, key=lambda one: (one.first or dt.date.min, one.last or dt.date.max))


def _joined(terms: Sequence[Term]) -> list[Term]:
    found: list[Term] = []
    for one in terms:
        before = found[-1] if found else None
        if before is not None and (before.last is None or _touch(before.last, one.first)):
            ends = None if before.last is None or one.last is None else max(before.last, one.last)
            found[-1] = Term(before.first, ends)
        else:
            found.append(one)
    return found


def _touch(last: dt.date, first: dt.date | None) -> bool:
    return first is None or first <= last + dt.timedelta(days=1)


def _edges(every: Sequence[Right], today: dt.date) -> tuple[dt.date, dt.date]:
    days = [term for one in every for term in one.terms]
    last = max([today + _AHEAD, *(one.last for one in days if one.last)])
    last = min(last, today + _YEARS // 2 * _YEAR)
    first = min([today - _YEAR, *(one.first for one in days if one.first)])
    return max(first, last - _YEARS * _YEAR), last


def _seen(term: Term, first: dt.date, last: dt.date) -> bool:
    return (term.first or first) <= last and (term.last or last) >= first


def _bar(term: Term, first: dt.date, last: dt.date) -> Bar:
    x = _place(term.first or first, first, last)
    # The last day belongs to the term.
    end = _place(term.last + dt.timedelta(days=1), first, last) if term.last else 100.0
    return Bar(term, x, max(0.4, round(end - x, 2)))


def _place(day: dt.date, first: dt.date, last: dt.date) -> float:
    share = (day - first) / (last - first + dt.timedelta(days=1))
    return round(min(100.0, max(0.0, 100 * share)), 2)
