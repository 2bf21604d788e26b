"""What is fuzzed of pictures: opening a file, and laying a seal out straight."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import ExifTags, Image

from certcheck.market import backs
from certcheck.pictures import pictures_of
from ocr.errors import PhotoError
from ocr.photo import Limits, load
from ocr.seal import square
from ocr.seal.course import find_course
from ocr.seal.density import INKS, paper_small
from ocr.seal.find import find_seals
from ocr.seal.ink import take_apart
from ocr.seal.patch import Original, cut_patch
from ocr.seal.place import SealPlace
from ocr.seal.unroll import STRIP_ROWS, cut_lines, cut_print, cut_strip
from ocr.signs.saved import saving
from ocr.signs.software import named_software
from ocr.signs.thumbnail import thumbnail_sign
from tests.certcheck.bad_files import pdf
from tests.ocr import seal_pages

# Smaller than in earnest, so that a limit is met often and a run makes more of them.
SMALL = Limits(max_pixels=1_000_000, max_side=4_000)
FORMS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF")
_SIDE = 96


def _drawn(mode: str = "RGB") -> Image.Image:
    rng = np.random.default_rng(1)
    return Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).convert(mode)


def photo_seeds() -> Iterator[tuple[str, bytes]]:
    """A small file of each format, some with what cameras and programs add."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Software] = "Program"
    for form in FORMS:
        file = io.BytesIO()
        if form == "HEIF":
            import pillow_heif

            pillow_heif.from_pillow(_drawn()).save(file)
        else:
            told = {} if form in ("GIF", "BMP") else {"exif": exif.tobytes()}
            _drawn("P" if form == "GIF" else "RGB").save(file, form, **told)
        yield form.lower(), file.getvalue()
    for mode in ("RGBA", "LA", "1"):
        file = io.BytesIO()
        _drawn().convert(mode).save(file, "PNG")
        yield f"png-{mode}", file.getvalue()
    done, deep = cv2.imencode(".png", np.arange(3072, dtype=np.uint16).reshape(48, 64) * 21)
    assert done
    yield "png-16", bytes(deep)
    file = io.BytesIO()
    _drawn().save(file, "TIFF", save_all=True, append_images=[_drawn("L")], compression="tiff_lzw")
    yield "tiff-lzw", file.getvalue()
    yield "pdf", pdf(2)


def photo(data: bytes) -> None:
    """Opens a file in each way that the product does; none but our own errors."""
    try:
        photos = load(data, "a", SMALL)
    except PhotoError:
        photos = []
    for one in photos:
        assert one.image.dtype == np.uint8 and one.image.shape == (one.height, one.width, 3)
        assert one.width * one.height <= SMALL.max_pixels
        assert max(one.width, one.height) <= SMALL.max_side
    if photos:
        saving(data, photos[0])
        thumbnail_sign(data, photos[0])
        for page in pictures_of(data, "a").values():
            assert page.small.startswith(b"\xff\xd8")
        # Asked of what was opened alone: Pillow looks for a PNG's metadata behind its picture.
        for sign in named_software(data):
            assert sign.detail and len(sign.detail) <= 100
    back = backs.small(data)
    assert back is None or back.startswith(b"\xff\xd8")


def seal_seeds() -> Iterator[tuple[str, bytes]]:
    """Stamped pages, each with where a seal is said to be."""
    page = seal_pages.stamped(
        seal_pages.blank(420, 420), seal_pages.seal("示例玉石鉴定中心", size=240), (210, 210)
    )
    page = cv2.resize(page, (_SIDE * 2, _SIDE * 2), interpolation=cv2.INTER_AREA)
    for number, (shape, ink) in enumerate(
        (shape, ink) for shape in ("round", "oval", "square") for ink in INKS
    ):
        head = struct.pack("<BBhhHHhB", number % 3, number // 3, 96, 96, 54, 50, 5, 0)
        done, coded = cv2.imencode(".png", page)
        assert done
        yield f"{shape}-{ink}", head + bytes(coded)


def seal(data: bytes) -> None:
    """Finds, cuts and unrolls seals of a page, and one said to be anywhere on it."""
    head = data[:13].ljust(13, b"\0")
    shape, ink, x, y, long, short, angle, turned = struct.unpack("<BBhhHHhB", head)
    image = _page(data[13:])
    shapes = ("round", "oval", "square")
    axes = sorted((1 + long % 600, 1 + short % 600), reverse=True)
    claimed = SealPlace(
        (float(x), float(y)), (float(axes[0]), float(axes[1])), angle % 180 - 90.0,
        shapes[shape % 3], 0.5, tuple(INKS)[ink % len(INKS)],
    )  # fmt: skip
    matrix = np.array([[1, turned / 512, 3], [-turned / 512, 1, 3], [0, turned / 1e6, 1]])
    for place in (*find_seals(image)[:3], claimed):
        for original in (None, Original(image, matrix)):
            _unrolled(image, place, original)


def _page(data: bytes) -> np.ndarray:
    """The picture that is meant, or the bytes themselves as pixels."""
    try:
        return load(data, "a", Limits(max_pixels=250_000, max_side=1_000))[0].image
    except PhotoError:
        side = max(8, min(160, math.isqrt(len(data) // 3 + 1)))
        raw = np.frombuffer(data.ljust(side * side * 3, b"\xf0")[: side * side * 3], np.uint8)
        return raw.reshape(side, side, 3).copy()


def _unrolled(image: np.ndarray, place: SealPlace, original: Original | None) -> None:
    patch = cut_patch(image, paper_small(image), place, original)
    planes = take_apart(patch.image, patch.density, patch.place)
    if patch.place.shape == "square":
        strips = square.strips(planes.beside, patch.place)
        assert strips is None or all(one.size for one in strips)
        return
    course = find_course(planes.ink, patch.place)
    if course is None:
        return
    for strip in (
        cut_strip(planes.page, patch.place, course, stretch=0.95, margin=0.25),
        cut_print(planes.ink, patch.place, course, stretch=0.8, margin=0.4),
    ):
        assert strip.size and strip.shape[0] <= 4 * max(STRIP_ROWS)
    cut_lines(planes.page, planes.ink, patch.place, course)
