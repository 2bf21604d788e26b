"""How often each advice on a photo is given where it should be, and where it should not.

    .venv/bin/python -m tests.benchmarks.advice [--photographs 8] [--nothing 24] [--first SEED]
        [--rows FILE] [--read FAULT ...]

The same certificates are photographed well, and with one fault at three strengths. `told` is
how many of the photographs with that fault were given its advice; `also` what else they were
told. Where photographs are read too (`--read`), `right` is the share of fields read rightly: advice
where all was read is a false alarm, silence where little was read a miss. Reflections are told by
what could not be read, other things by what was, so both are always read. One process; with
`--rows` it can be stopped and taken up.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses as dc
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np

from ocr.geometry import Picture
from samples.generator import lens, make, overlays, screen
from tests.benchmarks import subjects
from tests.benchmarks.counting import share

FIRST_SEED = 6_000_000
STRENGTHS = (1, 2, 3)
REAL = Path(__file__).parents[3] / "shared" / "real"
# Pictures of other things that somebody else took, where they are at hand.
REAL_PICTURES = ("documents/*.jpg", "orientation/Landscape_0.jpg", "heic/xiaomi.heic")

Row = dict[str, Any]
Truth = dict[str, Any]


@dc.dataclass(frozen=True)
class Fault:
    """One fault of a photograph.

    Attributes:
        codes: advice, each of which is right for it.
        spoil: the photograph with the fault: of a good one, its truth, a strength 1 to 3.
    """

    codes: tuple[str, ...]
    spoil: Callable[[Picture, Truth, int, np.random.Generator], Picture]


def _print_height(truth: Truth) -> float:
    """Px of print in the photo: the middling height of the fields."""
    quads = [np.array(quad) for quad in truth["boxes"].values()]
    return float(np.median([np.hypot(*(quad[3] - quad[0])) for quad in quads]))


def _taken(image: Any, rng: np.random.Generator, grain: float = 2.0) -> Picture:
    """What a sensor and JPEG make of it."""
    noisy = image + rng.normal(0, grain, image.shape)
    jpeg = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [1, 85])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def _unfocused(image: Picture, truth: Truth, much: int, rng: np.random.Generator) -> Picture:
    """A point's disc of an eighth, a fifth, three tenths of the print's height."""
    radius = (0.125, 0.2, 0.3)[much - 1] * _print_height(truth)
    return _taken(cv2.filter2D(image.astype(np.float32), -1, lens.disc(radius)), rng)


def _shaken(image: Picture, truth: Truth, much: int, rng: np.random.Generator) -> Picture:
    """Moved by a third, a half, three quarters of the print's height."""
    length = (0.33, 0.5, 0.75)[much - 1] * _print_height(truth)
    kernel = lens.stroke(length, float(rng.uniform(0, 180)))
    return _taken(cv2.filter2D(image.astype(np.float32), -1, kernel), rng)


def _far(image: Picture, truth: Truth, much: int, rng: np.random.Generator) -> Picture:
    """Print 10, 8, 6 px high."""
    factor = (10, 8, 6)[much - 1] / _print_height(truth)
    return _taken(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), rng)


def _dark(image: Picture, _: Truth, much: int, rng: np.random.Generator) -> Picture:
    """A third, a fifth, a tenth of the light, the grain of the sensor staying."""
    return _taken(image * (0.33, 0.2, 0.1)[much - 1], rng, grain=4.0)


def _glare(image: Picture, truth: Truth, much: int, rng: np.random.Generator) -> Picture:
    """A lamp over a field, as large as that, twice and three times."""
    keys = sorted(key for key in truth["boxes"] if key in truth["fields"])
    quad = np.array(truth["boxes"][keys[int(rng.integers(len(keys)))]], np.float64)
    middle = quad.mean(axis=0)
    lit = image.astype(np.float32)
    overlays.glare(lit, middle + (quad - middle) * (1.0, 2.0, 3.0)[much - 1], rng)
    return _taken(lit, rng)


def _cut(image: Picture, truth: Truth, much: int, rng: np.random.Generator) -> Picture:
    """One side of the paper beyond the picture: 2, 6, 15 % of the way across it."""
    corners = np.array(truth["page"])
    share_cut = (0.02, 0.06, 0.15)[much - 1]
    low, high = corners.min(axis=0), corners.max(axis=0)
    # The paper lies askew: by so much every part of that side is outside.
    ranked = np.sort(corners, axis=0)
    inner_low, inner_high = ranked[1], ranked[2]
    side = int(rng.integers(4))
    along = side % 2
    depth = share_cut * float(high[along] - low[along])
    height, width = image.shape[:2]
    if side < 2:
        start = int(inner_low[along] + depth)
        return np.ascontiguousarray(image[:, start:] if along == 0 else image[start:])
    stop = int(inner_high[along] - depth)
    return np.ascontiguousarray(
        image[:, : min(stop, width)] if along == 0 else image[: min(stop, height)]
    )


GLARE = "glare"
FAULTS = {
    "out of focus": Fault(("photo.blurred", "photo.shaken"), _unfocused),
    "shaken": Fault(("photo.shaken", "photo.blurred"), _shaken),
    "too far": Fault(("photo.too_far",), _far),
    "too dark": Fault(("photo.dark",), _dark),
    GLARE: Fault(("photo.glare",), _glare),
    "cut edge": Fault(("photo.cut_edge",), _cut),
}
SCREEN = "off a screen"
# Pixels of the screen a pixel of the photo: finer ones leave less.
SCREEN_PITCH = {1: (1.1, 1.3), 2: (0.85, 1.0), 3: (0.6, 0.75)}
NOTHING = "none"  # of a good photograph
OTHER = "not a certificate"
ALWAYS_READ = (GLARE, OTHER)


def good(seed: int) -> tuple[Picture, Truth]:
    """A photograph without fault but for its ordinary light, grain and lean."""
    sample = make(seed, level="mild" if seed % 2 else "normal")
    return sample.image, sample.truth


def off_screen(seed: int, much: int) -> tuple[Picture, Truth]:
    """The same certificate shown on a screen, the coarser the stronger."""
    with mock.patch.object(screen, "PITCH", SCREEN_PITCH[much]):
        sample = make(seed, level="mild" if seed % 2 else "normal", treatment="moire")
    return sample.image, sample.truth


def pictures(first: int, count: int, nothing: int) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every picture by its key `fault/strength/seed`, and what makes it with its truth."""
    for seed in range(first, first + nothing):
        yield f"{NOTHING}/0/{seed}", lambda seed=seed: good(seed)
    for seed in range(first, first + count):
        for much in STRENGTHS:
            for name in FAULTS:
                yield f"{name}/{much}/{seed}", lambda n=name, m=much, s=seed: _spoilt(n, m, s)
            yield f"{SCREEN}/{much}/{seed}", lambda m=much, s=seed: off_screen(s, m)
    for much in STRENGTHS:
        for number, (name, draw) in enumerate(subjects.DRAWN.items()):
            for seed in range(first, first + max(1, count // 4)):
                key = f"{OTHER}/{much}/{name}-{seed}"
                yield key, lambda d=draw, s=seed + 1000 * number, m=much: (d(s, m), {})
    for pattern in REAL_PICTURES:
        for file in sorted(REAL.glob(pattern)):
            yield f"{OTHER}/0/{file.name}", lambda f=file: (f.read_bytes(), {})


def _spoilt(name: str, much: int, seed: int) -> tuple[Picture, Truth]:
    image, truth = good(seed)
    rng = np.random.default_rng([seed, much, list(FAULTS).index(name)])
    return FAULTS[name].spoil(image, truth, much, rng), truth


def told_of(data: bytes, name: str, *, read: bool) -> tuple[list[str], Row]:
    """Codes of the advice given, and what was read (nothing without `read`)."""
    from ocr.page import find_pages
    from ocr.photo import load
    from ocr.quality import measure
    from ocr.read import read_photo

    if read:
        reading = read_photo(data, name)[0].reading
        fields = {key: field.value for key, field in reading.fields.items()}
        codes = [one.code for one in reading.advice]
        return codes, {"certificate": reading.is_certificate, "fields": fields}
    (photo,) = load(data, name)[:1]
    page = find_pages(photo)[0]
    return [one.code for one in measure(photo, page)], {}


def row_of(key: str, made: Callable[[], Any], *, read: bool) -> Row:
    """One picture made, and what it was told."""
    picture, truth = made()
    name, much, which = key.split("/", 2)
    data = (
        picture
        if isinstance(picture, bytes)
        else cv2.imencode(".jpg", picture, [1, 92])[1].tobytes()
    )
    codes, found = told_of(data, which, read=read)
    row: Row = {"key": key, "fault": name, "much": int(much), "told": sorted(set(codes)), **found}
    if truth and found:
        right = sum(_plain(found["fields"].get(k)) == _plain(v) for k, v in truth["fields"].items())
        row |= {"right": right / len(truth["fields"])}
    row.pop("fields", None)
    return row


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (tuple, list)) else value


def rows_of(
    work: Sequence[tuple[str, Callable[[], Any]]], kept: Path | None, read: Sequence[str]
) -> list[Row]:
    """A row a picture; those that the file holds already are taken from there."""
    done: dict[str, Row] = {}
    if kept is not None and kept.exists():
        done = {row["key"]: row for row in map(json.loads, kept.read_text("utf-8").splitlines())}
    rows = []
    for key, made in work:
        row = done.get(key)
        reads = key.split("/")[0] in read
        if row is None or (reads and "certificate" not in row):
            row = row_of(key, made, read=reads)
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        rows.append(row)
    return rows


def table(rows: Sequence[Row]) -> list[str]:
    """Lines of the table, a fault and strength each."""
    lines = [f"{'fault':18} {'strength':>8} {'told':>16} {'right':>6}  also told"]
    groups: dict[tuple[str, int], list[Row]] = collections.defaultdict(list)
    for row in rows:
        groups[row["fault"], row["much"]].append(row)
    for (name, much), members in sorted(groups.items()):
        own = _codes(name)
        hit = sum(_told(row, own) for row in members)
        others = collections.Counter(
            code for row in members for code in row["told"] if code not in own
        )
        rights = [row["right"] for row in members if "right" in row]
        right = f"{np.mean(rights):6.3f}" if rights else f"{'':6}"
        said = ", ".join(f"{code.removeprefix('photo.')} {n}" for code, n in others.most_common())
        lines.append(f"{name:18} {much:8} {share(hit, len(members)):>16} {right}  {said}")
    return lines


def _codes(name: str) -> tuple[str, ...]:
    if name == SCREEN:
        return ("photo.screen",)
    return FAULTS[name].codes if name in FAULTS else ()


def _told(row: Row, own: Sequence[str]) -> bool:
    """Whether the picture was told what it should be."""
    if row["fault"] == OTHER:
        return not row["certificate"]
    return bool(set(own) & set(row["told"])) if own else not row["told"]


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photographs", type=int, default=8)
    parser.add_argument("--nothing", type=int, default=24)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--rows", type=Path, help="keep what each was told here")
    parser.add_argument("--read", nargs="*", default=[], help="faults to read: none, shaken, …")
    wanted = parser.parse_args()
    work = list(pictures(wanted.first, wanted.photographs, wanted.nothing))
    print(f"{len(work)} pictures, seeds from {wanted.first}")
    print("\n".join(table(rows_of(work, wanted.rows, [*wanted.read, *ALWAYS_READ]))))


if __name__ == "__main__":
    main()
