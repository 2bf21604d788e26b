"""Draws by lot what an honest certificate of a laboratory says."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
from collections.abc import Mapping

import numpy as np

from samples.generator import content, demo
from samples.generator.content import Certificate, Value, Wish, choose, digits, plain
from samples.generator.demo import Lab

Row = Mapping[str, str]
MOUNTED_SHARE = 0.2
FULL_WIDTH_SHARE = 0.5


@functools.cache
def stones() -> dict[str, Row]:
    """Rows of data/stones.csv by species."""
    return {row["species"]: row for row in demo.read_data("stones")}


@functools.cache
def articles() -> dict[str, Row]:
    """Rows of data/articles.csv by article."""
    return {row["article"]: row for row in demo.read_data("articles")}


@dc.dataclass(frozen=True, slots=True)
class Piece:
    """The object that was tested.

    Attributes:
        stone: its row of stones.csv.
        article: its row of articles.csv.
        colour: colour word.
        metal: fineness and metal of the setting, or "".
    """

    stone: Row
    article: Row
    colour: str
    metal: str


def pick_piece(lab: Lab, day: dt.date, wish: Wish, rng: np.random.Generator) -> Piece:
    """A piece within the laboratory's scope, or within the wish where that names one."""
    objects = content.may_test(lab, day)
    everything = not objects or content.ALL_GEMS in objects
    own = [name for name in stones() if everything or name in objects]
    stone = stones()[choose(rng, wish.species or own)]
    mounted = wish.mounted
    if mounted is None:
        mounted = content.METALS in objects and rng.random() < MOUNTED_SHARE
    may = [a for a in stone["articles"].split(";") if not wish.articles or a in wish.articles]
    fit = [a for a in may if bool(articles()[a]["metal"]) == mounted]
    article = articles()[choose(rng, fit or may or list(wish.articles))]
    metal = choose(rng, article["metal"].split(";")) if mounted else ""
    return Piece(stone, article, choose(rng, stone["colours"].split(";")), metal)


def conclusion(piece: Piece, rng: np.random.Generator) -> str:
    """The name by GB/T 16552: metal, stone, article."""
    name = piece.stone["species"]
    kind = content.NEPHRITE_KINDS.get(piece.colour)
    if name == "和田玉" and kind and rng.random() < FULL_WIDTH_SHARE:
        name = f"和田玉（{kind}）"
    article = piece.article["article"]
    bare = article == "裸石" or (not piece.metal and article == "戒面" and rng.random() < 0.5)
    return f"{piece.metal}{name}{'' if bare else article}"


def _index(piece: Piece, rng: np.random.Generator) -> str:
    stone = piece.stone
    low, high = float(stone["ri_low"]), float(stone["ri_high"])
    if stone["ri_kind"] == "spot":
        word = "（点测）" if rng.random() < FULL_WIDTH_SHARE else "(点测)"
        return f"{round(rng.uniform(low, high), 2):.2f}{word}"
    joint = choose(rng, ("-", "～"))
    return f"{low:.3f}{joint}{high:.3f}"


def measurements(piece: Piece, rng: np.random.Generator) -> dict[str, Value]:
    """Mass, index, density and what was seen, within the species' range."""
    article, stone = piece.article, piece.stone
    mass = f"{rng.uniform(float(article['mass_low']), float(article['mass_high'])):.2f}"
    if rng.random() < FULL_WIDTH_SHARE / 2:
        mass = f"{float(mass) + 0.001:.3f}"
    density = f"{rng.uniform(float(stone['sg_low']), float(stone['sg_high'])):.2f}"
    unit = choose(rng, ("", "", "g/cm³"))
    values = {
        "mass": Value(f"{mass}{choose(rng, ('g', 'g', ' g'))}", mass),
        "shape": plain(choose(rng, article["shape"].split(";"))),
        "colour": plain(piece.colour + (choose(rng, ("", "色")) if len(piece.colour) == 1 else "")),
        "refractive_index": plain(_index(piece, rng)),
        "density": Value(f"{density}{unit}", density),
        "magnification": plain(choose(rng, stone["magnification"].split(";"))),
        "optic_character": plain(stone["optic"]),
        "fluorescence": plain(choose(rng, stone["fluorescence"].split(";"))),
    }
    if article["tested"]:
        values["density"] = plain(choose(rng, article["tested"].split(";")))
    if piece.metal:
        values["metal"] = plain(piece.metal)
    return values


def _limit(values: dict[str, Value], lab: Lab, day: dt.date) -> dict[str, Value]:
    names = content.parameters(lab, day)
    words = {"fluorescence": "荧光观察", "optic_character": "光性特征"}
    return {k: v for k, v in values.items() if not names or words.get(k, "") in {"", *names}}


def _people(lab: Lab, day: dt.date, piece: Piece, wish: Wish, rng: np.random.Generator) -> Row:
    approver = wish.approver or content.pick_approver(
        lab, day, piece.stone["species"], piece.metal, rng
    )
    listed = {right.row["name"] for right in lab.signatories} | {approver}
    others = [name for name in content.people() if name not in listed]
    first = choose(rng, others)
    second = choose(rng, [name for name in others if name != first])
    return {"inspector": first, "checker": second, "approver": approver}


def heading(lab: Lab, day: dt.date, wish: Wish, rng: np.random.Generator) -> dict[str, Value]:
    """Numbers, name, address and the like."""
    accredited = lab.accredited("CMA", day) or content.nearest(lab, day)
    values = {
        "certificate_no": plain(content.fill_number(lab.style["number"], day, rng)),
        "security_code": plain(digits(rng, 8)),
        "lab_name": plain(lab.name),
        "cma_no": plain(wish.number or accredited.row["number"]),
        "issue_date": content.date_value(day, rng),
        "address": plain(accredited.row["address"]),
        "phone": plain(lab.style["phone"]),
        "website": plain(lab.style["website"]),
    }
    cnas = lab.accredited("CNAS", day)
    if cnas:
        values["cnas_no"] = plain(cnas.row["number"])
    return values


def draft(lab: Lab, wish: Wish, rng: np.random.Generator) -> Certificate:
    """An honest certificate of that laboratory, as far as the wish lets it be honest.

    Args:
        lab: who issues it.
        wish: what the plan asks for.
        rng: source of chance; the same state gives the same certificate.

    Returns:
        The certificate.
    """
    day = content.pick_day(lab, wish, rng)
    piece = pick_piece(lab, day, wish, rng)
    values = heading(lab, day, wish, rng)
    values["conclusion"] = plain(conclusion(piece, rng))
    values |= _limit(measurements(piece, rng), lab, day)
    joint = choose(rng, ("  ", "、", "；", ", "))
    names = content.pick_standards(lab, day, piece.stone, piece.metal)
    values["standards"] = content.standards_value(names, joint)
    values["remarks"] = plain(choose(rng, content.REMARKS))
    values |= {key: plain(name) for key, name in _people(lab, day, piece, wish, rng).items()}
    number = str(values["certificate_no"].truth)
    code = str(values["security_code"].truth)
    cal = lab.accredited("CAL", day)
    limited = bool(content.parameters(lab, day))
    spectrum = (("红外光谱", f"符合{piece.stone['species']}红外光谱特征"),)
    return Certificate(
        lab=lab,
        day=day,
        species=piece.stone["species"],
        picture=piece.article["picture"],
        hue=piece.colour,
        values=values,
        extras=() if limited else spectrum,
        title=choose(rng, content.TITLES),
        name_en=lab.style["name_en"],
        cal_no=cal.row["number"] if cal else "",
        query=lab.style["query"].format(no=number, code=code),
        seal_name=lab.name,
        seal_kind=content.SEAL_KIND,
        seal_shape=lab.style.get("seal_shape", "round"),
    )
