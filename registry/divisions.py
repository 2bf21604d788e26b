"""Administrative divisions (GB/T 2260) by name and code, those of the past included.

`data/divisions.csv` holds names as listed about 2021 and, with the year that listed them
last, those withdrawn since 2002. A code of six digits is province, city and county, two each.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

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
# The longest name: 双江拉祜族佤族布朗族傣族自治县.
_LONGEST = 15
# Right behind a name these make it a part of another: 市场, 郊区路, 县道.
_OF_ANOTHER = re.compile(r"[道路街巷场村镇乡]|区[^\d]{0,3}路")
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


class _Table(NamedTuple):
    """The divisions by what they may be called.

    Attributes:
        full: codes by name.
        brief: codes by short name.
        spelt: name and code by every spelling that ends as a name does (德宏州, 岫岩县).
        past: the names that only the past has.
        names: today's name by code, or the last one.
    """

    full: Mapping[str, frozenset[str]]
    brief: Mapping[str, frozenset[str]]
    spelt: Mapping[str, tuple[tuple[str, str], ...]]
    past: frozenset[str]
    names: Mapping[str, str]


@functools.cache
def _peoples() -> re.Pattern[str]:
    """What a name has of peoples: 傣族景颇族 before 自治州, 满族 before 自治县.

    The 族 of one that is longer than a character may be left out (伊犁哈萨克自治州).
    """
    names = [row["name"] for row in tables.rows("peoples")]
    stems = [name.removesuffix("族") for name in names]
    one = "|".join(stem + ("族" if len(stem) == 1 else "族?") for stem in stems)
    return re.compile(f"^(.{{2,}}?)(?:{one}|各族)+自治([州县旗])$")


@functools.cache
def plain(name: str) -> str:
    """A name without its peoples, as it is spoken.

    >>> plain("德宏傣族景颇族自治州"), plain("岫岩满族自治县"), plain("东乡族自治县")
    ('德宏州', '岫岩县', '东乡族自治县')
    """
    match = _peoples().match(name)
    return "".join(match.groups()) if match else name


@functools.cache
def _codes() -> _Table:
    full: dict[str, set[str]] = defaultdict(set)
    brief: dict[str, set[str]] = defaultdict(set)
    spelt: dict[str, set[tuple[str, str]]] = defaultdict(set)
    names: dict[str, str] = {}
    current: set[str] = set()
    past: set[str] = set()
    for row in tables.rows("divisions"):
        name, code = row["name"], row["code"]
        full[name].add(code)
        for spelling in {name, plain(name)}:
            brief[short(spelling) if spelling == name else spelling[:-1]].add(code)
            if not code.endswith("0000"):
                spelt[spelling].add((name, code))
        (past if row["last_listed"] else current).add(name)
        if not row["last_listed"] or code not in names:
            names[code] = name
    return _Table(
        {name: frozenset(codes) for name, codes in full.items()},
        {name: frozenset(codes) for name, codes in brief.items()},
        {spelling: tuple(sorted(found)) for spelling, found in spelt.items()},
        frozenset(past - current),
        names,
    )


def renamed(one: str, other: str) -> bool:
    """Whether two names are, or were, of one division.

    >>> renamed("襄樊市", "襄阳市"), renamed("弥勒县", "弥勒市"), renamed("镇平县", "内乡县")
    (True, True, False)
    >>> renamed("岫岩县", "岫岩满族自治县")
    True
    """
    table = _codes()
    if table.full.get(one, frozenset()) & table.full.get(other, frozenset()):
        return True
    return plain(one) == plain(other) or (
        short(one) == short(other) and bool({one, other} & table.past)
    )


def listed(name: str) -> bool:
    """Whether the state lists a division of this name today, as it does no 高新区.

    >>> listed("金水区"), listed("郑东新区"), listed("南汇区")
    (True, False, False)
    """
    table = _codes()
    return name in table.spelt and name not in table.past


class Place(NamedTuple):
    """City and county at the start of a text, by their names of the table, and the rest."""

    city: str | None
    county: str | None
    rest: str


@functools.cache
def _home(province: str) -> str:
    """The first two digits of a province's codes; "" for none."""
    codes = _codes().brief.get(province, ())
    return next((code[:2] for code in codes if code.endswith("0000")), "")


def _named(text: str, within: str, *, city: bool) -> tuple[str, str, str] | None:
    """The longest city or county that a text starts with, by its name of the table.

    Returns:
        Its name, its code where only one has it (else `within`), and what is left.
    """
    spelt = _codes().spelt
    for length in range(min(len(text), _LONGEST), _MIN_SHORT - 1, -1):
        pairs = spelt.get(text[:length])
        if pairs is None:
            continue
        found = [
            (name, code)
            for name, code in pairs
            if code.startswith(within) and code.endswith("00") is city
        ]
        of_another = _OF_ANOTHER.match(text, length)
        if not found or (of_another and not (city and _county_follows(text[length:], found))):
            continue
        own = [pair for pair in found if pair[0] == text[:length]]
        names = {name for name, _ in own or found}
        # Two of one spoken name: as it is written.
        name = names.pop() if len(names) == 1 else text[:length]
        code = found[0][1] if len(found) == 1 else within
        return name, code, text[length:]
    return None


def _county_follows(rest: str, cities: list[tuple[str, str]]) -> bool:
    """Whether a county of one of some cities stands behind its name: 安顺市 before 镇宁县."""
    spelt = _codes().spelt
    homes = {code[:4] for _, code in cities}
    return any(
        code[:4] in homes and not code.endswith("00")
        for length in range(_MIN_SHORT + 1, min(len(rest), _LONGEST) + 1)
        for _, code in spelt.get(rest[:length], ())
    )


def take(text: str, province: str) -> Place:
    """Takes city and county off a text, where they are written as the table has them.

    A name that was a city's and is a county's now (巢湖市) is a city's only with a county of
    that city behind it.

    >>> take("德宏傣族景颇族自治州瑞丽市姐告大道8号", "云南")
    Place(city='德宏傣族景颇族自治州', county='瑞丽市', rest='姐告大道8号')
    >>> take("瑞丽市姐告大道8号", "云南").county, take("德宏州瑞丽市", "云南").city
    ('瑞丽市', '德宏傣族景颇族自治州')
    """
    home = _home(province)
    city = _named(text, home, city=True)
    county = _named(city[2], city[1][:4], city=False) if city else None
    if county is None and (city is None or city[0] in _past_cities()):
        alone = _named(text, home, city=False)
        if alone:
            return Place(None, alone[0], alone[2])
    if city is None:
        return Place(None, None, text)
    # A county that was given to another city is behind its old one still.
    county = county or _named(city[2], home or city[1][:2], city=False)
    return Place(city[0], county[0] if county else None, county[2] if county else city[2])


@functools.cache
def _past_cities() -> frozenset[str]:
    """Names of cities that no city has today."""
    cities = {
        (row["name"], bool(row["last_listed"]))
        for row in tables.rows("divisions")
        if row["code"].endswith("00")
    }
    return frozenset(name for name, past in cities if past and (name, False) not in cities)


def _starting(text: str, within: str, *, city: bool) -> tuple[str, str] | None:
    """The longest short name of a city or county that a text starts with, and its code."""
    brief = _codes().brief
    for length in range(min(len(text), 8), _MIN_SHORT - 1, -1):
        codes = [
            code
            for code in brief.get(text[:length], ())
            if code.startswith(within) and not code.endswith("0000") and code.endswith("00") is city
        ]
        if len(codes) == 1:
            return text[:length], codes[0]
    return None


def _behind(text: str, name: str, code: str) -> str:
    """What is left of a text behind a short name, or behind the whole one, as it is spoken too."""
    whole = _codes().names[code]
    for spelling in (whole, plain(whole)):
        if spelling.startswith(name) and text.startswith(spelling):
            return text.removeprefix(spelling)
    return text.removeprefix(name)


def spelt_out(text: str, province: str) -> str:
    """A text that starts with city and county without 市 and 县, with them.

    A short name counts only inside the province, and a county's only behind its city's, or
    where no suffix of a town or road follows it: anything else may be a name of its own.

    >>> spelt_out("南阳镇平石佛寺镇玉都大道88号", "河南")
    '南阳市镇平县石佛寺镇玉都大道88号'
    >>> spelt_out("南阳路88号", "河南")
    '南阳路88号'
    """
    home = _home(province)
    city = _starting(text, home, city=True) if home else None
    if city is None:
        return text
    names = _codes().names
    rest = _behind(text, *city)
    county = _starting(rest, city[1][:4], city=False)
    if county:
        return names[city[1]] + names[county[1]] + _behind(rest, *county)
    if rest and rest[0] not in _GOES_ON:
        return names[city[1]] + rest
    return text
