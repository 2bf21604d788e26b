"""ID and mobile numbers of persons: taken out of every text before anything is done with it.

>>> scrub("沈怀瑾（身份证号：410101199001011234）"), scrub("电话：13800138000 翡翠")
('沈怀瑾', '翡翠')
>>> scrub("资质认定证书编号 211601060417")
'资质认定证书编号 211601060417'
"""

from __future__ import annotations

import re

# So long a text must be to hold such a number.
SHORTEST = 11
# A resident's number: division, day of birth, order, check; of 15 digits before 1999. A
# division begins with 1 to 8. A mobile number is of 11 digits from 13 to 19; +86 before it.
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_GAP = r"[\s-]?"
_NUMBER = (
    rf"[1-8]\d{{5}}{_GAP}(?:19|20)\d{{2}}{_GAP}{_MONTH_DAY}{_GAP}\d{{3}}[\dXx]"
    rf"|[1-8]\d{{7}}{_MONTH_DAY}\d{{3}}"
    rf"|(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
)
_LABEL = (
    r"(?:(?:公民)?身份证?(?:件)?(?:号码?)?|证件号码?|手机(?:号码?)?"
    r"|移动电话|联系电话|联系方式|电话|TEL)"
)
_SOUGHT = re.compile(
    rf"[（(【]?\s*(?:{_LABEL}\s*[:：]?\s*)?(?<![0-9A-Za-z])(?:{_NUMBER})(?![0-9A-Za-z])\s*[）)】]?",
    re.IGNORECASE,
)
_MAYBE = re.compile(rf"1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|\d{{6}}{_GAP}\d{{8}}")
# Full-width digits say the same.
_HALF = str.maketrans("０１２３４５６７８９Ｘｘ－＋", "0123456789Xx-+")
_DIGITS = re.compile(r"\d{4}")


def may_hold(text: str) -> bool:
    """Whether a text is worth a closer look: many a number of a certificate is, too."""
    return _MAYBE.search(text) is not None


def scrub(text: str) -> str:
    """A text without ID and mobile numbers, and without the words that announce them."""
    if len(text) < SHORTEST or not _DIGITS.search(text):
        return text
    half = text.translate(_HALF)
    if not _SOUGHT.search(half):
        return text
    pieces, at = [], 0
    for found in _SOUGHT.finditer(half):
        pieces.append(text[at : found.start()])
        at = found.end()
    pieces.append(text[at:])
    return " ".join(filter(None, (piece.strip(" ,，;；、") for piece in pieces)))
