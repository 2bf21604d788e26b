"""Several addresses in one cell, as lists of institutions and filings write them.

>>> [site.address for site in split("南阳市示玉路8号；镇平县范样街29号")]
['南阳市示玉路8号', '镇平县范样街29号']
>>> [(site.label, site.address) for site in split("注册地址：示玉路8号 检测地址：范样街29号2楼")]
[('注册地址', '示玉路8号'), ('检测地址', '范样街29号2楼')]
>>> [site.address for site in split("镇平县示玉路8号、10号，3号楼2层")]
['镇平县示玉路8号、10号，3号楼2层']
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from registry import addresses

_LABEL = re.compile(
    r"(?P<label>主场所|分场所|(?:注册|营业执照|检验检测|检测|实验室|办公|经营|通讯|机构|单位)?(?:场所)?地址"
    r"|(?:检验检测|检测|实验室|经营|办公)?(?:场所|地点)|(?:法人|注册)?住所)"
    r"\s*[0-9A-Z一二三四五六七八九十]{0,2}\s*[:：]"
)
_NUMBERING = re.compile(
    r"(?:^|(?<=[\s；;、,，。]))(?:[(（]\d{1,2}[)）]|\d{1,2}[.．、)）](?!\d))\s*|[①-⑳]\s*"
)
_BREAK = re.compile(r"([；;、，,。/|\s]+)")
_NUMBERED_ROAD = re.compile(
    r"(?:大道|大街|路|街|巷|胡同|弄|道|里)(?:[东西南北中]段)?\s*\d+(?:-\d+)?\s*号"
)
# Where such a label stands, the address is the licence's.
LICENCE = ("注册地址", "营业执照地址", "住所", "法人住所", "注册住所")


class Site(NamedTuple):
    """One address of a cell, with the word before it; "" for none."""

    label: str
    address: str


def _whole(text: str) -> bool:
    """Whether a text alone names a place: a road or village, and a number in it."""
    parts = addresses.parse(text)
    return bool((parts.road or parts.village) and parts.number)


def _listed(text: str) -> Iterator[str]:
    """The addresses of a text without labels; a floor or a second number makes none."""
    held = ""
    pieces = _BREAK.split(_NUMBERING.sub("\n", text))
    for place in range(0, len(pieces), 2):
        piece, gap = pieces[place], pieces[place - 1] if place else ""
        if held and _whole(piece) and _whole(held):
            yield held.strip()
            held = piece
        else:
            held += (gap if held else "") + piece
    if held.strip():
        yield held.strip()


@functools.lru_cache(maxsize=4096)
def split(text: str) -> tuple[Site, ...]:
    """The addresses of a cell, in order; what cannot be taken apart stays one."""
    marks = list(_LABEL.finditer(text))
    if not marks:
        return tuple(Site("", each) for each in _listed(text))
    found = [Site("", each) for each in _listed(text[: marks[0].start()])]
    ends = [match.start() for match in marks[1:]] + [len(text)]
    for match, end in zip(marks, ends, strict=True):
        part = text[match.end() : end].strip(" ；;、，,。\n")
        found += [Site(match["label"], each) for each in _listed(part)]
    return tuple(found)


def is_several(text: str) -> bool:
    """Whether two roads with a number stand in what `split` left as one."""
    half = unicodedata.normalize("NFKC", text)
    return len(_NUMBERED_ROAD.findall(half)) > 1
