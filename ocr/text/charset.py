"""The recogniser's characters, and texts spelled in them."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.hanzi import simplified_each

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
# Print uses either form and certificates mix them; a hypothesis may be spelled both ways.
_TWINS = {"(": "（", ")": "）", ":": "：", ",": "，", "-": "－", "~": "～"}
_VARIANTS = {**_TWINS, **{wide: narrow for narrow, wide in _TWINS.items()}}
# More spellings than this of one text are not tried.
_MOST_SPELLINGS = 4


class Charset:
    """Characters of a CTC recogniser; class 0 is the blank, the last one the space.

    Args:
        characters: as the model lists them.
    """

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = ["", *characters, " "]
        self._index = {char: i for i, char in enumerate(self.characters) if char}
        self._twins: dict[int, tuple[int, ...]] = {}
        single = [char for char in self._index if not char.isspace()]
        for char, plain in zip(single, simplified_each(single), strict=True):
            index = self._index[char]
            twin = self._index.get(plain, index)
            if twin != index:
                self._twins[twin] = (*self._twins.get(twin, (twin,)), index)

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> list[int | None]:
        """Class of each character; None for one that the recogniser does not know."""
        found: list[int | None] = []
        for char in text:
            index = self._index.get(char)
            if index is None:
                index = self._index.get(unicodedata.normalize("NFKC", char))
            found.append(index)
        return found

    def forms(self, label: int) -> tuple[int, ...]:
        """A class and those of its traditional forms: the same character in print."""
        return self._twins.get(label, (label,))

    @functools.cached_property
    def han(self) -> NDArray[np.bool_]:
        """Which classes are Han characters."""
        return np.array([bool(_HAN.fullmatch(char)) for char in self.characters])

    @staticmethod
    def spellings(text: str) -> list[str]:
        """The text, and the same with its brackets and signs in the other width."""
        compact = "".join(text.split())
        kinds = sorted({char for char in compact if char in _VARIANTS})
        choices = itertools.product(*[(char, _VARIANTS[char]) for char in kinds])
        tables = [dict(zip(kinds, choice, strict=True)) for choice in choices]
        texts = ["".join(table.get(c, c) for c in compact) for table in tables]
        return list(dict.fromkeys(texts))[:_MOST_SPELLINGS]
