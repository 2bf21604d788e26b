"""Connectionist temporal classification: how well does a given text explain the ink?

A. Graves et al., "Connectionist Temporal Classification", ICML 2006: section 3 (best
path decoding) and 4.1 (the forward variable).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BLANK = 0
# Probability below which the network's output is noise; keeps one wrong character finite.
FLOOR = 1e-8


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Natural logarithm with a floor.

    Args:
        probabilities: frames × classes, each frame summing to 1.

    Returns:
        The same shape, float32.
    """
    logs: np.ndarray = np.log(np.maximum(probabilities, FLOOR)).astype(np.float32)
    return logs


def best_path(probabilities: np.ndarray) -> list[tuple[int, int, int, float]]:
    """Greedy decoding.

    Args:
        probabilities: frames × classes.

    Returns:
        One (class, first frame, last frame, highest probability) for each character.
    """
    classes = probabilities.argmax(axis=1)
    peaks = np.take_along_axis(probabilities, classes[:, None], axis=1)[:, 0]
    runs: list[tuple[int, int, int, float]] = []
    start = 0
    for frame in range(1, len(classes) + 1):
        if frame == len(classes) or classes[frame] != classes[start]:
            if classes[start] != BLANK:
                runs.append(
                    (int(classes[start]), start, frame - 1, float(peaks[start:frame].max()))
                )
            start = frame
    return runs


def log_likelihoods(log_probs: np.ndarray, texts: Sequence[Sequence[int]]) -> list[float]:
    """Forward scores: the log of the summed probability of all alignments of each text.

    Args:
        log_probs: frames × classes, natural logarithm.
        texts: class indices of each text, without blanks; computed side by side.

    Returns:
        The log-likelihoods; minus infinity where a text has more characters than frames.
    """
    if not texts:
        return []
    states = 2 * max(len(labels) for labels in texts) + 1
    # A text with blanks between its labels; shorter ones end in blanks that lead nowhere.
    extended = np.full((len(texts), states), BLANK, dtype=np.int64)
    for row, labels in zip(extended, texts, strict=True):
        row[1 : 2 * len(labels) : 2] = labels
    emissions = log_probs[:, extended].astype(np.float64)
    # A label may follow the one before it without a blank unless the two are alike.
    barred = np.full((len(texts), states), -np.inf)
    barred[:, 2:][(extended[:, 2:] != BLANK) & (extended[:, 2:] != extended[:, :-2])] = 0.0
    # Two columns before the first state stand for "nowhere".
    alpha = np.full((len(texts), states + 2), -np.inf)
    alpha[:, 2:4] = emissions[0, :, :2]
    for emission in emissions[1:]:
        moved = np.logaddexp(alpha[:, 2:], alpha[:, 1:-1])
        alpha[:, 2:] = np.logaddexp(moved, alpha[:, :-2] + barred) + emission
    ends = np.array([2 * len(labels) + 2 for labels in texts])
    rows = np.arange(len(texts))
    # The last label, or the blank after it; of an empty text only the blank.
    return [float(v) for v in np.logaddexp(alpha[rows, ends], alpha[rows, ends - 1])]
