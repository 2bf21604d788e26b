"""How many certificates of each laboratory were found at fault.

Ten false reports are grave (总局, opinion on 情节严重 of January 2026, facts 2.2), so an office
wants to know who comes near. What was checked is no finding of fact: somebody else may have made
the papers in the laboratory's name. So this is told to those who look into it, never on a report.
"""

from __future__ import annotations

import dataclasses as dc

from certcheck.seen.book import Book
from certcheck.seen.sighting import lab_shown

# The opinion's number of false reports in any field.
THRESHOLD = 10


@dc.dataclass(frozen=True, slots=True)
class Count:
    """Certificates of one laboratory, each number once that was read surely.

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


def counts(book: Book, lab: str = "", most: int | None = None) -> list[Count]:
    """Laboratories by how many certificates were found at fault, most first.

    Args:
        book: the book.
        lab: only this one, by its key.
        most: laboratories, None for all.

    Raises:
        SeenBookError: the book cannot be used.
    """
    return [
        Count(lab_shown(one.lab), one.seen, one.against, one.doubted)
        for one in book.counted(lab, most)
    ]
