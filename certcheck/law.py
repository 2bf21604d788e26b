"""Which article a finding rests on, in the edition that was in force on a day.

The table is `certcheck/data/law.toml`. Article numbers moved when regulations were revised,
so a citation is always asked for a day.

>>> cite("163.13", dt.date(2023, 3, 1)).zh
'《检验检测机构资质认定管理办法》第十三条'
>>> cite("163.34", dt.date(2019, 3, 1)).zh
'《检验检测机构资质认定管理办法》第四十一条'
>>> cite("39.13", dt.date(2019, 3, 1)) is None
True
>>> cite("39.13", dt.date(2026, 3, 1)).confirmed
False
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import importlib.resources
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

_TRUSTED = "S"
_STANDARD = "GB"


@dc.dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a text.

    Attributes:
        key: `163`.
        edition: `2021`.
        title: in Chinese, without brackets; `title_en` in English.
        title_en: in English.
        number: document number, or "".
        in_force_from: first day.
        in_force_until: last day, None while in force.
        confirmed: the wording then in force was seen.
        trust: `S`, `S-weak` or `GK`.
        source: where it was seen.
    """

    key: str
    edition: str
    title: str
    title_en: str
    number: str
    in_force_from: dt.date
    in_force_until: dt.date | None
    confirmed: bool
    trust: str
    source: str

    @property
    def zh(self) -> str:
        """The title in its brackets, a standard's number before it."""
        number = self.number if self.number.startswith(_STANDARD) else ""
        return f"{number}《{self.title}》"

    def holds(self, day: dt.date) -> bool:
        """Whether this edition was in force on the day."""
        return self.in_force_from <= day and (
            self.in_force_until is None or day <= self.in_force_until
        )


@dc.dataclass(frozen=True, slots=True)
class Citation:
    """An article in the edition of a day.

    Attributes:
        key: as rules cite it.
        edition: the text.
        article: its number there, or "" where it was not seen.
        trust: `S`, `S-weak` or `GK`, the article's own.
        source: where the article was seen.
        gist_zh: what it says, in our words.
        gist_en: the same in English.
    """

    key: str
    edition: Edition
    article: str
    trust: str
    source: str
    gist_zh: str
    gist_en: str

    @property
    def zh(self) -> str:
        """`《检验检测机构资质认定管理办法》第十三条`, `GB/T 16552-2017《珠宝玉石 名称》5.1`."""
        return f"{self.edition.zh}{self.article}"

    @property
    def en(self) -> str:
        """`Measures for the Accreditation … 《检验检测机构资质认定管理办法》第十三条`."""
        return f"{self.edition.title_en} {self.zh}"

    @property
    def confirmed(self) -> bool:
        """Whether the wording was seen; else a person compares it with the text in force."""
        return self.edition.confirmed and self.trust == _TRUSTED


@dc.dataclass(frozen=True, slots=True)
class _Article:
    text: str
    numbers: Mapping[str, str]
    trust: str
    source: str
    gist_zh: str
    gist_en: str


@functools.cache
def _table() -> tuple[Mapping[str, tuple[Edition, ...]], Mapping[str, _Article]]:
    """Editions by text key, oldest first, and articles by key."""
    path = importlib.resources.files("certcheck") / "data" / "law.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    editions: dict[str, tuple[Edition, ...]] = {}
    for row in rows["text"]:
        editions[row["key"]] = (*editions.get(row["key"], ()), _edition(row))
    articles = {
        row["key"]: _Article(
            row["text"],
            row["articles"],
            row["trust"],
            row["source"],
            row["gist_zh"],
            row["gist_en"],
        )  # fmt: skip
        for row in rows["article"]
    }
    return editions, articles


def _edition(row: Mapping[str, Any]) -> Edition:
    return Edition(
        key=row["key"],
        edition=row["edition"],
        title=row["title"],
        title_en=row["title_en"],
        number=row["number"],
        in_force_from=row["from"],
        in_force_until=row.get("until"),
        confirmed=row["confirmed"],
        trust=row["trust"],
        source=row["source"],
    )


def keys() -> frozenset[str]:
    """Every key that may be cited."""
    return frozenset(_table()[1])


def text_of(key: str) -> str:
    """The text that holds an article.

    >>> text_of("163.13")
    '163'
    """
    return _table()[1][key].text


def editions(text_key: str) -> tuple[Edition, ...]:
    """All editions of a text, oldest first."""
    return _table()[0][text_key]


def cite(key: str, day: dt.date | None) -> Citation | None:
    """The article as it stood on a day.

    Args:
        key: `163.13`.
        day: the certificate's day of issue; None for the newest edition.

    Returns:
        The citation, or None where the text was not in force on that day.

    Raises:
        KeyError: no such key.
    """
    article = _table()[1][key]
    known = editions(article.text)
    held = [known[-1]] if day is None else [one for one in known if one.holds(day)]
    if not held:
        return None
    edition = held[-1]
    return Citation(
        key=key,
        edition=edition,
        article=article.numbers.get(edition.edition, ""),
        trust=article.trust,
        source=article.source,
        gist_zh=article.gist_zh,
        gist_en=article.gist_en,
    )


def cite_all(wanted: Iterable[str], day: dt.date | None) -> tuple[Citation, ...]:
    """Those of the keys that were in force on the day, in order, each once."""
    found = (cite(key, day) for key in dict.fromkeys(wanted))
    return tuple(citation for citation in found if citation is not None)
