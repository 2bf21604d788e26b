"""The standards that a cell of an annex quotes, in all the short forms that people write.

>>> quoted("GB/T 16552-2017、16553-2017").pieces
(('GB/T 16552-2017', ''), ('GB/T 16553-2017', ''))
>>> quoted("GB/T 16552～16554-2017").left
'16552~16554-2017'
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from registry import standards
from registry.importing.cells import plain
from registry.importing.vocabulary import is_limiting

_DASHES = re.compile(r"[‐‑‒–—―−-]+")
# Strokes that people put between number and year; a Chinese one, a wave, a space.
_TO_YEAR = re.compile(r"(?<=\d)\s*[-一~]\s*(?=(?:19|20)\d\d(?!\d|\.\d))")
# DB 65/T 3442, GB / T 16553, GB /T16553.
_SPACED_DB = re.compile(r"\bDB\s+(?=\d{2,6}\s*(?:/|T\b|\s\d))")
_SPACED_SLASH = re.compile(r"(?<=[A-Z0-9])\s*/\s*(?=[TZ](?![A-Z]))")
_YEAR = r"(?:-\s?|:|\s?\(|\s)(?P<year>(?:19|20)\d\d|(?<=-)[5-9]\d)(?!\d|\.\d)\)?"
_NUMBER = r"\d{1,6}(?:\.\d+)*(?:-\d{3,5}(?=-))?"
# A standard's code wherever it stands: GB/T 16553-2017, DB41/T 1234-2019, T/CAQI 12-2020.
_CODE = re.compile(
    r"(?<![A-Z0-9])(?P<prefix>T/[A-Z]{2,8}|ISO(?:/IEC)?|(?:DB\d{2,6}|[A-Z]{2,5})(?:/[TZ])?"
    rf"|Q/[A-Z0-9]{{2,10}})\s?(?P<number>{_NUMBER})(?:{_YEAR})?(?!\d|\.\d|-\d)(?:/XG\d{{1,2}}(?:-\d{{4}})?)?"
)
# `、16553-2017`, `/T 16554-2018`: the same prefix; `、2017`: another edition.
_GAP = r"\s*(?:[、,;/&]|和|及|与|以及|\s)\s*"
_FOLLOWER = re.compile(
    rf"{_GAP}(?:/?\s?(?P<kind>[TZ])\s*)?(?P<number>\d{{4,6}}(?:\.\d+)*)(?:{_YEAR})?(?!\d|\.\d|-\d)"
)
_EDITION = re.compile(rf"(?:{_GAP}|\s*\()-?(?P<year>(?:19|20)\d\d)(?!\d|\.\d|年|-\d)\)?")
_IS_YEAR = re.compile(r"(?:19|20)\d\d")
# A part of a standard: the row is for that alone, which the contract says as a limitation.
_AROUND = " ,;，；、。()（）[]【】"
_CLAUSE = re.compile(
    r"第?\s?\d+(?:\.\d+)+\s?条?|第\s?[\d一二三四五六七八九十]+\s?[条款章法篇]|第[一二三四五六七八九十]+部分\s?\d+(?:\.\d+)*"
    r"|附录\s?[A-Z]|方法\s?[A-Z一二三四五六](?![A-Za-z])|\d+\s?[条款]"
)
# What may be a code that was not understood: a long number, or a prefix without one.
_LOST = re.compile(r"(?<!\d)\d{4,6}(?![\d年])|(?<![A-Z])(?:GB|DB|SN|QB|DZ|ISO)(?:/?[TZ])?(?![A-Z])")
# `GB/T 16552 至 GB/T 16554`: those between are meant, too.
_RANGE = re.compile(r"^\s*[~至到]")
_DATE = re.compile(r"(?:19|20)\d\d[-./]\d{1,2}(?:[-./]\d{1,2})?|(?:19|20)\d\d年")


class Quoted(NamedTuple):
    """What a cell quotes.

    Attributes:
        pieces: (standard, clause) of each.
        left: the rest, where it may hold a standard that was not understood; else "".
    """

    pieces: tuple[tuple[str, str], ...]
    left: str


class _Found(NamedTuple):
    start: int
    end: int
    prefix: str
    number: str
    year: str

    @property
    def code(self) -> str:
        mark = ":" if self.prefix.startswith("ISO") else "-"
        written = f"{self.prefix} {self.number}" + (f"{mark}{self.year}" if self.year else "")
        known = standards.reference(written)
        return known.edition if known else written


def _half(text: str) -> str:
    half = _DASHES.sub("-", unicodedata.normalize("NFKC", plain(text)))
    half = _SPACED_SLASH.sub("/", _SPACED_DB.sub("DB", half))
    return _TO_YEAR.sub("-", half)


def _next(text: str, before: _Found) -> _Found | None:
    """What stands behind a code without a prefix of its own."""
    at = before.end
    edition = _EDITION.match(text, at)
    if edition:
        return before._replace(start=at, end=edition.end(), year=edition["year"])
    match = _FOLLOWER.match(text, at)
    if match is None or (_IS_YEAR.fullmatch(match["number"]) and not match["year"]):
        return None
    prefix = before.prefix
    if match["kind"]:
        prefix = f"{prefix.partition('/')[0]}/{match['kind']}"
    return _Found(at, match.end(), prefix, match["number"], match["year"] or "")


def _found(text: str) -> list[_Found]:
    found: list[_Found] = []
    at = 0
    while match := _CODE.search(text, at):
        prefix = " ".join(match["prefix"].split())
        one: _Found | None = _Found(
            match.start(), match.end(), prefix, match["number"], match["year"] or ""
        )
        while one is not None:
            found.append(one)
            at = one.end
            one = _next(text, one)
    return found


def quoted(text: str) -> Quoted:
    """The standards that a cell quotes, each with the clause behind it.

    >>> quoted("《珠宝玉石 鉴定》GB/T16553—2017；GB 11887-2012 4.2条").pieces
    (('GB/T 16553-2017', ''), ('GB 11887-2012', '4.2条'))
    """
    half = _half(text)
    found = _found(half)
    if not found:
        found = _found(half := half.upper())
    if not found:
        return Quoted((), "")
    pieces, rest = [], [half[: found[0].start]]
    for one, after in zip(found, [*found[1:], None], strict=True):
        behind = half[one.end : after.start if after else len(half)]
        clauses = "、".join(each.strip() for each in _CLAUSE.findall(behind))
        # 不做B货, 除4.1.5条外: shortened to its clause a limit would say the opposite.
        limits = is_limiting(behind)
        pieces.append((one.code, behind.strip(_AROUND) if limits else clauses))
        if limits:
            rest.append("")
        elif _RANGE.match(behind):  # shown from its first number to its last
            rest.append(one.number + behind.strip() + (after.number if after else ""))
        else:
            rest.append(_CLAUSE.sub("", behind))
    left = [each.strip() for each in rest if _LOST.search(_DATE.sub("", each))]
    return Quoted(tuple(dict.fromkeys(pieces)), " ".join(left))
