"""Labels that misread print may be: hypotheses to be weighed against the ink.

Small labels lose strokes first: 折尉率, 其施, 规对充. Each shares a character with the label
it is, in its place; which of the labels that do is told by the picture, not by the letters.
"""

from __future__ import annotations

import dataclasses as dc

from ocr.fields.labels import fold, stands_alone, vocabulary

LONGEST = 8


@dc.dataclass(frozen=True, slots=True)
class Guess:
    """A label for the first characters of a line.

    Attributes:
        key: the label's field.
        label: as the vocabulary has it.
        length: how many of the line's characters it stands for.
    """

    key: str
    label: str
    length: int


def guesses(text: str) -> list[Guess]:
    """Chinese labels that the Chinese characters a line begins with may be.

    A line that begins with a label already, or holds no Chinese, has none.

    >>> [guess.label for guess in guesses("折尉率")]
    ['折射率', '折光率', '双折率']
    >>> guesses("折射率：1.66")
    []
    """
    head = next((i for i, char in enumerate(text) if not "㐀" <= char <= "鿿"), len(text))
    word = text[:head]
    if not 2 <= len(word) <= LONGEST:
        return []
    folded = fold(word)
    known = vocabulary().at(fold(text), 0)
    if known is not None and stands_alone(known, fold(text), gap_after=False):
        return []
    if len(folded) != len(word):
        return []
    found = []
    for label in vocabulary().chinese:
        same = len(label.text) == len(folded)
        if same and any(a == b for a, b in zip(label.text, folded, strict=True)):
            found.append(Guess(label.key, label.text, head))
    return found
