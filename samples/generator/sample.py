"""One sample from a seed: the paper, the photo of it, and the truth."""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from samples.generator import (
    camera,
    demo,
    faults,
    fonts,
    layouts,
    pose,
    scene,
    seal_ways,
    treatments,
)
from samples.generator.camera import Picture
from samples.generator.content import Certificate
from samples.generator.layouts import LAYOUTS
from samples.generator.paper import Quad, Sheet

# Items 1 to 5 decide the verdict (contract); worst first.
DECIDING = ("1", "2", "3", "4", "5")
# Of a place, covered or washed out beyond which it is said to be hidden: a character of a
# short field, more than the error correction of a code makes good, an eighth of a seal.
HIDDEN_FIELD, HIDDEN_CODE, HIDDEN_SEAL = 0.06, 0.05, 0.12
_HAN = re.compile(r"[\u4e00-\u9fff]")
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


@dc.dataclass(frozen=True, eq=False)
class _Paper:
    """A certificate as printed, before it is photographed."""

    head: dict[str, Any]
    plan: faults.Plan
    cert: Certificate
    sheet: Sheet

    @property
    def page(self) -> Picture:
        """BGR."""
        return np.ascontiguousarray(np.asarray(self.sheet.image)[..., ::-1])

    @property
    def subject(self) -> scene.Subject:
        """The sheet for the camera."""
        boxes = [box for text, box in self.sheet.written if _HAN.search(text)]
        heights = [box[3] - box[1] for box in boxes]
        return scene.Subject(self.page, float(np.median(heights)), list(self.sheet.boxes.values()))


def make(
    seed: int,
    *,
    level: str = "flat",
    layout: str | None = None,
    font: str | None = None,
    fault: str | None = None,
    lab_id: str | None = None,
    treatment: str | None = None,
    seal_way: str = "",
) -> Sample:
    """Makes one sample; the same arguments give the same sample.

    Args:
        seed: source of all chance.
        level: one of `camera.LEVELS`.
        layout: one of `layouts.ALL`; by lot among `layouts.LAYOUTS` where None.
        font: one of `fonts.FACES`; by lot among the installed of `fonts.BODY_FACES`
            where None.
        fault: id of a plan in data/plans.toml, a fault or an honest case; None for an
            ordinary honest certificate.
        lab_id: which demo laboratory; by lot among those the plan allows where None.
        treatment: names of `treatments.TREATMENTS` joined by `+`, or `plain` for none;
            by lot at level `hard`, else none, where None.
        seal_way: one of `seal_ways.WAYS`; "" for a seal stamped the ordinary way.

    Returns:
        The sample.

    Raises:
        ValueError: an unknown level, layout, font, plan, laboratory, treatment or seal way.
        FontsMissingError: no Chinese font is installed.
    """
    _check(level, layout, font, treatment)
    streams = np.random.SeedSequence(seed).spawn(5)
    rngs = [np.random.default_rng(stream) for stream in streams]
    plan = faults.plan(fault)
    paper = _paper(seed, rngs, level, layout, font, plan, lab_id, seal_way)
    if treatment is None and level != "hard":
        photo = camera.shoot(paper.page, level, rngs[3])
        seen = scene.Laid((pose.flat(paper.subject.size, photo.homography),), photo.rotation)
        return Sample(photo.image, {**paper.head, **_truth(paper, photo.image, seen)})
    names = treatments.by_lot(rngs[4]) if treatment is None else treatments.parse(treatment)
    return _treated(paper, names, rngs)


def _treated(paper: _Paper, names: tuple[str, ...], rngs: Sequence[np.random.Generator]) -> Sample:
    """The paper photographed with treatments; the second of a pair is an ordinary one."""
    level = paper.head["level"]
    papers = [paper]
    if "pair" in names:
        seed = int(rngs[4].integers(1 << 31))
        own = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(3)]
        papers.append(_paper(seed, own, level, None, None, faults.plan(None), None))
    photo = scene.shoot([one.subject for one in papers], level, names, rngs[3])
    truths = []
    for number, (one, laid) in enumerate(zip(papers, photo.laid, strict=True), start=1):
        truth = {**one.head, **_truth(one, photo.image, laid)}
        truth |= {"treatments": list(names), "part": number}
        truths.append(_without_hidden(truth, photo))
    return Sample(photo.image, {**truths[0], "others": truths[1:]})


def _without_hidden(truth: dict[str, Any], photo: scene.Scene) -> dict[str, Any]:
    """What fingers and reflections cover, taken out of what can be read."""
    fields, boxes = truth["fields"], truth["boxes"]
    gone = [key for key in fields if photo.hides(np.array(boxes[key]), HIDDEN_FIELD)]
    truth["hidden"] = {key: fields[key] for key in gone}
    truth["fields"] = {key: value for key, value in fields.items() if key not in gone}
    marks = []
    shares = {"codes": HIDDEN_CODE, "seals": HIDDEN_SEAL, "signatures": HIDDEN_FIELD}
    for kind, share in shares.items():
        if kind not in truth:
            continue
        covered = [photo.hides(np.array(mark["box"]), share) for mark in truth[kind]]
        pairs = list(zip(truth[kind], covered, strict=True))
        marks += [mark for mark, hides in pairs if hides]
        truth[kind] = [mark for mark, hides in pairs if not hides]
    truth["hidden_marks"] = marks
    return truth


def _paper(
    seed: int,
    rngs: Sequence[np.random.Generator],
    level: str,
    layout: str | None,
    font: str | None,
    plan: faults.Plan,
    lab_id: str | None,
    seal_way: str = "",
) -> _Paper:
    by_lot, words, look = rngs[:3]
    layout = layout or tuple(LAYOUTS)[int(by_lot.integers(len(LAYOUTS)))]
    faces = fonts.body_faces()
    font = font or faces[int(by_lot.integers(len(faces)))]
    cert = faults.carry_out(plan, lab_id, words)
    if seal_way:
        cert = dc.replace(cert, seal_way=seal_ways.way(seal_way).name)
    sheet = layouts.ALL[layout](cert, font, look)
    head = {"seed": seed, "level": level, "layout": layout, "font": font}
    return _Paper(head, plan, cert, sheet)


def _check(level: str, layout: str | None, font: str | None, treatment: str | None) -> None:
    if level not in camera.LEVELS:
        raise ValueError(f"unknown level {level!r}, one of {', '.join(camera.LEVELS)}")
    if layout is not None and layout not in layouts.ALL:
        raise ValueError(f"unknown layout {layout!r}, one of {', '.join(layouts.ALL)}")
    if font is not None and font not in fonts.installed():
        raise ValueError(f"font {font!r} is not installed, here are {', '.join(fonts.installed())}")
    if treatment is not None:
        treatments.parse(treatment)
        if level == "flat":
            raise ValueError(f"a flat scan cannot be treated with {treatment!r}")


def _corners(laid: scene.Laid, quad: Quad) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in laid.map_points(quad)]


def _truth(paper: _Paper, image: Picture, laid: scene.Laid) -> dict[str, Any]:
    plan, cert, sheet = paper.plan, paper.cert, paper.sheet
    fields = {}
    for key in sheet.boxes:
        value = cert.values[key].truth
        fields[key] = value if isinstance(value, str) else list(value)
    height, width = sheet.height, sheet.width
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    marks = [(mark, {**mark.facts, "box": _corners(laid, mark.quad)}) for mark in sheet.marks]
    signed = [facts for mark, facts in marks if mark.kind == "signature"]
    tall, wide = image.shape[:2]
    return {
        "certificate": True,
        "size": [wide, tall],
        "lab_id": cert.lab.lab_id,
        "fault": None if plan.honest else plan.name,
        "case": plan.name or None,
        "item": plan.item,
        "honest": plan.honest,
        "fields": fields,
        "boxes": {key: _corners(laid, quad) for key, quad in sheet.boxes.items()},
        "codes": [facts for mark, facts in marks if mark.kind == "code"],
        "seals": [facts for mark, facts in marks if mark.kind == "seal"],
        **({"signatures": signed} if signed else {}),
        "page": _corners(laid, page),
        "rotation": round(laid.rotation, 2),
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
