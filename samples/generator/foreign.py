"""Reports of invented laboratories abroad: English, carats, no CMA, our own layouts.

python -c "from samples.generator import foreign; foreign.make(7, level='normal')"
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from samples.generator import camera, demo, fonts, marks
from samples.generator.content import MODERN, Certificate, Value, choose, digits, plain
from samples.generator.demo import Lab
from samples.generator.paper import INK, PALE, Colour, Sheet
from samples.generator.sample import Sample

FACES = ("sans", "serif", "zenhei", "microhei", "sans-medium")
GRAMS_PER_CARAT = Decimal("0.2")
DATE_FORMS = ("%B {day}, %Y", "{day} %B %Y", "{ordinal} %B %Y", "%b {day}, %Y")
UNITS = {"diamond_report": " carat", "diamond_card": " CARAT", "gem_report": " ct"}
# What the contract's words on silence and on items 6 to 8 make of a report from abroad.
EXPECTED = {
    "verdict": "unverifiable",
    "items": {
        "1": "unverifiable", "2": "not_applicable", "3": "not_applicable",
        "4": "not_applicable", "5": "consistent", "6": "not_applicable",
        "7": "not_applicable", "8": "not_applicable",
    },
}  # fmt: skip

# (label, contract key, or the words themselves for what the contract has no key for)
Rows = Sequence[tuple[str, str, str]]


@functools.cache
def table() -> Mapping[str, Any]:
    """data/foreign.toml."""
    return demo.read_toml("foreign")


@dc.dataclass(frozen=True)
class Report:
    """What one report says.

    Attributes:
        cert: the fields, by contract key.
        extras: what the contract has no key for, by name.
        title: of the paper.
        unit: `ct`, with the number printed before it.
        carats: as printed.
    """

    cert: Certificate
    extras: Mapping[str, str]
    title: str
    carats: str


def layouts() -> tuple[str, ...]:
    """Names of the layouts."""
    return tuple(_LAYOUTS)


def make(seed: int, *, level: str = "flat", layout: str | None = None) -> Sample:
    """Makes one report and its photograph; the same arguments give the same.

    Args:
        seed: source of all chance.
        level: one of `camera.LEVELS`; `hard` is taken without treatments.
        layout: one of `layouts()`; by lot where None.

    Returns:
        The sample; truth as of other samples, `printed` the mass's number and unit.
    """
    words, look, shot = (
        np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(3)
    )
    layout = layout or choose(words, layouts())
    report = _draft(layout, words)
    here = [face for face in FACES if face in fonts.installed()]
    face = choose(look, here)
    sheet = _LAYOUTS[layout](report, face, look)
    page = np.ascontiguousarray(np.asarray(sheet.image)[..., ::-1])
    photo = camera.shoot(page, level, shot)
    return Sample(photo.image, {
        "seed": seed, "level": level, "layout": layout, "font": face,
        **_truth(report, sheet, photo),
    })  # fmt: skip


def _truth(report: Report, sheet: Sheet, photo: camera.Shot) -> dict[str, Any]:
    def corners(quad: np.ndarray) -> list[list[float]]:
        return np.round(camera.map_points(photo.homography, quad), 1).tolist()  # type: ignore[no-any-return]

    size = np.array([sheet.width, sheet.height], float)
    outline = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    tall, wide = photo.image.shape[:2]
    return {
        "certificate": True,
        "size": [wide, tall],
        "lab_id": "abroad",
        "fault": None,
        "case": "foreign_report",
        "item": None,
        "honest": True,
        "fields": {key: report.cert.values[key].truth for key in sheet.boxes},
        "printed": {"mass": {"printed": report.carats, "unit": "ct"}},
        "boxes": {key: corners(quad) for key, quad in sheet.boxes.items()},
        "codes": [{**mark.facts, "box": corners(mark.quad)} for mark in sheet.marks],
        "seals": [],
        "page": corners(outline),
        "rotation": round(photo.rotation, 2),
        "expected": EXPECTED,
    }


def _draft(layout: str, rng: np.random.Generator) -> Report:
    style = table()["lab"][layout]
    first, last = MODERN
    day = first + dt.timedelta(days=int(rng.integers((last - first).days)))
    runs = {f"n{count}": digits(rng, count) for count in (4, 6, 9)}
    runs["n10"] = "6" + digits(rng, 9)
    number = style["number"].format(yyyy=day.year, **runs)
    kind = table()["coloured" if layout == "gem_report" else "diamond"]
    carats = f"{rng.uniform(*kind['carats']):.2f}"
    grams = f"{(Decimal(carats) * GRAMS_PER_CARAT).normalize():f}"
    values = {
        "lab_name": plain(style["name"]),
        "certificate_no": plain(number),
        "issue_date": Value(_date(day, rng), day.isoformat()),
        "mass": Value(carats + UNITS[layout], grams),
        "shape": plain(choose(rng, kind["shapes"])),
        "website": plain(style["website"]),
        "remarks": plain(choose(rng, kind["remarks"])),
    }
    stone = table()["stone"][int(rng.integers(len(table()["stone"])))]
    sides = np.sort(rng.uniform(4, 11, 2))[::-1]
    extras = {"size": f"{sides[0]:.2f} x {sides[1]:.2f} x {sides[1] * 0.62:.2f} mm"}
    if layout == "gem_report":
        values["conclusion"] = plain(stone["name"])
        values["colour"] = plain(choose(rng, stone["colours"]))
        extras |= {"origin": choose(rng, stone["origins"]), "cut": choose(rng, kind["cuts"])}
    else:
        values["colour"] = plain(choose(rng, kind["colours"]))
        values["fluorescence"] = plain(choose(rng, kind["fluorescence"]))
        extras |= {key: choose(rng, kind["grades"]) for key in ("cut", "polish", "symmetry")}
        extras["clarity"] = choose(rng, kind["clarities"])
        if layout == "diamond_card":
            values["conclusion"] = plain("Natural Diamond")
    cert = Certificate(
        lab=Lab("abroad", style["name"], "", (), (), (), (), (), "", (), {}),
        day=day, species="", picture="stone", hue=values["colour"].printed, values=values,
        extras=(), title=choose(rng, style["titles"]), name_en=style["name"], cal_no="",
        query=style["query"].format(no=number), seal_name="", seal_kind="", seal_shape="round",
    )  # fmt: skip
    return Report(cert, extras, cert.title, carats)


def _date(day: dt.date, rng: np.random.Generator) -> str:
    ending = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    form = choose(rng, DATE_FORMS)
    return day.strftime(form).format(day=day.day, ordinal=f"{day.day}{ending}")


def _rows(
    sheet: Sheet, report: Report, rows: Rows, left: float, top: float, column: float, size: int,
    *, leaders: bool = False, gap: float = 1.75,
) -> float:  # fmt: skip
    """Labels and values, one a line; dotted leaders between them where wanted."""
    y = top
    for label, key, extra in rows:
        if not (report.extras.get(extra) if extra else sheet.has(key)):
            continue
        box = sheet.write((left, y), label, size, fill=PALE)
        if leaders:
            dots = int((left + column - box[2] - size) / (size * 0.36))
            sheet.write((box[2] + size * 0.3, y), "." * max(2, dots), size, fill=PALE)
        if extra:
            sheet.write((left + column, y), report.extras[extra], size)
        else:
            sheet.put(key, (left + column, y), size)
        y += size * gap
    return y


def _diamond_report(report: Report, face: str, rng: np.random.Generator) -> Sheet:
    """Landscape, two columns, dotted leaders, the date alone under the title."""
    sheet = Sheet(report.cert, (1754, 1240), face, rng)
    head: Colour = (30, 46, 84)
    sheet.draw.rectangle((40, 40, 1714, 1200), outline=head, width=3)
    sheet.write((90, 80), table()["lab"]["diamond_report"]["mark"], 84, sheet.title_face, head)
    sheet.put("lab_name", (330, 84), 44, face=sheet.title_face, fill=head)
    sheet.write((330, 150), report.title, 34, fill=PALE)
    sheet.put("issue_date", (90, 240), 30)
    first = (("Report Number", "certificate_no", ""), ("Shape and Cutting Style", "shape", ""),
             ("Measurements", "", "size"))  # fmt: skip
    y = _rows(sheet, report, first, 90, 300, 480, 30, leaders=True)
    sheet.write((90, y + 10), "GRADING RESULTS", 28, sheet.title_face, head)
    grades = (("Carat Weight", "mass", ""), ("Color Grade", "colour", ""),
              ("Clarity Grade", "", "clarity"), ("Cut Grade", "", "cut"))  # fmt: skip
    y = _rows(sheet, report, grades, 90, y + 64, 480, 30, leaders=True)
    sheet.write((90, y + 10), "ADDITIONAL GRADING INFORMATION", 28, sheet.title_face, head)
    more = (("Polish", "", "polish"), ("Symmetry", "", "symmetry"),
            ("Fluorescence", "fluorescence", ""), ("Comments:", "remarks", ""))  # fmt: skip
    _rows(sheet, report, more[:3], 90, y + 64, 480, 30, leaders=True)
    _rows(sheet, report, more[3:], 90, y + 64 + 3 * 53, 190, 30)
    marks.qr_code(sheet, 1380, 820, 230)
    sheet.put("website", (1380, 1110), 26)
    sheet.write((1080, 300), "PROPORTIONS", 28, sheet.title_face, head)
    sheet.draw.polygon([(1120, 430), (1500, 430), (1600, 500), (1310, 720), (1020, 500)],
                       outline=INK, width=3)  # fmt: skip
    return sheet


def _diamond_card(report: Report, face: str, rng: np.random.Generator) -> Sheet:
    """A landscape card, capitals, labels in a column."""
    sheet = Sheet(report.cert, (1500, 960), face, rng, paper=(246, 249, 252))
    head: Colour = (10, 70, 120)
    sheet.draw.rectangle((0, 0, 1500, 120), fill=head)
    sheet.put("lab_name", (60, 34), 46, face=sheet.title_face, fill=(250, 250, 250))
    sheet.write((60, 150), report.title, 34, sheet.title_face, head)
    rows = (("REPORT NUMBER", "certificate_no", ""), ("DATE", "issue_date", ""),
            ("DESCRIPTION", "conclusion", ""), ("SHAPE AND CUT", "shape", ""),
            ("CARAT WEIGHT", "mass", ""), ("COLOR GRADE", "colour", ""),
            ("CLARITY GRADE", "", "clarity"), ("CUT GRADE", "", "cut"),
            ("POLISH", "", "polish"), ("SYMMETRY", "", "symmetry"),
            ("FLUORESCENCE", "fluorescence", ""), ("MEASUREMENTS", "", "size"),
            ("COMMENTS", "remarks", ""))  # fmt: skip
    _rows(sheet, report, rows, 60, 220, 380, 29, gap=1.85)
    marks.qr_code(sheet, 1180, 240, 220)
    sheet.put("website", (1180, 520), 26)
    marks.bar_code(sheet, 1000, 660, 400, 90, str(report.cert.values["certificate_no"].truth))
    return sheet


def _gem_report(report: Report, face: str, rng: np.random.Generator) -> Sheet:
    """Portrait, a label with its colon to the left of each value."""
    sheet = Sheet(report.cert, (1240, 1754), face, rng)
    head: Colour = (120, 20, 40)
    marks.guilloche(sheet, (214, 208, 226), 0.3)
    sheet.put("lab_name", (620, 110), 50, face=sheet.title_face, fill=head, anchor="ma")
    sheet.write((620, 200), report.title, 40, sheet.title_face, anchor="ma")
    rows = (("No.", "certificate_no", ""), ("Date", "issue_date", ""),
            ("Identification:", "conclusion", ""), ("Weight:", "mass", ""),
            ("Dimensions:", "", "size"), ("Shape:", "shape", ""), ("Cut:", "", "cut"),
            ("Color:", "colour", ""), ("Comments:", "remarks", ""),
            ("Origin:", "", "origin"))  # fmt: skip
    _rows(sheet, report, rows, 130, 330, 330, 34, gap=2.3)
    marks.qr_code(sheet, 820, 1330, 240, "Verify")
    sheet.put("website", (130, 1560), 28)
    sheet.write((130, 1450), "Gemmologist", 28, fill=PALE)
    return sheet


_LAYOUTS: dict[str, Callable[[Report, str, np.random.Generator], Sheet]] = {
    "diamond_report": _diamond_report,
    "diamond_card": _diamond_card,
    "gem_report": _gem_report,
}
