"""A small net over the pixels of a page's values, each held against the page's others.

Five layers of convolutions see edges, grain, colour and smears. Their answers are averaged, stretch
by stretch, over print, over the paper between it and over the paper around it; how far each average
lies from those of the other values, in spreads of these, is weighed. So a page's own blur, light
and grain count for nothing, and what differs within it does. Weights are data: `net.npz`, trained
by `tests.benchmarks.picture_net` on generated photographs (docs/benchmarks.md).
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import io
import threading
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ocr import cores
from ocr.geometry import Picture
from ocr.reading import Quad
from ocr.signs.sheet import CELL, WIDE, Sheet, sheet

Floats = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

FEWEST = 5  # values, among which one can be said to be unlike
WEIGHTS = "net.npz"
STRIDES = (1, 2, 1, 2, 1)  # of the convolutions
_GRAIN = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 4
_CELL = np.ones((CELL, CELL), np.uint8)
_NEAR = np.ones((9, 9), np.uint8)  # cells in which the paper's light is looked for
_LEAST_INK = 10.0  # grey levels
_PAPER = 1.02  # weight of a cell of bare paper; one of print counts a fiftieth as paper
_LEAST = 0.05  # cells of an average
_CLIP = 8.0  # spreads, beyond which all is as far


@dc.dataclass(frozen=True, slots=True)
class Judged:
    """What the net makes of a value, logarithms of odds.

    Attributes:
        both: of its whole and its stretches together.
        whole: of its whole.
        worst: of the stretch that is least like the rest.
        next: of the next one; `NONE` where there is one only.
    """

    both: float
    whole: float
    worst: float
    next: float


NONE = -9.0


def judged(image: Picture, places: Mapping[str, Quad]) -> dict[str, Judged]:
    """What the net makes of each value; nothing where there are too few, or no OpenVINO.

    Args:
        image: the upright photo, height × width × 3, BGR.
        places: of the values.
    """
    laid = sheet(image, places)
    if laid is None or len(laid.keys) < FEWEST:
        return {}
    net = _net()
    if net is None:
        return {}
    pools = _pooled(net.answers(channels(laid.image)), laid)
    stretches, wholes = judge(net.weights, pools, laid.owner)
    found = {}
    for at, key in enumerate(laid.keys):
        worst = np.sort(stretches[laid.owner == at])[::-1]
        mixed = net.weights["mix"] @ np.array((worst[0], wholes[at], 1.0))
        second = float(worst[1]) if len(worst) > 1 else NONE
        found[key] = Judged(float(mixed), float(wholes[at]), float(worst[0]), second)
    return found


def channels(image: Picture) -> Floats:
    """What the net sees of a sheet: light, fine and coarser grain, two colours; 5 × h × w."""
    colours = cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb).astype(np.float32)
    light = np.ascontiguousarray(colours[..., 0])
    fine = cv2.filter2D(light, -1, _GRAIN)
    coarse = cv2.GaussianBlur(light, (0, 0), 0.8) - cv2.GaussianBlur(light, (0, 0), 2.0)
    tints = ((colours[..., one] - 128) / 10 for one in (1, 2))
    seen = np.stack(((light - 160) / 80, np.tanh(fine / 4), np.tanh(coarse / 4), *tints))
    seen[:, image.max(axis=2) == 0] = 0
    return np.asarray(seen, np.float32)


def inkness(laid: Sheet) -> Floats:
    """How much of a cell is print, 0 to 1."""
    grey = cv2.cvtColor(laid.image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    rows, columns = laid.inner.shape
    means = cv2.resize(grey, (columns, rows), interpolation=cv2.INTER_AREA)
    darkest = cv2.erode(grey, _CELL, anchor=(0, 0))[::CELL, ::CELL]
    depth = cv2.dilate(means, _NEAR) - darkest
    inside = laid.inner >= 0
    full = float(np.percentile(depth[inside], 90)) if inside.any() else 60.0
    ink = np.clip(2 * depth / max(full, _LEAST_INK) - 0.4, 0, 1)
    return np.asarray(ink, np.float32)


# Sums of the answers by stretch, and the cells that they are of.
Pool = tuple[Floats, Floats]


def _pooled(answers: Floats, laid: Sheet) -> tuple[Pool, Pool, Pool]:
    """Answers over print, over the paper between it and over that around it."""
    ink = inkness(laid)
    paper = _PAPER - ink
    wide = ((laid.inner, ink), (laid.inner, paper), (laid.outer, paper))
    count = len(laid.owner)
    first, second, third = (_summed(answers, index, weights, count) for index, weights in wide)
    return first, second, third


def _summed(answers: Floats, index: Index, weights: Floats, count: int) -> Pool:
    there = index >= 0
    at, heavy = index[there], weights[there]
    sums = [np.bincount(at, layer[there] * heavy, count) for layer in answers]
    cells = np.bincount(at, heavy, count)
    return np.array(sums, np.float32).T, np.asarray(cells, np.float32)


def judge(
    weights: Mapping[str, Floats], pools: tuple[Pool, Pool, Pool], owner: Index
) -> tuple[Floats, Floats]:
    """Odds of each stretch, and of each value, as logarithms."""
    values = int(owner.max()) + 1
    mine = (owner[None] == np.arange(values)[:, None]).astype(np.float32)
    apart = [total / np.maximum(cells, _LEAST)[:, None] for total, cells in pools]
    whole = [(mine @ total) / np.maximum(mine @ cells, _LEAST)[:, None] for total, cells in pools]
    spread = np.logaddexp(0, weights["eps"])
    single = (mine.sum(axis=1)[owner] < 2)[:, None]
    of_whole, of_stretch = [], []
    pairs = (whole[0], apart[0]), (whole[1], apart[1]), (whole[1] - whole[2], apart[1] - apart[2])
    for at, (values_own, stretches_own) in enumerate(pairs):
        middle, width = _others(values_own, spread[at])
        off = _scaled(values_own - middle, width)
        of_whole += [off, np.abs(off)]
        off = _scaled(stretches_own - middle[owner], width[owner])
        of_stretch += [off, np.abs(off)]
        if at < 2:
            total, cells = pools[at]
            rest = (mine @ total)[owner] - total
            beside = rest / np.maximum((mine @ cells)[owner] - cells, _LEAST)[:, None]
            beside = np.where(single, middle[owner], beside)
            of_stretch.append(_scaled(stretches_own - beside, width[owner]))
    of_whole.append(pairs[2][0])
    of_stretch.append(pairs[2][1])
    return (
        _layers(weights, "st", np.concatenate(of_stretch, axis=1)),
        _layers(weights, "wh", np.concatenate(of_whole, axis=1)),
    )


def _others(rows: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Mean and spread of the other values, of each value."""
    count = len(rows) - 1
    middle = (rows.sum(axis=0) - rows) / count
    squares = ((rows * rows).sum(axis=0) - rows * rows) / count
    return middle, np.sqrt(np.maximum(squares - middle * middle, 0) + least * least)


def _scaled(off: npt.NDArray[Any], width: npt.NDArray[Any]) -> Floats:
    return np.asarray(np.clip(off / width, -_CLIP, _CLIP) / 2, np.float32)


def _layers(weights: Mapping[str, Floats], name: str, rows: Floats) -> Floats:
    hidden = rows @ weights[f"{name}.0.weight"].T + weights[f"{name}.0.bias"]
    out = np.maximum(hidden, 0) @ weights[f"{name}.2.weight"].T + weights[f"{name}.2.bias"]
    return np.asarray(out[:, 0], np.float32)


class _Net:
    """The convolutions, compiled; safe to share between threads."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        import openvino
        from openvino import opset13 as ops

        self.weights = weights
        first = last = ops.parameter([1, weights["c1.weight"].shape[1], -1, WIDE], np.float32)
        for at, step in enumerate(STRIDES, 1):
            kernel = ops.constant(weights[f"c{at}.weight"])
            bias = ops.constant(weights[f"c{at}.bias"].reshape(1, -1, 1, 1))
            last = ops.convolution(last, kernel, [step, step], [1, 1], [1, 1], [1, 1])
            last = ops.relu(ops.add(last, bias))
        wish = {"INFERENCE_NUM_THREADS": cores.most()}
        model = openvino.Model([last], [first], "print")
        self._request: Any = (
            openvino.Core().compile_model(model, "CPU", wish).create_infer_request()
        )
        self._lock = threading.Lock()

    def answers(self, seen: Floats) -> Floats:
        """Channels × cells down × cells across."""
        with self._lock:
            return np.array(self._request.infer([seen[None]])[0][0], np.float32)


@functools.cache
def _net() -> _Net | None:
    data = (importlib.resources.files("ocr.signs") / WEIGHTS).read_bytes()
    with np.load(io.BytesIO(data)) as kept:
        weights = {name: np.asarray(kept[name], np.float32) for name in kept.files}
    try:
        return _Net(weights)
    except ImportError:  # read with Tesseract, where OpenVINO cannot be loaded
        return None
