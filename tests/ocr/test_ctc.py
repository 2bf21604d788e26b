"""The forward score against sums over all alignments, and the best path."""

import itertools
import math

import numpy as np
import pytest

from ocr.text import ctc
from ocr.text.charset import Charset


def probabilities(frames: int, classes: int, seed: int = 0) -> np.ndarray:
    raw = np.random.default_rng(seed).random((frames, classes)) + 0.05
    return raw / raw.sum(axis=1, keepdims=True)


def collapse(path: tuple[int, ...]) -> list[int]:
    return [label for label, _ in itertools.groupby(path) if label != ctc.BLANK]


@pytest.mark.parametrize("labels", [[], [1], [1, 2], [1, 1], [2, 1, 2]])
def test_forward_score_is_the_sum_over_all_alignments(labels: list[int]) -> None:
    table = probabilities(5, 3)
    total = sum(
        math.prod(table[t, c] for t, c in enumerate(path))
        for path in itertools.product(range(3), repeat=5)
        if collapse(path) == labels
    )
    (score,) = ctc.log_likelihoods(ctc.log_probabilities(table), [labels])
    assert score == pytest.approx(math.log(total), abs=1e-5)


def test_a_text_longer_than_the_frames_is_impossible() -> None:
    log_probs = ctc.log_probabilities(probabilities(2, 3))
    assert ctc.log_likelihoods(log_probs, [[1, 2, 1], [1]])[0] == -math.inf


def test_best_path_drops_blanks_and_repeats_and_keeps_places() -> None:
    table = np.full((6, 3), 0.1)
    for frame, label in enumerate([1, 1, 0, 1, 2, 0]):
        table[frame, label] = 0.8
    assert [(label, a, b) for label, a, b, _ in ctc.best_path(table)] == [
        (1, 0, 1),
        (1, 3, 3),
        (2, 4, 4),
    ]


def test_log_probabilities_stay_finite() -> None:
    assert np.isfinite(ctc.log_probabilities(np.zeros((1, 2)))).all()


def test_brackets_are_tried_in_both_widths() -> None:
    assert set(Charset.spellings("甲(乙)")) == {"甲(乙)", "甲（乙)", "甲(乙）", "甲（乙）"}
    assert Charset.spellings("甲 乙") == ["甲乙"]


def test_unknown_characters_are_told_and_wide_forms_folded() -> None:
    charset = Charset(["A", "甲"])
    assert charset.encode("甲Ａ龘 ") == [2, 1, None, 3]
