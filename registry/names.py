"""Names and numbers made comparable, and how far apart two names are.

Two things must not be confused. A recogniser mistakes 豫 for 像 and loses the 司 at the
edge of the paper; that is a slip. A forger writes 中心 for 站 or puts 国家 before a name
that is not his; that is another name. So only the pairs in `data/confusables.csv` and a
company form cut off at the end are slips here. Every other difference is a different name,
however small, and whether the print really shows it is a question to the picture.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from registry import tables

# How much of a whole differing character a confusable one counts.
SLIP_COST = 0.35
# A company form that the edge of the paper cut off; less than one character, for nothing
# that is there contradicts the name.
TAIL_COST = 0.5
# More slips than this in one name are no longer likely as slips: one in four characters.
MAX_SLIPS = 3
MIN_CHARACTERS_PER_SLIP = 4
# What is left of a cut-off name must still tell something.
MIN_STEM = 6

# Two forms of CMA numbers are in use: 12 digits, authority 00 to 31 in the third and fourth;
# and before August 2015 four digits of the year, two of the authority, four and a letter.
CMA_NUMBER = re.compile(r"\d{2}(?:[0-2]\d|3[01])\d{8}|(?:19|20)\d{2}(?:[0-2]\d|3[01])\d{4}[A-Z]")

# Stands between keys, and hardly in one.
_APART = "\n"

# Digits of a number with its area code, without country and trunk prefix, at most.
_PHONE_DIGITS = 11

# Company forms, longest first (公司法 art. 7 asks for one of them in a company's name).
_COMPANY_FORMS = ("股份有限公司", "有限责任公司", "有限公司")


@functools.cache
def _confusable_fold() -> dict[int, str]:
    """Maps each confusable character to the first one of its group, but for that one."""
    return {
        ord(character): row["characters"][0]
        for row in tables.rows("confusables")
        for character in row["characters"][1:]
    }


def name_key(text: str) -> str:
    """A name without what print varies: width, spaces, brackets, points, case.

    >>> name_key("示例宛玉（河南） 珠宝检测中心")
    '示例宛玉河南珠宝检测中心'
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in folded if character.isalnum())


@functools.lru_cache(maxsize=10_000)
def fold(text: str) -> str:
    """A text with each confusable character replaced by one of its group."""
    return text.translate(_confusable_fold())


def folded(keys: Sequence[str]) -> list[str]:
    """Many keys as `fold` does, each seldom asked for again.

    >>> folded(["示例豫玉检测中心", "L0290"]) == [fold("示例豫玉检测中心"), fold("L0290")]
    True
    """
    text = _APART.join(keys)
    if text.count(_APART) >= len(keys):
        return [fold(key) for key in keys]
    # A tenth of the time that `fold` takes for each: the characters are few, the keys many.
    for character, first in _confusable_fold().items():
        text = text.replace(chr(character), first)
    return text.split(_APART)


def number_key(text: str) -> str:
    """An accreditation number without what print and recognisers vary.

    Spaces, hyphens and a leading `CMA` or `CNAS` go; letters that look like digits become
    digits among digits. The L before a CNAS number stays.

    >>> number_key("CNAS L O290"), number_key("2116 0106 O417")
    ('L0290', '211601060417')
    """
    key = name_key(text)
    for mark in ("CNAS", "CMA", "CAL"):
        key = key.removeprefix(mark)
    # OQ, I and S have no place in either kind of number; L only stands first.
    head, tail = key[:1], key[1:]
    return (head + tail.replace("L", "1")).translate(str.maketrans("OQIS", "0015"))


def phone_key(text: str) -> str:
    """A telephone number's digits, without the country and the trunk prefix.

    >>> phone_key("电话：(0377) 6590-1234"), phone_key("+86 377 65901234")
    ('37765901234', '37765901234')
    """
    digits = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdecimal())
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) > _PHONE_DIGITS:
            digits = digits.removeprefix(prefix)
    return digits.removeprefix("0")


def cut_off(read: str, registered: str) -> int:
    """How many characters of the registered name's company form were not read; 0 for none.

    >>> cut_off("示例宛玉珠宝检测有限", "示例宛玉珠宝检测有限公司")
    2
    """
    form = next((form for form in _COMPANY_FORMS if registered.endswith(form)), "")
    missing = len(registered) - len(read)
    if form and 0 < missing <= len(form) and len(read) >= MIN_STEM:
        return missing
    return 0


@dc.dataclass(frozen=True, slots=True, order=True)
class Distance:
    """How far a read name is from a registered one.

    Attributes:
        cost: whole characters; slips and a cut-off tail count less.
        characters: characters that differ and are no slip.
        slips: confusable characters.
        cut_off: whether the company form was taken as cut off.
    """

    cost: float
    characters: int
    slips: int
    cut_off: bool = False

    def is_slip(self, length: int) -> bool:
        """Whether a recogniser's slips alone explain it, for a name of so many characters."""
        most = min(MAX_SLIPS, length // MIN_CHARACTERS_PER_SLIP)
        return self.characters == 0 and self.slips <= most


def _plain(read: str, registered: str) -> Distance:
    characters = Levenshtein.distance(fold(read), fold(registered))
    slips = max(0, Levenshtein.distance(read, registered) - characters)
    return Distance(characters + SLIP_COST * slips, characters, slips)


def distance(read: str, registered: str) -> Distance:
    """Compares two keys of `name_key`, the second one as registered.

    >>> distance("示例像玉检测中心", "示例豫玉检测中心")
    Distance(cost=0.35, characters=0, slips=1, cut_off=False)
    >>> distance("示例宛玉检测有限", "示例宛玉检测有限公司").cut_off
    True
    """
    best = _plain(read, registered)
    if missing := cut_off(read, registered):
        whole = _plain(read + registered[-missing:], registered)
        cut = Distance(whole.cost + TAIL_COST, whole.characters, whole.slips, cut_off=True)
        best = min(best, cut)
    return best


def similarity(read: str, registered: str) -> float:
    """1 for equal keys, 0 for nothing in common."""
    longest = max(len(read), len(registered))
    return 1.0 - min(1.0, distance(read, registered).cost / longest) if longest else 0.0
