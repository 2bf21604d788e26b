"""Where the ink of a signature is: beside its label, or beneath it."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

import cv2
import numpy as np

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad
from ocr.signature.ink import Mask, darkness, inked, sharpness, without_rules, without_specks

Box = tuple[float, float, float, float]

# All in heights of the label's print. Names are signed larger than print, and askew.
_ABOVE, _BELOW = 1.0, 1.0
_FARTHEST_RIGHT = 9.0
_BENEATH_FIRST, _BENEATH_LAST = -0.6, 2.7
_BENEATH_LEFT, _BENEATH_RIGHT = 0.6, 8.0
# Around a name that was read: the reader cuts hooks and long strokes off.
_AROUND_ALONG, _AROUND_ACROSS = 0.45, 0.35
# Ink this far from the rest is another thing.
_GAP = 1.8
# Ink smaller than this is no name. A label's box may be higher than its print, where a
# signature beside it was taken into the same line.
_LEAST_HEIGHT, _LEAST_WIDTH = 0.45, 0.7
# A colon behind the label: dots this small, this near to it.
_DOT, _COLON_WITHIN = 0.3, 0.8
# Cut-outs are looked at in this many pixels a label's height; more tells nothing more.
_PIXELS = 48.0


@dc.dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The ink of one signature.

    Attributes:
        mask: height × width, cut to the ink.
        box: around it in the page, pixels.
        sharpness: see `ink.sharpness`.
    """

    mask: Mask
    box: Quad
    sharpness: float


def find_ink(
    image: Picture, label: Quad, value: Quad | None = None, others: Sequence[Quad] = ()
) -> Ink | None:
    """Finds what was signed beside or beneath a label.

    Args:
        image: the straightened page with its seals, BGR.
        label: the label's box in the page.
        value: where a name was read, None where none was.
        others: boxes of print that is no part of the signature.

    Returns:
        The ink, or None where the place is bare.
    """
    left, top, right, bottom = geometry.bounds(label)
    height = max(8.0, geometry.quad_size(label)[1])
    if value is not None:
        x0, y0, x1, y1 = geometry.bounds(value)
        tall = y1 - y0
        across, along = _AROUND_ACROSS * tall, _AROUND_ALONG * tall
        beside = x0 >= left + 0.5 * (right - left)
        first = max(x0 - along, right) if beside and y0 < bottom else x0 - along
        return _ink(image, (first, y0 - across, x1 + along, y1 + across), height, others)
    stop = min(
        (o[0] for o in map(geometry.bounds, others) if o[0] > right and _level(o, top, bottom)),
        default=right + _FARTHEST_RIGHT * height,
    )
    stop = min(stop, right + _FARTHEST_RIGHT * height)
    beside_box = (right + 0.1 * height, top - _ABOVE * height, stop, bottom + _BELOW * height)
    found = _ink(image, beside_box, height, others, cut=False)
    if found is not None:
        return found
    beneath = (
        left - _BENEATH_LEFT * height,
        bottom + _BENEATH_FIRST * height,
        left + _BENEATH_RIGHT * height,
        bottom + _BENEATH_LAST * height,
    )
    return _ink(image, beneath, height, (*others, label), cut=False)


def _level(box: Box, top: float, bottom: float) -> bool:
    return min(box[3], bottom) - max(box[1], top) > 0.3 * (bottom - top)


def _ink(
    image: Picture, box: Box, height: float, others: Sequence[Quad], *, cut: bool = True
) -> Ink | None:
    """The ink inside a box, less what does not belong to a name.

    Args:
        image: the page.
        box: where to look.
        height: of the label.
        others: boxes of other print.
        cut: whether the name may be cut by the box; in a wide one what runs out of it is the
            paper's edge or a neighbour's print.
    """
    rows, columns = image.shape[:2]
    x0, y0 = max(0, int(box[0])), max(0, int(box[1]))
    x1, y1 = min(columns, int(box[2])), min(rows, int(box[3]))
    if x1 - x0 < height or y1 - y0 < 0.7 * height:
        return None
    scale = min(1.0, _PIXELS / height)
    size = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    crop = np.asarray(cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA), np.uint8)
    dark = darkness(crop)
    mask = without_rules(inked(dark))
    for other in others:
        corners = (geometry.as_array(other) - (x0, y0)) * scale
        painted = mask.astype(np.uint8)
        cv2.fillConvexPoly(painted, corners.round().astype(np.int32), 0)
        mask = painted.astype(np.bool_)
    if not cut:
        mask = _inside(mask)
    mask = _without_colon(mask, height * scale)
    mask = _together(without_specks(mask), _GAP * height * scale)
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return None
    left, top, right, bottom = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    if (
        bottom - top < _LEAST_HEIGHT * height * scale
        or right - left < _LEAST_WIDTH * height * scale
    ):
        return None
    place = geometry.box_quad(
        x0 + left / scale, y0 + top / scale, (right - left) / scale, (bottom - top) / scale
    )
    near = dark[max(0, top - 3) : bottom + 3, max(0, left - 3) : right + 3]
    return Ink(mask[top:bottom, left:right], place, sharpness(near))


def _inside(mask: Mask) -> Mask:
    """The ink less what touches the edges."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    edges = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.asarray((labels > 0) & ~np.isin(labels, np.unique(edges)))


def _without_colon(mask: Mask, height: float) -> Mask:
    """The ink less the dots of a colon at its left edge."""
    found = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    count, labels, stats, _ = found
    kept = np.ones(count, np.bool_)
    kept[0] = False
    for number in range(1, count):
        left, _, wide, tall, _ = stats[number]
        small = max(wide, tall) < _DOT * height
        kept[number] = not (small and left + wide < _COLON_WITHIN * height)
    return np.asarray(kept[labels])


def _together(mask: Mask, gap: float) -> Mask:
    """The largest group of ink; what stands apart by more than a gap along the line is left."""
    columns = np.nonzero(mask.any(axis=0))[0]
    if len(columns) == 0:
        return mask
    breaks = np.nonzero(np.diff(columns) > gap)[0]
    starts = [columns[0], *columns[breaks + 1]]
    ends = [*columns[breaks], columns[-1]]
    amounts = [int(mask[:, a : b + 1].sum()) for a, b in zip(starts, ends, strict=True)]
    best = int(np.argmax(amounts))
    kept = np.zeros_like(mask)
    kept[:, starts[best] : ends[best] + 1] = mask[:, starts[best] : ends[best] + 1]
    return kept
