"""Hands: one writer's signatures are alike, another's are not, a stamp is always the same."""

import cv2
import numpy as np
import pytest

from samples.generator import demo, faults, hand
from samples.generator.sample import make

NAMES = ("沈怀瑾", "程远志", "韩玉", "贺兰亭")


def small(mask):
    return cv2.GaussianBlur(cv2.resize(mask, (96, 48)), (0, 0), 2).ravel().astype(float)


def likeness(one, other):
    return float(np.corrcoef(small(one), small(other))[0, 1])


def written(name, writer, seed):
    return hand.write(name, writer, np.random.default_rng(seed), 60)


@pytest.mark.parametrize("name", NAMES)
def test_a_writer_is_more_like_himself_than_another_is_and_never_the_same_twice(name):
    own = hand.own_hand(name)
    first = written(name, own, 1)
    again = [written(name, own, seed) for seed in range(2, 8)]
    others = [written(name, hand.hand(seed), seed) for seed in range(2, 8)]
    mean_own = np.mean([likeness(first, one) for one in again])
    mean_other = np.mean([likeness(first, one) for one in others])
    assert mean_own > mean_other + 0.2
    assert not any(np.array_equal(small(first), small(one)) for one in again)


def test_a_skilled_forger_comes_nearer_than_one_who_never_saw_it():
    own = hand.own_hand("沈怀瑾")
    real = written("沈怀瑾", own, 1)
    means = [
        np.mean(
            [likeness(real, written("沈怀瑾", hand.forger(n, own, skill), n)) for n in range(9)]
        )
        for skill in (0.0, 0.9)
    ]
    assert means[1] > means[0]


def test_every_registered_name_can_be_written_and_every_specimen_is_its_owners():
    rows = demo.read_table("signatories")
    assert all(hand.can_write(row["name"]) for row in rows)
    named = [row for row in rows if row["specimen"]]
    assert {row["lab_id"] for row in named} == {"yuan", "feng"}
    for row in named:
        stored = cv2.imread(str(demo.REGISTRY / row["specimen"]), cv2.IMREAD_GRAYSCALE)
        drawn = np.asarray(hand.as_picture(hand.specimen(row["name"])))
        assert likeness(255 - stored, 255 - drawn) > 0.99


@pytest.mark.parametrize(
    ("plan", "how"),
    [
        ("signed_by_hand", "own"),
        ("signed_by_stamp", "stamp"),
        ("approver_hand_forged", "forged"),
        ("approver_hand_stranger", "own"),
    ],
)
def test_the_truth_tells_who_signed_and_how(plan, how):
    truth = make(5, fault=plan).truth
    approver = next(one for one in truth["signatures"] if one["field"] == "approver")
    assert approver["how"] == how
    assert approver["name"] == truth["fields"]["approver"]
    assert approver["box"] == truth["boxes"]["approver"]


def test_a_plan_without_hands_prints_every_name():
    for name in faults.names():
        if not faults.plan(name).signed:
            cert = faults.carry_out(faults.plan(name), None, np.random.default_rng(1))
            assert cert.signed == {}
    assert "signatures" not in make(5).truth
