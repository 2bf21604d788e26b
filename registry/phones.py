"""Telephone numbers of bodies: landlines and 400 or 800 numbers, never a person's mobile.

>>> found("0377-65900000/65900001，400-820-8820；张工 13800138000")
['0377-65900000', '65900001', '400-820-8820']
>>> key("(0377) 65900000转801"), key("+86-377-65900000")
('37765900000', '37765900000')
>>> validate("１３８００１３８０００") is None
True
"""

from __future__ import annotations

import re
import unicodedata

from registry.importing.personal import scrub
from registry.names import phone_key

# Area codes have three or four digits with their 0, numbers behind them seven or eight;
# 400 and 800 numbers ten digits in all (numbering plan of China's fixed network).
_EXTENSION = r"(?:(?:转|分机|-|EXT\.?)\d{1,6})"
_AREA = r"(?:\+?86-?\(?0?\d{2,3}\)?-?|\(\+?86\)-?0?\d{2,3}-?|\(0\d{2,3}\)-?|0\d{2,3}-?)"
_NUMBER = re.compile(rf"(?<!\d)(?:[48]00(?:-?\d){{7}}|{_AREA}?[2-9]\d{{6,7}}{_EXTENSION}?)(?!\d)")
_EXTENDED = re.compile(rf"(?<=\d{{7}}){_EXTENSION}$")
_SERVICE = ("400", "800")
# What is meant by any of these is a hyphen.
_HYPHENS = re.compile(r"\s*[-‐‑‒–—―−]+\s*")


def _plain(text: str) -> str:
    """A text with its width, hyphens and spaces made alike."""
    folded = unicodedata.normalize("NFKC", text).upper()
    closed = re.sub(r"(?<=\))\s+(?=\d)|(?<=\d)\s+(?=转|分机|EXT)", "", _HYPHENS.sub("-", folded))
    return re.sub(r"(?<!\d)(0\d{2,3})\s+(?=[2-9]\d{6})", r"\1-", closed)


def found(text: str) -> list[str]:
    """Every number of a body in a text, each once, in order."""
    return list(dict.fromkeys(_NUMBER.findall(_plain(scrub(text)))))


def validate(text: str) -> str | None:
    """A number as it is kept, None for what is no number of a body."""
    plain = _plain(text.strip())
    return plain if scrub(text) == text and _NUMBER.fullmatch(plain) else None


def key(text: str) -> str:
    """A number as it is compared: see `phone_key`, without an extension."""
    plain = _plain(text)
    return phone_key(plain if plain.startswith(_SERVICE) else _EXTENDED.sub("", plain))
