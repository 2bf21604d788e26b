"""Ways of stamping: what the truth says of them, and that they are what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from samples.generator import make, square
from samples.generator.seal_ways import WAYS


def middle(seal: dict) -> np.ndarray:
    return np.array(seal["box"]).mean(axis=0)


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown seal way"):
        make(1, seal_way="upside-down")


def test_ways_move_the_seal_where_they_say() -> None:
    usual = make(31, layout="a5")
    edge = make(31, layout="a5", seal_way="edge").truth
    tall, wide = usual.image.shape[:2]
    assert np.array(edge["seals"][0]["box"])[:, 0].max() > wide
    signed = make(31, layout="a5", seal_way="signature").truth
    approver = np.array(signed["boxes"]["approver"]).mean(axis=0)
    assert math.dist(middle(signed["seals"][0]), approver) < 120
    two = make(31, layout="a5", seal_way="two").truth["seals"]
    assert [one["kind"] for one in two] == ["检验检测专用章", ""]
    assert math.dist(middle(two[0]), middle(two[1])) > 310


@pytest.mark.parametrize(("way", "channel"), [("blue", 0), ("black", None)])
def test_inks(way: str, channel: int | None) -> None:
    sample = make(31, layout="a5", seal_way=way)
    box = np.array(sample.truth["seals"][0]["box"])
    (x0, y0), (x1, y1) = box.min(axis=0).astype(int), box.max(axis=0).astype(int)
    part = sample.image[y0:y1, x0:x1].astype(int)
    redder = (part[..., 2] - part[..., :2].max(axis=-1) > 60).mean()
    assert redder < 0.01
    if channel is not None:
        assert (part[..., 0] - part[..., 2] > 60).mean() > 0.05


def test_a_decoy_alone_is_no_seal_in_the_truth() -> None:
    truth = make(31, layout="a5", seal_way="emblem", fault="seal_absent").truth
    assert truth["seals"] == []
    assert truth["expected"]["items"]["3"] == "unverifiable"


def test_square_seals_fill_their_grid() -> None:
    seal = make(31, layout="a5", seal_way="square").truth["seals"][0]
    assert seal["shape"] == "square"
    assert seal["kind"] == ""
    assert square.filled("示例玉石珠宝检测所") == "示例玉石珠宝检测所"
    assert square.filled("示例玉石珠宝检测中心所") == "示例玉石珠宝检测中心所印"


@pytest.mark.parametrize("way", sorted(WAYS))
def test_every_way_has_a_line_for_people(way: str) -> None:
    assert WAYS[way].about
