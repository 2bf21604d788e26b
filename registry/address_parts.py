"""Chinese addresses cut into their parts, from the province down to the room.

The order of the parts follows GB/T 23705 (address coding) in outline: administrative
division, town, village, road, number, building, floor and room. City and county are those of
the state's table (`registry.divisions`); patterns find what the table does not have.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import re
import unicodedata

from registry import divisions, tables

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
_DIVISIONS = ("city", "county")
# A province's short name that is the start of another name: 吉林市, 海南州, 山东路.
_NO_PROVINCE = re.compile(r"[市州区县路街道镇乡村巷]|[大东西南北中]{1,2}[路街道]")
_DIGITS = "〇零一二三四五六七八九"
_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十百]+")
# One step each, tried in this order on what is left of the text; lazy, so that the first
# suffix ends the part. A suffix right at the start is part of a name (镇平县, 市中区, 路南区).
_STEPS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "city",
        re.compile(
            r"[^\d省市县区镇乡路街]{2,11}?自治州"
            r"|[^\d省县区镇乡路街]{2,7}?(?:市|地区|盟)(?!场|区[^\d]{0,3}路)"
        ),
    ),
    (
        "county",
        re.compile(
            r"[^\d市县区镇乡路街道]{1,12}?自治[县旗]|[^\d路街道村]{1,9}?(?:县|区|旗|市)(?!道)"
        ),
    ),
    (
        "town",
        re.compile(
            # A zone that stands before a road is a place of its own, not the road's first word.
            r"(?:高新|经开|经济|工业)?(?:技术)?(?:开发|新|园)?区(?=[^\d]{1,14}?(?:路|街|大道|巷|村))"
            r"|[^\d村]{1,8}?街道(?:办事处)?|[^\d路村]{1,9}?(?:街道办事处|街道|镇|乡|苏木|集聚区|开发区|园区)"
        ),
    ),
    ("village", re.compile(r"[^\d路街]{1,9}?(?:社区|村)(?!路|街)")),
    (
        "road",
        re.compile(
            r"[^\d]{1,14}?(?:大道|大街|路|街|巷|胡同|道|弄)(?!口)(?:[东西南北中]段|[东西南北](?=\d))?"
        ),
    ),
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


def _province(text: str) -> tuple[str, str]:
    """The short name of the province that a text starts with, "" for none, and the rest."""
    for name, short in _provinces():
        if text.startswith(name):
            return short, text.removeprefix(name)
        if text.startswith(short):
            rest = text.removeprefix(short)
            if divisions.take(rest, short).rest != rest or not (
                _NO_PROVINCE.match(rest) or divisions.take(text, "").rest != text
            ):
                return short, rest
    # A province that no list has is a misreading: it neither agrees nor differs.
    return "", re.sub(r"^[^\d省市县区]{1,3}省", "", text)


def parse(text: str) -> Address:
    """Cuts an address into its parts; what it does not say stays None.

    >>> address = parse("河南省南阳市镇平县石佛寺镇玉都大道88号")
    >>> address.province, address.city, address.county, address.town
    ('河南', '南阳市', '镇平县', '石佛寺镇')
    >>> address.road, address.number
    ('玉都大道', '88')
    >>> parse("河南南阳镇平石佛寺镇玉都大道88号").county
    '镇平县'
    >>> parse("云南省德宏州瑞丽市姐告大道8号").city
    '德宏傣族景颇族自治州'
    """
    whole = normalise(text)
    province, left = _province(whole)
    parts: dict[str, str] = {"province": province} if province else {}
    place = divisions.take(left, province)
    if place.city is None and place.county is None:
        place = divisions.take(divisions.spelt_out(left, province), province)
    for part, name in zip(_DIVISIONS, place[:2], strict=True):
        if name:
            parts[part] = name
    left = place.rest
    for part, pattern in _STEPS:
        if part in parts or (part == "city" and "county" in parts):
            continue
        found, left = _take(pattern, left)
        if found:
            parts[part] = found
        if part == "city" and found:
            # Behind a city that no table has (misread), its county may be one that it has.
            _, county, left = divisions.take(left, province)
            parts |= {"county": county} if county else {}
    # 沙头街大罗塘银建路63号: the first was a neighbourhood, the number belongs to the second.
    second, after = _take(_STEPS[-1][1], left)
    if second and "road" in parts and second[0] not in "与和":
        parts.setdefault("town", parts["road"])
        parts["road"], left = second, after
    tail, left = _take_tail(left)
    return Address(text=whole, rest=left, **(parts | tail))
