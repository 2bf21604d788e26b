"""What hides print on a page: reflections, and fingers that hold the paper.

Found by light and colour alone, so a white margin may look like a reflection and a
reddish picture like a finger: only together with something that could not be read do
they say anything (`ocr.retake`).
"""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.once import once_a_picture
from ocr.pixels import at_most, components, percentile
from ocr.reading import Quad

Mask = npt.NDArray[np.uint8]

_SIDE = 700  # px the page is looked at: print is then 8 to 14 px high
_PAPER_SHARE = 60.0  # percentile that is paper on a page of print and one picture
# Grey level of the darkest channel at which grain hides what is left of print (generated
# reflections over fields: 244 to 255 in their middle), and how much lighter than the paper.
BURNT, _LIGHTER = 242, 8
_NEARBY = 0.05  # of the long side: how far around a spot the paper is compared
_SPOT_MIN = 0.0006  # of the page: one or two characters
_WHITE = 230.0  # grey level the paper is brought to before colours are judged
_SKIN_LOW, _SKIN_HIGH = (40, 138, 85), (235, 172, 122)  # Y, Cr, Cb of skin beside white paper
_FINGER_MIN, _FINGER_MAX = 0.006, 0.35  # of the page
_REACH = 0.05  # of the long side that a finger comes in, at least
_SMOOTH = 40.0  # grey levels over a few pixels: a round finger shades off, print changes by more


@dc.dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A place of a page where nothing can be read.

    Attributes:
        box: upright rectangle around it, page px.
        share: of the page's area.
        mask: of the page at a small size, 1 where the spot is.
        scale: page px a pixel of the mask.
        contrast: grey levels lighter than what is around it.
    """

    box: Quad
    share: float
    mask: Mask
    scale: float
    contrast: float = 0.0

    def covers(self, left: float, top: float, right: float, bottom: float) -> float:
        """Share of an upright rectangle, page px, that the spot hides; 0 outside the page."""
        rows, columns = (
            slice(max(0, round(low / self.scale)), max(0, round(high / self.scale)))
            for low, high in ((top, bottom), (left, right))
        )
        part = self.mask[rows, columns]
        return float(part.mean()) if part.size else 0.0


def reflections(page: Picture) -> list[Spot]:
    """Places washed out by light, largest first; none on paper that is as white by itself."""
    small, scale = _small(page)
    darkest = np.asarray(cv2.min(cv2.min(small[:, :, 0], small[:, :, 1]), small[:, :, 2]), np.uint8)
    paper = percentile(darkest, _PAPER_SHARE)
    level = max(BURNT, paper + _LIGHTER)
    if level > 255:
        return []
    mask = np.asarray(darkest >= level, dtype=np.uint8)
    tidy = _tidy(mask, 3, 3)
    return [
        dc.replace(spot, contrast=_contrast(darkest, tidy, spot.box, scale))
        for spot in _spots(tidy, scale, _SPOT_MIN)
    ]


def _contrast(darkest: Mask, burnt: Mask, box: Quad, scale: float) -> float:
    """Levels by which a spot is lighter than the paper near it."""
    left, top, right, bottom = (round(v / scale) for v in geometry.bounds(box))
    far = round(_NEARBY * _SIDE)
    place = (slice(max(0, top - far), bottom + far), slice(max(0, left - far), right + far))
    around = darkest[place][burnt[place] == 0]
    return 255.0 - percentile(around, _PAPER_SHARE) if len(around) else 0.0


def fingers(page: Picture) -> list[Spot]:
    """Smooth things of the colour of skin that come in over the page's rim, largest first."""
    small, scale = _small(page)
    # By lamplight everything is reddish: the paper says what white is.
    paper = np.array([percentile(small[:, :, n], _PAPER_SHARE) for n in range(3)])
    even = np.clip(cv2.medianBlur(small, 5) * (_WHITE / np.maximum(paper, 1)), 0, 255)
    tones = cv2.cvtColor(even.astype(np.uint8), cv2.COLOR_BGR2YCrCb)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    window = np.ones((5, 5), np.uint8)
    rough = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window))
    skin = (cv2.inRange(tones, _SKIN_LOW, _SKIN_HIGH) > 0) & (cv2.blur(rough, (9, 9)) < _SMOOTH)
    found = _spots(_tidy(skin.astype(np.uint8), 9, 9), scale, _FINGER_MIN)
    return [one for one in found if one.share <= _FINGER_MAX and _from_rim(one, page)]


def _from_rim(spot: Spot, page: Picture) -> bool:
    height, width = page.shape[:2]
    left, top, right, bottom = geometry.bounds(spot.box)
    near = 0.012 * max(height, width)
    touches = (left <= near, top <= near, right >= width - near, bottom >= height - near)
    if not any(touches):
        return False
    reach = min(right - left, bottom - top)
    # A band along a whole side is printed, or the desk.
    whole = right - left > 0.8 * width or bottom - top > 0.8 * height
    return reach >= _REACH * max(height, width) and not whole


@once_a_picture
def _small(page: Picture) -> tuple[Picture, float]:
    small, scale = at_most(page, _SIDE)
    # What is kept with a picture must not be the picture.
    return small if scale < 1 else small.copy(), page.shape[1] / small.shape[1]


def _tidy(mask: Mask, closing: int, opening: int) -> Mask:
    """Grain filled in, specks and the gaps between lines of print taken out."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((closing, closing), np.uint8))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (opening, opening))
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel), dtype=np.uint8)


def _spots(mask: Mask, scale: float, least: float) -> list[Spot]:
    labels, stats = components(mask)
    found = []
    for number, (left, top, wide, tall, area) in enumerate(stats):
        if number == 0 or area < least * mask.size:
            continue
        box = geometry.box_quad(*(float(v) * scale for v in (left, top, wide, tall)))
        own = np.asarray(labels == number, dtype=np.uint8)
        found.append(Spot(box, float(area) / mask.size, own, scale))
    return sorted(found, key=lambda spot: -spot.share)
