"""Item 6: prices that people saw, and a pace that nobody can keep who tests each piece.

A paper shows neither. What people observed (`certcheck observe`) and the numbers of all
certificates seen tell it, with the arithmetic shown; it is never more than a sign, and without
any of it the item does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from certcheck.case import Case
from certcheck.finding import Evidence, Finding
from certcheck.pace import CONFIDENCE, METHOD, Capacity, Pace, a_day, pace
from certcheck.rules.common import holding
from certcheck.rules.framework import no_matter, rule, suspect
from certcheck.rules.item6_price import filed, fitting
from certcheck.rules.since import MEASURES_39, REGISTRY
from certcheck.seen.observations import PRICES, Kind, Observation

LAW_PRICE = ("plan.3.4.6", "39.8", "price.14")
LAW_PACE = ("plan.3.4.6", "39.8")
# Days around the day of issue for which what was observed speaks.
_AROUND = 366
# Certificates of a laboratory that its pace is told from, at most.
_MOST_SEEN = 400


def _observed(case: Case) -> list[Observation]:
    """What was observed about the time of issue, the latest first."""
    if case.memory is None or case.lab is None:
        return []
    day = case.issued_on or case.checked_on
    return [one for one in case.memory.observed() if abs((one.observed_on - day).days) <= _AROUND]


def _prices(case: Case) -> list[Observation]:
    return [one for one in _observed(case) if one.kind in PRICES]


def _told(one: Observation, field: str, read: str, expected: str) -> Evidence:
    return Evidence(field, read, expected, None, one.row)


@rule(
    "item6.observed_below_cost",
    law=LAW_PRICE,
    since=REGISTRY,
    applies=lambda case: bool(_prices(case)),
    messages=("", ".not_below", ".no_cost_filed"),
)
def observed_below_cost(case: Case) -> Iterator[Finding]:
    """A price that somebody paid, was offered or saw listed is less than the least filed cost."""
    least = min(_prices(case), key=lambda one: one.price or 0)
    fees = fitting(case, filed(case))
    price = f"{(least.price or Decimal()).normalize():f}"
    params = {
        "price": price, "day": str(least.observed_on), "source": least.source,
        "by": least.told_by,
    }  # fmt: skip
    if not fees:
        yield no_matter(_told(least, "price", price, ""), message=".no_cost_filed",
                        **params)  # fmt: skip
        return
    fee = min(fees, key=lambda one: one.unit_cost)
    evidence = _told(least, "price", price, f"≥ {fee.unit_cost}")
    params |= {"cost": str(fee.unit_cost), "item": fee.item, "row": fee.source}
    if least.price is not None and least.price < fee.unit_cost:
        yield suspect(evidence, **params)
    else:
        yield no_matter(evidence, message=".not_below", **params)


def _capacity(case: Case, observed: list[Observation]) -> Capacity | None:
    """The least that is known of what can be done in a day."""
    found = []
    day = case.issued_on or case.checked_on
    names = {one.name for one in holding(case.lab.signatories, day)} if case.lab else set()
    if names and case.lab is not None:
        source = f"signatories: {case.lab.lab_id}"
        found.append(Capacity("signatory", len(names), a_day("signatory"), source))
    for one in observed:
        for kind, count in (("instrument", one.instruments), ("person", one.people)):
            if count is not None:
                found.append(Capacity(kind, count, a_day(kind), one.row))
    return min(found, key=lambda one: one.whole, default=None)


def _pace(case: Case) -> Pace | None:
    memory, lab = case.memory, case.lab
    if memory is None or lab is None:
        return None
    since = (case.issued_on or case.checked_on) - dt.timedelta(days=_AROUND)
    # A paper that contradicted the registry may bear anybody's number.
    found = [
        one.number for one in memory.dated(since, _MOST_SEEN)
        if one.number and one.number_sure and not one.contradicts
    ]  # fmt: skip
    names = (lab.name, *lab.lab.alias_names)
    return pace(dict.fromkeys(found), lab_id=lab.lab_id, names=names)


@rule(
    "item6.pace",
    law=LAW_PACE,
    since=MEASURES_39,
    applies=lambda case: case.memory is not None and case.lab is not None,
    messages=("", ".within"),
)
def numbers_run_too_fast(case: Case) -> Iterator[Finding]:
    """The numbers seen count on faster than signatories and instruments on file can follow.

    Told from the serials behind the date in the numbers of a declared series, with their lower
    bound; an inspection's counts of instruments and of people who test are used where there are.
    """
    found = _pace(case)
    room = _capacity(case, [one for one in _observed(case) if one.kind is Kind.INSPECTION])
    if found is None or room is None:
        return
    params: dict[str, Any] = {
        "seen": found.seen, "highest": found.highest, "since": found.since, "days": found.days,
        "about": round(found.about), "least": round(found.least), "most": round(found.most),
        "confidence": f"{CONFIDENCE:.0%}", "method": METHOD, "room": room.whole,
        "count": room.count, "each": room.each,
    }  # fmt: skip
    read, expected = f"≥ {round(found.least)}", f"≤ {room.count} × {room.each} = {room.whole}"
    evidence = (
        Evidence("certificate_no", read, expected, None, f"seen: {found.since}"),
        Evidence("certificate_no", "", expected, None, room.source),
    )
    if found.least > room.whole:
        yield suspect(*evidence, **params)
    else:
        yield no_matter(*evidence, message=".within", **params)


@rule(
    "item6.inspected_pace",
    law=LAW_PACE,
    since=MEASURES_39,
    applies=lambda case: any(one.issued is not None for one in _observed(case)),
    messages=("", ".within"),
)
def inspected_pace(case: Case) -> Iterator[Finding]:
    """An inspection counted more certificates of one day than could be tested there."""
    one = max(
        (each for each in _observed(case) if each.issued is not None),
        key=lambda each: each.issued or 0,
    )
    room = _capacity(case, [one])
    if room is None or one.issued is None:
        return
    expected = f"≤ {room.count} × {room.each} = {room.whole}"
    evidence = _told(one, "certificate_no", str(one.issued), expected)
    params: dict[str, Any] = {
        "issued": one.issued, "day": one.observed_on, "source": one.source, "room": room.whole,
        "count": room.count, "each": room.each,
    }  # fmt: skip
    if one.issued > room.whole:
        yield suspect(evidence, **params)
    else:
        yield no_matter(evidence, message=".within", **params)
