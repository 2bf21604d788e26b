"""What of a reading is doubtful: lines to look at again, and values that stay unread.

A recogniser's slips lie under soft characters. A line of which a value, or perhaps a label,
hangs on a soft character is looked at again; a value that is still soft then is not stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Levenshtein

from ocr import geometry
from ocr.fields import wording
from ocr.reading import Code, Field, Line

# Characters read more surely than this are not looked at again. On generated photographs
# (level hard, 426 values in their true places) 366 of the 385 right ones lie above, of the
# 41 wrong ones 3.
SOFT = 0.9
# Longest line that may be a label, a name or a number which found no place.
LONGEST_LOOSE = 12
# A value is stated whose weakest character is at least this sure. On 75 generated
# photographs of level hard (1 658 values) 0.9 of the values that are above are right to one
# in a hundred wrong; addresses and telephone numbers are long and printed small.
STATED = 0.6
STATED_SMALL = {"address": 0.75, "phone": 0.65, "cnas_no": 0.65}
# Three misread codes of eight digits lay between STATED and this, no right one of 95; of names
# that no registered one can be weighed against eight wrong ones and seventeen of 750 right.
STATED_SMALL |= {"security_code": 0.85, "inspector": 0.75, "checker": 0.75}
# A value made of nothing but words that its field uses: of 21 in doubt on 120 generated
# photographs of level hard between this and STATED all were right.
STATED_WORDS = 0.2
# A lone dash for what was not tested is passed over by some looks, and taken by none for
# anything else: of nine true ones on generated photographs four lay between this and STATED.
STATED_DASH = 0.3
DASH = "—"
# Characters that a number cut short may lack; letters in which a misread host differs.
LOST = 3
SLIPS = 2
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


def settle(
    fields: Mapping[str, Field], codes: Iterable[Code] = ()
) -> tuple[dict[str, Field], dict[str, Field]]:
    """The fields that can be stated, and those that stay in doubt.

    Args:
        fields: by key.
        codes: of the same page, which may be at odds with the print.
    """
    payloads = [code.text for code in codes if code.text]
    sure = {
        key: field
        for key, field in fields.items()
        if not doubtful(field) and not at_odds(field, payloads)
    }
    return sure, {key: field for key, field in fields.items() if key not in sure}


def doubtful(field: Field) -> bool:
    """Whether a value hangs on a character too soft to state it."""
    least = STATED_SMALL.get(field.key, STATED)
    if field.value == DASH:
        least = STATED_DASH
    elif wording.made_of_words(field.key, field.text):
        least = STATED_WORDS
    return field.weakest < least


def at_odds(field: Field, payloads: Iterable[str]) -> bool:
    """Whether a code says that a value lacks a character or has a wrong one.

    A certificate number that is the end of the one in a code has lost its beginning. A web
    address whose host differs by a letter or two from the code's is one of the two
    misread; a host that is another altogether stands as it is.

    Args:
        field: a value as read.
        payloads: texts of decoded codes.
    """
    if field.key == "certificate_no":
        words = {word for text in payloads for word in re.findall(r"[A-Z0-9-]+", text.upper())}
        return field.text not in words and any(
            word.endswith(field.text) and len(word) <= len(field.text) + LOST for word in words
        )
    if field.key == "website":
        mine = _domain(field.text)
        others = {_domain(text) for text in payloads} - {""}
        return mine not in others and any(
            Levenshtein.distance(mine, other) <= SLIPS for other in others
        )
    return False


def _domain(text: str) -> str:
    """The last two parts of a web address's host, or "" for what is none."""
    found = re.match(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?![a-z0-9])", text.lower())
    return ".".join(found[1].split(".")[-2:]) if found else ""


def stray_letter(code: str) -> bool:
    """Whether a code of digits holds one letter inside, as a misread digit does.

    >>> stray_letter("3292T208"), stray_letter("A3292208"), stray_letter("7KQ2M9X4")
    (True, False, False)
    """
    letters = [i for i, char in enumerate(code) if char.isalpha()]
    return len(letters) == 1 and len(code) >= 6 and letters[0] > 0
