"""Addresses by their parts."""

from __future__ import annotations

import pytest

from registry import tables
from registry.addresses import compare, normalise, parse, place_key

REGISTERED = "河南省南阳市镇平县石佛寺镇玉都大道88号"


@pytest.mark.parametrize(
    "printed",
    [
        REGISTERED,
        "镇平县石佛寺镇玉都大道88号",
        "河南南阳镇平县石佛寺镇玉都大道88号",
        "河南省南阳市镇平县玉都大道88号",
        "玉都大道88号",
        "河南省 南阳市 镇平县 石佛寺镇 玉都大道 ８８ ＃",
        "地址：河南省南阳市镇平县石佛寺镇玉都大道八十八号（邮编474250）",
        "河南省南阳市镇平县石佛寺镇王都大道88号",
        "河潮省南阳市镇平县石佛寺镇玉都大道88号",
        "镇平县石佛寺镇玉都大道88号3楼301室",
        "镇平县石佛寺镇玉都大道88",
        "镇平县石佛寺镇玉都大道88号 电话：0377-65900000",
    ],
)
def test_same_place(printed: str) -> None:
    """An honest laboratory that prints its address in its own way would be accused."""
    assert compare(printed, REGISTERED).answer == "same"


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        ("镇平县石佛寺镇玉都大道87号", ("number",)),
        ("镇平县石佛寺镇玉都大道8号", ("number",)),
        ("镇平县石佛寺镇玉都大道80号", ("number",)),
        ("镇平县石佛寺镇玉源大道88号", ("road",)),
        ("内乡县石佛寺镇玉都大道88号", ("county",)),
        ("镇平县晁陂镇玉都大道87号", ("town", "number")),
        ("湖北省南阳市镇平县石佛寺镇玉都大道88号", ("province",)),
        ("河南省南阳市内乡县样板街14号", ("county", "road", "number")),
    ],
)
def test_another_place(printed: str, parts: tuple[str, ...]) -> None:
    """A forger's address would pass, or the report would point at the wrong part of it."""
    match = compare(printed, REGISTERED)
    assert (match.answer, match.differing) == ("different", parts)


@pytest.mark.parametrize(
    ("printed", "unclear"),
    [
        ("镇平县石佛寺镇", ("road", "number")),
        ("镇平县石佛寺镇玉都大道", ("number",)),
        ("", ("road", "number")),
        ("河南省南阳市镇乎县石佛寺镇玉都大道88号", ("county",)),
        ("镇平县石佛寺镇玉都路88号", ("road",)),
        ("镇平县石佛侍镇玉都大道88号", ("town",)),
        ("镇平县晁陂镇玉都大道88号", ("town",)),
        ("镇平县石佛寺镇玉都大道88号附1号", ("number",)),
    ],
)
def test_cannot_be_told_from_the_text(printed: str, unclear: tuple[str, ...]) -> None:
    """What may be a misreading would become an accusation, or a pass."""
    match = compare(printed, REGISTERED)
    assert (match.answer, match.unclear) == ("cannot_tell", unclear)


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("河南省南阳市邓州市新华西路12号", "邓州市新华西路12号", "same"),
        ("上海市浦东新区示例路388号", "浦东新区示例路388号", "same"),
        ("济南市市中区经四路1号", "济南市历下区经四路1号", "different"),
        ("郑州市建国路5号", "郑州市建设路5号", "different"),
        ("中关村南大街5号院2号楼3单元301室", "中关村南大街5号院2号楼3单元302室", "different"),
        ("中关村南大街5号院2号楼", "中关村南大街5号院3号楼", "different"),
        ("镇平县产业集聚区玉源大道中段", "河南省镇平县产业集聚区玉源大道中段", "same"),
        ("镇平县石佛寺镇国际玉城A区3号楼", "镇平县石佛寺镇国际玉城B区3号楼", "cannot_tell"),
        ("镇平县晁陂镇山头营村56号", "晁陂镇山头营村56号", "same"),
    ],
)
def test_other_shapes(first: str, second: str, answer: str) -> None:
    """Villages, estates, courtyards and county-level cities would be misjudged."""
    assert compare(first, second).answer == answer
    assert compare(second, first).answer == answer


def test_parts_of_a_long_address() -> None:
    """A part taken for another would be compared with the wrong one."""
    address = parse("广东省广州市番禺区沙头街大罗塘银建路63号B座302")
    assert (address.province, address.city, address.county) == ("广东", "广州市", "番禺区")
    assert (address.town, address.road, address.number) == ("沙头街", "大罗塘银建路", "63")
    assert (address.building, address.room) == ("B", "/302")
    assert parse("南阳市卧龙区七一路街道工业路268号").town == "七一路街道"


def test_digits_misread_as_letters() -> None:
    """8O号 would be another house than 80号."""
    assert normalise("玉都大道8O号") == "玉都大道80号"
    assert normalise("玉都大道l2＃") == "玉都大道12号"


def test_place_key_needs_road_and_number() -> None:
    """A whole town would be one address."""
    assert place_key("镇平县石佛寺镇") == ""
    assert place_key(REGISTERED) == place_key("镇平县王都大道88#")


def test_divisions_without_their_suffix_are_the_same_place() -> None:
    """An address printed in short would be taken for a town of that name, and differ."""
    registered = "河南省南阳市镇平县石佛寺镇玉都大道88号"
    assert compare("河南南阳镇平石佛寺镇玉都大道88号", registered).answer == "same"
    assert compare("河南南阳内乡石佛寺镇玉都大道88号", registered).answer == "different"
    assert parse("河南省南阳路88号").road == "南阳路"


def test_renamed_and_moved_divisions_are_no_other_place() -> None:
    """A laboratory would be blamed for what the state renamed."""
    assert compare("湖北省襄樊市樊城区长虹路8号", "湖北省襄阳市樊城区长虹路8号").answer == "same"
    assert compare("云南省红河州弥勒县髯翁路8号", "云南省红河州弥勒市髯翁路8号").answer == "same"
    moved = compare("四川省资阳市简阳市建设路8号", "四川省成都市简阳市建设路8号")
    assert moved.answer == "cannot_tell"
    assert (
        compare("四川省资阳市简阳市建设路8号", "四川省成都市简阳市建设路9号").answer == "different"
    )


def test_every_county_is_read_however_much_stands_before_it() -> None:
    """An autonomous prefecture would swallow its county, and the short form seem another place.

    德宏傣族景颇族自治州瑞丽市 was read as the county 自治州瑞丽市, and so were 215 others.
    """
    names: dict[str, str] = {}
    for row in tables.rows("divisions"):
        if not row["last_listed"] or row["code"] not in names:
            names[row["code"]] = row["name"]
    short = {row["name"]: row["short"] for row in tables.rows("provinces")}
    cities = {name for code, name in names.items() if code.endswith("00")}
    wrong = []
    for row in tables.rows("divisions"):
        code, county = row["code"], row["name"]
        # No county (市辖区), or a city of its own since: read as that.
        if code.endswith("00") or county.endswith("市辖区") or county in cities:
            continue
        province = names[f"{code[:2]}0000"]
        city = names.get(f"{code[:4]}00", "")
        for before in {province, short[province], ""}:
            for middle in {city, ""}:
                found = parse(f"{before}{middle}{county}示范路8号")
                read = (found.city or "", found.county, found.road, found.number)
                if read != (middle, county, "示范路", "8"):
                    wrong.append((before, middle, county, read))
    assert wrong == []


@pytest.mark.parametrize(
    ("printed", "registered"),
    [
        ("云南省瑞丽市姐告大道8号", "云南省德宏傣族景颇族自治州瑞丽市姐告大道8号"),
        ("云南省德宏州瑞丽市姐告大道8号", "云南省德宏傣族景颇族自治州瑞丽市姐告大道8号"),
        ("云南德宏瑞丽市姐告大道8号", "云南省德宏傣族景颇族自治州瑞丽市姐告大道8号"),
        ("鞍山市岫岩县阜昌路8号", "辽宁省鞍山市岫岩满族自治县阜昌路8号"),
        ("贵州省安顺市镇宁县东街8号", "贵州省安顺市镇宁布依族苗族自治县东街8号"),
        ("贵州安顺镇宁县东街8号", "贵州省安顺市镇宁布依族苗族自治县东街8号"),
        ("云南省普洱市镇沅县东街8号", "云南省普洱市镇沅彝族哈尼族拉祜族自治县东街8号"),
        ("郑州高新区莲花街8号", "河南省郑州市高新技术产业开发区莲花街8号"),
        ("吉林市船营区解放路8号", "吉林省吉林市船营区解放路8号"),
    ],
)
def test_one_division_by_two_names(printed: str, registered: str) -> None:
    """The short form that everybody speaks would be another place."""
    assert compare(printed, registered).answer == "same"


@pytest.mark.parametrize(
    ("printed", "registered", "part"),
    [
        ("镇平县城关镇玉都大道88号", "镇平县玉都街道玉都大道88号", "town"),
        ("郑州市郑东新区东风路东16号", "郑州市金水区东风路东16号", "county"),
        ("南阳市高新区独山大道8号", "南阳市卧龙区独山大道8号", "county"),
        ("苏州市工业园区星湖街8号", "苏州市吴中区星湖街8号", "county"),
        ("南阳市高新区示玉路8号", "南阳市宛城区高新区示玉路8号", "county"),
        ("上海市南汇区示例路8号", "上海市浦东新区示例路8号", "county"),
        ("四川省资阳市简阳市建设路8号", "四川省成都市简阳市建设路8号", "city"),
    ],
)
def test_divisions_that_overlap_or_were_remade(printed: str, registered: str, part: str) -> None:
    """A laboratory would be blamed for a zone laid over its district, or a town merged."""
    match = compare(printed, registered)
    assert (match.answer, match.overlapping) == ("cannot_tell", (part,))
    other = compare(printed, registered.replace("8号", "9号").replace("16号", "19号"))
    assert (other.answer, other.overlapping) == ("different", ())
    assert compare("郑州市金水区东风路16号", "郑州市中原区东风路16号").answer == "different"
