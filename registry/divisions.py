"""Administrative divisions (GB/T 2260) by name and code, those of the past included.

`data/divisions.csv` holds names as listed about 2021 and, with the year that listed them
last, those withdrawn since 2002. A code of six digits is province, city and county, two each.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping

from registry import tables

_SUFFIXES = (
    "自治县",
    "自治州",
    "自治旗",
    "地区",
    "林区",
    "特区",
    "省",
    "市",
    "县",
    "区",
    "盟",
    "旗",
)
_MIN_SHORT = 2
# Right behind these a short name was not the whole name: 镇平镇, 朝阳路.
_GOES_ON = "镇乡街路村大东西南北中市县区州盟"


def short(name: str) -> str:
    """A division's name without what it is, where two characters are left.

    >>> short("镇平县"), short("郊区"), short("红河哈尼族彝族自治州")
    ('镇平', '郊区', '红河哈尼族彝族')
    """
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= _MIN_SHORT:
            return name.removesuffix(suffix)
    return name


@functools.cache
def _codes() -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]], frozenset[str]]:
    """Codes by name, codes by short name, and the names that only the past has."""
    full: dict[str, set[str]] = defaultdict(set)
    brief: dict[str, set[str]] = defaultdict(set)
    current: set[str] = set()
    past: set[str] = set()
    for row in tables.rows("divisions"):
        full[row["name"]].add(row["code"])
        brief[short(row["name"])].add(row["code"])
        (past if row["last_listed"] else current).add(row["name"])
    return (
        {name: frozenset(codes) for name, codes in full.items()},
        {name: frozenset(codes) for name, codes in brief.items()},
        frozenset(past - current),
    )


def renamed(one: str, other: str) -> bool:
    """Whether two names are, or were, of one division.

    >>> renamed("襄樊市", "襄阳市"), renamed("弥勒县", "弥勒市"), renamed("镇平县", "内乡县")
    (True, True, False)
    """
    full, _, past = _codes()
    if full.get(one, frozenset()) & full.get(other, frozenset()):
        return True
    return short(one) == short(other) and bool({one, other} & past)


def _starting(text: str, within: str, *, city: bool) -> tuple[str, str] | None:
    """The longest short name of a city or county that a text starts with, and its code."""
    _, brief, _ = _codes()
    for length in range(min(len(text), 8), _MIN_SHORT - 1, -1):
        codes = [
            code
            for code in brief.get(text[:length], ())
            if code.startswith(within) and not code.endswith("0000") and code.endswith("00") is city
        ]
        if len(codes) == 1:
            return text[:length], codes[0]
    return None


def _full(code: str) -> str:
    full, _, past = _codes()
    return next(name for name, codes in full.items() if code in codes and name not in past)


def spelt_out(text: str, province: str) -> str:
    """A text that starts with city and county without 市 and 县, with them.

    A short name counts only inside the province, and a county's only behind its city's, or
    where no suffix of a town or road follows it: anything else may be a name of its own.

    >>> spelt_out("南阳镇平石佛寺镇玉都大道88号", "河南")
    '南阳市镇平县石佛寺镇玉都大道88号'
    >>> spelt_out("南阳路88号", "河南")
    '南阳路88号'
    """
    _, brief, _ = _codes()
    home = next((code[:2] for code in brief.get(province, ()) if code.endswith("0000")), "")
    if not home:
        return text
    city = _starting(text, home, city=True)
    if city is None:
        return text
    rest = text[len(city[0]) :]
    county = _starting(rest, city[1][:4], city=False)
    if county:
        whole = _full(county[1])
        after = rest[len(county[0]) :].removeprefix(whole.removeprefix(county[0]))
        return _full(city[1]) + whole + after
    if rest and rest[0] not in _GOES_ON:
        return _full(city[1]) + rest
    return text
