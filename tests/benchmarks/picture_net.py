"""Trains the net that looks at values' pixels, `ocr/signs/net.npz`.

    python -m tests.benchmarks.picture_net make SHEETS --photographs FOLDER... --variants 4
    python -m tests.benchmarks.picture_net train SHEETS --minutes 68

`make` lays sheets of generated photographs (as `picture_edits make` keeps them), of each some with
a fifth to a half of the values changed in the ways of `tests.benchmarks.forging` and two more, one
honest; and honest ones that no camera took (`flat_pages`). `train` wants torch
(https://pytorch.org, BSD licence), which the product does without: run it where that is installed.
One core does 12 sheets a second with bfloat16; the kept net saw some 25 000.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Field
from ocr.signs import altered, net
from ocr.signs.sheet import LEAST_HEIGHT, sheet
from tests.benchmarks import forging
from tests.benchmarks.forging import Sent, Shown

Floats = npt.NDArray[np.float32]
# From, to (shares of the value), way, whether only a part.
Label = tuple[float, float, str, bool]

OUT = Path(__file__).parents[2] / "ocr" / "signs" / net.WEIGHTS
FLAT_SEEDS = 6_200_000
# The ways of the benchmark, and two that make others' tools less of a surprise: new grain over
# drawn print, and spliced print made sharper or softer.
WAYS = (*forging.WAYS, "grained", "sharpened")
_CHANCES = (0.22, 0.22, 0.2, 0.24, 0.06, 0.06)
_SHARE, _PARTS = (0.2, 0.45), 0.4
_FAILED = "failed"
_CHANNELS, _HIDDEN = (5, 12, 24, 24, 40, 40), 32
# A stretch of which so much was changed is changed; less than the other, not.
_CHANGED, _UNTOUCHED = 0.6, 0.15
_RATE, _WARM, _SETTLING, _LEAST_RATE = 2.5e-3, 60, 0.62, 0.04
_BESIDE = 0.6  # chance that a changed value is among those an honest one is held against


def changed(
    photo: Shown, image: Picture, other: Shown, way: str, key: str, rng: np.random.Generator
) -> Label:
    """Changes one value in the picture."""
    text, full = photo.values[key], photo.boxes[key]
    quad, part = full, bool(rng.random() < _PARTS and len(text) > 3)
    if part:
        text, quad = forging._some(image, text, quad, rng)
    place = forging._place(image, quad)
    if way in ("drawn", "matched", "grained"):
        forging._draw(place, forging._other_text(text, rng), rng, matched=way != "drawn")
        if way == "grained":
            _grain(place, rng)
    elif way == "moved":
        forging._lay_from(place, photo, key, rng, whole=True, own=part)
    else:
        forging._lay_from(place, other, "", rng, whole=False)
        if way == "sharpened":
            _sharpen(place, rng)
    wide = geometry.quad_size(full)[0]
    corners = geometry.as_array(full)
    along = (corners[1] - corners[0]) / wide
    start = float((geometry.as_array(quad)[0] - corners[0]) @ along / wide)
    return start, start + geometry.quad_size(quad)[0] / wide, way, part


def _rim(place: forging._Place) -> Floats:
    return forging._mask(place, place.quad, 0.12 * place.height, 1.0)


def _grain(place: forging._Place, rng: np.random.Generator) -> None:
    grain = rng.normal(0, float(rng.uniform(1, 4)), place.part.shape[:2]).astype(np.float32)
    if rng.random() < 0.5:
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.6), np.float32) * 1.8
    over = place.part + grain[..., None] * _rim(place) + 0.5
    place.part[:] = np.clip(over, 0, 255).astype(np.uint8)


def _sharpen(place: forging._Place, rng: np.random.Generator) -> None:
    part = place.part.astype(np.float32)
    soft = cv2.GaussianBlur(part, (0, 0), float(rng.uniform(0.4, 1.2)))
    over = soft if rng.random() < 0.5 else part + float(rng.uniform(0.2, 0.8)) * (part - soft)
    forging._blend(place, over, _rim(place))


def made(photo: Shown, other: Shown, rng: np.random.Generator, *, honest: bool) -> tuple[
    Sent, dict[str, Label]
]:  # fmt: skip
    """A file with several changed values, or an honest one."""
    if honest:
        return forging.honest(photo, rng), {}
    image, labels = photo.image.copy(), {}
    none: dict[str, Field] = {
        key: Field(key, "", "", 1.0, box, "truth") for key, box in photo.boxes.items()
    }
    high = [key for key, quad in altered.bare(none, ()).items()
            if geometry.quad_size(quad)[1] > LEAST_HEIGHT]  # fmt: skip
    rng.shuffle(high)
    for key in high[: max(1, int(len(high) * rng.uniform(*_SHARE)))]:
        way = WAYS[int(rng.choice(len(WAYS), p=_CHANCES))]
        try:
            labels[key] = changed(photo, image, other, way, key, rng)
        except (ValueError, IndexError, cv2.error):  # a place at the picture's rim
            labels[key] = (0.0, 1.0, _FAILED, False)
    went = forging.WENT[int(rng.integers(1, 3))]
    return forging._passed_on(image, photo.boxes, went, rng), labels


def keep(out: Path, sent: Sent, truth: Mapping[str, Any], labels: Mapping[str, Label],
         rng: np.random.Generator) -> None:  # fmt: skip
    """Writes a file's sheet, with how much of each stretch was changed and how."""
    image = cv2.imdecode(np.frombuffer(sent.data, np.uint8), cv2.IMREAD_COLOR)
    scale = max(image.shape[:2]) / max(truth["size"])
    seals = [geometry.as_quad(geometry.as_array(one["box"]) * scale) for one in truth["seals"]]
    fields = {}
    for key, quad in sent.boxes.items():
        height = min(geometry.quad_size(quad))
        along, across = rng.uniform(-0.05, 0.3), rng.uniform(-0.05, 0.15)
        box = geometry.pad_quad(quad, along * height, across * height)
        fields[key] = Field(key, "", "", 1.0, box, "truth")
    laid = sheet(np.asarray(image, np.uint8), altered.bare(fields, seals))
    if laid is None or len(laid.keys) < net.FEWEST:
        return
    shares = np.zeros(len(laid.owner), np.float32)
    for at, key in enumerate(laid.keys):
        mine = np.flatnonzero(laid.owner == at)
        start, end = labels.get(key, (0.0, 0.0, "", False))[:2]
        edges = np.linspace(0, 1, len(mine) + 1)
        over = np.minimum(end, edges[1:]) - np.maximum(start, edges[:-1])
        shares[mine] = np.maximum(over, 0) * len(mine)
    ways = [labels[key][2] if key in labels else "" for key in laid.keys]
    np.savez(out, image=laid.image, inner=laid.inner.astype(np.int16),
             outer=laid.outer.astype(np.int16), owner=laid.owner, shares=shares,
             told=json.dumps([list(laid.keys), ways]))  # fmt: skip


def photographs(folders: Iterable[Path]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Names, pictures and truths of photographs with one certificate."""
    for told in sorted(one for folder in folders for one in folder.glob("*.json")):
        truth = json.loads(told.read_text(encoding="utf-8"))
        picture = told.with_suffix(".jpg")
        if picture.exists() and not truth.get("others") and truth.get("certificate", True):
            yield told.stem, picture.read_bytes(), truth


def make(out: Path, folders: Iterable[Path], variants: int, flat: int) -> None:
    """Lays the sheets; the last variant of each photograph is honest."""
    from tests.benchmarks import flat_pages

    out.mkdir(parents=True, exist_ok=True)
    before: Shown | None = None
    for name, data, truth in photographs(folders):
        photo = before
        for variant in range(variants):
            rng = np.random.default_rng(zlib.crc32(name.encode()) + 77 + variant)
            photo = forging.shown(data, truth, rng)
            if before is None or sum(key in photo.boxes for key in forging.KEYS) < 3:
                continue
            sent, labels = made(photo, before, rng, honest=variant == variants - 1)
            keep(out / f"{name}-{variant}.npz", sent, truth, labels, rng)
        before = photo
    for number in range(FLAT_SEEDS, FLAT_SEEDS + flat):
        for kind in flat_pages.KINDS:
            sent, truth = flat_pages.page(number, kind)
            rng = np.random.default_rng(number)
            keep(out / f"flat-{number}-{kind}.npz", sent, truth, {}, rng)


def main() -> None:
    """Makes sheets or trains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("make", "train"))
    parser.add_argument("sheets", type=Path)
    parser.add_argument("--photographs", type=Path, nargs="*", default=[])
    parser.add_argument("--variants", type=int, default=4)
    parser.add_argument("--flat", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    if asked.what == "make":
        make(asked.sheets, asked.photographs, asked.variants, asked.flat)
    else:
        from tests.benchmarks.picture_net_fit import trained

        trained(asked.sheets, 60 * asked.minutes, asked.out)


if __name__ == "__main__":
    main()
