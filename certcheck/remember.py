"""A witness who is asked once: several rules put the same question to the picture.

Reading a crop again costs a recogniser's run, with the second engine some tenths of a
second; answers do not change while one certificate is judged.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocr.reading import Field
from ocr.witness import Support, Witness


class RememberingWitness:
    """Passes each question on once and keeps the answer. A failure is not kept."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._fields: dict[tuple[str, tuple[str, ...]], list[Support]] = {}
        self._seals: dict[tuple[int, tuple[str, ...]], list[Support]] = {}
        self._pages: dict[tuple[str, ...], list[Support]] = {}
        self._again: dict[str, Field | None] = {}
        self._rings: dict[int, str | None] = {}

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        """See `Witness.ask_field`."""
        question = (key, tuple(texts))
        if question not in self._fields:
            self._fields[question] = self._witness.ask_field(key, texts)
        return self._fields[question]

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        """See `Witness.ask_seal`."""
        question = (index, tuple(names))
        if question not in self._seals:
            self._seals[question] = self._witness.ask_seal(index, names)
        return self._seals[question]

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        """See `Witness.ask_anywhere`."""
        question = tuple(texts)
        if question not in self._pages:
            self._pages[question] = self._witness.ask_anywhere(texts)
        return self._pages[question]

    def reread(self, key: str) -> Field | None:
        """See `Witness.reread`."""
        if key not in self._again:
            self._again[key] = self._witness.reread(key)
        return self._again[key]

    def reread_seal(self, index: int) -> str | None:
        """See `Witness.reread_seal`."""
        if index not in self._rings:
            self._rings[index] = self._witness.reread_seal(index)
        return self._rings[index]

    def hashes_at(self, place: tuple[float, float, float, float]) -> tuple[bytes, ...]:
        """See `Witness.hashes_at`."""
        return self._witness.hashes_at(place)
