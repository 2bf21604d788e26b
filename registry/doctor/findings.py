"""What the doctor finds, and how grave each is."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Mapping, Sequence
from enum import StrEnum

PREFIX = "registry.doctor."


class Level(StrEnum):
    """How grave a finding is.

    Attributes:
        ERROR: both cannot be true, or an honest laboratory may be accused because of it.
        WARNING: most likely a slip, or a right that should have been ended.
        NOTE: often has a good reason; worth a look where something else is odd too.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


# Every code that the doctor knows; each has its sentence in the catalogue, under PREFIX.
LEVELS: Mapping[str, Level] = {
    "status_conflict": Level.ERROR,
    "number_shared": Level.ERROR,
    "seal_of_another": Level.ERROR,
    "specimen_shared": Level.ERROR,
    "coverage_stale": Level.ERROR,
    "coverage_future": Level.ERROR,
    "coverage_empty": Level.ERROR,
    "list_of_the_future": Level.ERROR,
    "rights_overlap": Level.WARNING,
    "open_after_end": Level.WARNING,
    "uscc_check_digit": Level.WARNING,
    "cma_number_form": Level.WARNING,
    "cnas_number_form": Level.WARNING,
    "status_without_day": Level.WARNING,
    "status_outside_term": Level.WARNING,
    "name_shared": Level.WARNING,
    "uscc_shared": Level.WARNING,
    "domain_shared": Level.WARNING,
    "signatory_two_labs": Level.WARNING,
    "coverage_overlap": Level.WARNING,
    "coverage_without_source": Level.WARNING,
    "several_names": Level.WARNING,
    "several_addresses": Level.WARNING,
    "several_signatories": Level.WARNING,
    "heading_as_scope": Level.WARNING,
    "signatory_namesakes": Level.NOTE,
    "two_numbers": Level.NOTE,
    "term_too_long": Level.NOTE,
    "term_open": Level.NOTE,
    "holder_differs": Level.NOTE,
    "rights_without_accreditation": Level.NOTE,
}


@dc.dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is odd.

    Attributes:
        kind: one of `LEVELS`.
        labs: ids of the laboratories it is about; none for a claim of coverage.
        rows: the rows it rests on, `accreditations: yuan/CMA/211601060417`.
        details: what its sentence is filled with.
    """

    kind: str
    labs: tuple[str, ...]
    rows: tuple[str, ...] = ()
    details: Mapping[str, str] = dc.field(default_factory=dict)

    @property
    def level(self) -> Level:
        """How grave it is."""
        return LEVELS[self.kind]

    @property
    def code(self) -> str:
        """Names its sentence in the catalogue."""
        return PREFIX + self.kind


def found(
    kind: str, labs: Sequence[str], rows: Sequence[str] = (), /, **details: object
) -> Finding:
    """A finding, its details as text."""
    texts = {name: str(value) for name, value in details.items()}
    return Finding(kind, tuple(labs), tuple(dict.fromkeys(rows)), texts)
