"""Photographs with one value changed in the picture, and honest ones that went the same ways.

A phone's file (JPEG of 80 to 95) of a generated paper, in which a value is replaced: by new text
over smoothed paper (`drawn`), by the same with the print's own colour and softness (`matched`), by
a stretch of print from elsewhere in the photo (`moved`) or from another photo (`spliced`). Either
the whole value or a few characters of it. Then it is saved as JPEG of 75 to 95, and half of them
are sent through a messenger (1280 px, JPEG of 70 to 85). Honest ones are the phone's own file, that
file saved anew, or sent.
"""

from __future__ import annotations

import dataclasses as dc
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad
from samples.generator import fonts
from tests.benchmarks.photographs import Job, kept_photograph

Floats = npt.NDArray[np.float32]

WAYS = ("drawn", "matched", "moved", "spliced")
WENT = ("camera", "saved", "sent")
# What a forger changes.
KEYS = ("certificate_no", "mass", "conclusion", "issue_date", "density", "refractive_index",
        "colour", "shape")  # fmt: skip
LEVELS = ("mild", "normal", "normal", "mild", "normal", "hard")
PHONE_JPEG, SAVED_JPEG, SENT_JPEG, SENT_SIDE = (80, 96), (75, 96), (70, 86), 1280
_LEAST_HEIGHT = 10.0  # px of a value that is worth forging
_PARTS = 0.35  # share of the forged values of which only some characters are changed


@dc.dataclass(frozen=True, eq=False)
class Shown:
    """A phone's file, and the values in its picture."""

    data: bytes
    image: Picture
    values: dict[str, str]
    boxes: dict[str, Quad]


@dc.dataclass(frozen=True, eq=False)
class Sent:
    """A file as somebody gets it.

    Attributes:
        data: the JPEG file.
        boxes: of all values.
        went: one of WENT.
        way: one of WAYS, "" of an honest one.
        key: of the field that was changed, or "".
        part: whether only some characters of it were.
    """

    data: bytes
    boxes: dict[str, Quad]
    went: str
    way: str = ""
    key: str = ""
    part: bool = False


def photograph(number: int, folder: Path | None = None) -> Shown | None:
    """The phone's file of an ordinary honest paper; None where several papers lie in it."""
    level = LEVELS[number % len(LEVELS)]
    data, truth = kept_photograph(Job(number, level, None), folder)
    return None if truth.get("others") else shown(data, truth, np.random.default_rng(number))


def shown(data: bytes, truth: dict[str, Any], rng: np.random.Generator) -> Shown:
    """A photograph of the generator as a phone's file.

    Its own compression is taken off the grid of blocks: the phone's is the first of a picture.
    """
    image = _decoded(data)
    x, y = (int(rng.integers(1, 8)) for _ in range(2))
    phone = _jpeg(image[y:, x:], int(rng.integers(*PHONE_JPEG)))
    values = {
        key: value if isinstance(value, str) else " ".join(value)
        for key, value in truth["fields"].items()
    }
    boxes = {
        key: geometry.as_quad(geometry.as_array(box) - (x, y))
        for key, box in truth["boxes"].items()
        if key in values
    }
    return Shown(phone, _decoded(phone), values, boxes)


def honest(photo: Shown, rng: np.random.Generator) -> Sent:
    """A photo that nobody changed, as people get it."""
    went = WENT[int(rng.integers(len(WENT)))]
    if went == "camera":
        return Sent(photo.data, photo.boxes, went)
    return _passed_on(photo.image, photo.boxes, went, rng)


def forged(photo: Shown, other: Shown, way: str, rng: np.random.Generator) -> Sent:
    """One value changed in one way, the picture saved, half of them sent."""
    keys = [key for key in KEYS if key in photo.boxes and _height(photo.boxes[key]) > _LEAST_HEIGHT]
    key = keys[int(rng.integers(len(keys)))]
    image = photo.image.copy()
    text, quad = photo.values[key], photo.boxes[key]
    part = rng.random() < _PARTS and len(text) > 3
    if part:
        text, quad = _some(image, text, quad, rng)
    place = _place(image, quad)
    if way in ("drawn", "matched"):
        _draw(place, _other_text(text, rng), rng, matched=way == "matched")
    elif way == "moved":
        _lay_from(place, photo, key, rng, whole=True, own=part)
    else:
        _lay_from(place, other, "", rng, whole=False)
    sent = _passed_on(image, photo.boxes, WENT[int(rng.integers(1, 3))], rng)
    return dc.replace(sent, way=way, key=key, part=part)


def _passed_on(image: Picture, boxes: dict[str, Quad], went: str, rng: np.random.Generator) -> Sent:
    data = _jpeg(image, int(rng.integers(*SAVED_JPEG)))
    if went == "sent":
        image = _decoded(data)
        scale = SENT_SIDE / max(image.shape[:2])
        size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        boxes = {key: geometry.as_quad(geometry.as_array(q) * scale) for key, q in boxes.items()}
        data = _jpeg(image, int(rng.integers(*SENT_JPEG)))
    return Sent(data, boxes, went)


def _jpeg(image: Picture, quality: int) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _decoded(data: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@dc.dataclass(frozen=True, eq=False)
class _Place:
    """Where a value stands: its part of the picture, drawn into, and its corners there."""

    part: Picture
    quad: Quad
    left: int
    top: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the part."""
        return self.part.shape[1], self.part.shape[0]

    @property
    def height(self) -> float:
        """Of the print."""
        return _height(self.quad)


def _place(image: Picture, quad: Quad) -> _Place:
    margin = _height(quad)
    left, top, right, bottom = geometry.bounds(geometry.pad_quad(quad, margin, margin))
    x, y = max(0, int(left)), max(0, int(top))
    part = image[y : int(bottom) + 1, x : int(right) + 1]
    return _Place(part, geometry.as_quad(geometry.as_array(quad) - (x, y)), x, y)


def _height(quad: Quad) -> float:
    return geometry.quad_size(quad)[1]


def _some(image: Picture, text: str, quad: Quad, rng: np.random.Generator) -> tuple[str, Quad]:
    """One to three characters of a value, cut where there is least ink, and their place."""
    strip = cv2.cvtColor(geometry.crop_quad(image, quad, height=24), cv2.COLOR_BGR2GRAY)
    ink = cv2.blur(255.0 - strip.mean(axis=0)[None], (3, 1))[0]
    sizes = np.array([1.0 if ord(char) > 0x2E80 else 0.55 for char in text])
    edges = np.concatenate(([0.0], np.cumsum(sizes) / sizes.sum()))
    count = int(rng.integers(1, 4))
    first = int(rng.integers(0, len(text) - count))
    ends = []
    for edge in (edges[first], edges[first + count]):
        at, reach = edge * len(ink), max(2, round(0.3 * len(ink) / len(text)))
        low, high = max(0, int(at) - reach), min(len(ink), int(at) + reach + 1)
        ends.append((low + int(np.argmin(ink[low:high]))) / len(ink))
    start, end = (ends[0], ends[1]) if ends[1] > ends[0] + 0.02 else (0.0, 0.5)
    return text[first : first + count], geometry.stretch_quad(quad, start, end)


def _other_text(text: str, rng: np.random.Generator) -> str:
    """The value with other digits; of words, the same words anew."""
    return "".join(str(int(rng.integers(10))) if char.isdigit() else char for char in text)


def _mask(place: _Place, quad: Quad, grow: float, soft: float) -> Floats:
    """Where a quad lies, 0..1, with a soft rim."""
    mask = np.zeros(place.part.shape[:2], np.float32)
    corners = geometry.as_array(geometry.pad_quad(quad, grow, grow))
    cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)[..., None]


def _blend(place: _Place, over: npt.NDArray[Any], mask: Floats) -> None:
    mixed = place.part * (1 - mask) + over * mask + 0.5
    place.part[:] = np.clip(mixed, 0, 255).astype(np.uint8)


def _draw(place: _Place, text: str, rng: np.random.Generator, *, matched: bool) -> None:
    """Paper smoothed over the old print, new text drawn on it."""
    inside = place.part[_mask(place, place.quad, 0.0, 0.5)[..., 0] > 0.5]
    order = inside.sum(axis=1).argsort()
    ink = np.median(inside[order[: max(1, len(order) // 25)]], axis=0)
    _erase(place, rng)
    faces = fonts.body_faces()
    strip = _written(text, faces[int(rng.integers(len(faces)))], geometry.quad_size(place.quad))
    tall, wide = strip.shape
    matrix = geometry.homography(geometry.box_quad(0, 0, wide, tall), place.quad)
    shade = cv2.warpPerspective(cv2.GaussianBlur(strip, (0, 0), 0.9), matrix, place.size)
    if matched:
        shade = cv2.GaussianBlur(shade, (0, 0), float(rng.uniform(0.3, 0.9)))
    else:
        ink = np.full(3, float(rng.choice((0, 25, 45))))
    _blend(place, ink, (shade / np.float32(255))[..., None])


def _erase(place: _Place, rng: np.random.Generator) -> None:
    """The print taken away: one colour, a filled hole, or smeared."""
    part = place.part
    mask = _mask(place, place.quad, 0.12 * place.height, 1.0)
    way = int(rng.integers(3))
    if way == 0:
        _blend(place, np.percentile(part.reshape(-1, 3), 70, axis=0), mask)
    elif way == 1:
        hole = (mask[..., 0] > 0.5).astype(np.uint8)
        part[:] = cv2.inpaint(part, hole, 3, cv2.INPAINT_TELEA)
    else:
        size = max(3, round(place.height / 2)) | 1
        lifted = cv2.morphologyEx(part, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
        _blend(place, cv2.GaussianBlur(lifted, (0, 0), 2.0), mask)


def _written(text: str, face: str, size: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """Text filling a strip of twice the box's size, 255 where there is ink."""
    font = fonts.load(face, 96)
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8), 0)
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, font=font, fill=255)
    wide, tall = (max(8, round(2 * side)) for side in size)
    return np.asarray(picture.resize((wide, tall), Image.Resampling.LANCZOS))


def _lay_from(
    place: _Place,
    source: Shown,
    key: str,
    rng: np.random.Generator,
    *,
    whole: bool,
    own: bool = False,
) -> None:
    """Print of a photo laid over the place.

    Args:
        place: where to.
        source: the photo.
        key: of the value that is changed, where it is of the same photo, or "".
        rng: source of chance.
        whole: whether it is shifted by whole pixels, as in any editor, or else brought to size.
        own: whether it may come from elsewhere in the value itself.
    """
    pool = [one for one in KEYS if one in source.boxes and one != key]
    pool.sort(key=lambda one: abs(_height(source.boxes[one]) - place.height))
    near = [key, key, *pool[:2]] if own else pool[:2]
    chosen = source.boxes[near[int(rng.integers(len(near)))]]
    long, tall = geometry.quad_size(chosen)
    room = max(0.0, 1 - geometry.quad_size(place.quad)[0] / max(long, 1.0))
    start = float(rng.uniform(0, room)) if own else 0.0
    chosen = geometry.stretch_quad(chosen, start, 1.0)
    long = geometry.quad_size(chosen)[0]
    scale = 1.0 if whole else tall / place.height
    width = min(geometry.quad_size(place.quad)[0], long / scale)
    quad = geometry.stretch_quad(place.quad, 0.0, width / geometry.quad_size(place.quad)[0])
    if whole:
        here = geometry.as_array(place.quad)[0] + (place.left, place.top)
        shift = np.round(geometry.as_array(chosen)[0] - here)
        move = np.array([[1, 0, place.left + shift[0]], [0, 1, place.top + shift[1]]], np.float64)
        over = cv2.warpAffine(source.image, move, place.size,
                              flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)  # fmt: skip
    else:
        taken = geometry.stretch_quad(chosen, 0.0, width * scale / long)
        matrix = geometry.homography(taken, quad)
        over = cv2.warpPerspective(source.image, matrix, place.size, flags=cv2.INTER_CUBIC)
    _lay(place, np.asarray(over, np.uint8), quad)


def _lay(place: _Place, over: Picture, quad: Quad) -> None:
    """A patch laid over, its light brought to that of the place."""
    mask = _mask(place, quad, 0.15 * place.height, 0.8)
    where = mask[..., 0] > 0.5
    level = np.percentile(place.part[where], 75, axis=0) / np.percentile(over[where], 75, axis=0)
    _blend(place, over * level, mask)
