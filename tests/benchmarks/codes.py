"""Readers of codes side by side on the same photographs; prints the tables of docs/benchmarks.md.

    .venv/bin/python -m tests.benchmarks.codes [--photos 30] [--levels hard] [--drawn 12]

zxing alone, zbar alone, one after the other, and ours, each given the upright photo; ours
also the straightened page, whose finding is not counted in its time. The second table draws
codes that are hard in one way each. A wrong payload is a text that no code in the picture has.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses as dc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from ocr.codes import read_codes
from ocr.geometry import Picture
from ocr.page import Page, find_pages
from ocr.photo import Photo, load

FIRST_SEED = 3_000_000
JPEG_QUALITY = 88
SIZE = (1200, 1600)  # of a drawn picture, height and width
Reader = Callable[[Photo, Page], list[str]]


@dc.dataclass(slots=True)
class Tally:
    """What one reader did with one kind of picture."""

    read: int = 0
    of: int = 0
    wrong: int = 0
    times: list[float] = dc.field(default_factory=list)


def zxing(photo: Photo, _: Page) -> list[str]:
    """zxing-cpp with its own settings."""
    return [found.text for found in zxingcpp.read_barcodes(photo.image)]


def zbar(photo: Photo, _: Page) -> list[str]:
    """zbar on the grey picture."""
    grey = cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY)
    return [found.data.decode("utf-8", "replace") for found in pyzbar.decode(grey)]


def both(photo: Photo, page: Page) -> list[str]:
    """What either reads."""
    return [*dict.fromkeys([*zxing(photo, page), *zbar(photo, page)])]


def ours(photo: Photo, page: Page) -> list[str]:
    """`ocr.codes`."""
    return [code.text for code in read_codes(photo, page) if code.text is not None]


READERS: dict[str, Reader] = {"zxing": zxing, "zbar": zbar, "both": both, "ours": ours}
Tallies = dict[str, dict[str, Tally]]


def photographs(level: str, count: int) -> Iterator[tuple[bytes, list[str]]]:
    """Generated certificates that have a code, with what their codes say."""
    from samples.generator import make

    seed = FIRST_SEED
    while count:
        sample = make(seed, level=level)
        seed += 1
        wanted = [code["text"] for code in sample.truth["codes"]]
        others = [c["text"] for o in sample.truth.get("others", ()) for c in o["codes"]]
        if wanted and "pair" not in sample.truth.get("treatments", ()):
            count -= 1
            yield _jpeg(sample.image), [*wanted, *others]


def _jpeg(image: Picture) -> bytes:
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return cv2.imencode(".jpg", image, quality)[1].tobytes()


def _code(text: str, kind: zxingcpp.BarcodeFormat, scale: int) -> Picture:
    made = zxingcpp.create_barcode(text, kind)
    image = np.array(zxingcpp.write_barcode_to_image(made, scale=scale, add_quiet_zones=True))
    return np.asarray(image, np.uint8)


def _on_paper(codes: Sequence[Picture], rng: np.random.Generator) -> Picture:
    """Codes side by side on an empty sheet."""
    sheet = np.full(SIZE, 236, np.uint8)
    x = 120
    for code in codes:
        y = int(rng.integers(150, SIZE[0] - code.shape[0] - 100))
        sheet[y : y + code.shape[0], x : x + code.shape[1]] = code
        x += code.shape[1] + 60
    return sheet


def _grained(sheet: Picture, rng: np.random.Generator, blur: float) -> Picture:
    soft = cv2.GaussianBlur(sheet, (0, 0), blur) if blur else sheet
    noisy = soft + rng.normal(0, 4, soft.shape)
    grey = np.asarray(np.clip(noisy, 0, 255), np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def _tilted(sheet: Picture, rng: np.random.Generator) -> Picture:
    height, width = sheet.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-0.16, 0.16, (4, 2)).astype(np.float32) * height
    matrix = cv2.getPerspectiveTransform(corners, moved)
    return np.asarray(cv2.warpPerspective(sheet, matrix, (width, height), borderValue=200))


def _stained(code: Picture, rng: np.random.Generator) -> Picture:
    """A stain over the body, the eyes left whole."""
    side = code.shape[0]
    spot = np.asarray(code.copy(), np.uint8)
    centre = tuple(int(v) for v in rng.uniform(0.45, 0.6, 2) * side)
    cv2.circle(spot, centre, int(side * rng.uniform(0.07, 0.12)), (90,), -1)
    return spot


def drawn(count: int) -> Iterator[tuple[str, bytes, list[str]]]:
    """Codes that are hard in one way each: (the way, picture, texts)."""
    qr, bars = zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128
    for number in range(count):
        rng = np.random.default_rng(FIRST_SEED + number)
        serial = f"PZ{rng.integers(10**10, 10**11)}"
        url = f"https://cx.shili.example/q?no={serial}"
        small, large = _code(url, qr, 3), _code(url, qr, 7)
        fine = _code(serial, bars, 2)[:60]
        pictures = {
            "small": _grained(_on_paper([_code(url, qr, 2)], rng), rng, 0.7),
            "blurred": _grained(_on_paper([small], rng), rng, rng.uniform(1.2, 2.0)),
            "tilted": _grained(_tilted(_on_paper([large], rng), rng), rng, 0.8),
            "inverted": _grained(255 - _on_paper([small], rng), rng, 0.8),
            "damaged": _grained(_on_paper([_stained(large, rng)], rng), rng, 0.8),
            "bars of 2 px, blurred": _grained(_on_paper([fine], rng), rng, rng.uniform(1.0, 1.8)),
        }
        for way, image in pictures.items():
            yield way, _jpeg(image), [serial if way.startswith("bars") else url]
        several = [f"{url}&part={part}" for part in range(3)]
        sheet = _on_paper([_code(text, qr, 4) for text in several], rng)
        yield "several", _jpeg(_grained(sheet, rng, 0.8)), several


def count(tallies: Tallies, kind: str, data: bytes, wanted: Sequence[str]) -> None:
    """Every reader on one picture."""
    (photo,) = load(data, kind)
    page = find_pages(photo)[0]
    for name, reader in READERS.items():
        start = time.process_time()
        texts = reader(photo, page)
        tally = tallies[kind].setdefault(name, Tally())
        tally.times.append(time.process_time() - start)
        tally.read += sum(text in texts for text in wanted)
        tally.of += len(wanted)
        tally.wrong += sum(text not in wanted for text in texts)


def show(tallies: Tallies) -> Iterator[str]:
    """One line a kind of picture: read of all, wrong payloads, median time."""
    yield f"{'':24}" + "".join(f"{name:>26}" for name in READERS)
    for kind, row in tallies.items():
        cells = [
            f"{t.read}/{t.of} wrong {t.wrong} {1000 * statistics.median(t.times):.0f} ms"
            for t in row.values()
        ]
        yield f"{kind:24}" + "".join(f"{cell:>26}" for cell in cells)


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=30)
    parser.add_argument("--levels", nargs="*", default=["mild", "normal", "hard"])
    parser.add_argument("--drawn", type=int, default=12)
    wanted = parser.parse_args()
    tallies: Tallies = collections.defaultdict(dict)
    for level in wanted.levels:
        for data, texts in photographs(level, wanted.photos):
            count(tallies, level, data, texts)
    for way, data, texts in drawn(wanted.drawn):
        count(tallies, way, data, texts)
    print("\n".join(show(tallies)))


if __name__ == "__main__":
    main()
