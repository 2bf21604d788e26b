"""Standards, their editions, and the days between which an edition was in force."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt


@dc.dataclass(frozen=True, slots=True)
class Standard:
    """One edition of a standard.

    Attributes:
        number: without the year, `GB/T 16553`.
        year: of the edition.
        edition: `GB/T 16553-2017`.
        title: in Chinese, or "".
        in_force_from: first day in force, or None where it is not known.
        replaced_on: first day on which another edition was in force instead, or None where
            it was not replaced or that is not known.
        replaced_by: that edition, or "".
        source: where the dates were seen.
        trust: `S` seen in its source, `gk` general knowledge.
    """

    number: str
    year: int
    edition: str
    title: str
    in_force_from: dt.date | None
    replaced_on: dt.date | None
    replaced_by: str
    source: str
    trust: str
