"""Code 128 read from bars that are too fine or too soft for readers of edges.

A reader of edges measures where light turns to dark; where a bar is a pixel wide and
blurred, there is no such place. Here every row of the code is laid on every other, and
the mean is compared with what each of the 106 characters would look like after the same
blur. The check character is not tested afterwards: of all texts only those that fulfil it
are compared, and the best must leave the second best behind by far (ISO/IEC 15417).
"""

from __future__ import annotations

import dataclasses as dc
import functools
import math

import cv2
import numpy as np
import numpy.typing as npt

from ocr import code128
from ocr.code128 import Floats, Ints

Plane = npt.NDArray[np.uint8]

_PER_MODULE = 6  # samples
_LEAK = 2  # modules that the ink of a character may spread beyond it
_UPSCALE = 4
_SHEARS = np.linspace(-0.2, 0.2, 21)  # px along the code for each px across it
_FEWEST, _MOST = 7, 26  # characters with start and check: five to twenty-four of text
_MODULE_PX = (0.55, 8.0)
_BLURS = (0.3, 0.45, 0.6, 0.75, 0.9, 1.1)  # standard deviations, modules
_FIRST_BLUR = 0.6
_TRIED = 3  # lengths and directions that are looked at closely
_ROUNDS = 4  # times the neighbours' ink, light and places are fitted again
_EDGE = 0.45  # share of the ink at which the first and last bar begin and end
# Where the code may begin and how far it may reach, in lengths of what looks dark: soft
# bars look longer than they are.
_PLACES = (
    (0.0, 1.0, 0.0), (0.004, 0.992, 0.0), (0.008, 0.984, 0.0),
    (0.0, 0.992, 0.0), (0.008, 0.992, 0.0), (0.0, 1.0, 0.02), (0.0, 1.0, -0.02),
)  # fmt: skip
_PLAIN = 0.985  # likeness that needs no further place
_HOPELESS = 0.8  # likeness at the first place below which no other helps
# Calibrated on generated photographs, see docs/benchmarks.md: of the right texts all but
# a few lie above, of the wrong ones none near.
_LIKENESS = 0.955
_MARGIN = 24.0


@dc.dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how well it explains the bars.

    Attributes:
        text: the payload.
        likeness: correlation of the bars with those of the text, up to 1.
        upright: whether it starts at the left.
        margin: how much likelier than the next best text it is, as the logarithm of the
            ratio were the errors of the modules independent.
    """

    text: str
    upright: bool
    likeness: float
    margin: float

    @property
    def sure(self) -> bool:
        """Whether it may be believed."""
        return self.likeness >= _LIKENESS and self.margin >= _MARGIN


@dc.dataclass(frozen=True, slots=True, eq=False)
class _Shapes:
    """What the characters look like under one blur.

    Attributes:
        body: 106 × samples of a character.
        before: 106 × samples of ink spread before the character.
        after: 106 × samples of ink spread behind it.
        stop: samples of the stop character.
        stop_before: ink spread before the stop.
    """

    body: Floats
    before: Floats
    after: Floats
    stop: Floats
    stop_before: Floats


@dc.dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One explanation of the bars.

    Attributes:
        path: values of the characters from the start to the check.
        upright: whether the code starts at the left.
        error: sum of squares.
        likeness: correlation with the bars.
        costs: K × 106 squared errors of every character at every place.
    """

    path: Ints
    upright: bool
    error: float
    likeness: float
    costs: Floats


def decode(crop: Plane) -> Decoded | None:
    """The text of a Code 128 that stands upright in a grey crop, either way round.

    Args:
        crop: the bars at their full length with a little quiet zone left and right, and
            nothing above or below them; height × width.

    Returns:
        The likeliest text, which may not be sure; None where nothing fits at all.
    """
    ink = _ink(crop)
    if ink is None:
        return None
    fits: list[tuple[float, bool, int]] = []
    first = _shapes(_FIRST_BLUR)
    lines = {True: ink, False: ink[::-1]}
    for upright, line in lines.items():
        for count in range(_FEWEST, _MOST + 1):
            modules = code128.MODULES * count + code128.STOP_MODULES
            if not _MODULE_PX[0] <= len(line) / _UPSCALE / modules <= _MODULE_PX[1]:
                continue
            costs, rest = _costs(_sampled(line, modules, (0.0, 1.0, 0.0)), first, None)
            error = (float(costs[1:, :code128.CHECKED].min(axis=1).sum())
                     + float(costs[0, code128.CHECKED:].min()) + rest)  # fmt: skip
            fits.append((error / modules, upright, count))
    fits.sort(key=lambda one: one[0])
    best: _Fit | None = None
    for place in _PLACES:
        for _, upright, count in fits[:_TRIED]:
            fit = _closely(lines[upright], count, place, upright=upright)
            best = fit if best is None or fit.likeness > best.likeness else best
        if best is None or best.likeness >= _PLAIN or best.likeness < _HOPELESS:
            break
    text = None if best is None else code128.text_of(best.path)
    if best is None or text is None:
        return None
    modules = code128.MODULES * len(best.path) + code128.STOP_MODULES
    margin = modules * (_runner_up(best) - best.error) / max(2 * best.error, 1e-9)
    return Decoded(text, best.upright, best.likeness, margin)


def _ink(crop: Plane) -> Floats | None:
    """Ink along the code from its first bar to its last, 0 to about 1, four samples a px."""
    height, width = crop.shape[:2]
    if height < 4 or width < _MODULE_PX[0] * code128.MODULES * _FEWEST:
        return None
    wide = cv2.resize(crop, (width * _UPSCALE, height), interpolation=cv2.INTER_CUBIC)
    light = max((_mean_row(wide, shear) for shear in _SHEARS), key=lambda row: _sharpness(row))
    edge = max(4, len(light) // 40)
    ends = (float(np.percentile(light[:edge], 75)), float(np.percentile(light[-edge:], 75)))
    paper = np.maximum(np.linspace(*ends, len(light)), 1.0)
    ink = 1 - light / paper
    strongest = float(np.percentile(ink, 96))
    if strongest < 0.08:
        return None
    ink /= strongest
    dark = np.flatnonzero(ink > _EDGE)
    if len(dark) < 2:
        return None
    return np.asarray(ink[dark[0] : dark[-1] + 1], dtype=np.float64)


def _mean_row(wide: npt.NDArray[np.generic], shear: float) -> Floats:
    """Mean of the rows, each moved so that bars leaning by `shear` stand upright."""
    height, width = wide.shape[:2]
    move = np.array([[1, shear * _UPSCALE, -shear * _UPSCALE * height / 2], [0, 1, 0]], np.float64)
    upright = cv2.warpAffine(
        np.asarray(wide, np.uint8), move, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(upright.mean(axis=0), dtype=np.float64)


def _sharpness(row: Floats) -> float:
    return float(np.square(np.diff(row)).sum())


@functools.cache
def _shapes(blur: float) -> _Shapes:
    reach = _LEAK * _PER_MODULE
    pad = np.zeros((len(code128.INK), _LEAK))
    ink = np.repeat(np.hstack([pad, code128.INK, pad]), _PER_MODULE, axis=1)
    side = np.zeros(_LEAK)
    stop = np.repeat(np.concatenate([side, code128.STOP_INK, side]), _PER_MODULE)
    soft = np.stack([_blurred(row, blur) for row in ink])
    soft_stop = _blurred(stop, blur)
    return _Shapes(
        soft[:, reach:-reach], soft[:, :reach], soft[:, -reach:],
        soft_stop[reach:-reach], soft_stop[:reach],
    )  # fmt: skip


def _blurred(row: Floats, blur: float) -> Floats:
    """A row of samples under a Gaussian blur of so many modules; nothing lies outside it."""
    kernel = _kernel(blur)
    return np.convolve(row, kernel, mode="same")


@functools.cache
def _kernel(blur: float) -> Floats:
    sigma = blur * _PER_MODULE
    reach = math.ceil(_LEAK * _PER_MODULE)
    weights = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / sigma))
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _sampled(line: Floats, modules: int, place: tuple[float, float, float]) -> Floats:
    """The line at six samples a module.

    Args:
        line: ink from the first bar to the last.
        modules: of the whole code.
        place: where the code begins, how far it reaches and how much its middle is moved,
            in lengths of the line; (0, 1, 0) for the line itself.
    """
    share = (np.arange(modules * _PER_MODULE) + 0.5) / (modules * _PER_MODULE)
    start, length, bend = place
    at = (start + length * share + bend * share * (1 - share)) * len(line) - 0.5
    return np.asarray(np.interp(at, np.arange(len(line)), line, left=0.0, right=0.0))


def _costs(samples: Floats, shapes: _Shapes, path: Ints | None) -> tuple[Floats, float]:
    """Squared error of every character at every place, and of the stop.

    Args:
        samples: of the whole code.
        shapes: of the characters.
        path: characters whose spread ink is taken off their neighbours first; None: none.
    """
    count = (len(samples) // _PER_MODULE - code128.STOP_MODULES) // code128.MODULES
    body = samples[: count * code128.MODULES * _PER_MODULE].reshape(count, -1).copy()
    stop = samples[count * code128.MODULES * _PER_MODULE :].copy()
    if path is not None:
        reach = _LEAK * _PER_MODULE
        body[1:, :reach] -= shapes.after[path[:-1]]
        body[:-1, -reach:] -= shapes.before[path[1:]]
        body[-1, -reach:] -= shapes.stop_before
        stop[:reach] -= shapes.after[path[-1]]
    costs = (
        np.square(body).sum(axis=1)[:, None]
        - 2 * body @ shapes.body.T
        + np.square(shapes.body).sum(axis=1)[None]
    )
    return np.maximum(costs, 0), float(np.square(stop - shapes.stop).sum())


def _closely(line: Floats, count: int, place: tuple[float, float, float], *, upright: bool) -> _Fit:
    """The best explanation with that many characters; place, light and blur fitted to it."""
    modules = code128.MODULES * count + code128.STOP_MODULES
    blur = _FIRST_BLUR
    samples = _sampled(line, modules, place)
    path = _likeliest(_costs(samples, _shapes(blur), None)[0])
    for _ in range(_ROUNDS):
        path = _likeliest(_costs(samples, _shapes(blur), path)[0])
        blur = min(_BLURS, key=lambda one: _error(samples, _drawn(path, one)))  # noqa: B023
        place = _placed(line, modules, place, _drawn(path, blur))
        samples = _relit(_sampled(line, modules, place), _drawn(path, blur))
    costs, rest = _costs(samples, _shapes(blur), path)
    path = _likeliest(costs)
    drawn = _drawn(path, blur)
    error = float(costs[np.arange(count), path].sum()) + rest
    return _Fit(path, upright, error, float(np.corrcoef(samples, drawn)[0, 1]), costs)


def _error(samples: Floats, drawn: Floats) -> float:
    return float(np.square(_relit(samples, drawn) - drawn).sum())


def _drawn(path: Ints, blur: float) -> Floats:
    """The whole code as it would look."""
    ink = np.concatenate([*code128.INK[path], code128.STOP_INK])
    return _blurred(np.repeat(ink, _PER_MODULE), blur)


def _relit(samples: Floats, drawn: Floats) -> Floats:
    """The samples with the light, and its change along the code, taken out."""
    along = np.linspace(-1, 1, len(drawn))
    terms = np.stack([np.ones_like(drawn), drawn, along, along * drawn], axis=1)
    base, gain, slope, turn = np.linalg.lstsq(terms, samples, rcond=None)[0]
    return np.asarray(
        (samples - base - slope * along) / np.maximum(gain + turn * along, 0.2), dtype=np.float64
    )


def _placed(
    line: Floats, modules: int, place: tuple[float, float, float], drawn: Floats
) -> tuple[float, float, float]:
    """The place moved so that the samples fit what was drawn (one Gauss-Newton step)."""
    share = np.linspace(0, 1, len(drawn))
    slope = np.gradient(drawn, share)
    samples = _relit(_sampled(line, modules, place), drawn)
    terms = np.stack([slope, slope * share, slope * share * (1 - share)], axis=1)
    moved = np.linalg.lstsq(terms, samples - drawn, rcond=None)[0]
    limit = 1.0 / modules
    start, length, bend = np.clip(moved, -limit, limit)
    return place[0] - float(start), place[1] - float(length), place[2] - float(bend)


def _likeliest(costs: Floats) -> Ints:
    """The cheapest characters whose check is right."""
    path, _ = code128.cheapest(costs)
    return path


def _runner_up(fit: _Fit) -> float:
    """Error of the cheapest other text."""
    spent = float(fit.costs[np.arange(len(fit.path)), fit.path].sum())
    best = np.inf
    for index, value in enumerate(fit.path):
        without = fit.costs.copy()
        without[index, value] = np.inf
        best = min(best, code128.cheapest(without)[1])
    return fit.error - spent + best
