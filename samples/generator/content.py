"""What one certificate says: the printed words, and the values the contract makes of them."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from samples.generator import demo
from samples.generator.demo import Lab, Right
from samples.generator.hand import Signed

ALL_GEMS = "珠宝玉石"
ALL_OBJECTS = "全部"
METALS = "贵金属"
SEAL_KIND = "检验检测专用章"
# Editions of the two base standards and the first day of each (field notes 4.2).
NAMING_EDITIONS = ((dt.date(2018, 5, 1), "2017"), (dt.date(2011, 2, 1), "2010"))
BASE_STANDARDS = ("GB/T 16552", "GB/T 16553")
# Editions for metals, and the first day on which papers quote each: the days that the demo
# registry's scopes carry.
METAL_EDITIONS = (
    ("GB/T 18043", ((dt.date(2014, 7, 1), "2013"), (dt.date.min, "2008"))),
    ("GB 11887", ((dt.date(2013, 5, 1), "2012"), (dt.date.min, "2008"))),
)
TITLES = ("珠宝玉石鉴定证书", "珠宝玉石首饰检验证书", "宝玉石检测证书", "珠宝玉石首饰鉴定证书")
LONG_REMARK = "检测结果仅对来样有效，未经本机构书面批准不得部分复制本证书，复制未加盖印章无效"
REMARKS = ("本结论仅对来样负责", "检测结果仅对来样有效", "照片仅供参考", "—", "无", LONG_REMARK)
NEPHRITE_KINDS = {"白": "白玉", "青白": "青白玉", "青": "青玉", "碧绿": "碧玉", "黄": "黄玉"}
# No certificate of the ordinary kind is older; plans reach further back.
MODERN = (dt.date(2019, 1, 1), demo.LATEST_ISSUE)


@dc.dataclass(frozen=True, slots=True)
class Value:
    """One field.

    Attributes:
        printed: as the paper shows it.
        truth: as the contract normalises it.
    """

    printed: str
    truth: str | tuple[str, ...]


@dc.dataclass(frozen=True)
class Certificate:
    """All that a layout may print.

    Attributes:
        lab: who issued it, or is said to have.
        day: issue date.
        species: what the stone is called in data/stones.csv.
        picture: which drawing stands for the photo.
        hue: colour word of the stone.
        values: by contract key; a key that is not printed is absent.
        extras: (label, value) pairs that the contract has no key for.
        title: of the certificate.
        name_en: the laboratory's English name.
        cal_no: number under the CAL mark, or "".
        query: payload of the QR code, or "" for none.
        seal_name: the seal's ring, or "" for no seal.
        seal_kind: the seal's straight line.
        seal_shape: `round` or `oval`.
        seal_way: how the seal is stamped, one of `seal_ways.WAYS`; "" for the ordinary way.
        signed: names by contract key that are written by hand, and how.
        ilac: whether the ilac-MRA mark stands beside CNAS's.
    """

    lab: Lab
    day: dt.date
    species: str
    picture: str
    hue: str
    values: Mapping[str, Value]
    extras: tuple[tuple[str, str], ...]
    title: str
    name_en: str
    cal_no: str
    query: str
    seal_name: str
    seal_kind: str
    seal_shape: str
    seal_way: str = ""
    signed: Mapping[str, Signed] = dc.field(default_factory=dict)
    ilac: bool = False

    def with_values(self, **printed: str | Value) -> Certificate:
        """The same with some fields replaced; strings are normalised with NFKC."""
        new = {k: v if isinstance(v, Value) else plain(v) for k, v in printed.items()}
        return dc.replace(self, values={**self.values, **new})

    def without(self, *keys: str) -> Certificate:
        """The same with some fields not printed."""
        return dc.replace(self, values={k: v for k, v in self.values.items() if k not in keys})


@dc.dataclass(frozen=True, slots=True)
class Wish:
    """What a plan asks of the draft; everything else is drawn by lot.

    Attributes:
        days: first and last possible issue date.
        species: allowed names, () for all the laboratory may test.
        articles: allowed articles, () for all.
        mounted: True for pieces with metal only, False for none, None by lot.
        number: CMA number to print instead of the one that is valid.
        approver: name to print instead of one that may sign.
    """

    days: tuple[dt.date, dt.date] = MODERN
    species: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    mounted: bool | None = None
    number: str = ""
    approver: str = ""


def plain(printed: str) -> Value:
    """A field whose truth is its NFKC form."""
    return Value(printed, unicodedata.normalize("NFKC", printed).strip())


def choose(rng: np.random.Generator, options: Sequence[str]) -> str:
    """One of the options by lot."""
    return options[int(rng.integers(len(options)))]


def digits(rng: np.random.Generator, count: int) -> str:
    """A run of random digits."""
    return "".join(str(d) for d in rng.integers(0, 10, count))


@functools.cache
def people() -> tuple[str, ...]:
    """Invented names of inspectors and checkers."""
    return tuple(row["name"] for row in demo.read_data("people"))


def pick_day(lab: Lab, wish: Wish, rng: np.random.Generator) -> dt.date:
    """An issue date within the wish, on which the laboratory was accredited if that can be.

    Args:
        lab: whose accreditations count; with a number in the wish they do not.
        wish: the plan's first and last day.
        rng: source of chance.

    Returns:
        The day.
    """
    first, last = wish.days
    count = (last - first).days + 1
    days = [first + dt.timedelta(days=int(n)) for n in rng.integers(0, count, 400)]
    if wish.number:
        return days[0]
    return next((day for day in days if lab.accredited("CMA", day)), days[0])


def nearest(lab: Lab, day: dt.date) -> Right:
    """The CMA row that a laboratory without a valid one on that day would still print."""
    rows = [right for right in lab.accreditations if right.row["kind"] == "CMA"]
    begun = [right for right in rows if right.valid_from <= day]
    return max(begun, key=lambda right: right.valid_from) if begun else rows[0]


def may_test(lab: Lab, day: dt.date) -> set[str]:
    """Objects of the laboratory's scope on that day."""
    return {right.row["object"] for right in lab.scopes if right.holds(day)}


def parameters(lab: Lab, day: dt.date) -> set[str]:
    """Parameters its gem scope is limited to; empty for no limit."""
    rows = [right.row for right in lab.scopes if right.holds(day) and right.row["object"] != METALS]
    named = {row["parameter"] for row in rows}
    return set() if "" in named else named


def can_sign(scope: str, species: str, metal: str) -> bool:
    """Whether a signatory of that field may sign for this piece."""
    field = set(scope.split(";"))
    gem = bool(field & {ALL_OBJECTS, ALL_GEMS, species})
    return gem and (not metal or bool(field & {ALL_OBJECTS, METALS}))


def pick_approver(
    lab: Lab, day: dt.date, species: str, metal: str, rng: np.random.Generator
) -> str:
    """A signatory who may sign this piece on that day, else any of the laboratory's."""
    rows = [right.row for right in lab.signatories if right.holds(day)]
    fit = [row["name"] for row in rows if can_sign(row["scope"], species, metal)]
    return choose(rng, fit or [row["name"] for row in rows] or lab.style["signers"])


def metal_standards(lab: Lab, day: dt.date) -> tuple[str, ...]:
    """Standards for metals of that day: of them the laboratory's own, all where it has none."""
    quoted = [
        f"{name}-{next(year for first, year in editions if day >= first)}"
        for name, editions in METAL_EDITIONS
    ]
    held = {right.row["standard"] for right in lab.scopes if right.holds(day)}
    return tuple(name for name in quoted if name in held) or tuple(quoted)


def edition(day: dt.date) -> str:
    """Year of the base standards in force on that day."""
    return next((year for first, year in NAMING_EDITIONS if day >= first), "2010")


def pick_standards(lab: Lab, day: dt.date, stone: Mapping[str, str], metal: str) -> tuple[str, ...]:
    """Standards that the laboratory may quote for this piece on that day."""
    base = [f"{name}-{edition(day)}" for name in BASE_STANDARDS]
    allowed = {right.row["standard"] for right in lab.scopes if right.holds(day)}
    own = [stone["standard"]] if stone["standard"] and stone["standard"] in allowed else []
    return (*base, *own, *(metal_standards(lab, day) if metal else ()))


def standards_value(names: Sequence[str], joint: str) -> Value:
    """The list of standards as printed with a joint between, and as the contract has it."""
    return Value(joint.join(names), tuple(names))


def fill_number(pattern: str, day: dt.date, rng: np.random.Generator) -> str:
    """A certificate number in the laboratory's own form."""
    parts = {f"n{count}": digits(rng, count) for count in (4, 5, 6, 8)}
    date = {"yyyy": f"{day:%Y}", "yy": f"{day:%y}", "mm": f"{day:%m}", "dd": f"{day:%d}"}
    return pattern.format(**date, **parts)


def date_value(day: dt.date, rng: np.random.Generator) -> Value:
    """The issue date in one of the forms that certificates use."""
    forms = ("%Y-%m-%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y/%m/%d")
    return Value(day.strftime(choose(rng, forms)), day.isoformat())
