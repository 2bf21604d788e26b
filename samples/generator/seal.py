"""Draws the seal of a Chinese testing body: ring, name on the arc, star, straight line.

Proportions after 检验检测专用章使用要求 (name, the words, a five-point star, most often
round) and the measurements of two photographed company seals: ring 2.5 to 5 % of the
diameter, characters of the name about 14 % high and condensed to fit the arc.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import math
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from samples.generator import square

Ink = NDArray[np.float32]

SHAPES = ("round", "oval", "square")
# Short over long axis of the usual oval seals: 40 × 30 mm and 45 × 30 mm.
OVAL_RATIOS = (0.67, 0.75)
_SUPERSAMPLING = 2
MARGIN = 0.04
_LONG_NAME = 16
# Song faces first, as seal makers cut them; a Hei face now and then.
_FACES = (
    ("Noto Serif CJK SC", "Bold", 5),
    ("Noto Serif CJK SC", "SemiBold", 3),
    ("Noto Serif CJK SC", "Medium", 2),
    ("Noto Serif CJK SC", "Black", 1),
    ("Noto Sans CJK SC", "Medium", 1),
    ("AR PL UMing CN", "Light", 1),
)


class SealFontError(RuntimeError):
    """No Chinese font that a seal could be set in is installed."""


@dc.dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand, in pixels of the drawing canvas.

    Attributes:
        centre: x and y of the middle.
        axes: half axes of the outer edge.
        ring: thickness of the outer ring.
        tall: height of a character of the name.
    """

    centre: tuple[float, float]
    axes: tuple[float, float]
    ring: float
    tall: float


@functools.cache
def _faces() -> tuple[tuple[str, int, int], ...]:
    """Installed faces as (file, index in the collection, weight)."""
    found = []
    for family, style, weight in _FACES:
        query = f"{family}:style={style}"
        try:
            answer = subprocess.run(
                ["fc-match", "-f", "%{family}|%{file}|%{index}", query],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise SealFontError("fc-match failed: install fontconfig") from error
        names, file, index = answer.split("|")
        if family in names.split(",") and Path(file).exists():
            # fontconfig keeps the instance of a variable font in the upper bits.
            found.append((file, int(index) & 0xFFFF, weight))
    if not found:
        raise SealFontError("no seal font: install fonts-noto-cjk and fonts-noto-cjk-extra")
    return tuple(found)


def _pick_face(rng: np.random.Generator) -> tuple[str, int]:
    faces = _faces()
    weights = np.array([weight for _, _, weight in faces], dtype=float)
    file, index, _ = faces[int(rng.choice(len(faces), p=weights / weights.sum()))]
    return file, index


@functools.lru_cache(maxsize=64)
def _font(face: tuple[str, int], pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face[0], pixels, index=face[1])


def glyph_mask(char: str, face: tuple[str, int], wide: float, tall: float) -> Image.Image:
    """One character in an 8-bit mask of `wide` × `tall` pixels, drawn in its whole cell."""
    em = max(8, round(tall))
    cell = Image.new("L", (em, round(em * 1.1)), 0)
    ImageDraw.Draw(cell).text((em / 2, em * 0.55), char, 255, _font(face, em), anchor="mm")
    box = cell.getbbox()
    if box is None:
        return Image.new("L", (max(1, round(wide)), max(1, round(tall))), 0)
    # Seal makers fill the cell's height; the width only for characters that are wide.
    cell = cell.crop((0, box[1], em, box[3]) if box[3] - box[1] > em * 0.6 else (0, 0, em, em))
    return cell.resize((max(1, round(wide)), max(1, round(tall))), Image.Resampling.LANCZOS)


def _stamp(ink: Image.Image, glyph: Image.Image, at: tuple[float, float], turn: float) -> None:
    """Adds a glyph centred at `at`, turned clockwise by `turn` degrees."""
    turned = glyph.rotate(-turn, resample=Image.Resampling.BICUBIC, expand=True)
    corner = (round(at[0] - turned.width / 2), round(at[1] - turned.height / 2))
    box = (corner[0], corner[1], corner[0] + turned.width, corner[1] + turned.height)
    ink.paste(ImageChops.lighter(ink.crop(box), turned), box)


def _arc_table(axes: tuple[float, float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ellipse parameter and arc length, both from the top, clockwise, −180° to 180°."""
    parameter = np.linspace(-math.pi, math.pi, 2881)
    speed = np.hypot(axes[0] * np.cos(parameter), axes[1] * np.sin(parameter))
    steps = (speed[1:] + speed[:-1]) / 2 * np.diff(parameter)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    return parameter, length - length[len(length) // 2]


def _set_on_arc(
    ink: Image.Image,
    text: str,
    face: tuple[str, int],
    layout: _Layout,
    *,
    inset: float,
    tall: float,
    reach: float,
    widest: float,
    feet: str = "inwards",
) -> None:
    """Sets text along the ellipse `inset` pixels inside the outer edge.

    Args:
        ink: mask to draw on.
        text: what to set.
        face: font file and index.
        layout: the seal's measures.
        inset: from the outer edge to the middle of the characters.
        tall: height of the characters.
        reach: the most that the text may take of half the ellipse's length, 0..1.
        widest: the widest a character's cell may be, in heights.
        feet: `inwards` for the name on the upper arc, `outwards` for digits on the lower.
    """
    axes = (layout.axes[0] - inset, layout.axes[1] - inset)
    parameter, length = _arc_table(axes)
    half = length[-1]
    step = min(widest * tall, 2 * reach * half / max(1, len(text)))
    lower = feet == "outwards"
    for place, char in enumerate(text):
        along = (place - (len(text) - 1) / 2) * step
        if lower:
            along = (half - along) if along >= 0 else -half - along
        theta = float(np.interp(along, length, parameter))
        x, y = axes[0] * math.sin(theta), -axes[1] * math.cos(theta)
        outward = math.degrees(math.atan2(x / axes[0] ** 2, -y / axes[1] ** 2))
        glyph = glyph_mask(char, face, step * 0.9, tall)
        at = (layout.centre[0] + x, layout.centre[1] + y)
        _stamp(ink, glyph, at, outward + 180 if lower else outward)


def _set_line(
    ink: Image.Image,
    text: str,
    face: tuple[str, int],
    middle: tuple[float, float],
    room: tuple[float, float],
) -> None:
    """Sets a straight line centred at `middle` within `room` (width, height)."""
    if not text:
        return
    step = min(room[0] / len(text), room[1] * 1.05)
    for place, char in enumerate(text):
        x = middle[0] + (place - (len(text) - 1) / 2) * step
        _stamp(ink, glyph_mask(char, face, step * 0.92, room[1]), (x, middle[1]), 0)


def _draw_star(ink: Image.Image, centre: tuple[float, float], radius: float) -> None:
    # 0.382: the inner corners of a regular five-point star.
    corners = [
        (
            centre[0] + radius * (0.382 if i % 2 else 1.0) * math.sin(i * math.pi / 5),
            centre[1] - radius * (0.382 if i % 2 else 1.0) * math.cos(i * math.pi / 5),
        )
        for i in range(10)
    ]
    ImageDraw.Draw(ink).polygon(corners, fill=255)


def _draw_rings(ink: Image.Image, layout: _Layout, inner_line: float) -> None:
    """The outer ring, and a hairline inside it where `inner_line` (pixels) is not 0."""
    draw = ImageDraw.Draw(ink)
    (cx, cy), (a, b) = layout.centre, layout.axes
    draw.ellipse((cx - a, cy - b, cx + a, cy + b), fill=255)
    a, b = a - layout.ring, b - layout.ring
    draw.ellipse((cx - a, cy - b, cx + a, cy + b), fill=0)
    if inner_line:
        a, b = a - inner_line * 1.5, b - inner_line * 1.5
        width = max(1, round(inner_line))
        draw.ellipse((cx - a, cy - b, cx + a, cy + b), outline=255, width=width)


def _noise(rng: np.random.Generator, shape: tuple[int, int], grain: float) -> Ink:
    """Smooth noise of mean 0 and deviation 1 whose lumps are about `grain` pixels."""
    small = (max(2, math.ceil(shape[0] / grain)), max(2, math.ceil(shape[1] / grain)))
    field = Image.fromarray(rng.normal(size=small).astype(np.float32))
    wide = field.resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    values = np.asarray(wide, dtype=np.float32)
    return np.asarray((values - values.mean()) / (values.std() + 1e-6), dtype=np.float32)


def _press(mask: Image.Image, rng: np.random.Generator) -> Ink:
    """Turns a clean mask into what rubber and ink leave on paper, 0..1."""
    size = mask.width
    ink = np.asarray(mask.filter(ImageFilter.GaussianBlur(size / 600)), dtype=np.float32) / 255
    # Rough edges: the threshold wanders, so strokes swell and shrink; ink spreads on the
    # whole, or the thin strokes of a Song face would be lost.
    wander = 0.34 + 0.07 * _noise(rng, ink.shape, size / 160) + 0.05 * rng.normal()
    ink = np.clip((ink - np.maximum(wander, 0.18)) * 4 + 0.5, 0, 1)
    # Pressure: leaning to one side, and unevenly inked.
    ys, xs = np.mgrid[-1 : 1 : ink.shape[0] * 1j, -1 : 1 : ink.shape[1] * 1j]
    lean = rng.uniform(0, 2 * math.pi)
    pressure = 0.88 + rng.uniform(0, 0.12) * (xs * math.cos(lean) + ys * math.sin(lean))
    pressure = pressure + rng.uniform(0.02, 0.09) * _noise(rng, ink.shape, size / 5)
    # Faded parts, where the rubber hardly touched.
    faded = _noise(rng, ink.shape, size / 7) - rng.uniform(1.5, 2.6)
    pressure = pressure - np.clip(faded, 0, 1) * 0.6
    # Speckle: paper fibres that took no ink.
    holes = _noise(rng, ink.shape, size / 330) > rng.uniform(1.5, 2.4)
    ink = ink * np.clip(pressure, 0.12, 1) * np.where(holes, rng.uniform(0.3, 0.7), 1.0)
    # Slight smear: a paler second touch.
    angle, far = rng.uniform(0, 2 * math.pi), rng.uniform(0, size / 250)
    shift = (round(far * math.sin(angle)), round(far * math.cos(angle)))
    return np.asarray(np.maximum(ink, np.roll(ink, shift, axis=(0, 1)) * 0.55), dtype=np.float32)


def _draw_mask(
    name: str,
    kind: str,
    layout: _Layout,
    rng: np.random.Generator,
    *,
    star: bool,
    number: str,
) -> Image.Image:
    """The clean seal, 255 where there is rubber."""
    (cx, cy), (a, b) = layout.centre, layout.axes
    ink = Image.new("L", (round(2 * cx), round(2 * cy)), 0)
    face = _pick_face(rng)
    hairline = layout.ring * 0.35 if rng.random() < 0.2 else 0.0
    _draw_rings(ink, layout, hairline)
    gap = layout.ring + 2.5 * hairline + b * rng.uniform(0.03, 0.07)
    # A number below, or a straight line, leaves the name less of the ring.
    reach = 0.64 if kind else 0.74
    if number:
        reach -= 0.03
    _set_on_arc(
        ink, name, face, layout, inset=gap + layout.tall / 2, tall=layout.tall,
        reach=reach, widest=1.05,
    )  # fmt: skip
    oval = b < a * 0.95
    if star:
        _draw_star(ink, (cx, cy - b * (0.05 if oval else 0.0)), b * (0.2 if oval else 0.3))
    middle = (cx, cy + b * (0.4 if star or not oval else 0.2))
    # The line must stay inside the circle on which the feet of the name stand.
    inner = (a - gap - layout.tall * 1.1, b - gap - layout.tall * 1.1)
    sag = min(0.95, (middle[1] - cy) / inner[1]) if inner[1] > 0 else 0.95
    room = 2 * inner[0] * math.sqrt(1 - sag**2)
    # Half the seal across, as photographed ones; the name's ends leave that much.
    room = max(room, 1.0 * b)
    _set_line(ink, kind, face, middle, (room, min(b * 0.24, layout.tall * 0.9)))
    if number:
        small = layout.tall * 0.4
        _set_on_arc(
            ink, number, face, layout, inset=gap + small / 2, tall=small,
            reach=0.24, widest=0.8, feet="outwards",
        )  # fmt: skip
    return ink


def draw_seal(
    name: str,
    kind: str,
    *,
    shape: str = "round",
    size: int = 400,
    rng: np.random.Generator,
    colour: tuple[int, int, int] = (200, 30, 40),
    star: bool = True,
    number: str = "",
) -> Image.Image:
    """Draws one impression of a seal.

    Args:
        name: the body's name, set clockwise along the upper arc.
        kind: the straight line under the star (检验检测专用章), or ""; a square seal has none.
        shape: one of SHAPES.
        size: pixels across the ink, along the long axis, before it is turned.
        rng: decides the face, the small proportions, the wear and the tilt.
        colour: of the ink, RGB.
        star: whether there is a five-point star in the middle.
        number: digits along the lower arc, or "".

    Returns:
        RGBA picture, transparent outside the ink, turned by a few degrees and a little
        larger than the ink.

    Raises:
        ValueError: an unknown shape, an empty name, or a size under 40 pixels.
        SealFontError: no Chinese font is installed.
    """
    if shape not in SHAPES or not name or size < 40:
        raise ValueError(f"cannot draw a seal of shape {shape!r}, name {name!r}, size {size}")
    half = size * _SUPERSAMPLING / 2
    layout = _lay_out(name, shape, half, rng)
    if shape == "square":
        mask = square.draw_mask(name, round(2 * half), _pick_face(rng), rng)
    else:
        mask = _draw_mask(name, kind, layout, rng, star=star, number=number)
    turn = float(np.clip(rng.normal(0, 6), -15, 15))
    mask = mask.rotate(-turn, resample=Image.Resampling.BICUBIC)
    ink = _press(mask, rng)
    side = round(layout.centre[0] * 2 / _SUPERSAMPLING)
    alpha = Image.fromarray((ink * 255 * rng.uniform(0.82, 0.97)).astype(np.uint8))
    alpha = alpha.resize((side, side), Image.Resampling.LANCZOS)
    picture = Image.new("RGBA", (side, side), (*colour, 0))
    picture.putalpha(alpha)
    return picture.crop(_ink_box(alpha))


def _lay_out(name: str, shape: str, half: float, rng: np.random.Generator) -> _Layout:
    """Proportions of a seal whose longer half axis is `half`."""
    ratio = 1.0 if shape != "oval" else rng.uniform(*OVAL_RATIOS)
    axes = (half, half * ratio)
    frame = half * (1 + 2 * MARGIN)
    tall = axes[1] * rng.uniform(0.26, 0.31) * (1.0 if shape != "oval" else 1.05)
    # A long name is set smaller, not only narrower.
    tall *= 1.0 if len(name) <= _LONG_NAME else (_LONG_NAME / len(name)) ** 0.5
    return _Layout((frame, frame), axes, half * rng.uniform(0.045, 0.09), tall)


def _ink_box(alpha: Image.Image) -> tuple[int, int, int, int]:
    box = alpha.point(lambda value: 255 if value > 8 else 0).getbbox()
    if box is None:
        return (0, 0, alpha.width, alpha.height)
    left, top, right, bottom = box
    return (
        max(0, left - 2), max(0, top - 2), min(alpha.width, right + 2),
        min(alpha.height, bottom + 2),
    )  # fmt: skip
