"""Chinese addresses by their parts, from the province down to the room.

河南省南阳市镇平县石佛寺镇玉都大道88号 and 镇平县石佛寺镇玉都大道88号 are one address: what only
one of them says is no difference. 87号 and 88号 are two. What a recogniser may have made
of one character is neither: it cannot be told from the text, and the picture must be asked.

The order of the parts follows GB/T 23705 (address coding) in outline: administrative
division, town, village, road, number, building, floor and room.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import re
import unicodedata
from typing import Literal

from rapidfuzz.distance import Levenshtein

from registry import divisions, tables
from registry.names import fold

Answer = Literal["same", "different", "cannot_tell"]

PARTS = (
    "province",
    "city",
    "county",
    "town",
    "village",
    "road",
    "number",
    "building",
    "unit",
    "room",
)
# Parts that are a number with a unit: one digit more or less is another place.
_NUMBERED = ("number", "building", "unit", "room")
# A stem of so few characters with one of them different is another name (建国路, 建设路);
# in a longer one a single character may be a misreading.
_SHORT_STEM = 2

_DIGITS = "〇零一二三四五六七八九"
_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十百]+")
_SUFFIX = re.compile(
    r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|自治旗|地区|省|市|盟|县|区|旗"
    r"|街道办事处|街道|镇|乡|苏木|社区|村|大道|大街|路|街|巷|胡同|道|弄|里)$"
)

# One step each, tried in this order on what is left of the text; lazy, so that the first
# suffix ends the part. A suffix right at the start is part of a name (镇平县, 市中区, 路南区).
_STEPS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("city", re.compile(r"[^\d省县区镇乡路街]{2,7}?(?:市|地区|自治州|盟)(?!场|区[^\d]{0,3}路)")),
    ("county", re.compile(r"[^\d路街道村]{1,9}?(?:自治县|自治旗|县|区|旗|市)(?!道)")),
    (
        "town",
        re.compile(
            r"[^\d村]{1,8}?街道(?:办事处)?|[^\d路村]{1,9}?(?:街道办事处|街道|镇|乡|苏木|集聚区|开发区|园区)"
        ),
    ),
    ("village", re.compile(r"[^\d路街]{1,9}?(?:社区|村)(?!路|街)")),
    ("road", re.compile(r"[^\d]{1,14}?(?:大道|大街|路|街|巷|胡同|道|弄)(?!口)(?:[东西南北中]段)?")),
)
_NUMBER = re.compile(
    r"(?:第)?(\d+(?:[-之]\d+)?[A-Z]?)(?:号院|号|#)(?!楼|馆|厂房)(?:附(\d+)号)?|(\d+)$"
)
_BUILDING = re.compile(r"([A-Z]|\d+)(?:号楼|幢|栋|座|号馆|号厂房|号)")
_UNIT = re.compile(r"([A-Z]|\d+)单元")
_ROOM = re.compile(r"(?:(\d+)(?:层|楼|F))?(?:([A-Z]?-?\d+(?:-\d+)?)(?:室|房|号)?)?$")


@functools.cache
def _provinces() -> tuple[tuple[str, str], ...]:
    return tuple((row["name"], row["short"]) for row in tables.rows("provinces"))


@dc.dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address, None where it does not say.

    Attributes:
        province: short, 河南 for 河南省.
        number: the house number, digits; 附1号 as `88-1`.
        building: number or letter of the building.
        unit: number of the staircase (单元).
        room: floor and room as `3/301`, either may be missing.
        rest: what none of the parts took, for a person to see; not compared unless both
            addresses have neither road nor number.
        text: the whole, as it was normalised.
    """

    text: str
    province: str | None = None
    city: str | None = None
    county: str | None = None
    town: str | None = None
    village: str | None = None
    road: str | None = None
    number: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    rest: str = ""


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
    """

    answer: Answer
    differing: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    agreeing: tuple[str, ...] = ()


def _han_to_digits(match: re.Match[str]) -> str:
    """Chinese numerals up to 999 as digits: 八十八 -> 88, 二〇三 -> 203."""
    text = match.group()
    if "十" not in text and "百" not in text:
        return "".join(str(max(0, _DIGITS.index(character) - 1)) for character in text)
    total, current = 0, 0
    for character in text:
        if character in "十百":
            total += (current or 1) * (10 if character == "十" else 100)
            current = 0
        else:
            current = max(0, _DIGITS.index(character) - 1)
    return str(total + current)


def normalise(text: str) -> str:
    """Width, spaces, punctuation and house numbers made alike; postcode and label dropped.

    >>> normalise("河南省　镇平县玉都大道８８＃（邮编474250）")
    '河南省镇平县玉都大道88号'
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    folded = re.sub(r"^(?:注册|通讯|联系|检测|公司|单位)?地[址点]:", "", re.sub(r"\s+", "", folded))
    folded = re.sub(r"\(?(?:邮政编码|邮编)[::]?\d{6}\)?", "", folded)
    folded = re.sub(r"(?:电话|联系|TEL|传真|网址|HTTP).*$", "", folded)
    folded = re.sub(r"[——–~]", "-", folded)
    # Letters among digits are misread digits: 8O号, l2号. A letter alone names a building.
    folded = re.sub(
        r"(?<=\d)[OIL](?=[\dOIL#号])|(?<![A-Z\d])[OIL](?=\d)",
        lambda match: "0" if match.group() == "O" else "1",
        folded,
    )
    folded = re.sub(
        _HAN_NUMBER.pattern + r"(?=号|#|楼|层|室|单元|幢|栋|座)",
        lambda match: _han_to_digits(match),
        folded,
    )
    folded = folded.replace("#", "号")
    return re.sub(r"[^\w-]", "", folded)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    match = pattern.match(text)
    return (match.group(), text[match.end() :]) if match else (None, text)


def _take_tail(text: str) -> tuple[dict[str, str], str]:
    """House number, building, unit, floor and room at the start of what is left."""
    parts: dict[str, str] = {}
    if match := _NUMBER.match(text):
        main, annex, bare = match.groups()
        parts["number"] = "-".join(filter(None, ((main or bare).replace("之", "-"), annex)))
        text = text[match.end() :]
    # The name of an estate or a tower may stand before its buildings.
    if match := re.search(_BUILDING.pattern + r"(?=$|\w)", text):
        parts["building"] = match.group(1)
        text = text[: match.start()] + text[match.end() :]
    if match := _UNIT.search(text):
        parts["unit"] = match.group(1)
        text = text[: match.start()] + text[match.end() :]
    if (match := _ROOM.search(text)) and any(match.groups()):
        parts["room"] = "/".join(group or "" for group in match.groups())
        text = text[: match.start()]
    return parts, text


def parse(text: str) -> Address:
    """Cuts an address into its parts; what it does not say stays None.

    >>> address = parse("河南省南阳市镇平县石佛寺镇玉都大道88号")
    >>> address.province, address.city, address.county, address.town
    ('河南', '南阳市', '镇平县', '石佛寺镇')
    >>> address.road, address.number
    ('玉都大道', '88')
    >>> parse("河南南阳镇平石佛寺镇玉都大道88号").county
    '镇平县'
    """
    left = whole = normalise(text)
    parts: dict[str, str] = {}
    for name, short in _provinces():
        for spelling in (name, short):
            if left.startswith(spelling):
                parts["province"] = short
                left = left.removeprefix(spelling)
                break
        if "province" in parts:
            break
    else:
        # A province that no list has is a misreading: it neither agrees nor differs.
        left = re.sub(r"^[^\d省市县区]{1,3}省", "", left)
    left = divisions.spelt_out(left, parts.get("province", ""))
    for part, pattern in _STEPS:
        found, left = _take(pattern, left)
        if found:
            parts[part] = found
    # 沙头街大罗塘银建路63号: the first was a neighbourhood, the number belongs to the second.
    second, after = _take(_STEPS[-1][1], left)
    if second and "road" in parts and second[0] not in "与和":
        parts.setdefault("town", parts["road"])
        parts["road"], left = second, after
    tail, left = _take_tail(left)
    return Address(text=whole, rest=left, **(parts | tail))


def _stem(part: str) -> str:
    """A part's own name: without the segment of a road, without the suffix."""
    return _SUFFIX.sub("", re.sub(r"[东西南北中]段$", "", part))


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


def _compare_divisions(first: str, second: str, *, place_agrees: bool) -> Answer:
    """Two cities, counties or towns; a city without 市 may stick to the county behind it."""
    one, other = fold(first), fold(second)
    if one.endswith(other) or other.endswith(one) or divisions.renamed(first, second):
        return "same"
    answer = _compare_names(first, second)
    # Where road and house number agree, one character of a short name may be a misreading.
    if answer == "different" and place_agrees:
        one_stem, other_stem = _stem(one), _stem(other)
        if len(one_stem) == len(other_stem) and Levenshtein.distance(one_stem, other_stem) == 1:
            return "cannot_tell"
    return answer


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
    place_agrees = answers.get("road") == answers.get("number") == "same"
    for part in ("city", "county", "town"):
        if part in both:
            answers[part] = _compare_divisions(*both[part], place_agrees=place_agrees)
    if answers.get("city") == "different" and place_agrees and answers.get("county") == "same":
        # A county that was given to another city keeps its name, roads and numbers.
        answers["city"] = "cannot_tell"
    if "province" in both:
        answers["province"] = "same" if first.province == second.province else "different"
    return answers


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
    picked = {
        answer: tuple(part for part in PARTS if answers.get(part) == answer)
        for answer in ("same", "different", "cannot_tell")
    }
    unclear = picked["cannot_tell"] + _missing(first, second, answers)
    answer: Answer = "different" if picked["different"] else "cannot_tell" if unclear else "same"
    return AddressMatch(answer, picked["different"], unclear, picked["same"])


def place_key(text: str) -> str:
    """Road and house number as one key to search by; "" where one of them is missing.

    >>> place_key("河南省南阳市镇平县石佛寺镇玉都大道88号")
    '玉都大道88'
    """
    address = parse(text)
    if not address.road or not address.number:
        return ""
    return fold(address.road) + address.number
