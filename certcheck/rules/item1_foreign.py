"""Items 1 to 4, 7 and 8 of a report from abroad: no CMA, nothing registered, where to ask.

A laboratory abroad is no inspection body of 163号令: it holds no accreditation that could
have ended, no scope, no registered seal or signatory. Nothing is held against it, and
nothing can be said to agree. Whose paper it is stands with item 1 alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from certcheck import abroad
from certcheck.case import Case
from certcheck.finding import Finding
from certcheck.rules.framework import cannot, no_matter, rule, seen
from certcheck.rules.since import MEASURES_163, REGISTRY

_LAW = "163.required"


def _is_foreign(case: Case) -> bool:
    return case.foreign is not None


@rule(
    "item1.foreign",
    law=("plan.3.4.1", _LAW),
    since=MEASURES_163,
    applies=_is_foreign,
    messages=("", ".weak_site"),
    for_foreign=True,
)
def foreign(case: Case) -> Iterator[Finding]:
    """The paper names a laboratory abroad: it holds no CMA, and cannot be checked here.

    Told with the address to type where its reports are looked up, which is the table's and
    never the printed one.
    """
    assert case.foreign is not None
    lab = case.foreign.lab
    params = {"name": lab.name, "zh": lab.zh, "query": lab.query}
    evidence = seen(case, "lab_name", source=f"foreign_labs: {lab.key}")
    yield cannot(evidence, message="" if lab.confirmed else ".weak_site", **params)


@rule(
    "item1.foreign_letters",
    law=("plan.3.4.1", _LAW),
    since=MEASURES_163,
    applies=lambda case: (
        case.foreign is None
        and case.match is None
        and case.field("cma_no") is None
        and abroad.in_foreign_letters(case.reading)
    ),
)
def foreign_letters(case: Case) -> Iterator[Finding]:
    """A paper without Chinese and without a CMA number, of no laboratory that is known."""
    yield cannot(seen(case, "lab_name"))


@rule("item2.foreign", law=("plan.3.4.2",), since=REGISTRY, applies=_is_foreign, for_foreign=True)
def scope(case: Case) -> Iterator[Finding]:
    """A laboratory abroad has no accredited scope to hold the paper against."""
    yield no_matter()


@rule("item3.foreign", law=("plan.3.4.3",), since=REGISTRY, applies=_is_foreign, for_foreign=True)
def seal(case: Case) -> Iterator[Finding]:
    """Name, address and seal of a laboratory abroad are in no Chinese register."""
    yield no_matter()


@rule("item4.foreign", law=("plan.3.4.4",), since=REGISTRY, applies=_is_foreign, for_foreign=True)
def signatory(case: Case) -> Iterator[Finding]:
    """Who signs for a laboratory abroad is on no list of authorised signatories."""
    yield no_matter()


@rule("item7.foreign", law=("plan.3.4.7",), since=REGISTRY, applies=_is_foreign, for_foreign=True)
def platform(case: Case) -> Iterator[Finding]:
    """Nothing is on file about a laboratory abroad and the national query platform."""
    yield no_matter()


@rule("item8.foreign", law=("plan.3.4.8",), since=REGISTRY, applies=_is_foreign, for_foreign=True)
def accredited(case: Case) -> Iterator[Finding]:
    """A laboratory abroad is none of the accredited ones that item 8 speaks for."""
    yield no_matter()
