"""What is wrong with a photo, in figures that a person can act on.

Advice never decides anything; it says why something could not be read. So it keeps
silent wherever the print can still be read, and speaks of the print, not of the photo:
a blurred desk around a sharp certificate is no fault.
"""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.once import once_a_picture
from ocr.page import Page
from ocr.page.lines import ink_pieces, line_angle, print_height
from ocr.photo import Photo
from ocr.pixels import at_most, components, percentile
from ocr.reading import Advice, Quad
from ocr.screen import tone

Plane = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

BLURRED = "photo.blurred"
SHAKEN = "photo.shaken"
SCREEN = "photo.screen"
NO_PRINT = "photo.no_print"
GLARE = "photo.glare"
DARK = "photo.dark"
TOO_FAR = "photo.too_far"
CUT_EDGE = "photo.cut_edge"

# Measured on generated photographs: 70 hard ones, five of each treatment, and 50 mild and
# normal. Edges over print: mild and normal up to 0.17, shaken and unfocused 0.18 to 0.24.
BLUR_MAX = 0.18  # width of a stroke's edge over the print's height: strokes run together
SMEAR_MAX = 0.20  # the same across a shake
_BLUR_WIDTH = 3.7  # px: edges of sharp print are this wide, which much of small print is
_SHAKEN = 1.42  # edges across the shake over those along it: 1.5 to 2.4, unfocused below 1.25
TONE_MIN = 7.5  # screens 8.7 to 82, paper up to 6.0 (`ocr.screen`)
PRINT_MIN = 11.0  # px in the photo of the middling print's height
DARK_MAX = 70.0  # grey level of the paper's lighter half
GLARE_MIN = 0.012  # of the page washed out
CUT_MIN = 0.01  # of the paper's outline, or of the print's pieces, cut by the photo's edge
_BURNT = 249  # grey level at which nothing can stand on the paper any more
_PAPER_MAX = 232  # paper as light as this by itself: a scan, not a reflection
_AT_EDGE = 0.005  # of the photo's long side: a paper's side this near its edge goes on
_SURE_PRINT = 0.6  # certainty of the lines' angle where pieces of ink are print
_CUT_PIECES = 6  # pieces at the rim: fewer may be a frame or a speck
_RING = 61  # px around a spot in which print is looked for: two or three lines
_NEAR_PRINT, _GONE = 0.5, 0.3  # ink around a spot over the page's; ink in it over that
_PAPER_SHARE = 60.0  # percentile that is paper on a page of print and one picture
_WAY, _WAY_EDGES = 22.5, 40  # degrees of one direction of edges, and how many tell of it
_STEP = 40.0  # grey levels between ink and paper that make an edge worth measuring
_MIN_EDGES = 200  # places, below which the median of their widths wanders
_SIDE = 1000  # px the page is looked at for light


@dc.dataclass(frozen=True, slots=True)
class Print:
    """The print of a page.

    Attributes:
        height: of a middling piece, page px.
        blur: width of its strokes' edges, page px.
        uneven: width of the edges of one direction over those square to it, the largest.
    """

    height: float
    blur: float
    uneven: float


def measure(photo: Photo, page: Page) -> list[Advice]:
    """Everything that stands in the way of reading a page.

    Args:
        photo: the upright photo.
        page: the page found in it.

    Returns:
        Advice with its figure: `photo.blurred` and `photo.shaken` edge width over print
        height · `photo.too_far` print height in px of the photo · `photo.dark` grey level
        of the paper · `photo.glare` share of the page washed out · `photo.cut_edge` share
        of the outline or print cut off · `photo.screen` strength of a screen's tone ·
        `photo.no_print` 0. Empty for a good photo.
    """
    screen = _screen(photo, page)
    advice = [_dark(page), _glare(page), _cut_edge(photo, page), screen]
    found = print_of(page.image)
    if found is not None:
        advice.append(_too_far(page, found))
        if screen is None:  # its stripes make edges of their own
            advice.append(_blurred(found))
    elif print_height(page.image) is None:
        advice.append(Advice(NO_PRINT, 0.0))
    return [a for a in advice if a is not None]


def _screen(photo: Photo, page: Page) -> Advice | None:
    strength = tone(photo.image, geometry.as_array(page.corners))
    return Advice(SCREEN, round(strength, 1)) if strength >= TONE_MIN else None


@once_a_picture
def print_of(image: Picture) -> Print | None:
    """Size and sharpness of a page's print; None where there is too little."""
    height = print_height(image)
    if height is None:
        return None
    grey = _grey(image)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = cv2.magnitude(across, down)
    reach = 2 * max(1, round(height / 5)) + 1
    window = np.ones((reach, reach), np.uint8)
    step = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window)).astype(np.float32)
    ink = cv2.resize(ink_pieces(image), grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    # The steepest place of each edge: elsewhere the slope says nothing of the lens.
    steepest = slope >= cv2.dilate(slope, np.ones((3, 3), np.uint8))
    edge = (cv2.dilate(ink, window) > 0) & steepest & (step > _STEP) & (slope > 0.05 * step)
    if int(edge.sum()) < _MIN_EDGES:
        return None
    widths = step[edge] / slope[edge]
    ways = np.degrees(np.arctan2(down[edge], across[edge])) % 180
    return Print(height, float(np.median(widths)), _unevenness(widths, ways))


def _unevenness(widths: Floats, ways: Floats) -> float:
    """Edges of one direction over those square to it; 1 where one of them is missing."""
    count = int(180 / _WAY)
    bins = (ways // _WAY).astype(int) % count
    middling = [
        float(np.median(widths[bins == one])) if int((bins == one).sum()) >= _WAY_EDGES else None
        for one in range(count)
    ]
    pairs = [(one, middling[index - count // 2]) for index, one in enumerate(middling)]
    return max((a / b for a, b in pairs if a and b), default=1.0)


def _blurred(found: Print) -> Advice | None:
    share = found.blur / found.height
    if found.blur < _BLUR_WIDTH:
        return None
    # The edges along the shake stay sharp; those across are the square root wider.
    smeared = share * math.sqrt(found.uneven)
    if found.uneven > _SHAKEN and smeared > SMEAR_MAX:
        return Advice(SHAKEN, round(smeared, 3))
    return Advice(BLURRED, round(share, 3)) if share > BLUR_MAX else None


def _too_far(page: Page, found: Print) -> Advice | None:
    """The print's height measured in the photo, at the middle of the page."""
    height = height_in_photo(page, found, geometry.box_quad(0, 0, page.width, page.height))
    return Advice(TOO_FAR, round(height, 1)) if height < PRINT_MIN else None


def height_in_photo(page: Page, found: Print, box: Quad) -> float:
    """The print's height at a place of the page, in px of the photo."""
    x, y = geometry.centre(box)
    line = (page.to_photo_point((x, y)), page.to_photo_point((x, y + found.height)))
    return float(np.hypot(line[1][0] - line[0][0], line[1][1] - line[0][1]))


def _dark(page: Page) -> Advice | None:
    level = percentile(_small_grey(page.image), _PAPER_SHARE)
    return Advice(DARK, round(level, 1)) if level < DARK_MAX else None


def _glare(page: Page) -> Advice | None:
    """The largest spot of light with print around it and none left in it."""
    grey = _small_grey(page.image)
    if percentile(grey, _PAPER_SHARE) > _PAPER_MAX:
        return None
    burnt = np.asarray(grey >= _BURNT, dtype=np.uint8)
    burnt = np.asarray(cv2.morphologyEx(burnt, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    burnt = np.asarray(cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)))
    labels, stats = components(burnt)
    if len(stats) < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    spot = stats[largest]
    share = float(spot[cv2.CC_STAT_AREA]) / grey.size
    if share < GLARE_MIN or not _hides_print(page, np.asarray(labels == largest)):
        return None
    scale = page.width / grey.shape[1]
    left, top, wide, tall = (float(v) * scale for v in spot[:4])
    box = page.to_photo_quad(geometry.box_quad(left, top, wide, tall))
    return Advice(GLARE, round(share, 3), box)


def _hides_print(page: Page, spot: npt.NDArray[np.bool_]) -> bool:
    """Whether print runs up to a spot and is missing in it: blank paper may shine."""
    mask = spot.astype(np.uint8)
    ink = cv2.resize(ink_pieces(page.image), mask.shape[::-1], interpolation=cv2.INTER_NEAREST)
    ring = (cv2.dilate(mask, np.ones((_RING, _RING), np.uint8)) > 0) & ~spot
    everywhere, around, within = (float(ink[m].mean()) for m in (~spot, ring, spot))
    return around > _NEAR_PRINT * everywhere and within < _GONE * around


def _cut_edge(photo: Photo, page: Page) -> Advice | None:
    """A paper that goes on beyond the photo, or print that runs off it."""
    share = _beyond(photo, page) if page.certainty > 0 else _run_off(page)
    return Advice(CUT_EDGE, round(share, 3)) if share >= CUT_MIN else None


def _beyond(photo: Photo, page: Page) -> float:
    """Share of a paper's outline on or beyond the photo's edge; 0 for a scan all round it."""
    right, bottom = photo.width - 1.0, photo.height - 1.0
    slack = _AT_EDGE * max(photo.width, photo.height)
    cut = whole = 0.0
    free = 0
    lengths = geometry.sides(page.corners)
    ends = zip(page.corners, page.corners[1:] + page.corners[:1], strict=True)
    for length, ((ax, ay), (bx, by)) in zip(lengths, ends, strict=True):
        at_edge = (
            max(ax, bx) <= slack or max(ay, by) <= slack
            or min(ax, bx) >= right - slack or min(ay, by) >= bottom - slack
        )  # fmt: skip
        whole += length
        cut += length if at_edge else 0.0
        free += not at_edge
    return cut / max(whole, 1.0) if free else 0.0


def _run_off(page: Page) -> float:
    """Of a photo without paper's edges: the share of its print's pieces cut by its rim."""
    if line_angle(page.image).certainty < _SURE_PRINT:
        return 0.0
    ink = ink_pieces(page.image)
    _, stats = components(ink)
    left, top = stats[1:, cv2.CC_STAT_LEFT], stats[1:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[1:, cv2.CC_STAT_WIDTH], top + stats[1:, cv2.CC_STAT_HEIGHT]
    height, width = ink.shape
    cut = (left <= 0) | (top <= 0) | (right >= width) | (bottom >= height)
    return float(cut.sum()) / max(len(stats) - 1, 1) if int(cut.sum()) >= _CUT_PIECES else 0.0


@once_a_picture
def _grey(image: Picture) -> Plane:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


@once_a_picture
def _small_grey(page: Picture) -> Plane:
    return at_most(_grey(page), _SIDE)[0]
