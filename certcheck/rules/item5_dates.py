"""Item 5: dates that contradict one another or the calendar."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from certcheck.case import Case
from certcheck.confirm import other_days, weigh
from certcheck.finding import Finding
from certcheck.numbers import certificate
from certcheck.rules.common import has
from certcheck.rules.framework import agree, rule, seen
from certcheck.rules.item5_constants import least_of
from certcheck.rules.signs import LAW, MISREAD, UNSURE, sign
from certcheck.rules.since import REGISTRY

# The clock here and the clock there may be on two sides of midnight.
_CLOCK = dt.timedelta(days=1)
# A misread year is asked of the ink this far back: a certificate may be that old.
_YEARS_BACK = 20

_DATE = re.compile(r"(\d{4})(\D{0,4})(\d{2}|\d)(\D{0,4})(\d{2}|\d)")


def printed_day(case: Case) -> dt.date | None:
    """The day printed on the paper, whatever day the user asked to judge on."""
    field = case.field("issue_date")
    if field is None:
        return None
    try:
        return dt.date.fromisoformat(field.text)
    except ValueError:
        return None


def reprint(raw: str, day: dt.date) -> str:
    """The print of a date with another day in its place.

    >>> reprint("2024年03月05日", dt.date(2023, 12, 1))
    '2023年12月01日'
    >>> reprint("日期 20240305", dt.date(2023, 12, 1))
    '日期 20231201'
    """

    def put(match: re.Match[str]) -> str:
        month, date = str(day.month).zfill(len(match[3])), str(day.day).zfill(len(match[5]))
        return f"{day.year}{match[2]}{month}{match[4]}{date}"

    return _DATE.sub(put, raw, count=1)


@rule(
    "item5.date_in_future",
    law=LAW,
    since=REGISTRY,
    applies=has("issue_date"),
    messages=("", MISREAD, UNSURE),
)
def date_in_future(case: Case) -> Iterator[Finding]:
    """The printed date of issue lies after the day of the check."""
    field, day = case.field("issue_date"), printed_day(case)
    if field is None or day is None or day <= case.checked_on + _CLOCK:
        return
    first = case.checked_on - dt.timedelta(days=_YEARS_BACK * 365)
    past = other_days(field.raw, day, [(first, case.checked_on)])
    evidence = seen(case, "issue_date", expected=f"≤ {case.checked_on}")
    weight = weigh(case, "issue_date", past).weight
    yield sign(weight, evidence, day=day, checked_on=case.checked_on)


@rule(
    "item5.number_date_differs",
    law=LAW,
    since=REGISTRY,
    applies=lambda case: case.lab is not None and has("certificate_no", "issue_date")(case),
    messages=("", ".same", MISREAD, UNSURE),
)
def number_date_differs(case: Case) -> Iterator[Finding]:
    """The date inside the certificate number is not the printed date.

    Only where the laboratory's series is declared with the place of its date, and beyond the
    days that the series allows between the two.
    """
    lab, number, day = case.lab, case.field("certificate_no"), printed_day(case)
    if lab is None or number is None or day is None:
        return
    parts = certificate.parse(
        number.text, lab_id=lab.lab_id, names=[lab.name, *lab.lab.alias_names]
    )
    fits = parts.agrees(day) if parts else None
    if parts is None or parts.date is None or fits is None:
        return
    evidence = (
        seen(case, "issue_date", expected=parts.printed_date,
             source=f"certificate_formats.toml: {parts.format.name}"),
        seen(case, "certificate_no"),
    )  # fmt: skip
    params = {"number": number.text, "inside": parts.printed_date, "day": day.isoformat()}
    if fits:
        yield agree(*evidence, message=".same", **params)
        return
    field = case.field("issue_date")
    assert field is not None
    weights = [
        weigh(case, "issue_date", [reprint(field.raw, parts.date)]).weight,
        weigh(case, "certificate_no", [parts.with_date(day)]).weight,
    ]
    yield sign(least_of(weights), *evidence, **params)
