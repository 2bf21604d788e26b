"""Item 1: the year in a number that no register has, beside the day of issue.

163号令 art 13: a term of six years. The form of the number: `certcheck.numbers.cma`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from certcheck.case import Case
from certcheck.confirm import Weight, least, weigh_day
from certcheck.finding import Finding
from certcheck.numbers import cma
from certcheck.rules.common import accuse, day_text, has
from certcheck.rules.framework import rule, seen
from certcheck.rules.item1_accreditation import LAW, printed
from certcheck.rules.since import MEASURES_163

# Full years after the year in the number; a term is six years (163号令 art 13), three for
# the older numbers with a letter (facts 1.3, weakly sourced: never more than suspected).
TERM = {cma.NEW_FORM: 6, cma.OLD_FORM: 3}


@rule(
    "item1.year_after_issue",
    law=LAW,
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=("", "rule.unclear", "rule.illegible"),
)
def year_after_issue(case: Case) -> Iterator[Finding]:
    """The year in the number lies after the day of issue; asked only of unregistered numbers."""
    number, day = printed(case), case.issued_on
    if number is None or day is None or number.rows or not cma.is_valid(number.number):
        return
    year = cma.parse(number.number).first_year
    if year > day.year:
        window = (dt.date(year, 1, 1), dt.date(year + TERM[cma.NEW_FORM], 12, 31))
        yield accuse(
            least(number.weight, weigh_day(case, [window])),
            seen(case, "cma_no", expected=f"≤ {day.year}"),
            seen(case, "issue_date", expected=f"≥ {year}"),
            number=number.number,
            year=year,
            day=day_text(case),
        )


@rule(
    "item1.older_than_term",
    law=LAW,
    since=MEASURES_163,
    applies=has("cma_no"),
    messages=("", "rule.unclear", "rule.illegible"),
)
def older_than_term(case: Case) -> Iterator[Finding]:
    """The year in an unregistered number lies more than a term before the day of issue.

    Some authorities kept the number on renewal, so this is never more than suspected.
    """
    number, day = printed(case), case.issued_on
    if number is None or day is None or number.rows or not cma.is_valid(number.number):
        return
    if case.registry.holders(number.number):
        return
    parts = cma.parse(number.number)
    if parts.first_year + TERM[parts.form] < day.year:
        weight = min(number.weight, Weight.DOUBTFUL)
        yield accuse(
            weight,
            seen(case, "cma_no", expected=f"≥ {day.year - TERM[parts.form]}"),
            number=number.number,
            year=parts.first_year,
            term=TERM[parts.form],
            day=day_text(case),
        )
