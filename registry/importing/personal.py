"""ID and mobile numbers of persons: taken out of every text before anything is done with it.

>>> scrub("沈怀瑾（身份证号：410101199001011234）"), scrub("电话：13800138000 翡翠")
('沈怀瑾', '翡翠')
>>> scrub("TEL１３８－００１３－８０００"), scrub("0086-13800138000"), scrub("410101 19900101 1234")
('', '', '')
>>> scrub("资质认定证书编号 211601060417"), scrub("GB/T 16553-2017 4.1.2条")
('资质认定证书编号 211601060417', 'GB/T 16553-2017 4.1.2条')
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from stdnum.cn import ric, uscc

# So long a text must be to hold such a number.
SHORTEST = 11
# What people put between digits, zero-width spaces among it. \d is any script's digit.
_GAP = r"[\s.·_\-‐‑‒–—―−－﹣~～\u200b-\u200d\u2060\ufeff]{0,2}"
# A resident's number: division, day of birth, order, check; of 15 digits before 1999. A
# division begins with 1 to 8. A mobile number is of 11 digits from 13 to 19; 86 before it.
_MONTH_DAY = r"(?:[0０][1-9１-９]|[1１][0-2０-２])(?:[0０][1-9１-９]|[12１２]\d|[3３][01０１])"
_ONE_TO_EIGHT, _MOBILE_HEAD = "[1-8１-８]", "[1１][3-9３-９]"
_RESIDENT = rf"{_ONE_TO_EIGHT}(?:{_GAP}\d){{16}}{_GAP}[\dXxＸｘ]"
_OLD_RESIDENT = rf"{_ONE_TO_EIGHT}\d{{7}}{_MONTH_DAY}\d{{3}}"
_ABROAD = r"[(（]?[+＋]?(?:[0０]{2})?[-－]?[8８][6６][)）]?"
_MOBILE = (
    rf"{_MOBILE_HEAD}\d{_GAP}\d{{4}}{_GAP}\d{{4}}|{_MOBILE_HEAD}\d{{3}}{_GAP}\d{{6}}"
    r"|[1１]\.[3-9]\d{1,9}[Ee]\+?10"
)
# Grouped in some other way: held to be one by the lengths of its groups.
_LOOSE = rf"[1１]{_GAP}[3-9３-９](?:{_GAP}\d){{9}}"
_MOBILE_NUMBER = rf"(?:{_ABROAD}{_GAP})?(?:{_MOBILE}|(?P<loose>{_LOOSE}))(?!\d)"
_NUMBER = rf"(?<!\d)(?:(?P<resident>{_RESIDENT}|{_OLD_RESIDENT})(?!\d)|{_MOBILE_NUMBER})"
_LABEL = (
    r"(?:(?:公民)?身份证?(?:件)?(?:号码?)?|证件号码?|手机(?:号码?)?|移动电话|联系人?电话|联系方式"
    r"|电话|微信号?|QQ号?|TEL|PHONE|MOBILE)"
)
_BARE = re.compile(_NUMBER)
_BARE_MOBILE = re.compile(rf"(?<!\d){_MOBILE_NUMBER}")
# What announces a number, right before it, and so many characters of it at most; what is left
# behind it.
_BEFORE = re.compile(rf"[（(【]?\s{{0,9}}(?:{_LABEL}\s{{0,9}}[:：]?\s{{0,9}})?\Z", re.IGNORECASE)
_WORDS = 40
_BEHIND = re.compile(r"(?:\.0+(?!\d))?\s*[）)】]?")
# As residents' numbers are grouped: by their parts, or by four.
_GROUPED = re.compile(
    rf"\d{{6}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXxＸｘ]"
    rf"|(?:\d{{4}}{_GAP}){{4}}\d[\dXxＸｘ]"
)
# An organisation's code has 18 signs.
_CODE = re.compile(r"[0-9A-Z]{1,18}")
_CODE_LENGTH = 18
_CODE_SIGNS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# Lengths of the groups of a mobile number, beside the usual 3-4-4: digit by digit, by pairs.
_DIGIT_BY_DIGIT = (1,) * 11
_BY_PAIRS = ((3, 2, 2, 2, 2), (3, 2, 2, 4), (3, 2, 3, 3), (3, 3, 3, 2), (2, 2, 2, 2, 2, 1))
# No group of the others is shorter.
_SHORTEST_GROUP = 3
_LENGTHS = {15: (6, 12), 18: (6, 14)}


def may_hold(text: str) -> bool:
    """Whether a text is worth a closer look: many a number of a certificate is, too."""
    return _BARE.search(text) is not None


def _digits(text: str) -> str:
    """The digits of a number, X among them, in ASCII."""
    kept = (character for character in text if character.isdecimal() or character in "XxＸｘ")
    return "".join(str(int(each)) if each.isdecimal() else "X" for each in kept)


def _born(digits: str) -> bool:
    """Whether a day of birth stands where a resident's number has it."""
    start, end = _LENGTHS[len(digits)]
    born = digits[start:end] if end - start == 8 else f"19{digits[start:end]}"
    try:
        return dt.date(int(born[:4]), int(born[4:6]), int(born[6:])).year >= 1900
    except ValueError:
        return False


def _is_personal(found: re.Match[str], text: str) -> bool:
    """Whether what has the form of a person's number is one, and no code of an organisation."""
    if _is_code(_token(text, *found.span())):
        return False
    number = found.groupdict().get("resident")
    if number is None:
        return found["loose"] is None or _is_grouped(found["loose"])
    digits = _digits(number)
    # In any grouping but the usual ones the check digit has to bear it out.
    return _born(digits) and (
        len(digits) == 15 or _GROUPED.fullmatch(number) is not None or _valid(digits)
    )


def _is_grouped(number: str) -> bool:
    """Whether a number is parted as mobile numbers are, with one sign between all groups.

    >>> _is_grouped("138-001-38000"), _is_grouped("1 3 8 0 0 1 3 8 0 0 0")
    (True, True)
    >>> _is_grouped("16553-2017 4.1"), _is_grouped("1499-2018-001")
    (False, False)
    """
    groups, gaps = re.findall(r"\d+", number), re.findall(r"\D+", number)
    lengths = tuple(map(len, groups))
    if len(set(gaps)) > 1:
        return False
    if lengths == _DIGIT_BY_DIGIT or lengths in _BY_PAIRS:
        return True
    # 1499-2018-001: a standard, or a document of a year.
    dated = len(groups[0]) > _SHORTEST_GROUP and _digits(groups[1])[:2] in ("19", "20")
    return min(lengths) >= _SHORTEST_GROUP and not dated


def _token(text: str, start: int, end: int) -> str:
    """What of capitals and digits a place stands in; "" where that is longer than any code."""
    least, most = max(0, end - _CODE_LENGTH - 1), min(len(text), start + _CODE_LENGTH + 1)
    first, last = start, end
    while first > least and text[first - 1] in _CODE_SIGNS:
        first -= 1
    while last < most and text[last] in _CODE_SIGNS:
        last += 1
    token = text[first:last]
    return token if _CODE.fullmatch(token) else ""


def _is_code(token: str) -> bool:
    """Whether it is an organisation's code, which may look like a resident's number."""
    return bool(uscc.is_valid(token)) and not (token.isdecimal() and ric.is_valid(token))


def _found(text: str) -> Iterator[tuple[int, int]]:
    """The places of persons' numbers in a text, with the words that announce them."""
    at = 0
    while candidate := _BARE.search(text, at):
        found = _surely(candidate, text)
        if found is None:
            at = candidate.start() + 1
            continue
        window = max(at, found.start() - _WORDS)
        before = _BEFORE.search(text[window : found.start()])
        behind = _BEHIND.match(text, found.end())
        start = window + before.start() if before else found.start()
        at = behind.end() if behind else found.end()
        yield start, at


def _valid(digits: str) -> bool:
    """Whether it is an ID number; the library raises over a place that it half knows."""
    try:
        return bool(ric.is_valid(digits))
    except KeyError:
        return False


def _surely(candidate: re.Match[str], text: str) -> re.Match[str] | None:
    """A person's number; of eighteen digits that are none it may be the first eleven."""
    if _is_personal(candidate, text):
        return candidate
    found = _BARE_MOBILE.match(text, candidate.start())
    return found if found is not None and _is_personal(found, text) else None


def scrub(text: str) -> str:
    """A text without ID and mobile numbers, and without the words that announce them."""
    if len(text) < SHORTEST or not may_hold(text):
        return text
    pieces, at = [], 0
    for start, end in _found(text):
        pieces.append(text[at:start])
        at = end
    if not pieces:
        return text
    pieces.append(text[at:])
    left = " ".join(filter(None, (piece.strip(" ,，;；、\u200b") for piece in pieces)))
    # What stood on both sides of a number may be one when they meet; every turn is shorter.
    return scrub(left) if len(left) < len(text) else left


def holds(text: str) -> bool:
    """Whether a text holds the ID or mobile number of a person.

    >>> holds("410101199001011234"), holds("91410100170001234X"), holds("211620110061")
    (True, False, False)
    """
    return len(text) >= SHORTEST and next(_found(text), None) is not None
