"""Papers without Chinese: what reports from abroad print without a label, or otherwise.

Only where a paper holds next to no Chinese: beside Chinese print an English name or address
is a translation, and must not stand for what could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.fields import values
from ocr.fields.labels import OTHER, fold, vocabulary
from ocr.fields.pieces import Piece
from ocr.reading import Line

# Characters of Chinese among the letters of a paper; a stamp or a stray reading is not more.
MOST_CHINESE = 0.03
FEWEST_LETTERS = 60
LONGEST_NAME = 9  # words
_WORDS = re.compile(r"[A-Za-zÀ-ÿ]+")
_DATE_ALONE = re.compile(
    r"\s*(?:[A-Za-z]{3,9}\.?\s*\d{1,2}(?:st|nd|rd|th)?,?\s*\d{4}"
    r"|\d{1,2}(?:st|nd|rd|th)?[\s.-]*[A-Za-z]{3,9}\.?,?[\s.-]*\d{4})\s*"
)


def is_latin(lines: Sequence[Line]) -> bool:
    """Whether the paper is in Latin letters."""
    text = "".join(line.text for line in lines)
    letters = sum(char.isalpha() for char in text)
    chinese = sum("㐀" <= char <= "鿿" for char in text)
    return letters >= FEWEST_LETTERS and chinese <= MOST_CHINESE * letters


def find(free: Sequence[Piece]) -> list[tuple[str, values.Value, list[Piece]]]:
    """The laboratory's name and a date that stands alone, as (key, value, pieces)."""
    found: list[tuple[str, values.Value, list[Piece]]] = []
    for piece in sorted(free, key=lambda p: (-round(p.height), p.top)):
        name = lab_name(piece.text)
        if name is not None:
            found.append(("lab_name", name, [piece]))
    for piece in free:
        day = values.issue_date(piece.text) if _DATE_ALONE.fullmatch(piece.text) else None
        if day is not None:
            found.append(("issue_date", day, [piece]))
    return found


def lab_name(text: str) -> str | None:
    """A name of a gem laboratory: one word for the trade, one for the body, no sentence."""
    words = [word.casefold() for word in _WORDS.findall(text)]
    if not 2 <= len(words) <= LONGEST_NAME or re.search(r"[.;:]\s+\w|\d{3}", text):
        return None
    trade, body = vocabulary().latin_trade, vocabulary().latin_body
    says_trade = any(word.startswith(trade) for word in words)
    says_body = any(word.startswith(body) for word in words)
    report = any(word in vocabulary().latin_papers for word in words)
    return values.clean(text) if says_trade and says_body and not report else None


def settle(groups: Sequence[tuple[str, str, bool]]) -> list[str]:
    """Keys of labels that mean something else where a better one stands on the paper.

    Args:
        groups: (key, label as printed, whether it is English alone) of each label.

    Returns:
        The keys, in the same order: Description beside Shape is the conclusion, Species
        beside Variety or Identification is not.
    """
    keys = [key for key, _, _ in groups]
    settled = []
    for key, label, english in groups:
        word = fold(label).strip(":")
        if english and word == "description" and key == "shape" and keys.count("shape") > 1:
            settled.append("conclusion")
        elif english and word == "species" and keys.count("conclusion") > 1:
            settled.append(OTHER)
        else:
            settled.append(key)
    return settled
