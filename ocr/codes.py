"""QR and bar codes: zxing-cpp reads first, zbar is the second witness.

A wrong payload would accuse an honest laboratory, so what carries no check digits is
believed only when both readers agree. A code that is seen and cannot be decoded is
reported as such: it tells the user to come closer, and is not the same as no code.
"""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import zxingcpp

from ocr import bar_decode, bar_pattern, contrast, geometry, payload, qr_pattern
from ocr.geometry import Matrix, Picture
from ocr.page import Page
from ocr.photo import Photo
from ocr.reading import Code, Quad

try:
    from pyzbar import pyzbar
except ImportError:  # the package is there and libzbar is not, or neither
    pyzbar = None

ZXING, ZBAR, LOOKS, BARS = "zxing", "zbar", "qr_pattern", "bar_pattern"
LIKELIHOOD = "bar_decode"
BAR_CODE = "Barcode"  # symbology of bars that were only found

_Formats = zxingcpp.BarcodeFormat
_QR = (_Formats.QRCode, _Formats.MicroQRCode, _Formats.RMQRCode)
# Seldom printed, and four times as dear to look for: looked for at half the size.
_RARE = (_Formats.DataMatrix, _Formats.Aztec, _Formats.PDF417)
_STRONG = (_Formats.Code128, _Formats.Code93, _Formats.EAN13)  # carry check digits
_WEAK = (_Formats.Code39, _Formats.ITF, _Formats.Codabar)  # carry none
# EAN-8, UPC-E and DataBar are not printed on certificates, and are short enough to be
# seen in rulings and guilloches.
_USUAL = zxingcpp.BarcodeFormats((*_QR, *_STRONG, *_WEAK))
_SELDOM = zxingcpp.BarcodeFormats(_RARE)
_ALL = zxingcpp.BarcodeFormats((*_QR, *_RARE, *_STRONG, *_WEAK))
# Numbers and addresses; one check digit lets a chance reading pass once in a hundred, and
# such a reading is full of signs that no certificate's bar code holds.
_PLAIN_TEXT = re.compile(r"[A-Za-z0-9 ./:_%?=&#+-]+")
_WEAK_NAMES = frozenset(f.name for f in _WEAK)
_LINEAR_NAMES = frozenset(f.name for f in (*_STRONG, *_WEAK))
_MIN_LINEAR = 6  # characters: certificate numbers are longer, chance readings shorter
_ZBAR_NAMES = {
    "QRCODE": "QRCode",
    "CODE128": "Code128",
    "CODE39": "Code39",
    "EAN13": "EAN13",
    "I25": "ITF",
    "CODABAR": "Codabar",
}
_SMALL = 1600  # px: a photo with a shorter long side is also tried at twice its size
_SMALLEST_HALVED = 600  # px: a smaller photo is not halved
_BAR_QUIET, _BAR_BODY = 0.02, 0.8  # of a bar code's length and height, left around it
_CROP_SIDES = (330, 660, 1000)  # px a found code's crop is brought to
_QUIET = 0.18  # of the code's side, left around it: four modules of the smallest code
_SAME = 0.5  # overlap of a reading with the place it was looked for
_TOUCH = 0.2  # overlap of two places that are one code
_ZBAR_SIDE = 1600  # px: zbar takes 60 ms there
_ZBAR_TURNS = {"UP": 0, "RIGHT": 1, "DOWN": 2, "LEFT": 3}


@dc.dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A picture made from the photo and the way back."""

    image: Picture
    to_photo: Matrix


@dc.dataclass(frozen=True, slots=True)
class Sighted:
    """What one pass over a photo shows.

    Attributes:
        codes: that were decoded.
        unread: where others were seen.
    """

    codes: tuple[Code, ...]
    unread: tuple[Quad, ...]


def sight(photo: Photo) -> Sighted:
    """The first pass of `read_codes`: it needs no paper to be found.

    Args:
        photo: the upright photo.
    """
    whole = _View(contrast.grey(photo.image), np.eye(3))
    codes, seen = _read(whole, _USUAL)
    codes = _merged(codes, _read(_halved(whole), _SELDOM)[0])
    seen += _patterns(whole, codes)
    return Sighted(tuple(codes), tuple(_without(seen, codes)))


def read_codes(photo: Photo, page: Page | None, sighted: Sighted | None = None) -> list[Code]:
    """Every code of a photo, decoded ones first.

    Costs one pass over the photo where that reads all there is. Only when a code is
    seen and not read, or nothing is seen, other scales, contrasts and the straightened
    page follow.

    Args:
        photo: the upright photo.
        page: the straightened paper, if one was found.
        sighted: what `sight` saw in the photo, where it was looked at already.

    Returns:
        Codes with boxes in the photo; `text` is None for one that was found only.
    """
    first = sighted or sight(photo)
    codes, unread = list(first.codes), list(first.unread)
    if not codes and not unread:
        codes, unread = _further(photo, page)
    whole = _View(contrast.grey(photo.image), np.eye(3))
    for box in unread:
        code = next(_closer(photo.image, box), None)
        codes = _merged(codes, [code or Code("QRCode", None, box, LOOKS)])
    upright = whole if page is None else _View(page.image, page.to_photo)
    codes = _merged(codes, _bar_codes(upright, whole, codes))
    return sorted(codes, key=lambda code: code.text is None)


def _halved(view: _View) -> _View:
    if min(view.image.shape[:2]) < _SMALLEST_HALVED:
        return view
    half = cv2.resize(view.image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    back = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    return _View(np.asarray(half, dtype=np.uint8), view.to_photo @ back)


def _patterns(view: _View, known: Sequence[Code]) -> list[Quad]:
    """Places that look like QR codes, but those that were read."""
    back = np.asarray(np.linalg.inv(view.to_photo), dtype=np.float64)
    there = [geometry.map_quad(code.box, back) for code in known]
    found = qr_pattern.find_patterns(view.image, there)
    return [geometry.map_quad(pattern.box, view.to_photo) for pattern in found]


def _read(view: _View, formats: zxingcpp.BarcodeFormats = _ALL) -> tuple[list[Code], list[Quad]]:
    """What zxing decodes, and the places of QR codes that it sees and cannot decode."""
    found = zxingcpp.read_barcodes(
        contrast.grey(view.image),
        formats=formats,
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=True,
    )
    codes: list[Code] = []
    seen: list[Quad] = []
    for barcode in found:
        corners = _corners(barcode.position)
        if corners is None:
            continue
        if not barcode.valid:
            pattern = None
            if barcode.symbology == _Formats.QRCode:
                pattern = qr_pattern.looks_like_qr(view.image, corners)
            if pattern is not None:
                seen.append(geometry.map_quad(pattern.box, view.to_photo))
            continue
        code = _code(barcode, corners, view)
        if code is not None:
            codes.append(code)
    return _merged([], codes), seen


def _code(barcode: zxingcpp.Barcode, corners: Quad, view: _View) -> Code | None:
    """A decoded code, or None where it may be a chance reading."""
    name = barcode.symbology.name
    text = payload.decode(barcode.bytes, barcode.text)
    if not text or (name in _LINEAR_NAMES and len(text) < _MIN_LINEAR):
        return None
    odd = name in _LINEAR_NAMES and not _PLAIN_TEXT.fullmatch(text)
    if (odd or name in _WEAK_NAMES) and not _zbar_agrees(view.image, corners, text):
        return None
    place = geometry.map_quad(corners, view.to_photo)
    return Code(name, text, place, ZXING, bytes(barcode.bytes))


def _corners(position: zxingcpp.Position) -> Quad | None:
    """Clockwise from the code's own top left; None for a code without a place."""
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    quad = geometry.as_quad([(p.x, p.y) for p in corners])
    area = geometry.quad_area(quad)
    if area < 0:  # seen in a mirror, or through the paper
        return quad[0], quad[3], quad[2], quad[1]
    if area > 0:
        return quad
    # A bar code may be read along a single row of pixels.
    return geometry.pad_quad(quad, 0, 2) if quad[0] != quad[1] else None


def _zbar_agrees(image: Picture, corners: Quad, text: str) -> bool:
    """The second witness for codes without check digits; absent, nothing is believed."""
    wide, tall = geometry.quad_size(corners)
    around = geometry.pad_quad(corners, 0.1 * wide + 8, 0.5 * tall + 8)
    crop = geometry.crop_quad(image, around)
    # zbar may drop the start and stop letters of Codabar, and a check digit.
    return any(read.strip("ABCDabcd") in text for _, read, _ in _zbar(crop))


def _zbar(image: Picture) -> Iterator[tuple[str, str, Quad]]:
    """(symbology, text, corners) of what zbar decodes; nothing where it is missing."""
    if pyzbar is None:
        return
    kinds = [pyzbar.ZBarSymbol[name] for name in _ZBAR_NAMES]
    for found in pyzbar.decode(contrast.grey(image), symbols=kinds):
        text = payload.of_zbar(found.data)
        box = found.rect
        quad = geometry.box_quad(box.left, box.top, box.width, box.height)
        if len(found.polygon) == 4:
            quad = geometry.order_corners([(p.x, p.y) for p in found.polygon])
        quad = geometry.turn_quad(quad, _ZBAR_TURNS.get(found.orientation, 0))
        if text and geometry.quad_area(quad) > 0:
            yield _ZBAR_NAMES[found.type], text, quad


def _bar_codes(upright: _View, whole: _View, known: Sequence[Code]) -> list[Code]:
    """Bar codes that were not read yet: found on the straightened page, read on the photo.

    What the page was straightened by is not done twice: the photo's own pixels are finer.
    """
    codes = []
    for bars in bar_pattern.find_bars(upright.image):
        place = geometry.map_quad(bars.box, upright.to_photo)
        if any(geometry.overlap(place, code.box) > _TOUCH for code in known):
            continue
        code = _likely_bars(whole.image, place) or next(_bar_readings(whole, place), None)
        if code is not None or bars.sure:
            codes.append(code or Code(BAR_CODE, None, place, BARS))
    return codes


def _likely_bars(image: Picture, place: Quad) -> Code | None:
    """A Code 128 told by the likelihood of its bars."""
    wide, tall = geometry.quad_size(place)
    along = place if wide > tall else geometry.turn_quad(place, 1)
    wide, tall = geometry.quad_size(along)
    body = geometry.pad_quad(along, _BAR_QUIET * wide, -(1 - _BAR_BODY) / 2 * tall)
    found = bar_decode.decode(geometry.crop_quad(image, body))
    if found is None or not found.sure or len(found.text) < _MIN_LINEAR:
        return None
    if not _PLAIN_TEXT.fullmatch(found.text):
        return None
    box = along if found.upright else geometry.turn_quad(along, 2)
    return Code(_Formats.Code128.name, found.text, box, LIKELIHOOD)


def _bar_readings(whole: _View, place: Quad) -> Iterator[Code]:
    wide, tall = geometry.quad_size(place)
    along, across = (_QUIET * wide, 0) if wide > tall else (0, _QUIET * tall)
    around = geometry.pad_quad(place, along, across)
    for zoom in (1, 2):
        crop = geometry.crop_quad(
            whole.image, around, height=round(geometry.quad_size(around)[1] * zoom)
        )
        back = whole.to_photo @ geometry.homography(
            geometry.box_quad(-0.5, -0.5, crop.shape[1], crop.shape[0]), around
        )
        for change in contrast.QUICK:
            yield from _read(_View(change(crop), back))[0]


def _closer(image: Picture, box: Quad) -> Iterator[Code]:
    """Readings of a code that was seen: cut out straight, at several sizes and contrasts."""
    wide, tall = geometry.quad_size(box)
    margin = _QUIET * max(wide, tall)
    around = geometry.pad_quad(box, margin, margin)
    crops = [geometry.crop_quad(image, around, height=side) for side in _CROP_SIDES]
    for changes, tried in ((contrast.QUICK, crops), (contrast.THOROUGH, crops[:2])):
        for crop in tried:
            back = geometry.homography(
                geometry.box_quad(-0.5, -0.5, crop.shape[1], crop.shape[0]), around
            )
            for change in changes:
                yield from _crop_readings(_View(change(crop), back), box)


def _crop_readings(view: _View, box: Quad) -> Iterator[Code]:
    """What either reader reads where the box is."""
    codes, _ = _read(view)
    yield from (c for c in codes if geometry.overlap(c.box, box) > _SAME)
    for name, text, corners in _zbar(view.image):
        if name == "QRCode":
            place = geometry.map_quad(corners, view.to_photo)
            yield Code(name, text, place, ZBAR, text.encode())


def _further(photo: Photo, page: Page | None) -> tuple[list[Code], list[Quad]]:
    """Other views of a photo in which nothing was seen; the first that shows a code."""
    for view in _other_views(photo.image, page):
        codes, seen = _read(view, _USUAL)
        seen += _patterns(view, codes)
        unread = _without(seen, codes)
        if codes or unread:
            return codes, unread
    small, scale = _at_most(photo.image, _ZBAR_SIDE)
    back = np.diag([1 / scale, 1 / scale, 1.0])
    codes = [
        Code(name, text, geometry.map_quad(corners, back), ZBAR, text.encode())
        for name, text, corners in _zbar(small)
        if name not in _LINEAR_NAMES
    ]
    return codes, []


def _other_views(image: Picture, page: Page | None) -> Iterator[_View]:
    if page is not None and page.certainty > 0:
        yield _View(page.image, page.to_photo)
    if max(image.shape[:2]) < _SMALL:
        large = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        back = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])
        yield _View(np.asarray(large, dtype=np.uint8), back)
        yield _View(contrast.inked(np.asarray(large, dtype=np.uint8)), back)


def _at_most(image: Picture, long_side: int) -> tuple[Picture, float]:
    scale = min(1.0, long_side / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), scale


def _without(boxes: list[Quad], codes: list[Code]) -> list[Quad]:
    """The boxes where no code is, each place once."""
    kept: list[Quad] = []
    for box in boxes:
        known = [*kept, *(code.box for code in codes)]
        if all(geometry.overlap(box, other) < _TOUCH for other in known):
            kept.append(box)
    return kept


def _merged(codes: list[Code], more: list[Code]) -> list[Code]:
    """One entry a code: a place is taken once, by its first reading."""
    kept = list(codes)
    for code in more:
        if not any(_is_same(code, other) for other in kept):
            kept.append(code)
    return kept


def _is_same(one: Code, two: Code) -> bool:
    if geometry.overlap(one.box, two.box) <= _TOUCH:
        return False
    # A code printed inside another (two QR codes in one) says something else.
    return one.text is None or two.text is None or one.text == two.text
