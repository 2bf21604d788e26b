"""Values whose print seems to have come into the picture after the rest of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import ALTERED, RESAVED, Field, Line, Quad, Sign
from ocr.signs.saved import Saving
from ocr.signs.traces import SIDE, Traces, traces

Floats = npt.NDArray[np.float32]

# How a value differs: its blocks know only the file's last saving.
TRACES = "traces"
# Names that are signed, and print that seals mostly cover.
_NOT_ASKED = ("inspector", "checker", "approver", "lab_name")
_MOST_LINES = 40  # beside the values: enough blocks to know the page's own history
# Measured by `python -m tests.benchmarks.picture_edits`, see docs/benchmarks.md: mean logarithm a
# block at which a page was surely saved twice; standard errors below it and share of it that make a
# value another's; and of a stretch of a value, of which there are more.
_TWICE, _VALUE, _STRETCH = 0.3, (-6.0, 0.3), (-7.0, 0.1)
_SPREAD = 0.3  # added to the blocks' spread: a page all alike has too little of its own
_FEWEST = 4  # blocks
_LONG = 1.5  # of the print's height: a stretch of a value, at least _FEWEST blocks long


def altered(
    image: Picture, how: Saving | None, fields: Mapping[str, Field], lines: Sequence[Line]
) -> tuple[Sign, ...]:
    """Signs of values that were changed in the picture, and of a camera's file that was saved anew.

    Args:
        image: the upright photo, height × width × 3, BGR, as it was decoded.
        how: the file was saved; None where that is not known.
        fields: what was read, with their places.
        lines: all print of the page.
    """
    if how is None:
        return ()
    values = {key: one.parts or (one.box,) for key, one in fields.items() if key not in _NOT_ASKED}
    step = max(1, len(lines) // _MOST_LINES)
    places = [quad for parts in values.values() for quad in parts]
    found = traces(image, how.steps, how.origin, [*places, *(one.box for one in lines[::step])])
    if found is None:
        return ()
    told = found.told[~np.isnan(found.told)]
    level, spread = float(told.mean()), float(told.std()) + _SPREAD
    if level < _TWICE:
        return ()
    signs = [Sign(RESAVED, how.camera)] if how.camera else []
    for key, parts in values.items():
        places = [quad for quad in (_place(found, part, level, spread) for part in parts) if quad]
        signs += [Sign(ALTERED, TRACES, places[0], key)] if places else []
    return tuple(signs)


def _place(found: Traces, quad: Quad, level: float, spread: float) -> Quad | None:
    """The part of a value that was saved once where the page was saved twice, or None."""
    along, told = found.along(quad)
    if _less(told, level, spread, _VALUE):
        return quad
    width, height = geometry.quad_size(quad)
    long = max(_LONG * height, _FEWEST * SIDE)
    starts = [
        float(start)
        for start in np.arange(0.0, max(0.0, width - long) + 1, height / 3)
        if _less(told[(along >= start) & (along <= start + long)], level, spread, _STRETCH)
    ]
    if not starts:
        return None
    return geometry.stretch_quad(quad, starts[0] / width, min(1.0, (starts[-1] + long) / width))


def _less(told: Floats, level: float, spread: float, bounds: tuple[float, float]) -> bool:
    """Whether blocks tell less than the page by so many standard errors and to that share."""
    if len(told) < _FEWEST:
        return False
    mean = float(told.mean())
    return (mean - level) / spread * math.sqrt(len(told)) < bounds[0] and mean < bounds[1] * level
