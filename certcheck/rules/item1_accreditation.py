"""Item 1: no accreditation, or one that did not hold on the day of issue.

163号令: art 13 six years, art 20 no use of an expired, revoked or cancelled mark, art 31
cancelled when it ends. Facts on the number's form: `certcheck.numbers.cma`.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Iterator, Sequence

from certcheck.case import Case
from certcheck.confirm import Weight, ask_field, least, weigh, weigh_day
from certcheck.finding import Finding
from certcheck.numbers import cma
from certcheck.numbers.errors import InvalidComponent, NumberError
from certcheck.rules.common import (
    Unlisted,
    accuse,
    around,
    day_text,
    has,
    holding,
    lacks,
    period,
    short,
    unlisted,
    windows,
)
from certcheck.rules.framework import advise, agree, cannot, rule, seen
from certcheck.rules.since import MEASURES_163, REGISTRY
from certcheck.unread import borne_out
from ocr.witness import Answer
from registry.models import Accreditation

# Digits of a number in the form of 2015 and later (facts 1.3).
_DIGITS = 12

LAW = ("plan.3.4.1", "163.13")
MARK_LAW = ("plan.3.4.1", "163.20", "163.31")
NUMBER_LAW = ("plan.3.4.1", "mark_use")


@dc.dataclass(frozen=True, slots=True)
class Printed:
    """The CMA number on the paper.

    Attributes:
        number: compact; the registered one where the ink agrees with it and not with the
            free reading.
        rows: the laboratory's accreditations under this number.
        weight: what the reading is worth as an accusation.
    """

    number: str
    rows: tuple[Accreditation, ...]
    weight: Weight


def own(case: Case) -> tuple[Accreditation, ...]:
    """The identified laboratory's CMA rows."""
    rows = case.lab.accreditations if case.lab else ()
    return tuple(row for row in rows if row.kind == "CMA")


def in_order(row: Accreditation, day: dt.date) -> bool:
    """Whether an accreditation holds on the day and is not suspended or taken back."""
    return row.holds_on(day) and row.status_at(day) == "valid"


def printed(case: Case) -> Printed | None:
    """The number on the paper against the laboratory's own; None where none was read."""
    field = case.field("cma_no")
    if field is None:
        return None
    number, rows = cma.compact(field.text), own(case)
    day = case.issued_on
    good = _numbers([row for row in rows if day is not None and in_order(row, day)])
    if number in good:
        return Printed(number, _rows(rows, number), Weight.CERTAIN)
    registered = number in _numbers(rows)
    weighed = weigh(case, "cma_no", good if registered else _numbers(rows))
    if weighed.weight is Weight.MISREAD:
        number = cma.compact(weighed.text)
    return Printed(number, _rows(rows, number), weighed.weight)


def _numbers(rows: Sequence[Accreditation]) -> list[str]:
    return list(dict.fromkeys(cma.compact(row.number) for row in rows))


def _rows(rows: Sequence[Accreditation], number: str) -> tuple[Accreditation, ...]:
    return tuple(row for row in rows if cma.compact(row.number) == number)


@rule(
    "item1.number_missing",
    law=NUMBER_LAW,
    since=MEASURES_163,
    applies=lacks("cma_no"),
    messages=("", ".registered", ".borne_out"),
)
def number_missing(case: Case) -> Iterator[Finding]:
    """No CMA number could be stated, so the accreditation cannot be checked from the paper.

    Unless the ink bears out the number that the laboratory held on the day.
    """
    day = case.issued_on
    held = [row for row in own(case) if day is not None and in_order(row, day)]
    number = borne_out(case, "cma_no", _numbers(held), anywhere=True)
    if number:
        row = _rows(held, number)[0]
        evidence = seen(case, "cma_no", expected=row.number, source=row.source)
        yield agree(evidence, message=".borne_out", number=number, day=day_text(case))
    elif held:
        number = held[0].number
        evidence = seen(case, "cma_no", expected=number, source=held[0].source)
        yield cannot(evidence, message=".registered", number=number, day=day_text(case))
    else:
        yield cannot(seen(case, "cma_no"))


@rule("item1.day_missing", law=LAW, since=MEASURES_163, applies=lambda case: not case.issued_on)
def day_missing(case: Case) -> Iterator[Finding]:
    """Without the day of issue nobody can say whether the accreditation held then."""
    yield cannot(seen(case, "issue_date"))


@rule(
    "item1.number_malformed",
    law=NUMBER_LAW,
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=("", ".authority", ".serial", "rule.unclear", "rule.illegible"),
)
def number_malformed(case: Case) -> Iterator[Finding]:
    """The number has not the form its issuer gives: twelve digits, or the older ten and a letter.

    An authority that is not in the table, or a serial of 0000, is no more than suspected: the
    table was completed by inference. So is a number with a character too few. A length that is
    wrong is told only of print read surely.
    """
    number = printed(case)
    if number is None or number.rows:
        return
    try:
        cma.validate(number.number)
    except InvalidComponent as wrong:
        weight, message = min(number.weight, Weight.DOUBTFUL), f".{wrong.part}"
        yield accuse(weight, seen(case, "cma_no"), message=message, number=number.number)
    except NumberError:
        weight, length = _odd(case, number), len(number.number)
        yield accuse(weight, seen(case, "cma_no"), number=number.number, length=length)


def _odd(case: Case, number: Printed) -> Weight:
    """What a number that has not its issuer's form is worth.

    One with a character too many is told only where another reader finds as many, and none
    where it is a number with a stroke before or behind it, such as a frame's.
    """
    text = number.number
    if len(text) < _DIGITS:
        return short(case, "cma_no", number.weight)
    if len(text) == _DIGITS:
        return number.weight
    rests = [text[1:] if text.startswith("1") else "", text[:-1] if text.endswith("1") else ""]
    stroke = any(cma.is_valid(rest) for rest in rests)
    return Weight.UNREAD if stroke or number.weight is not Weight.CERTAIN else Weight.CERTAIN


@rule("item1.number_unusual", law=NUMBER_LAW, since=MEASURES_163, applies=has("cma_no"))
def number_unusual(case: Case) -> Iterator[Finding]:
    """Field or industry in the number stand for nothing in the tables; tables grow."""
    number = printed(case)
    if number and not number.rows and cma.is_valid(number.number):
        parts = cma.parse(number.number)
        if parts.unknown:
            yield advise(seen(case, "cma_no"), number=number.number)


@rule(
    "item1.number_of_another_lab",
    law=MARK_LAW,
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=("", "rule.unclear", "rule.illegible"),
)
def number_of_another_lab(case: Case) -> Iterator[Finding]:
    """The number is registered, to another laboratory than the paper names."""
    number = printed(case)
    if number is None or number.rows or case.lab is None:
        return
    holders = [one for one in case.registry.holders(number.number) if one.lab_id != case.lab.lab_id]
    if holders:
        own_number = ", ".join(_numbers(own(case)))
        yield accuse(
            least(number.weight, _name_weight(case, [one.holder_name for one in holders])),
            seen(case, "cma_no", expected=own_number, source=case.lab.lab.source),
            number=number.number,
            lab=case.lab.name,
            holder=holders[0].holder_name,
        )


def _name_weight(case: Case, holders: Sequence[str]) -> Weight:
    """How surely the paper names the identified laboratory, and not the number's holder."""
    if case.lab is None or case.match is None or "lab_name" not in case.match.matched_by:
        return Weight.DOUBTFUL
    supports = ask_field(case, "lab_name", [case.lab.name, *holders])
    answers = {one.text: one.answer for one in supports}
    theirs = {answers[name] for name in holders}
    if Answer.AGREES in theirs:
        return Weight.UNREAD
    mine = answers[case.lab.name]
    return (
        Weight.CERTAIN if mine is Answer.AGREES and theirs == {Answer.DIFFERS} else Weight.DOUBTFUL
    )


@rule(
    "item1.number_not_registered",
    law=MARK_LAW,
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=("", ".not_covered", "rule.unclear", "rule.illegible"),
)
def number_not_registered(case: Case) -> Iterator[Finding]:
    """The number is in no register, and the register of its authority was complete that day."""
    number = printed(case)
    if number is None or number.rows or case.registry.holders(number.number):
        return
    if not cma.is_valid(number.number):
        return
    parts = cma.parse(number.number)
    known = _numbers(own(case))
    lab = case.lab.name if case.lab else ""
    evidence = seen(case, "cma_no", expected=", ".join(known))
    day = case.issued_on
    if day is not None and case.registry.covers(parts.authority, "CMA", day):
        yield accuse(
            number.weight, evidence, number=number.number, authority=parts.authority_name,
            day=day_text(case), lab=lab,
        )  # fmt: skip
    else:
        yield cannot(
            evidence, message=".not_covered", number=number.number, authority=parts.authority_name
        )


@rule(
    "item1.not_yet_granted",
    law=LAW,
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=("", ".renewed", "rule.unclear", "rule.illegible"),
)
def not_yet_granted(case: Case) -> Iterator[Finding]:
    """The accreditation under this number began after the day of issue.

    A number of an earlier year may have been kept at a renewal, whose day alone is listed.
    """
    number, day = printed(case), case.issued_on
    if number is None or day is None or not number.rows:
        return
    if not all(row.valid_from and day < row.valid_from for row in number.rows):
        return
    year = cma.parse(number.number).first_year if cma.is_valid(number.number) else day.year
    if year < day.year:
        evidence = seen(case, "cma_no", source=number.rows[0].source)
        since = period(around(number.rows, day))["since"]
        yield cannot(
            evidence, message=".renewed", number=number.number, year=str(year),
            day=day_text(case), since=since,
        )  # fmt: skip
    else:
        yield _outside(case, number)


@rule(
    "item1.expired",
    law=("plan.3.4.1", "163.13", "163.20", "163.31"),
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=("", ".renewed", ".unlisted", ".between", "rule.unclear", "rule.illegible"),
)
def expired(case: Case) -> Iterator[Finding]:
    """The accreditation under this number had ended by the day of issue.

    Where the laboratory held another number that day, the paper carries the ended one. What
    ended only because a list has it no longer is a sign, and none where a successor was yet
    to begin.
    """
    number, day = printed(case), case.issued_on
    if number is None or day is None or not number.rows or holding(number.rows, day):
        return
    if all(row.valid_from and day < row.valid_from for row in number.rows):
        return
    current = _numbers([row for row in own(case) if in_order(row, day)])
    silent = unlisted(number.rows, day, own(case))
    if silent:
        yield _unlisted(case, number, silent)
    elif current:
        yield _outside(case, number, message=".renewed", current=", ".join(current))
    else:
        yield _outside(case, number)


def _unlisted(case: Case, number: Printed, silent: Unlisted) -> Finding:
    """A number that lists no longer have; the day of its end is told by none."""
    row = around(number.rows, case.issued_on)[0]
    return silent.finding(
        least(number.weight, weigh_day(case, windows(number.rows))),
        seen(case, "issue_date", source=row.source),
        seen(case, "cma_no", expected=row.number, source=row.source),
        number=number.number,
        day=day_text(case),
    )


def _outside(case: Case, number: Printed, message: str = "", **params: str) -> Finding:
    """A term that the day of issue is not in: both number and day must be read surely."""
    rows = around(number.rows, case.issued_on)
    term = period(rows)
    evidence = seen(
        case, "issue_date", expected=f"{term['since']} – {term['until']}", source=rows[0].source
    )
    return accuse(
        least(number.weight, weigh_day(case, windows(number.rows))),
        evidence,
        seen(case, "cma_no", expected=rows[0].number, source=rows[0].source),
        message=message,
        number=number.number,
        day=day_text(case),
        **term,
        **params,
    )


@rule(
    "item1.not_in_good_standing",
    law=MARK_LAW,
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=(".suspended", ".revoked", ".cancelled", ".unknown", "rule.unclear", "rule.illegible"),
)
def not_in_good_standing(case: Case) -> Iterator[Finding]:
    """The accreditation was suspended, revoked or cancelled on the day of issue.

    A suspension after the day is no fault. A status without its day cannot be judged.
    """
    number, day = printed(case), case.issued_on
    held = holding(number.rows, day) if number else []
    if number is None or day is None or not held or any(in_order(row, day) for row in held):
        return
    row = held[0]
    status = row.status_at(day)
    evidence = seen(case, "issue_date", expected=f"{status} {row.status_on}", source=row.source)
    params = {"number": number.number, "day": day_text(case), "status_on": str(row.status_on)}
    if status not in ("suspended", "revoked", "cancelled"):
        yield cannot(evidence, message=".unknown", **params)
        return
    good = [(start, _day_before(row)) for start, _ in windows(held)]
    others = windows([one for one in own(case) if one.status == "valid"])
    weight = least(number.weight, weigh_day(case, [*good, *others]))
    number_seen = seen(case, "cma_no", expected=row.number, source=row.source)
    yield accuse(weight, evidence, number_seen, message=f".{status}", **params)


def _day_before(row: Accreditation) -> dt.date:
    return (row.status_on or dt.date.min + dt.timedelta(1)) - dt.timedelta(1)


@rule("item1.in_term", law=LAW, since=REGISTRY, applies=has("cma_no"))
def in_term(case: Case) -> Iterator[Finding]:
    """The number is the laboratory's own and held on the day of issue."""
    number, day = printed(case), case.issued_on
    if number is None or day is None:
        return
    for row in number.rows:
        if in_order(row, day):
            yield agree(
                seen(case, "cma_no", expected=row.number, source=row.source),
                number=number.number,
                day=day_text(case),
                lab=row.holder_name,
                **period([row]),
            )
            return
