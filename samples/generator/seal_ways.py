"""Ways a seal may be stamped, and red things beside it that are no seal."""

from __future__ import annotations

import dataclasses as dc
import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from samples.generator.paper import Colour, Sheet

Point = tuple[float, float]


@dc.dataclass(frozen=True, slots=True)
class Way:
    """How a seal is stamped.

    Attributes:
        name: its key in WAYS.
        about: one line for people.
        colour: of the ink, RGB; None for a red by lot.
        strength: of the ink, 0..1.
        tilt: degrees by which it is turned more than usual, either way.
        shape: instead of the laboratory's own.
        at: `edge` over the sheet's right edge, `foot` over its lower one, `name` over the
            laboratory's printed name, `signature` over the approver's; "" where the layout
            has it.
        second: whether the laboratory's company seal stands beside it.
        decoy: name in DECOYS of a red thing that is no seal, or "".
    """

    name: str
    about: str
    colour: Colour | None = None
    strength: float = 1.0
    tilt: float = 0.0
    shape: str = ""
    at: str = ""
    second: bool = False
    decoy: str = ""


_ORDINARY = Way("", "as the layout has it")
WAYS = {
    one.name: one
    for one in (
        Way("faded", "pale: a dry ink pad", strength=0.42),
        Way("tilted", "turned by 25 to 50 degrees", tilt=38.0),
        Way("name", "over the laboratory's printed name", at="name"),
        Way("signature", "over the approver's signature", at="signature"),
        Way("edge", "over the right edge of the paper, the rest on another sheet", at="edge"),
        Way("foot", "over the lower edge of the paper", at="foot"),
        Way("two", "with the company's own seal beside it", second=True),
        Way("blue", "in blue ink", colour=(38, 62, 158)),
        Way("black", "in black ink, or a black and white copy of it", colour=(42, 42, 46)),
        Way("oval", "oval", shape="oval"),
        Way("square", "square, the name in rows or columns", shape="square"),
        Way("emblem", "a red emblem beside it, or alone", decoy="emblem"),
        Way("stone", "a red stone beside it, or alone", decoy="stone"),
    )
}
# Over an edge a quarter to a sixth of the seal is lost.
_LOST = (0.12, 0.24)


def way(name: str) -> Way:
    """The way of that name, the ordinary one for "".

    Raises:
        ValueError: there is none of that name.
    """
    if not name:
        return _ORDINARY
    if name not in WAYS:
        raise ValueError(f"unknown seal way {name!r}, one of {', '.join(WAYS)}")
    return WAYS[name]


def centre(one: Way, sheet: Sheet, usual: Point, size: int) -> Point:
    """Where a seal's middle comes to lie on the sheet."""
    x, y = usual
    if one.at in ("edge", "foot"):
        lost = float(sheet.rng.uniform(*_LOST)) * size
        width, height = sheet.image.size
        return (width - size / 2 + lost, y) if one.at == "edge" else (x, height - size / 2 + lost)
    box = sheet.boxes.get({"name": "lab_name", "signature": "approver"}.get(one.at, ""))
    if box is None:
        return usual
    middle = box.mean(axis=0) + sheet.rng.uniform(-0.15, 0.15, 2) * size
    return float(middle[0]), float(middle[1])


def beside(sheet: Sheet, usual: Point, size: int) -> Point:
    """A place beside a seal, on whichever side there is more room."""
    width, _ = sheet.image.size
    away = 1.25 * size
    x = usual[0] - away if usual[0] > width / 2 else usual[0] + away
    return x, usual[1] + float(sheet.rng.uniform(-0.2, 0.2)) * size


def emblem(image: Image.Image, at: Point, size: int, rng: np.random.Generator) -> Image.Image:
    """A printed red badge: a cogwheel around a star, as on letterheads."""
    mask = Image.new("L", (size * 2, size * 2), 0)
    draw = ImageDraw.Draw(mask)
    middle, outer = size, size * 0.94
    teeth = int(rng.integers(18, 30))
    for tooth in range(teeth):
        turn = 2 * math.pi * tooth / teeth
        x, y = middle + outer * math.cos(turn), middle + outer * math.sin(turn)
        draw.regular_polygon((x, y, size * 0.07), 4, rotation=-math.degrees(turn), fill=255)
    for radius, fill in ((0.92, 255), (0.72, 0)):
        reach = size * radius
        draw.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=fill)
    points = []
    for corner in range(10):
        reach = size * (0.5 if corner % 2 == 0 else 0.2)
        turn = math.pi * corner / 5
        points.append((middle + reach * math.sin(turn), middle - reach * math.cos(turn)))
    draw.polygon(points, fill=255)
    return _inked(image, mask.resize((size, size), Image.Resampling.LANCZOS), at, (200, 28, 34))


def stone(image: Image.Image, at: Point, size: int, rng: np.random.Generator) -> Image.Image:
    """A red cabochon: one smooth thing with a highlight."""
    mask = Image.new("L", (size, size), 0)
    squeeze = float(rng.uniform(0.7, 1.0))
    box = (
        size * 0.06,
        size * (1 - 0.94 * squeeze) / 2,
        size * 0.94,
        size * (1 + 0.94 * squeeze) / 2,
    )
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    shine = Image.new("L", (size, size), 0)
    spot = (size * 0.3, size * 0.26, size * 0.48, size * 0.4)
    ImageDraw.Draw(shine).ellipse(spot, fill=170)
    lit = ImageChops.subtract(mask, shine.filter(ImageFilter.GaussianBlur(size / 24)))
    return _inked(image, lit, at, (176, 20, 44))


def _inked(image: Image.Image, mask: Image.Image, at: Point, colour: Colour) -> Image.Image:
    left, top = round(at[0] - mask.width / 2), round(at[1] - mask.height / 2)
    image.paste(colour, (left, top), mask)
    return image


DECOYS: dict[str, Callable[[Image.Image, Point, int, np.random.Generator], Image.Image]] = {
    "emblem": emblem,
    "stone": stone,
}
