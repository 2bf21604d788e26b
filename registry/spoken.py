"""Several names in one cell: former ones in brackets, second ones behind a stroke.

>>> read("甲检测有限公司（原：乙检测站）").others
('乙检测站',)
>>> read("甲检测站、国家玉石检验中心(河南)")
NameCell(name='甲检测站', others=('国家玉石检验中心(河南)',), clear=True)
>>> read("华示检测(广州)有限公司").others, read("甲检测站/二部").clear
((), False)
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_BRACKET = re.compile(r"[（(【\[]([^（()）【】\[\]]*(?:[（(][^（()）]*[）)])?)[）)】\]]")
_FORMER = re.compile(
    r"^(?:原(?:机构|单位)?(?:名称?)?|曾用名称?|曾名|旧名|更名前|前身)\s*[:：为是]?\s*(?P<name>.+)$"
)
_SECOND = re.compile(r"^(?:又名|亦称|加挂|挂牌|第二名称|另名)\s*[:：]?\s*(?P<name>.+)$")
# What a body's name ends in; a place in brackets may stand behind it.
_BODY = re.compile(
    r"(?:公司|中心|研究院|院|站|研究所|所|室|局|大学|学院|学校|集团|总队|大队|队|馆|厂)"
    r"(?:[（(][^（()）]{2,6}[）)])?$"
)
# A branch or a house of the body whose name it stands in, not a second name.
_BRANCH = re.compile(r"(?:分公司|分院|分中心|分所|分站|工作站|学院)$|^.{2,4}实验室$")
_BREAK = re.compile(r"[、/／；;|\n]+")
_SPACES = re.compile(r"\s+")


class NameCell(NamedTuple):
    """The names of a cell.

    Attributes:
        name: the first.
        others: former and second ones.
        clear: whether all of it was understood.
    """

    name: str
    others: tuple[str, ...]
    clear: bool


def _bracketed(text: str) -> tuple[str, list[str]]:
    """A text without the brackets that hold names, and those names."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        inner = match[1].strip()
        told = _FORMER.match(inner) or _SECOND.match(inner)
        if told:
            found.append(told["name"].strip())
            return ""
        behind = match.string[match.end() :].strip("（(【[）)】]*＊ ")
        if _BODY.search(inner) and not _BRANCH.search(inner) and not behind:
            found.append(inner)
            return ""
        return match[0]

    return _BRACKET.sub(take, text).strip(), found


def _parts(text: str) -> list[str]:
    """The names that strokes, lines or spaces part."""
    if _BREAK.search(text):
        return [part for each in _BREAK.split(text) if (part := each.strip())]
    spaced = _SPACES.split(text)
    # 河南省 玉石 检测中心 is one name, however it is spaced.
    return spaced if len(spaced) > 1 and all(map(_BODY.search, spaced)) else [text]


@functools.lru_cache(maxsize=4096)
def read(text: str) -> NameCell:
    """Takes the names of a cell apart; where that cannot be done, it is one name."""
    bare, others = _bracketed(text.strip().rstrip("*＊ "))
    parts = _parts(bare)
    if not parts or not parts[0]:
        return NameCell(text.strip(), (), clear=False)
    if len(parts) > 1 and not all(map(_BODY.search, parts)):
        return NameCell(bare, tuple(others), clear=False)
    others = [each for name in others for each in _parts(name)]
    named = dict.fromkeys([*parts[1:], *others])
    named.pop(parts[0], None)
    return NameCell(parts[0], tuple(named), clear=True)


def every(text: str) -> tuple[str, ...]:
    """All names that a cell may mean: the whole, and each in it, also with a place's bracket.

    >>> every("甲检测站（镇平）")
    ('甲检测站（镇平）', '甲检测站')
    """
    cell = read(text)
    bare = [_BRACKET.sub("", each).strip() for each in (cell.name, *cell.others)]
    return tuple(dict.fromkeys(filter(None, [text, cell.name, *cell.others, *bare])))
