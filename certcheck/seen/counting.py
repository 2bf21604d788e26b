"""How many certificates of each laboratory were found at fault.

Ten false reports are grave (总局, opinion on 情节严重 of January 2026, facts 2.2), so an office
wants to know who comes near. What was checked is no finding of fact: somebody else may have made
the papers in the laboratory's name. So this is told to those who look into it, never on a report.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterable

from certcheck.seen.book import Book
from certcheck.seen.sighting import against, doubted, lab_shown

# The opinion's number of false reports in any field.
THRESHOLD = 10


@dc.dataclass(frozen=True, slots=True)
class Count:
    """Certificates of one laboratory, each number once.

    Attributes:
        lab: its name.
        seen: certificates.
        against: that contradicted the registry or a rule.
        doubted: that were suspected and did not.
    """

    lab: str
    seen: int
    against: int
    doubted: int

    @property
    def many(self) -> bool:
        """Whether those at fault reach the threshold."""
        return self.against + self.doubted >= THRESHOLD


def counts(book: Book, lab: str = "") -> list[Count]:
    """Laboratories by how many certificates were found at fault, most first.

    Args:
        book: the book.
        lab: only this one, by its key.

    Raises:
        SeenBookError: the book cannot be used.
    """
    bits: dict[str, int] = {}
    for certificate, accused in book.accused(lab):
        bits[certificate] = bits.get(certificate, 0) | accused
    labs: dict[str, list[int]] = {}
    for certificate, accused in bits.items():
        name = certificate.partition("\t")[0]
        if name:
            labs.setdefault(name, []).append(accused)
    found = [_count(name, every) for name, every in labs.items()]
    return sorted(found, key=lambda one: (-(one.against + one.doubted), one.lab))


def _count(lab: str, every: Iterable[int]) -> Count:
    every = list(every)
    wrong = [one for one in every if against(one)]
    doubts = [one for one in every if doubted(one) and not against(one)]
    return Count(lab_shown(lab), len(every), len(wrong), len(doubts))
