"""What a check remembers: the book asked about the certificate under check.

A book that cannot be asked costs nothing: then nothing was seen before.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from certcheck.case import Case
from certcheck.confirm import reread
from certcheck.errors import SeenBookError
from certcheck.rules.framework import ItemResult
from certcheck.seen import book as books
from certcheck.seen.book import Book, Totals
from certcheck.seen.compare import SAME_PIECE
from certcheck.seen.observations import Observation, Observations
from certcheck.seen.sighting import SOFT, TWICE, Sighting, shown_piece, sighting
from ocr.likeness.hashes import BITS, nearest

log = logging.getLogger(__name__)

T = TypeVar("T")

# A second engine takes half a second of a core for a value. Of what was read so surely on some
# 3 000 photographs (mild and normal) no mass was wrong, and no conclusion that names a stone.
CERTAIN = 0.99
# The rule that holds an earlier certificate's values against one of the same number.
_TOLD = "item5.number_seen_before"


@dc.dataclass(frozen=True)
class Memory:
    """The book, and what the certificate under check shows.

    Attributes:
        book: the book.
        now: the certificate under check.
        case: likewise, as the rules see it.
    """

    book: Book
    now: Sighting
    case: Case

    def numbered(self) -> list[Sighting]:
        """Other photos of certificates of this number."""
        now = self.now
        if not now.lab or not now.number:
            return []
        return _asked(lambda: self.book.numbered(now.lab, now.number, now.photo), [])

    def pictured(self) -> list[tuple[Sighting, int]]:
        """Certificates of other numbers with this picture, and how far apart the pictures are.

        The farthest that is given is still the same picture; so is what shares the frame.
        """
        piece = shown_piece(self.case)
        hashes = piece.hashes if piece else ()
        now = self.now
        found = _asked(
            lambda: self.book.pictured(hashes, now.frame, now.photo, now.number), list[Sighting]()
        )
        each = [(one, nearest(hashes, one.piece)) for one in found]
        return [
            (one, apart) for one, apart in each
            if apart <= SAME_PIECE or (one.frame and now.frame)
        ]  # fmt: skip

    def distance(self, earlier: Sighting) -> int:
        """Bits between the pictures of the pieces, at most as many as at the earlier's place.

        The picture is looked for on every photo anew and may be found otherwise; what lies on
        this page where the earlier picture was is asked, too.
        """
        piece = shown_piece(self.case)
        if piece is None or not earlier.piece:
            return BITS
        least = nearest(piece.hashes, earlier.piece)
        for place, kept in zip(earlier.places, earlier.piece, strict=False):
            if least <= SAME_PIECE:
                break
            least = min(least, nearest(self.case.witness.hashes_at(place), [kept]))
        return least

    def signed(self) -> list[Sighting]:
        """Certificates of other laboratories with this signatory's name."""
        now = self.now
        if not now.lab or not now.person:
            return []
        return _asked(lambda: self.book.signed(now.person, now.lab), [])

    def people(self, most: int) -> int:
        """How many signatories were seen, at most `most`, which is also said where unknown."""
        return _asked(lambda: self.book.people(most), most)

    def totals(self, lab: str) -> Totals:
        """What was seen of a laboratory."""
        return _asked(lambda: self.book.totals(lab), Totals())

    def dated(self, since: dt.date, most: int) -> list[Sighting]:
        """Certificates of this laboratory that were issued since a day."""
        if not self.now.lab:
            return []
        return _asked(lambda: self.book.dated(self.now.lab, since, most), [])

    def observed(self) -> list[Observation]:
        """What people observed of this laboratory, the latest first."""
        if not self.now.lab:
            return []
        return _asked(lambda: Observations(self.book.engine).of(self.now.lab), [])

    def keep(self, items: Sequence[ItemResult]) -> None:
        """Leaves a record of the check.

        A value other than before that was held against nobody was taken for misread, and is not
        kept to be held against the next.

        Args:
            items: as judged.
        """
        now = sighting(self.case, self.book.key, items)
        if not any(one.rule == _TOLD for item in items for one in item.findings):
            before = [one.fields for one in self.numbered()]
            alike = {
                key: value for key, value in now.fields.items()
                if all(each.get(key, value) == value for each in before)
            }  # fmt: skip
            now = dc.replace(now, fields=alike)
        now = dc.replace(now, again=self._again(now))
        own = [one for one, far in self.pictured() if one.lab == now.lab and far <= SAME_PIECE]
        _asked(lambda: self.book.add(now, repeated=bool(own)), None)

    def _again(self, now: Sighting) -> dict[str, str]:
        """Values that may accuse alone, as a second engine reads them.

        Print that was read with all certainty is not read a second time.
        """
        found = {}
        for key in TWICE if now.number_sure > SOFT else ():
            field = self.case.field(key) if key in now.fields else None
            if field is not None and field.weakest < CERTAIN:
                field = reread(self.case, key)
            if field is not None:
                found[key] = field.text
        return found


def remembering(case: Case) -> Case:
    """The case with the book, where one is kept and can be used."""
    book = _asked(books.configured, None)
    if book is None:
        return case
    return dc.replace(case, memory=Memory(book, sighting(case, book.key), case))


def _asked(question: Callable[[], T], nothing: T) -> T:
    try:
        return question()
    except SeenBookError as error:
        log.warning("nothing was seen before: %s", error)
        return nothing
