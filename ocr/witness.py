"""Questions the judge may put to the picture.

`certcheck` knows no pixels and this room no law; between them stands this interface.
A hypothesis is tested by how well *this* text explains the ink, against the free
reading and against the other texts asked about (CTC forward score), so that one soft
character makes no honest laboratory a forger and a forged name does not pass as a slip.
"""

from __future__ import annotations

import dataclasses as dc
import enum
from collections.abc import Sequence
from typing import Protocol

from ocr.reading import Field


class Answer(enum.Enum):
    """What the ink says of one text."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot_tell"


@dc.dataclass(frozen=True, slots=True)
class Support:
    """How well one text explains the ink.

    Attributes:
        text: the hypothesis.
        score: natural-log likelihood of the text minus that of the best free reading;
            0 or a little below means that the text explains the ink as well as anything.
        answer: the score, calibrated on generated photographs.
    """

    text: str
    score: float
    answer: Answer


class Witness(Protocol):
    """A photo that can be asked again."""

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        """Tests texts against the print of a field; all CANNOT_TELL where it was not found."""

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        """Tests names against the ring of `Reading.seals[index]`."""

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        """Tests texts against every line of the page; the best line counts."""

    def reread(self, key: str) -> Field | None:
        """Reads a field's place again with the second engine; None where it cannot."""

    def reread_seal(self, index: int) -> str | None:
        """A seal's ring as the second engine reads it; None where it cannot."""

    def hashes_at(self, place: tuple[float, float, float, float]) -> tuple[bytes, ...]:
        """Hashes of a place of the page (`Likeness.places`); () where it shows nothing."""
