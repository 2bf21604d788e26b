"""Item 6: a price below what the laboratory filed as its cost.

Nothing on the paper shows a price; the user tells it. It is therefore never more than a
sign, and without it the item does not count.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from certcheck import gems
from certcheck.case import Case
from certcheck.covering import covers
from certcheck.finding import Evidence, Finding
from certcheck.rules.framework import agree, no_matter, rule, suspect
from certcheck.rules.since import REGISTRY
from registry.models import Fee

CURRENCY = "CNY"
# What is done and how often, beside the object in a filed item: 翡翠鉴定（单件）.
_WORK = re.compile(r"鉴定|检验|检测|测试|含量|证书|[（(].*[)）]")


def filed(case: Case) -> list[Fee]:
    """What the laboratory had filed by the day: of each item the latest, in yuan."""
    day = case.issued_on or case.checked_on
    latest: dict[str, Fee] = {}
    for fee in case.lab.fees if case.lab else ():
        if fee.holds_on(day) and fee.currency == CURRENCY:
            known = latest.setdefault(fee.item, fee)
            latest[fee.item] = max(known, fee, key=_filing_day)
    return list(latest.values())


def fitting(case: Case, fees: list[Fee]) -> list[Fee]:
    """Those that may be for what the paper names; all of them where none is."""
    field = case.field("conclusion")
    species = gems.find(field.text) if field else None
    if species is None:
        return fees
    return [fee for fee in fees if covers(_WORK.sub("", fee.item), species) is not False] or fees


def _filing_day(fee: Fee) -> dt.date:
    return fee.filed_on or dt.date.min


@rule(
    "item6.below_cost",
    law=("plan.3.4.6", "39.8", "price.14"),
    since=REGISTRY,
    applies=lambda case: case.paid is not None,
    messages=("", ".not_below", ".no_cost_filed"),
)
def below_cost(case: Case) -> Iterator[Finding]:
    """What was paid is less than the least cost that the laboratory filed for a certificate."""
    fees = fitting(case, filed(case))
    if not fees:
        yield no_matter(Evidence("price", str(case.paid), "", None, ""), message=".no_cost_filed",
                        paid=case.paid)  # fmt: skip
        return
    # Which of the items the price was for is not known: the cheapest speaks for the lab.
    least = min(fees, key=lambda fee: fee.unit_cost)
    evidence = Evidence("price", str(case.paid), f"≥ {least.unit_cost}", None, least.source)
    params = {"paid": str(case.paid), "cost": str(least.unit_cost), "item": least.item}
    assert case.paid is not None
    if case.paid < least.unit_cost:
        yield suspect(evidence, **params)
    else:
        yield agree(evidence, message=".not_below", **params)
