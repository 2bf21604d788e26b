"""What of a reading is doubtful: lines to look at again, and values that stay unread.

A recogniser's slips lie under soft characters. A line of which a value, or perhaps a label,
hangs on a soft character is looked at again; a value that is still soft then is not stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ocr import geometry
from ocr.reading import Field, Line

# Characters read more surely than this are not looked at again. On generated photographs
# (level hard, 426 values in their true places) 366 of the 385 right ones lie above, of the
# 41 wrong ones 3.
SOFT = 0.9
# Longest line that may be a label, a name or a number which found no place.
LONGEST_LOOSE = 12
# A value is stated whose weakest character is surer than this; where one wrong character
# makes another number or another person, than the second. Calibrated as above.
STATED = 0.5
STATED_EXACTLY = 0.6
EXACT_KEYS = frozenset(
    {"certificate_no", "security_code", "cma_no", "cnas_no", "mass", "density", "issue_date",
     "refractive_index", "phone", "website", "standards", "inspector", "checker", "approver"}
)  # fmt: skip
# Signs inside numbers that are as good as digits; other signs are layout.
_COUNTED = ".-/"


def counts(char: str) -> bool:
    """Whether a character is part of a value: letters and digits, points in numbers."""
    return char.isalnum() or char in _COUNTED


def weakest(line: Line) -> float:
    """Confidence of the weakest character that counts; the line's own without glyphs."""
    return min((g.confidence for g in line.glyphs if counts(g.char)), default=line.confidence)


def soft_lines(lines: Sequence[Line], fields: Mapping[str, Field]) -> list[int]:
    """Lines worth a second look, by their place in the sequence.

    Args:
        lines: of one page.
        fields: what they were taken for.
    """
    parts = [geometry.centre(part) for field in fields.values() for part in field.parts]
    found = []
    for number, line in enumerate(lines):
        if weakest(line) >= SOFT:
            continue
        used = any(geometry.contains(line.box, part) for part in parts)
        if used or _may_be_one(line):
            found.append(number)
    return found


def _may_be_one(line: Line) -> bool:
    """Whether a line without a place may be a label, a name, or hold a number."""
    chinese = any("㐀" <= char <= "鿿" for char in line.text)
    digits = sum(char.isdigit() for char in line.text)
    return (chinese and len(line.text) <= LONGEST_LOOSE) or 2 * digits > len(line.text)


def settle(fields: Mapping[str, Field]) -> tuple[dict[str, Field], dict[str, Field]]:
    """The fields that can be stated, and those that stay in doubt."""
    sure = {key: field for key, field in fields.items() if not doubtful(field)}
    return sure, {key: field for key, field in fields.items() if key not in sure}


def doubtful(field: Field) -> bool:
    """Whether a value hangs on a character too soft to state it."""
    return field.weakest < (STATED_EXACTLY if field.key in EXACT_KEYS else STATED)


def stray_letter(code: str) -> bool:
    """Whether a code of digits holds one letter inside, as a misread digit does.

    >>> stray_letter("3292T208"), stray_letter("A3292208"), stray_letter("7KQ2M9X4")
    (True, False, False)
    """
    letters = [i for i, char in enumerate(code) if char.isalpha()]
    return len(letters) == 1 and len(code) >= 6 and letters[0] > 0
