"""Texts cut into the words of the search index: one way, whatever the database.

A text is found by any piece of it, so it is cut into all its pieces of one and two characters,
and runs of letters and digits into pieces of three too: a number is found by its middle, and a
Chinese name without knowing where its words end. The index finds texts with all pieces of what
was asked; whether they stand there in this order is looked at afterwards (`holds`). So the same
is found on every database.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from ocr.hanzi import simplify

# What one may ask at once: words, and characters of one. Nothing that is looked for is longer.
MOST_TERMS, LONGEST_TERM = 8, 40
# Pieces of a term that are looked up; more find nothing that these do not.
_MOST_PIECES = 24
_DIGEST = 12
_TRIPLE, _PAIR = 3, 2
# Whole months and years stand for their days; see `span`.
_DAY, _MONTH, _YEAR = "d", "m", "y"
_FORMS = {_DAY: "%Y%m%d", _MONTH: "%Y%m", _YEAR: "%Y"}
_EXACT = "="


@functools.lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text as it is compared: width, case, traditional forms, points and spaces do not count.

    >>> plain("ＧＤ－2026 0117"), plain("廣東省（珠寶）檢測")
    ('gd20260117', '广东省珠宝检测')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return simplify("".join(one for one in folded if one.isalnum()))


def terms(asked: str) -> list[str]:
    """What was asked, as terms that a text has to hold, all of them.

    >>> terms("石佛寺　 GD-2026 OR *")
    ['石佛寺', 'gd2026', 'or']
    """
    found = (plain(one)[:LONGEST_TERM] for one in unicodedata.normalize("NFKC", asked).split())
    return list(dict.fromkeys(one for one in found if one))[:MOST_TERMS]


@functools.lru_cache(maxsize=4096)
def pieces(text: str) -> frozenset[str]:
    """All words under which a plain text stands in the index.

    >>> sorted(pieces("a12玉"))
    ['1', '12', '2', '2玉', 'a', 'a1', 'a12', '玉']
    """
    found = set(text)
    found.update(text[at : at + _PAIR] for at in range(len(text) - 1))
    found.update(one for one in _triples(text) if one.isascii())
    return frozenset(found)


def wanted(term: str) -> list[str]:
    """Words that every text has that holds a plain term; as few as say the most.

    >>> wanted("a12玉"), wanted("玉")
    (['a12', '2玉'], ['玉'])
    """
    if len(term) < _PAIR:
        return [term]
    triples = [one if one.isascii() else "" for one in _triples(term)]
    covered = {at + step for at, one in enumerate(triples) if one for step in (0, 1)}
    pairs = [term[at : at + _PAIR] for at in range(len(term) - 1) if at not in covered]
    found = list(dict.fromkeys([*(one for one in triples if one), *pairs]))
    return found[:_MOST_PIECES]


def holds(texts: str, every: Iterable[str]) -> bool:
    """Whether texts, plain and one a line, hold all terms."""
    return all(term in texts for term in every)


def exact(text: str) -> str:
    """The word of a whole text: of what is exactly so named.

    Its own kind, as its sign is in no plain text.
    """
    return _EXACT + _digest(plain(text))


def mark(name: str, value: str) -> str:
    """The word of a property, `verdict` and `suspected` say, by which lists are narrowed."""
    return f"{name}:{_digest(value)}"


def marks(properties: Mapping[str, Iterable[str]]) -> set[str]:
    """The words of several properties, each with its values; an empty value is none."""
    return {mark(name, one) for name, values in properties.items() for one in values if one}


def of_day(day: dt.date) -> set[str]:
    """The words of a day: itself, its month and its year."""
    return {f"{name}:{day:{form}}" for name, form in _FORMS.items()}


def span(first: dt.date, last: dt.date) -> list[str]:
    """Words that the days from one to another have, and no other: some seventy, and the years.

    >>> span(dt.date(2026, 1, 30), dt.date(2026, 3, 1))
    ['d:20260130', 'd:20260131', 'm:202602', 'd:20260301']
    """
    found, day = [], first
    while day <= last:
        name, after = _DAY, day + dt.timedelta(days=1)
        for longer, end in ((_MONTH, _next_month(day)), (_YEAR, dt.date(day.year + 1, 1, 1))):
            whole = day.day == 1 and (longer == _MONTH or day.month == 1)
            if whole and end - dt.timedelta(days=1) <= last:
                name, after = longer, end
        found.append(f"{name}:{day:{_FORMS[name]}}")
        day = after
    return found


def _next_month(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _triples(text: str) -> Sequence[str]:
    return [text[at : at + _TRIPLE] for at in range(len(text) - _TRIPLE + 1)]


@functools.lru_cache(maxsize=4096)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
