"""Signatories' names in one cell.

>>> [one.name for one in people("1.沈 怀瑾（质量负责人）、顾明哲*")]
['沈怀瑾', '顾明哲']
>>> people("沈怀瑾（仅限翡翠）")
[Person(name='沈怀瑾', note='仅限翡翠')]
>>> [one.name for one in people("沈怀瑾（原名：沈怀玉）")]
['沈怀瑾', '沈怀玉']
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from registry.importing.vocabulary import is_limiting, vocabulary

_NUMBERING = re.compile(r"(?:^|(?<=[\s、,;]))\(?\d{1,3}\s*[.、)]\s*")
_MARKS = re.compile(r"[\d*※]+$")
_BREAK = re.compile(r"[、,;/|]+")
_BRACKET = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_FORMER = re.compile(r"^(?:原名?|曾用名|又名)\s*[::]?\s*([\u4e00-\u9fff]{2,4})$")
_HAN = re.compile(r"[\u4e00-\u9fff·]+")


class Person(NamedTuple):
    """One person, with what a bracket behind the name limits; "" for nothing."""

    name: str
    note: str = ""


def _spaced(text: str) -> list[str]:
    """The names that spaces part; 沈 怀瑾 is one."""
    parts = text.split()
    whole = all(len(part) > 1 and _HAN.fullmatch(part) for part in parts)
    if len(parts) < 2 or not whole or (len(parts) == 2 and parts[0] in vocabulary().long_surnames):
        # Names of other scripts keep their spaces.
        return [" ".join(parts) if not _HAN.search(text) else "".join(parts)]
    return parts


def people(cell: str) -> list[Person]:
    """The persons of a cell, in order, without numbering, offices and marks."""
    text = _NUMBERING.sub("", unicodedata.normalize("NFKC", cell).strip())
    inside = [inner.strip() for inner in _BRACKET.findall(text)]
    note = "；".join(inner for inner in inside if is_limiting(inner))
    former = [match[1] for inner in inside if (match := _FORMER.match(inner))]
    bare = _BRACKET.sub("", text)
    names = [name for part in _BREAK.split(bare) for name in _spaced(_MARKS.sub("", part.strip()))]
    return [Person(name, note) for name in dict.fromkeys([*filter(None, names), *former])]
