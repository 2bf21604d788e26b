"""One laboratory's rows against each other and against the day of the examination."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

from stdnum.cn import uscc

from registry import addresses, names
from registry.doctor.findings import Finding, found
from registry.doctor.terms import OPEN, overlaps, shared, spelt, term
from registry.models import Accreditation
from registry.records import LabRecord

# A certificate of CMA is valid for six years (检验检测机构资质认定管理办法, order 163, article
# 13); before August 2015 it was three.
CMA_TERM_YEARS = 6
# Statuses after which a right is gone for good; a suspended one comes back.
GONE = frozenset({"revoked", "cancelled"})
# CNAS L and four or five digits, as in certcheck.numbers.cnas.
_CNAS_NUMBER = re.compile(r"L\d{4,5}")

Check = Callable[[LabRecord, dt.date], Iterator[Finding]]


def _right(row: Accreditation) -> tuple[str, str, str]:
    return row.kind, names.number_key(row.number), addresses.normalise(row.address)


def _statuses(row: Accreditation, days: tuple[dt.date, dt.date]) -> list[tuple[dt.date, str]]:
    """The statuses of a row over some days, with the first day of each."""
    first, last = days
    found = [(first, row.status_at(first))]
    if row.status_on and first < row.status_on <= last:
        found.append((row.status_on, row.status_at(row.status_on)))
    return found


def _disagreement(one: Accreditation, other: Accreditation) -> dt.date | None:
    """The first shared day on which two rows give different statuses."""
    days = shared(one, other)
    if days is None:
        return None
    turns = {day for row in (one, other) for day, _ in _statuses(row, days)}
    return next((day for day in sorted(turns) if one.status_at(day) != other.status_at(day)), None)


def accreditation_terms(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """One number at one address, stated twice for the same days."""
    for one, other in overlaps(record.accreditations, _right):
        days = shared(one, other)
        assert days is not None
        day = _disagreement(one, other)
        rows = (one.source, other.source)
        if day is None:
            yield found("rights_overlap", [record.lab_id], rows, days=spelt(days))
            continue
        statuses = f"{one.status_at(day)}, {other.status_at(day)}"
        shown = day if day != dt.date.min else one.status_on or other.status_on
        yield found("status_conflict", [record.lab_id], rows, day=shown, statuses=statuses)


def other_terms(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """The same line of scope, field of a signatory or membership twice for the same days."""
    pairs = (
        *overlaps(
            record.scopes, lambda row: (row.object, row.parameter, row.standard, row.limitation)
        ),
        *overlaps(record.signatories, lambda row: (row.name, row.scope)),
        *overlaps(record.memberships, lambda row: row.platform),
    )
    for one, other in pairs:
        days = shared(one, other)
        assert days is not None
        rows = (one.source, other.source)
        yield found("rights_overlap", [record.lab_id], rows, days=spelt(days))


def two_numbers(record: LabRecord, day: dt.date) -> Iterator[Finding]:
    """Two numbers of one kind at one address on the same day."""
    live = [row for row in record.accreditations if row.holds_on(day)]
    by_place: dict[tuple[str, str], dict[str, Accreditation]] = {}
    for row in live:
        kind, number, place = _right(row)
        by_place.setdefault((kind, place), {}).setdefault(number, row)
    for (kind, _), rows in by_place.items():
        if len(rows) > 1:
            numbers = ", ".join(row.number for row in rows.values())
            sources = [row.source for row in rows.values()]
            yield found("two_numbers", [record.lab_id], sources, kind=kind, numbers=numbers)


def open_after_end(record: LabRecord, day: dt.date) -> Iterator[Finding]:
    """Scopes and signatories that still hold while no accreditation does."""
    scopes = [row for row in record.scopes if row.holds_on(day)]
    people = [row for row in record.signatories if row.holds_on(day)]
    if not scopes and not people:
        return
    counts: dict[str, object] = {"scopes": len(scopes), "signatories": len(people)}
    held = record.accreditations
    if not held:
        yield found("rights_without_accreditation", [record.lab_id], **counts)
    elif not any(row.holds_on(day) and row.status_at(day) not in GONE for row in held):
        last = max(held, key=lambda row: term(row)[1])
        until = term(last)[1].isoformat() if last.valid_until else OPEN
        yield found("open_after_end", [record.lab_id], [last.source], until=until, **counts)


def numbers(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """Check digits and forms of numbers."""
    code = record.lab.uscc
    if code and not uscc.is_valid(code):
        yield found("uscc_check_digit", [record.lab_id], [record.lab.source], number=code)
    forms = {"CMA": names.CMA_NUMBER, "CNAS": _CNAS_NUMBER}
    for row in record.accreditations:
        form = forms.get(row.kind)
        if form and not form.fullmatch(names.number_key(row.number)):
            kind = f"{row.kind.lower()}_number_form"
            yield found(kind, [record.lab_id], [row.source], number=row.number)


def statuses(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """A status without its day cannot be judged; one outside the term never counts."""
    for row in record.accreditations:
        if row.status == "valid":
            continue
        if row.status_on is None:
            yield found("status_without_day", [record.lab_id], [row.source], status=row.status)
        elif not term(row)[0] <= row.status_on <= term(row)[1]:
            details: dict[str, object] = {"status": row.status, "day": row.status_on}
            days = spelt(term(row))
            yield found("status_outside_term", [record.lab_id], [row.source], days=days, **details)


def _years_after(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February, or past the end of time
        return dt.date(min(day.year + years, dt.MAXYEAR), 3, 1)


def term_lengths(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """A CMA certificate ends, after six years at most."""
    for row in record.accreditations:
        if row.kind != "CMA":
            continue
        if row.valid_until is None:
            yield found("term_open", [record.lab_id], [row.source])
        elif row.valid_from and row.valid_until > _years_after(row.valid_from, CMA_TERM_YEARS):
            yield found("term_too_long", [record.lab_id], [row.source], days=spelt(term(row)))


def holders(record: LabRecord, day: dt.date) -> Iterator[Finding]:
    """Who holds the certificate of today is the laboratory by one of its names."""
    own = {names.name_key(name) for name in (record.lab.name, *record.lab.alias_names)}
    for row in record.accreditations:
        if row.holder_name and row.holds_on(day) and names.name_key(row.holder_name) not in own:
            yield found("holder_differs", [record.lab_id], [row.source], holder=row.holder_name)


CHECKS: tuple[Check, ...] = (
    accreditation_terms,
    other_terms,
    two_numbers,
    open_after_end,
    numbers,
    statuses,
    term_lengths,
    holders,
)
