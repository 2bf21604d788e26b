"""A witness for readings that come without their picture."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.reading import Field
from ocr.witness import Answer, Support


class SilentWitness:
    """Answers nothing: for readings that come without their picture."""

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        """See `Witness.ask_field`."""
        return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        """See `Witness.ask_seal`."""
        return [Support(name, 0.0, Answer.CANNOT_TELL) for name in names]

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        """See `Witness.ask_anywhere`."""
        return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]

    def reread(self, key: str) -> Field | None:
        """See `Witness.reread`."""
        return None

    def reread_seal(self, index: int) -> str | None:
        """See `Witness.reread_seal`."""
        return None
