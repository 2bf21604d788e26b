"""Chinese addresses compared by their parts.

河南省南阳市镇平县石佛寺镇玉都大道88号 and 镇平县石佛寺镇玉都大道88号 are one address: what only
one of them says is no difference. 87号 and 88号 are two. What a recogniser may have made
of one character is neither: it cannot be told from the text, and the picture must be asked.
"""

from __future__ import annotations

import dataclasses as dc
import re
from typing import Literal

from rapidfuzz.distance import Levenshtein

from registry import divisions
from registry.address_parts import PARTS, Address, normalise, parse
from registry.names import fold

__all__ = ["Address", "AddressMatch", "Answer", "compare", "normalise", "parse", "place_key"]

Answer = Literal["same", "different", "cannot_tell"]

# Parts that are a number with a unit: one digit more or less is another place.
_NUMBERED = ("number", "building", "unit", "room")
# A stem of so few characters with one of them different is another name (建国路, 建设路);
# in a longer one a single character may be a misreading.
_SHORT_STEM = 2
# Zones by their long names: 高新技术产业开发区 is 高新区.
_ZONES = re.compile(r"(高新|经)济?(?:技术|科技|产业)*(?:开发?)?区$")

_SUFFIX = re.compile(
    r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|自治旗|地区|省|市|盟|县|区|旗"
    r"|街道办事处|街道|镇|乡|苏木|社区|村|大道|大街|路|街|巷|胡同|道|弄|里)$"
)


@dc.dataclass(frozen=True, slots=True)
class AddressMatch:
    """How two addresses compare.

    Attributes:
        answer: `different` where a part that both have differs; `same` where road and
            number (or, without them, all the rest) agree and no part differs; else
            `cannot_tell`.
        differing: the parts that differ, of PARTS.
        unclear: the parts that differ by what may be a misreading, or that only one has and
            the answer needed.
        agreeing: the parts that agree.
        overlapping: of the unclear ones the divisions that differ though road and number
            agree, and that may be one place all the same: a town made a 街道, a 新区 over
            a district, a county ended or given to another city.
    """

    answer: Answer
    differing: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    agreeing: tuple[str, ...] = ()
    overlapping: tuple[str, ...] = ()


def _stem(part: str) -> str:
    """A part's own name: without the segment of a road, without the suffix."""
    return _SUFFIX.sub("", re.sub(r"[东西南北中]段$|(?<=[道街路巷])[东西南北]$", "", part))


def _compare_names(first: str, second: str) -> Answer:
    """Two parts that are names."""
    one, other = fold(first), fold(second)
    if one == other:
        return "same"
    one_stem, other_stem = _stem(one), _stem(other)
    longest = max(len(one_stem), len(other_stem))
    apart = Levenshtein.distance(one_stem, other_stem)
    if apart == 0:
        # 玉都大道中段 and 玉都大道 are one road; 玉都大道 and 玉都路 may be two.
        segment = one.startswith(other) or other.startswith(one)
        return "same" if segment else "cannot_tell"
    if longest > _SHORT_STEM and (
        apart <= max(1, longest // 3) or one.endswith(other) or other.endswith(one)
    ):
        return "cannot_tell"
    return "different"


def _spoken(name: str) -> str:
    """A division's name by the stem that its forms share: 岫岩满族自治县 and 岫岩县, 高新区."""
    return _ZONES.sub(r"\1区", divisions.plain(name))


def _compare_divisions(first: str, second: str) -> Answer:
    """Two cities, counties or towns; a city without 市 may stick to the county behind it."""
    one, other = fold(_spoken(first)), fold(_spoken(second))
    if one.endswith(other) or other.endswith(one) or divisions.renamed(first, second):
        return "same"
    return _compare_names(first, second)


def _misread(first: str, second: str) -> bool:
    """Whether two short names are one character apart."""
    one, other = _stem(fold(first)), _stem(fold(second))
    return len(one) == len(other) and Levenshtein.distance(one, other) == 1


def _may_overlap(part: str, first: str, second: str, *, county_agrees: bool) -> bool:
    """Whether two names of which road and number agree may stand for one place.

    Towns are merged, split and made 街道 every year, and no table has them. A county that
    the state lists is another one, unless one of the two was ended, is none of the state's
    (新区, 高新区, 园区) or has the other's name in its own.
    """
    if part == "town":
        return True
    if part == "city":
        # A county that was given to another city keeps its name, roads and numbers.
        return county_agrees
    one, other = (divisions.short(divisions.plain(name)) for name in (first, second))
    return (
        one in other or other in one or not (divisions.listed(first) and divisions.listed(second))
    )


def _compare_numbers(first: str, second: str) -> Answer:
    """Two numbered parts; `3/301` and `/301` do not contradict each other."""
    if first == second:
        return "same"
    if "/" in first:
        pairs = zip(first.split("/"), second.split("/"), strict=True)
        clash = any(one and other and one != other for one, other in pairs)
        return "different" if clash else "same"
    # 88号 and 88号附1号: a part of the same number.
    if first.split("-")[0] == second.split("-")[0] and ("-" in first) != ("-" in second):
        return "cannot_tell"
    return "different"


def _align(first: Address, second: Address) -> tuple[Address, Address]:
    """A county-level city named alone (邓州市) stands in the city's place: move it."""

    def moved(address: Address, other: Address) -> Address:
        alone = address.city and not address.county
        if alone and other.county and address.city != other.city and address.city == other.county:
            return dc.replace(address, city=None, county=address.city)
        return address

    return moved(first, second), moved(second, first)


def _compare_parts(first: Address, second: Address) -> dict[str, Answer]:
    """Each part that both addresses have."""
    both = {
        part: (one, other)
        for part in PARTS
        if (one := getattr(first, part)) and (other := getattr(second, part))
    }
    answers: dict[str, Answer] = {}
    for part in ("road", "number", "building", "unit", "room", "village"):
        if part in both:
            compared = _compare_numbers if part in _NUMBERED else _compare_names
            answers[part] = compared(*both[part])
    for part in ("city", "county", "town"):
        if part in both:
            answers[part] = _compare_divisions(*both[part])
    if answers.get("road") == answers.get("number") == "same":
        for part in ("city", "county", "town"):
            # Here one character of a short name may be a misreading.
            if answers.get(part) == "different" and _misread(*both[part]):
                answers[part] = "cannot_tell"
    if "province" in both:
        answers["province"] = "same" if first.province == second.province else "different"
    return answers


def _overlapping(first: Address, second: Address, answers: dict[str, Answer]) -> tuple[str, ...]:
    """The divisions that differ, though road and number agree, and may be one place."""
    if not answers.get("road") == answers.get("number") == "same":
        return ()
    found = []
    for part in ("county", "town", "city"):
        one, other = getattr(first, part), getattr(second, part)
        agrees = answers.get("county") == "same" or "county" in found
        if answers.get(part, "same") != "same" and _may_overlap(
            part, one, other, county_agrees=agrees
        ):
            found.append(part)
    return tuple(part for part in PARTS if part in found)


def _missing(first: Address, second: Address, answers: dict[str, Answer]) -> tuple[str, ...]:
    """What one of them lacks, without which they cannot be called the same."""
    one_sided = [
        part
        for part in ("road", "number")
        if bool(getattr(first, part)) != bool(getattr(second, part))
    ]
    if one_sided or (first.number and "number" in answers):
        # A number alone names a place only in a road, a village or a named estate.
        if not one_sided and not first.road and "village" not in answers:
            return () if fold(first.rest) == fold(second.rest) else ("rest",)
        return tuple(one_sided)
    # Neither has a house number: all the rest has to agree, and there must be something.
    if fold(first.rest) != fold(second.rest):
        return ("rest",)
    fine = {"road", "village", "building"} & answers.keys()
    return () if first.rest or fine else ("road",)


def compare(a: str | Address, b: str | Address) -> AddressMatch:
    """Compares two addresses by their parts.

    Args:
        a: as printed, or its parts.
        b: as registered, or its parts.

    Returns:
        See `AddressMatch`. The order of the two makes no difference.
    """
    first, second = _align(
        parse(a) if isinstance(a, str) else a, parse(b) if isinstance(b, str) else b
    )
    if first.text and first.text == second.text:
        agreeing = tuple(part for part in PARTS if getattr(first, part))
        return AddressMatch("same", agreeing=agreeing)
    answers = _compare_parts(first, second)
    overlapping = _overlapping(first, second, answers)
    answers |= dict.fromkeys(overlapping, "cannot_tell")
    picked = {
        answer: tuple(part for part in PARTS if answers.get(part) == answer)
        for answer in ("same", "different", "cannot_tell")
    }
    unclear = picked["cannot_tell"] + _missing(first, second, answers)
    answer: Answer = "different" if picked["different"] else "cannot_tell" if unclear else "same"
    return AddressMatch(answer, picked["different"], unclear, picked["same"], overlapping)


def place_key(text: str) -> str:
    """Road and house number as one key to search by; "" where one of them is missing.

    >>> place_key("河南省南阳市镇平县石佛寺镇玉都大道88号")
    '玉都大道88'
    """
    address = parse(text)
    if not address.road or not address.number:
        return ""
    return fold(address.road) + address.number
