"""Values whose print seems to have come into the picture after the rest of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import ALTERED, RESAVED, Field, Line, Quad, Sign
from ocr.signs.copies import aslant, copies
from ocr.signs.net import judged
from ocr.signs.saved import Saving
from ocr.signs.strokes import look_at
from ocr.signs.traces import SIDE, Traces, traces
from ocr.signs.unlike import unlike
from ocr.signs.weighing import weighed

Floats = npt.NDArray[np.float32]

# How a value differs: its very grain stands elsewhere too; or its print, whole pixels away; its
# blocks know only the file's last saving; its print looks unlike that of the others. The surest
# first.
COPIED, SHIFTED, TRACES, LOOK = "copied", "shifted", "traces", "look"
# Names that are signed, and print that seals mostly cover.
_NOT_ASKED = ("inspector", "checker", "approver", "lab_name")
# Print of another kind than the values: small, or in letters of its own.
_OWN_PRINT = ("cma_no", "cnas_no", "address", "phone", "website", "remarks", "standards")
_STAMPED = 0.05  # share of a value under a seal, from which its print cannot be looked at
_MOST_LINES = 25  # beside the values: enough blocks to know the page's own history
# Measured by `python -m tests.benchmarks.picture_edits`, see docs/benchmarks.md: mean logarithm a
# block at which a page was surely saved twice; standard errors below it and share of it that make a
# value another's; and of a stretch of a value, of which there are more.
_TWICE, _VALUE, _STRETCH = 0.6, (-6.0, 0.3), (-8.0, 0.0)
_SPREAD = 0.3  # added to the blocks' spread: a page all alike has too little of its own
_FEWEST = 4  # blocks
_LONG = 1.5  # of the print's height: a stretch of a value, at least _FEWEST blocks long


def altered(
    image: Picture,
    how: Saving | None,
    fields: Mapping[str, Field],
    lines: Sequence[Line],
    seals: Sequence[Quad] = (),
) -> tuple[Sign, ...]:
    """Signs of values that were changed in the picture, and of a camera's file that was saved anew.

    Args:
        image: the upright photo, height × width × 3, BGR, as it was decoded.
        how: the file was saved; None where that is not known.
        fields: what was read, surely or not, with their places.
        lines: all print of the page.
        seals: corners of the seals.

    Returns:
        At most one a value, the surest.
    """
    values = {key: one.parts or (one.box,) for key, one in fields.items() if key not in _NOT_ASKED}
    history = _history(image, how, values, lines) if how else ()
    places = bare(fields, seals)
    found = [*_copied(image, places), *history]
    if aslant(places.values()):
        found += _unlike(image, places)
    else:  # drawn by a program, or scanned: blocks and looks of its own differ as much
        found = [sign for sign in found if sign.detail != TRACES]
    told: dict[str, Sign] = {}
    for sign in found:
        told.setdefault(sign.key or sign.kind, sign)
    return tuple(told.values())


def bare(fields: Mapping[str, Field], seals: Sequence[Quad]) -> dict[str, Quad]:
    """Where values lie that can be held against one another: of one print, and not stamped."""
    places = {
        key: (one.parts or (one.box,))[0]
        for key, one in fields.items()
        if key not in (*_NOT_ASKED, *_OWN_PRINT)
    }
    return {
        key: quad
        for key, quad in places.items()
        if not any(geometry.overlap(quad, seal) > _STAMPED for seal in seals)
    }


def _copied(image: Picture, places: Mapping[str, Quad]) -> Iterator[Sign]:
    """Both places of each stretch that was copied: which came first nobody can say."""
    for one in copies(image, places):
        for key, box in zip(one.keys, one.boxes, strict=True):
            yield Sign(ALTERED, COPIED if one.grain else SHIFTED, box, key)


def _unlike(image: Picture, places: Mapping[str, Quad]) -> Iterator[Sign]:
    """Values that look unlike the others, the most unlike first."""
    looks = {key: (look_at(image, quad), geometry.centre(quad)) for key, quad in places.items()}
    unlikely = unlike({key: (look, at) for key, (look, at) in looks.items() if look is not None})
    scores = weighed(judged(image, places), unlikely)
    for key in sorted(scores, key=scores.__getitem__, reverse=True):
        if scores[key] > 0:
            yield Sign(ALTERED, LOOK, places[key], key)


def _history(
    image: Picture, how: Saving, values: Mapping[str, Sequence[Quad]], lines: Sequence[Line]
) -> tuple[Sign, ...]:
    """What the blocks tell of a picture that was saved twice."""
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
