"""What a rule states: a status, a message code with its figures, and the evidence."""

from __future__ import annotations

import dataclasses as dc
import enum
from collections.abc import Iterable, Mapping

from ocr.reading import Quad


class Status(enum.StrEnum):
    """The closed set of answers, as the contract words them."""

    INCONSISTENT = "inconsistent"
    SUSPECTED = "suspected"
    UNVERIFIABLE = "unverifiable"
    CONSISTENT = "consistent"
    ADVICE = "advice"
    NOT_APPLICABLE = "not_applicable"


# Worst first. Advice is told, and never hides that something agreed or could not be checked.
_ORDER = (
    Status.INCONSISTENT,
    Status.SUSPECTED,
    Status.UNVERIFIABLE,
    Status.CONSISTENT,
    Status.ADVICE,
    Status.NOT_APPLICABLE,
)


# How sources of evidence begin that rest on earlier checks, and on what people observed.
MEMORIES = ("seen: ", "observations: ")


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of the statuses; NOT_APPLICABLE for none."""
    return min(statuses, key=_ORDER.index, default=Status.NOT_APPLICABLE)


# The parameter of a finding that names fields: their keys with spaces between, which each
# language lists by its own names.
NAMED = "fields"


@dc.dataclass(frozen=True, slots=True)
class Evidence:
    """One thing read beside what was expected of it.

    Attributes:
        field: contract field key, `seal` or `code`.
        read: what the photo says; "" where nothing was read.
        expected: what the registry or the rule says; "" where it says nothing.
        box: the place in the upright photo, or None.
        source: the registry row (`accreditations: yuan/CMA/211601060417`) or data row.
    """

    field: str
    read: str
    expected: str
    box: Quad | None
    source: str


@dc.dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found.

    Attributes:
        rule: the rule's id, `item1.accreditation_expired`.
        status: the answer.
        message: code of the sentence in the message catalogue; most often the rule's id.
        params: what the sentence is filled with, strings only.
        law: keys of the law table.
        evidence: what the answer rests on.
        by_hand: contract field keys that somebody entered and the answer rests on; see
            `certcheck.corrected`.
    """

    rule: str
    status: Status
    message: str
    params: Mapping[str, str] = dc.field(default_factory=dict)
    law: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    by_hand: tuple[str, ...] = ()
