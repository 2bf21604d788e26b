"""Names of precious metals and what they promise, `certcheck/data/metals.toml`.

>>> promised("18K金镶翡翠戒指").least, promised("足金手镯").least, promised("翡翠手镯")
(750, 990, None)
>>> promised("银S925翡翠耳饰").least, abolished("千足金项链", dt.date(2016, 5, 4))
(925, '千足金')
>>> abolished("千足金项链", dt.date(2016, 5, 3)) is None
True
>>> measured("金含量748‰", "金"), measured("Au:74.9%", "金"), measured("18K金", "金")
(Decimal('748'), Decimal('749.0'), None)
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from certcheck.numbers import cleaning


@dc.dataclass(frozen=True, slots=True)
class Promise:
    """What a name says that the metal holds at least.

    Attributes:
        words: as printed.
        metal: 金, 铂, 钯 or 银.
        least: ‰.
    """

    words: str
    metal: str
    least: int


@functools.cache
def _table() -> Mapping[str, Any]:
    path = importlib.resources.files("certcheck") / "data" / "metals.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def source() -> str:
    """What the figures rest on."""
    return str(_table()["source"])


def abolished(text: str, day: dt.date) -> str | None:
    """A name in the text that was not to be used any more on the day."""
    row = _table()["abolished"]
    plain = cleaning.plain(text)
    return next((word for word in row["words"] if word in plain and day >= row["since"]), None)


def promised(text: str) -> Promise | None:
    """The fineness a text promises; None where it names none, or several of one metal."""
    plain = cleaning.plain(text)
    found = {
        (row["metal"], row["least"]): row["pattern"]
        for row in _table()["fineness"]
        # 18K金 holds 8K金 no more than 千足金 holds anything but 足金.
        if re.search(rf"(?<![\dK]){row['pattern']}", plain, re.IGNORECASE)
    }
    for mark in _MARK.finditer(plain):
        metal = next(v for k, v in _table()["marks"].items() if k.upper() == mark["mark"].upper())
        found.setdefault((metal, int(mark["figure"])), mark[0])
    if len(found) != 1:
        return None
    (metal, least), words = next(iter(found.items()))
    return Promise(words, metal, least)


# Au750, Pt 950, S925; a letter or digit beside it makes it part of another word.
_MARK = re.compile(r"(?<![A-Za-z\d])(?P<mark>Au|Pt|Pd|Ag|S|G)\s?(?P<figure>\d{3})(?![\d.])", re.I)
_CONTENT = (
    r"(?:{names})(?:的)?(?:含量|质量分数)?[:：为≥]?\s?"
    r"(?P<figure>\d{{2,4}}(?:\.\d+)?)\s?(?P<unit>%|‰|o/oo)"
)
_NAMES = {"金": "金|Au", "铂": "铂|Pt", "钯": "钯|Pd", "银": "银|Ag"}
_WHOLE = Decimal(1000)


def measured(text: str, metal: str) -> Decimal | None:
    """The content of a metal as measured, in ‰; None where the text gives none.

    Args:
        text: of the metal field.
        metal: 金, 铂, 钯 or 银.
    """
    found = re.search(_CONTENT.format(names=_NAMES[metal]), cleaning.plain(text), re.IGNORECASE)
    if found is None:
        return None
    value = Decimal(found["figure"]) * (10 if found["unit"] == "%" else 1)
    return value if value <= _WHOLE else None
