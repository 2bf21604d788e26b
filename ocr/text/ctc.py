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
    peaks = probabilities.max(axis=1)
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


def log_likelihood(log_probs: np.ndarray, labels: Sequence[int]) -> float:
    """Forward score: the log of the summed probability of all alignments of a text.

    Args:
        log_probs: frames × classes, natural logarithm.
        labels: class indices of the text, without blanks.

    Returns:
        The log-likelihood; minus infinity where the text has more characters than frames.
    """
    frames = len(log_probs)
    if not labels:
        return float(log_probs[:, BLANK].sum())
    extended = np.full(2 * len(labels) + 1, BLANK, dtype=np.int64)
    extended[1::2] = labels
    emissions = log_probs[:, extended].astype(np.float64)
    # A label may follow the one before it without a blank unless the two are alike.
    may_skip = np.zeros(len(extended), dtype=bool)
    may_skip[2:] = (extended[2:] != BLANK) & (extended[2:] != extended[:-2])
    alpha = np.full(len(extended), -np.inf)
    alpha[:2] = emissions[0, :2]
    for frame in range(1, frames):
        step = np.concatenate(([-np.inf], alpha[:-1]))
        skip = np.concatenate(([-np.inf, -np.inf], alpha[:-2]))
        skip[~may_skip] = -np.inf
        alpha = np.logaddexp(np.logaddexp(alpha, step), skip) + emissions[frame]
    return float(np.logaddexp(alpha[-1], alpha[-2]))
