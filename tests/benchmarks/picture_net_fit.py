"""The net of `ocr/signs/net.py` in torch, and its training; see `tests.benchmarks.picture_net`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from ocr.signs import net
from ocr.signs.sheet import Sheet
from tests.benchmarks.picture_net import (
    _BESIDE,
    _CHANGED,
    _CHANNELS,
    _FAILED,
    _HIDDEN,
    _LEAST_RATE,
    _RATE,
    _SETTLING,
    _UNTOUCHED,
    _WARM,
)

_DEEP = _CHANNELS[-1]


class Net(nn.Module):
    """Convolutions, and two layers each for stretches and whole values."""

    def __init__(self) -> None:
        super().__init__()
        pairs = zip(_CHANNELS, _CHANNELS[1:], net.STRIDES, strict=False)
        for at, (before, after, step) in enumerate(pairs, 1):
            layer = nn.Conv2d(before, after, 3, stride=step, padding=1)
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
            setattr(self, f"c{at}", layer)
        self.st, self.wh = (
            nn.Sequential(nn.Linear(wide * _DEEP, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, 1))
            for wide in (9, 7)
        )
        self.mix = nn.Parameter(torch.tensor([0.5, 0.5, 0.0]))
        self.eps = nn.Parameter(torch.full((3, _DEEP), -2.0))

    def answers(self, seen: Tensor) -> Tensor:
        """By channel, row and column of cells."""
        with torch.autocast("cpu", torch.bfloat16):
            last = seen.to(memory_format=torch.channels_last)
            for at in range(1, len(_CHANNELS)):
                last = functional.relu(getattr(self, f"c{at}")(last))
        return last.float()[0]

    def forward(self, page: _Page, beside: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Odds of stretches, of whole values, and of both; as `net.judge`.

        Args:
            page: a sheet.
            beside: values × values; which others each is held against, 1 or 0.
        """
        answers = self.answers(page.seen).reshape(_DEEP, -1).T
        count, owner = len(page.owner), page.owner
        pools = []
        for index, weights in page.pools:
            there = index >= 0
            heavy = weights[there][:, None]
            total = torch.zeros(count, _DEEP).index_add(0, index[there], answers[there] * heavy)
            pools.append((total, torch.zeros(count, 1).index_add(0, index[there], heavy)))
        values = page.values
        mine = functional.one_hot(owner, values).T.float()
        apart = [total / cells.clamp(min=0.05) for total, cells in pools]
        whole = [(mine @ total) / (mine @ cells).clamp(min=0.05) for total, cells in pools]
        least, share = functional.softplus(self.eps), beside / beside.sum(1, keepdim=True)
        single = (mine.sum(1)[owner] < 2)[:, None]
        of_whole, of_stretch = [], []
        pairs = (
            (whole[0], apart[0]),
            (whole[1], apart[1]),
            (whole[1] - whole[2], apart[1] - apart[2]),
        )
        for at, (own, stretches) in enumerate(pairs):
            middle = share @ own
            spread = (share @ (own * own) - middle * middle).clamp(min=0)
            width = (spread + least[at] ** 2).sqrt()
            off = ((own - middle) / width).clamp(-8, 8) / 2
            of_whole += [off, off.abs()]
            off = ((stretches - middle[owner]) / width[owner]).clamp(-8, 8) / 2
            of_stretch += [off, off.abs()]
            if at < 2:
                total, cells = pools[at]
                rest = (mine @ total)[owner] - total
                rest = rest / ((mine @ cells)[owner] - cells).clamp(min=0.05)
                rest = torch.where(single, middle[owner], rest)
                of_stretch.append(((stretches - rest) / width[owner]).clamp(-8, 8) / 2)
        stretch = self.st(torch.cat([*of_stretch, pairs[2][1]], 1))[:, 0]
        value = self.wh(torch.cat([*of_whole, pairs[2][0]], 1))[:, 0]
        worst = torch.full((values,), -20.0).scatter_reduce(0, owner, stretch, "amax")
        return stretch, value, self.mix[0] * worst + self.mix[1] * value + self.mix[2]


class _Page:
    """A sheet as tensors, turned over at random; ways "" of values that are honest."""

    def __init__(self, file: Path, rng: np.random.Generator) -> None:
        with np.load(file) as kept:
            planes = (kept["inner"].astype(np.int64), kept["outer"].astype(np.int64))
            keys, self.ways = json.loads(str(kept["told"]))
            laid = Sheet(kept["image"], *planes, kept["owner"].astype(np.int64), tuple(keys))
            self.shares = torch.from_numpy(kept["shares"])
        ink = net.inkness(laid)
        flips = tuple(slice(None, None, -1 if rng.random() < 0.5 else 1) for _ in range(2))

        def turned(plane: npt.NDArray[Any]) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(plane[(..., *flips)]))

        self.seen = turned(net.channels(laid.image))[None]
        inner, outer = (turned(plane).reshape(-1) for plane in planes)
        printed, paper = (turned(one).reshape(-1) for one in (ink, np.float32(1.02) - ink))
        self.pools = ((inner, printed), (inner, paper), (outer, paper))
        self.owner, self.values = torch.from_numpy(laid.owner), len(keys)


def _beside(ways: list[str], rng: np.random.Generator) -> Tensor:
    """A forger changes one value: each is held against honest ones, and honest ones at times
    against one that was changed."""
    honest = np.array([way == "" for way in ways])
    beside = np.tile(honest.astype(np.float32), (len(ways), 1))
    others = np.flatnonzero([way not in ("", _FAILED) for way in ways])
    for row in np.flatnonzero(honest):
        if len(others) and rng.random() < _BESIDE:
            beside[row, rng.choice(others)] = 1
    np.fill_diagonal(beside, 0)
    return torch.from_numpy(beside)


def _loss(page: _Page, told: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    stretch, value, both = told
    asked = torch.tensor([way != _FAILED for way in page.ways]).float()
    changed = torch.tensor([way not in ("", _FAILED) for way in page.ways]).float()
    count = torch.bincount(page.owner, minlength=page.values).float()
    whole = torch.bincount(page.owner, page.shares, page.values) / count
    sure = ((page.shares > _CHANGED) | (page.shares < _UNTOUCHED)).float()
    weights = sure * asked[page.owner] / count[page.owner].clamp(max=6).sqrt()
    known = asked * ((whole > _CHANGED) | (whole == 0)).float()
    return sum(
        (functional.binary_cross_entropy_with_logits(odds, truth, reduction="none") * heavy).sum()
        / heavy.sum().clamp(min=1)
        for odds, truth, heavy in (
            (stretch, (page.shares > _CHANGED).float(), weights),
            (value, (whole > _CHANGED).float(), known),
            (both, changed, asked),
        )
    )  # type: ignore[return-value]


def trained(sheets: Path, seconds: float, out: Path) -> None:
    """Trains for so long and writes the weights, in half precision."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    files = sorted(sheets.glob("*.npz"))
    model = Net().to(memory_format=torch.channels_last)
    learn = torch.optim.Adam(model.parameters(), _RATE)
    end, step = time.monotonic() + seconds, 0
    while (left := (end - time.monotonic()) / seconds) > 0:
        page = _Page(files[int(rng.integers(len(files)))], rng)
        if page.ways.count("") < 3:
            continue
        _loss(page, model(page, _beside(page.ways, rng))).backward()
        step += 1
        if step % 2 == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            rate = min(1, step / _WARM) * (
                _LEAST_RATE + (1 - _LEAST_RATE) * min(1, left / _SETTLING)
            )
            for group in learn.param_groups:
                group["lr"] = _RATE * rate
            learn.step()
            learn.zero_grad()
    kept = {name: one.numpy().astype(np.float16) for name, one in model.state_dict().items()}
    np.savez_compressed(out, **kept)
    print(f"{step} sheets")
