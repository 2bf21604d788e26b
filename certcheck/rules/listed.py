"""What lists of a day cannot hold against a paper: see `registry.listed`."""

from __future__ import annotations

import dataclasses as dc

from certcheck.case import Case
from certcheck.finding import Finding, Status
from registry.listed import Lists

LATER = "rule.lists_later"
ENDED_SINCE = "rule.lists_older"
# A term that ended: its renewal comes with a newer list.
_EXPIRED = "item1.expired"
# What is asked of the tables in which a right that began again has its new first day alone.
_RIGHTS = ("scopes", "signatories")
# What a laboratory may have had otherwise before the first list.
_CHANGED = ("address", "lab_name")


def lists(case: Case, table: str) -> Lists | None:
    """The days of the lists that a table of the laboratory is known from; None for history."""
    return case.lab.lists.get(table) if case.lab else None


def begin_later(case: Case, table: str) -> bool:
    """Whether the first list of a table is of a day after the paper's."""
    known, day = lists(case, table), case.issued_on
    return known is not None and day is not None and day < known.first


def weakened(case: Case, rule: str, finding: Finding) -> Finding:
    """A finding that holds something against the paper, as far as lists can bear it out.

    What only a list of after the day of issue lacks may have been there that day; an address
    or a name may have been another; and a term that ended after the last list may have been
    renewed.
    """
    day = case.issued_on
    tables = {one.source.partition(":")[0] for one in finding.evidence}
    for table in _RIGHTS:
        known = lists(case, table)
        if table in tables and known and begin_later(case, table):
            return _unverifiable(finding, LATER, day=str(day), listed_on=str(known.first))
    known = lists(case, "accreditations")
    if known is None or day is None:
        return finding
    if rule == _EXPIRED and known.last < day:
        return _unverifiable(finding, ENDED_SINCE, day=str(day), listed_on=str(known.last))
    changed = bool(finding.evidence) and finding.evidence[0].field in _CHANGED
    if changed and day < known.first and finding.status is Status.INCONSISTENT:
        return dc.replace(finding, status=Status.SUSPECTED)
    return finding


def _unverifiable(finding: Finding, message: str, **params: str) -> Finding:
    return dc.replace(finding, status=Status.UNVERIFIABLE, message=message, params=params)
