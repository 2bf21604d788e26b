"""One sample from a seed: the paper, the photo of it, and the truth."""

from __future__ import annotations

import dataclasses as dc
from typing import Any

import cv2
import numpy as np

from samples.generator import camera, demo, faults, fonts
from samples.generator.camera import Picture, Shot
from samples.generator.content import Certificate
from samples.generator.layouts import LAYOUTS
from samples.generator.paper import Quad, Sheet

# Items 1 to 5 decide the verdict (contract); worst first.
DECIDING = ("1", "2", "3", "4", "5")
WORST_FIRST = ("inconsistent", "suspected", "unverifiable", "consistent")


@dc.dataclass(frozen=True)
class Sample:
    """A picture and what is in it.

    Attributes:
        image: BGR picture.
        truth: as samples/README.md describes it, ready for JSON.
    """

    image: Picture
    truth: dict[str, Any]


def make(
    seed: int,
    *,
    level: str = "flat",
    layout: str | None = None,
    font: str | None = None,
    fault: str | None = None,
    lab_id: str | None = None,
) -> Sample:
    """Makes one sample; the same arguments give the same sample.

    Args:
        seed: source of all chance.
        level: one of `camera.LEVELS`.
        layout: one of `layouts.LAYOUTS`; by lot where None.
        font: one of `fonts.FACES`; by lot among the installed where None.
        fault: id of a plan in data/plans.toml, a fault or an honest case; None for an
            ordinary honest certificate.
        lab_id: which demo laboratory; by lot among those the plan allows where None.

    Returns:
        The sample.

    Raises:
        ValueError: an unknown level, layout, font, plan or laboratory.
        FontsMissingError: no Chinese font is installed.
    """
    _check(level, layout, font)
    streams = np.random.SeedSequence(seed).spawn(4)
    by_lot, words, look, shot = (np.random.default_rng(stream) for stream in streams)
    layout = layout or tuple(LAYOUTS)[int(by_lot.integers(len(LAYOUTS)))]
    faces = fonts.body_faces()
    font = font or faces[int(by_lot.integers(len(faces)))]
    plan = faults.plan(fault)
    cert = faults.carry_out(plan, lab_id, words)
    sheet = LAYOUTS[layout](cert, font, look)
    page = np.ascontiguousarray(np.asarray(sheet.image)[..., ::-1])
    photo = camera.shoot(page, level, shot)
    head = {"seed": seed, "level": level, "layout": layout, "font": font}
    return Sample(photo.image, {**head, **_truth(plan, cert, sheet, photo)})


def _check(level: str, layout: str | None, font: str | None) -> None:
    if level not in camera.LEVELS:
        raise ValueError(f"unknown level {level!r}, one of {', '.join(camera.LEVELS)}")
    if layout is not None and layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}, one of {', '.join(LAYOUTS)}")
    if font is not None and font not in fonts.installed():
        raise ValueError(f"font {font!r} is not installed, here are {', '.join(fonts.installed())}")


def _corners(photo: Shot, quad: Quad) -> list[list[float]]:
    mapped = camera.map_points(photo.homography, quad)
    return [[round(float(x), 1), round(float(y), 1)] for x, y in mapped]


def _truth(plan: faults.Plan, cert: Certificate, sheet: Sheet, photo: Shot) -> dict[str, Any]:
    fields = {}
    for key in sheet.boxes:
        value = cert.values[key].truth
        fields[key] = value if isinstance(value, str) else list(value)
    height, width = sheet.height, sheet.width
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    marks = [(mark, {**mark.facts, "box": _corners(photo, mark.quad)}) for mark in sheet.marks]
    signed = [facts for mark, facts in marks if mark.kind == "signature"]
    tall, wide = photo.image.shape[:2]
    return {
        "certificate": True,
        "size": [wide, tall],
        "lab_id": cert.lab.lab_id,
        "fault": None if plan.honest else plan.name,
        "case": plan.name or None,
        "item": plan.item,
        "honest": plan.honest,
        "fields": fields,
        "boxes": {key: _corners(photo, quad) for key, quad in sheet.boxes.items()},
        "codes": [facts for mark, facts in marks if mark.kind == "code"],
        "seals": [facts for mark, facts in marks if mark.kind == "seal"],
        **({"signatures": signed} if signed else {}),
        "page": _corners(photo, page),
        "rotation": round(photo.rotation, 2),
        "expected": expected(plan, cert),
    }


def expected(plan: faults.Plan, cert: Certificate) -> dict[str, Any]:
    """What the plan's row and the laboratory's row say a check must answer.

    Args:
        plan: with the items it changes.
        cert: whose laboratory and day decide items 7 and 8.

    Returns:
        `verdict` and `items`.
    """
    items = dict.fromkeys(DECIDING, "consistent")
    items |= cert.lab.style.get("expect", {}) | plan.expect
    known = cert.lab.lab_id != demo.UNREGISTERED
    member = any(right.holds(cert.day) for right in cert.lab.memberships)
    accredited = cert.lab.accredited("CMA", cert.day) is not None
    yes_or_advice = {True: "consistent", False: "advice"}
    items["6"] = "not_applicable"
    items["7"] = yes_or_advice[member] if known else "not_applicable"
    items["8"] = yes_or_advice[accredited] if known else "not_applicable"
    verdict = min((items[item] for item in DECIDING), key=WORST_FIRST.index)
    return {"verdict": verdict, "items": items}


def encode(image: Picture, suffix: str, quality: int = 85) -> bytes:
    """The picture as the bytes of a file of that kind, `.jpg` or `.png`."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix == ".jpg" else []
    _, data = cv2.imencode(suffix, image, options)
    return bytes(data)
