"""Fields known by their form alone: no label stands beside them.

A laboratory's name heads the paper, a CMA number hangs under its mark, the date and the
security code stand as two groups of eight digits above the bar code (facts 3.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ocr.fields import values
from ocr.fields.doubt import STATED
from ocr.fields.pieces import Piece
from ocr.reading import Code

Found = tuple[str, values.Value, list[Piece]]

# Facts 1.1: codes of authority, field and industry end here.
LAST_AUTHORITY, LAST_FIELD, LAST_INDUSTRY = 31, 21, 34
LONGEST_NAME = 40
_SENTENCE = re.compile(r"[，。；！？]|^(?:本|请|如|对|凡|未经|以上|该)")
_EIGHT = re.compile(r"(?<!\d)\d{8}(?!\d)")
_CMA = re.compile(r"(?<![0-9A-Z])(?:\d{12}|\d{10}[A-Z])(?![0-9A-Z])")
_DATE = re.compile(r"\W*\d{4}\s?[-./年]\s?\d{1,2}\s?[-./月]\s?\d{1,2}\s?日?\W*$")
SAME_ROW = 0.5


def find(free: Sequence[Piece], codes: Sequence[Code]) -> list[Found]:
    """Fields among the texts that belong to no label.

    Args:
        free: texts without a label.
        codes: the photo's codes; a number that also stands in one is the certificate's.

    Returns:
        (key, value, pieces) in the order of trust.
    """
    found: list[Found] = []
    found.extend(_dates_and_codes(free))
    found.extend(_lone_date(free))
    found.extend(_names(free))
    found.extend(_cma(free, codes))
    for key in ("cnas_no", "standards", "website"):
        found.extend(_by_parser(key, free))
    found.extend(_numbers_in_codes(free, codes))
    return found


def _names(free: Iterable[Piece]) -> list[Found]:
    named = []
    for piece in free:
        name = values.lab_name(piece.text)
        if name and len(str(name)) <= LONGEST_NAME and not _SENTENCE.search(piece.text):
            named.append((piece.height, piece, name))
    # What is left of a seal's ring may end like the name it repeats.
    named = [
        entry
        for entry in named
        if not any(str(one).endswith(str(entry[2])) and one != entry[2] for _, _, one in named)
    ]
    # So may what is left of it aslant in a box as tall as a heading's, and be read softly.
    sure = [len(str(name)) for _, piece, name in named if piece.confidence >= STATED]
    longest = max(sure, default=0)
    named = [e for e in named if e[1].confidence >= STATED or len(str(e[2])) >= longest]
    # The heading is the largest print that is a name.
    named.sort(key=lambda entry: (-round(entry[0]), entry[1].top))
    return [("lab_name", name, [piece]) for _, piece, name in named]


def whole_cma(number: str) -> bool:
    """Whether a CMA number has as many characters as one of its forms."""
    return re.fullmatch(r"\d{12}|\d{10}[A-Z]", number) is not None


def plausible_cma(number: str) -> bool:
    """Whether the digit groups can be an accreditation number's (facts 1.1, 1.3)."""
    if re.fullmatch(r"\d{10}[A-Z]", number):
        return number[:2] in ("19", "20") and int(number[4:6]) <= LAST_AUTHORITY
    return (
        re.fullmatch(r"\d{12}", number) is not None
        and int(number[2:4]) <= LAST_AUTHORITY
        and int(number[4:6]) <= LAST_FIELD
        and int(number[6:8]) <= LAST_INDUSTRY
    )


def _cma(free: Iterable[Piece], codes: Sequence[Code]) -> list[Found]:
    payloads = [code.text for code in codes if code.text]
    found: list[Found] = []
    for piece in free:
        for match in _CMA.finditer(piece.text.upper()):
            # The digits under a bar code are the certificate's number.
            if plausible_cma(match[0]) and not any(match[0] in text for text in payloads):
                found.append(("cma_no", match[0], [piece]))
    return found


def _by_parser(key: str, free: Iterable[Piece]) -> list[Found]:
    found: list[Found] = []
    for piece in free:
        if (
            key == "cnas_no"
            and "CNAS" not in piece.text.upper()
            and not re.fullmatch(r"\W*L\d{4,5}\W*", piece.text.strip())
        ):
            continue
        value = values.parse(key, piece.text)
        if value:
            found.append((key, value, [piece]))
    return found


def _dates_and_codes(free: Sequence[Piece]) -> list[Found]:
    """Two groups of eight digits in a row: one the date, the other the code.

    Where both could be a date, the left one is (facts 3.3).
    """
    groups = sorted(
        ((p, m[0]) for p in free for m in _EIGHT.finditer(p.text)), key=lambda g: g[0].left
    )
    for number, (left, first) in enumerate(groups):
        for right, second in groups[number + 1 :]:
            if left is not right and abs(left.top - right.top) > SAME_ROW * left.height:
                continue
            for date, digits, code, other in ((left, first, right, second),
                                              (right, second, left, first)):  # fmt: skip
                day = values.issue_date(digits)
                if day is not None:
                    return [("issue_date", day, [date]), ("security_code", other, [code])]
    return []


def _lone_date(free: Sequence[Piece]) -> list[Found]:
    """The only date of a paper, its label hidden under a seal."""
    dated = [(piece, values.issue_date(piece.text)) for piece in free if _DATE.match(piece.text)]
    found: list[Found] = [("issue_date", day, [piece]) for piece, day in dated if day]
    return found[:1] if len({day for _, day, _ in found}) == 1 else []


def two_groups(text: str) -> tuple[str, str] | None:
    """The date and the security code of a text that holds both, in that order."""
    digits = _EIGHT.findall(text)
    if len(digits) != 2:
        return None
    day = values.issue_date(digits[0])
    return (day, digits[1]) if day else None


def _numbers_in_codes(free: Iterable[Piece], codes: Sequence[Code]) -> list[Found]:
    payloads = [code.text.upper() for code in codes if code.text]
    found: list[Found] = []
    for piece in free:
        number = values.certificate_no(piece.text)
        if number and any(str(number) in payload for payload in payloads):
            found.append(("certificate_no", number, [piece]))
    return found
