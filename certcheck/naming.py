"""Names that a conclusion should not bear, by GB/T 16552 and, for quartzose jade, GB/T 34098.

The words stand in `certcheck/data/naming.toml`, each kind with what backs it.

>>> [(flaw.kind, flaw.words) for flaw in flaws("缅甸翡翠手镯", dt.date(2023, 3, 21))]
[('origin', '缅甸翡翠')]
>>> [flaw.kind for flaw in flaws("天然翡翠(A货)", dt.date(2023, 3, 21))]
['trade', 'natural']
>>> flaws("和田玉(青玉)手镯", dt.date(2023, 3, 21)), flaws("天然玻璃", dt.date(2023, 3, 21))
([], [])
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from certcheck import gems, treatments
from certcheck.numbers import cleaning

_BRACKETED = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
# In the order in which they are told.
KINDS = ("origin", "trade", "forbidden", "quartz", "alone", "natural", "made", "assembled")


@dc.dataclass(frozen=True, slots=True)
class Flaw:
    """One thing in a name that the standard does not want there.

    Attributes:
        kind: one of `KINDS`.
        words: as printed.
        trust: `S` or `GK`, of the rule it rests on.
    """

    kind: str
    words: str
    trust: str


@functools.cache
def _table() -> Mapping[str, Any]:
    path = importlib.resources.files("certcheck") / "data" / "naming.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@functools.cache
def _origins() -> re.Pattern[str]:
    """A place, then a name of the taxonomy, at once or behind words of the trade."""
    table = _table()
    places = "|".join(_longest_first(table["origin"]["places"]))
    trade = [word for row in table["word"] if row["kind"] == "trade" for word in row["words"]]
    # A class is no name: 河南玉器 is a kind of trade, told by `alone` if by anything.
    names = "|".join(_longest_first(word for word in gems.words() if gems.find(word)))
    between = "|".join(_longest_first(trade))
    return re.compile(f"(?P<words>(?:{places})产?(?:{between})*(?:{names}))")


def _longest_first(words: Any) -> list[str]:  # noqa: ANN401 - of TOML
    return [re.escape(word) for word in sorted(words, key=len, reverse=True)]


def flaws(conclusion: str, day: dt.date) -> list[Flaw]:
    """What is wrong with a conclusion as a name.

    Args:
        conclusion: as printed.
        day: of issue; a rule that came later is not held against it.

    Returns:
        Each flaw once, in the order of `KINDS`.
    """
    plain = cleaning.plain(conclusion)
    base = _BRACKETED.sub("", plain).strip()
    found = {flaw.kind: flaw for flaw in _flaws(plain, base, day)}
    return [found[kind] for kind in KINDS if kind in found]


def _flaws(plain: str, base: str, day: dt.date) -> Iterator[Flaw]:
    table = _table()
    for row in table["word"]:
        for word in sorted(row["words"], key=len):
            if word in (base if row["kind"] == "origin" else plain):
                yield Flaw(row["kind"], word, row["trust"])
    origin = _origins().search(base)
    if origin and gems.name_of(origin["words"]) is None:
        yield Flaw("origin", origin["words"], table["origin"]["trust"])
    quartz = table["quartz"]
    if day >= quartz["since"]:
        yield from (
            Flaw("quartz", word, quartz["trust"])
            for word in quartz["words"]
            if _stands_alone(word, base)
        )
    bare = functools.reduce(lambda text, word: text.replace(word, ""), _articles(), base)
    if bare in table["alone"]["words"]:
        yield Flaw("alone", bare, table["alone"]["trust"])
    yield from _forms(base)


def _stands_alone(word: str, base: str) -> bool:
    """Whether a trade name is the whole name, no base name before or behind it."""
    return word in base and gems.find(base.replace(word, " ")) is None


def _articles() -> list[str]:
    return sorted(_table()["article"]["words"], key=len, reverse=True)


def _forms(base: str) -> Iterator[Flaw]:
    """How a natural, a made and an assembled stone are written."""
    table = _table()
    natural, made, assembled = table["natural"], table["made"], table["assembled"]
    kept = functools.reduce(lambda text, word: text.replace(word, ""), natural["kept"], base)
    if natural["word"] in kept:
        yield Flaw("natural", natural["word"], natural["trust"])
    for name in made["never_before"]:
        if made["word"] + name in base:
            yield Flaw("made", made["word"] + name, made["trust"])
    if assembled["form"] not in base:
        for word in assembled["words"]:
            if word in base:
                yield Flaw("assembled", word, assembled["trust"])


def untold_treatment(conclusion: str, *elsewhere: str) -> str | None:
    """A treatment that other fields tell and the name does not.

    GB/T 16552-2017 5.4: 处理 stands in the name, 优化 need not.

    >>> untold_treatment("翡翠手镯", "充填处理")
    '充填'
    >>> untold_treatment("翡翠(处理)手镯", "充填"), untold_treatment("红宝石", "热处理")
    (None, None)
    >>> untold_treatment("翡翠手镯", "未见充填、染色") is None
    True
    """
    named = gems.parse(conclusion).species
    if len(named) != 1 or named[0].treated:
        return None
    line = {named[0].name, *named[0].parents}
    for text in elsewhere:
        for clause in re.split(r"[，,。;；]", cleaning.plain(text)):
            if _DENIED.search(clause):
                continue
            for word in treatments.named_in(clause):
                # 处理 alone may be said of anything, a dispute too.
                if treatments.say([word], line)["treatments"]:
                    return word
    return None


# 未见充填, 无染色, 不排除 … tell of no treatment that was found.
_DENIED = re.compile(r"[未无非没不]|天然|可能|仿")


def told_treatment(conclusion: str) -> bool:
    """Whether the name says that the stone was treated.

    >>> told_treatment("翡翠(充填)手镯"), told_treatment("翡翠手镯")
    (True, False)
    """
    return any(one.treated and not one.enhanced for one in gems.parse(conclusion).species)
