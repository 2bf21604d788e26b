"""A country of invented laboratories, and what a bad reader makes of their papers.

Names are made as real ones are: a place (`registry/data/divisions.csv`), a brand of two
characters or the words of a public body, a trade, a form; one in fourteen is another's name
with one character changed. Numbers run on within an authority and year, so that neighbours
differ in one digit. One in twenty shares another's address.
"""

from __future__ import annotations

import csv
import dataclasses as dc
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from registry import tables
from registry.records import LabEvidence

BRANDS = (
    "金玉宝华瑞祥鑫盛德信诚泰恒通达安正源丰利兴隆昌荣福宏伟中天地海江河山林石云星光明辉煌东南西北方圆国民康乐"
    "和平顺吉庆美佳雅韵博学智慧科技新创联合众力强胜嘉仁义礼景春秋润泽清远航腾龙凤翔麒麟鼎尊御品珍奇翠碧琳琅璞璟"
    "琪瑜珂瑶"
)
_TRADES = (
    "珠宝检测 珠宝玉石检测 珠宝玉石鉴定 珠宝首饰检测 检测技术 检验检测 质量检测 环境检测 检测服务"
    " 贵金属检测 工程检测 食品检测 宝石鉴定 玉器检测 检验认证"
)
TRADES = _TRADES.split(" ")
_FORMS = "有限公司 有限公司 有限公司 有限责任公司 技术有限公司 服务有限公司 中心 研究院有限公司"
FORMS = _FORMS.split(" ")
_BODIES = (
    "产品质量监督检验所 产品质量检验检测中心 质量技术监督检验测试中心 质量检验站 珠宝玉石质量检验站"
    " 计量测试所 食品药品检验所 综合检验检测中心 疾病预防控制中心 环境监测站 农产品质量检测站"
    " 建设工程质量检测站 珠宝玉石质量检验中心 贵金属首饰检验站"
)
BODIES = _BODIES.split(" ")
# Of GB/T 2260, in the order of the authorities of CMA numbers.
_PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
)
PROVINCES = _PROVINCES.split(" ")
OBJECTS = (
    "珠宝玉石", "贵金属", "翡翠", "和田玉", "独山玉", "钻石", "红宝石", "蓝宝石", "珍珠", "琥珀",
    "石英质玉", "碧玺", "石榴石", "水晶", "食品",
)  # fmt: skip
STANDARDS = (
    "GB/T 16552-2017", "GB/T 16553-2017", "GB/T 38821-2020", "GB/T 34098-2017", "GB/T 18043-2013",
    "GB 11887-2012", "",
)  # fmt: skip
PARAMETERS = ("", "折射率", "密度", "放大检查", "贵金属含量")


@dc.dataclass(frozen=True, slots=True)
class Made:
    """An invented laboratory."""

    lab_id: str
    name: str
    number: str
    address: str
    phone: str


def _short(name: str) -> str:
    for end in ("自治县", "自治州", "地区", "省", "市", "县", "区"):
        if name.endswith(end) and len(name) - len(end) > 1:
            return name.removesuffix(end)
    return name


def _company(place: Sequence[str], rng: random.Random) -> str:
    where = rng.choice([*place, *map(_short, place), ""])
    brand = rng.choice(BRANDS) + rng.choice(BRANDS)
    return where + brand + rng.choice(TRADES) + rng.choice(FORMS)


def labs(count: int, seed: int = 1) -> list[Made]:
    """So many laboratories with different names and numbers."""
    rng = random.Random(seed)
    divisions = {
        row["code"]: row["name"]
        for row in tables.rows("divisions")
        if not row["last_listed"] and row["code"][:2] in PROVINCES
    }
    counties = [code for code in divisions if not code.endswith("00")]
    made: list[Made] = []
    names: set[str] = set()
    serials: dict[str, int] = {}
    while len(made) < count:
        code = rng.choice(counties)
        codes = (code[:2] + "0000", code[:4] + "00", code)
        place = [divisions[one] for one in codes if one in divisions]
        lot = rng.random()
        if lot < 0.6 or not made:
            name = _company(place, rng)
        elif lot < 0.93:
            name = "".join(rng.choice([place[-1:], place[-2:]])) + rng.choice(BODIES)
        else:
            other = rng.choice(made).name
            at = rng.randrange(len(other))
            name = other[:at] + rng.choice(BRANDS) + other[at + 1 :]
        if name in names:
            continue
        names.add(name)
        head = f"{rng.randint(18, 25)}{PROVINCES.index(code[:2]) + 1:02d}"
        serials[head] = serials.get(head, rng.randint(0, 300)) + rng.randint(1, 4)
        field = rng.choice(("20", "10", "21", "12", "00", "01"))
        industry = rng.choice(("11", "34", "04", "06", "05"))
        road = rng.choice(BRANDS) + rng.choice(BRANDS) + rng.choice(("路", "街", "大道"))
        address = f"{''.join(place)}{road}{rng.randint(1, 400)}号"
        if made and rng.random() < 0.05:
            address = rng.choice(made[-50:]).address
        made.append(
            Made(
                lab_id=f"L{len(made):06d}",
                name=name,
                number=f"{head}{field}{industry}{serials[head]:04d}",
                address=address,
                phone=f"0{rng.randint(310, 999)}-{rng.randint(2000000, 8999999)}",
            )
        )
    return made


def write(folder: Path, made: Sequence[Made], scopes: int, seed: int = 1) -> int:
    """The contract's CSV tables of the laboratories, with so many scope rows each.

    Returns:
        How many rows they have together.
    """
    rng = random.Random(seed)
    rows: dict[str, tuple[str, Iterator[tuple[str, ...]]]] = {
        "labs": (
            "lab_id,name,uscc,licence_address,aliases",
            ((one.lab_id, one.name, "", one.address, "") for one in made),
        ),
        "accreditations": (
            "lab_id,kind,number,holder_name,address,valid_from,valid_until,status,status_on,authority",
            (
                (one.lab_id, "CMA", one.number, one.name, one.address, f"20{one.number[:2]}-03-01",
                 f"20{int(one.number[:2]) + 6}-02-28", "valid", "", "")
                for one in made
            ),
        ),
        "scopes": (
            "lab_id,object,parameter,standard,limitation,valid_from,valid_until",
            (row for one in made for row in _scopes(one, scopes, rng)),
        ),
        "signatories": (
            "lab_id,name,scope,valid_from,valid_until,specimen",
            ((one.lab_id, f"{one.name[0]}{one.number[-2:]}", "全部", "2018-01-01", "", "")
             for one in made),
        ),
        "seals": (
            "lab_id,text,kind",
            ((one.lab_id, one.name, "检验检测专用章") for one in made),
        ),
    }  # fmt: skip
    count = 0
    for name, (header, table) in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header.split(","))
            for row in table:
                writer.writerow(row)
                count += 1
    return count


def _scopes(one: Made, count: int, rng: random.Random) -> list[tuple[str, ...]]:
    every = [(thing, parameter, standard) for thing in OBJECTS for parameter in PARAMETERS
             for standard in STANDARDS]  # fmt: skip
    since = f"20{one.number[:2]}-03-01"
    return [(one.lab_id, *row, "", since, "") for row in rng.sample(every, count)]


# ------------------------------------------------------------------ a bad reader


def misread(text: str, share: float, rng: random.Random) -> str:
    """A text of which each character is misread with a probability: another, none or two."""
    out: list[str] = []
    for character in text:
        if rng.random() >= share:
            out.append(character)
            continue
        lot = rng.random()
        if lot < 0.1:
            continue
        if lot < 0.15:
            out.append(character)
        out.append(rng.choice("0123456789" if character.isdigit() else BRANDS + "检测中心公司限量"))
    return "".join(out)


def paper(one: Made, share: float, rng: random.Random, **other: str) -> LabEvidence:
    """What a bad reader makes of a laboratory's paper; `other` prints something else on it."""
    printed = {"name": one.name, "number": one.number, "address": one.address} | other
    return LabEvidence(
        cma_no=misread(printed["number"], share, rng),
        lab_name=misread(printed["name"], share, rng),
        seal_names=(misread(printed["name"], share, rng),),
        address=misread(printed["address"], share, rng),
    )


def look_alike(name: str, rng: random.Random) -> str:
    """The name of a body that is not registered, made from one that is."""
    tails = (
        ("检验中心", "检验站"),
        ("检测有限公司", "检测中心"),
        ("有限公司", ""),
        ("检验站", "检验所"),
    )
    fitting = [(old, new) for old, new in tails if name.endswith(old)]
    lot = rng.random()
    if lot < 0.4 or (lot < 0.7 and not fitting):
        at = rng.randrange(len(name))
        return name[:at] + rng.choice([one for one in BRANDS if one != name[at]]) + name[at + 1 :]
    if lot < 0.7:
        old, new = rng.choice(fitting)
        return name.removesuffix(old) + new
    return rng.choice((f"国家级{name}", f"国家{name}", f"{name}第二分中心", f"{name}南阳分站"))
