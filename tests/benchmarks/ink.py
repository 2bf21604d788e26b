"""Scores of true and of changed texts against the ink: what `ocr.inquiry` is calibrated on.

    .venv/bin/python -m tests.benchmarks.ink [--photos 60] [--level normal]

For each field of a photograph the printed text is asked about, and the same with one
character exchanged for another of the same kind.
"""

from __future__ import annotations

import argparse
import collections

import cv2
import numpy as np

from ocr.read import Part, read_photo
from samples.generator import make

FIRST_SEED = 5_000_000
KEYS = ("lab_name", "address", "approver", "cma_no", "certificate_no")
DIGITS = "0123456789"
HANZI = "玉宝珠中心检测鉴定省市县镇路号李王张陈林文明远"
JPEG_QUALITY = 88


def changed(text: str, rng: np.random.Generator) -> str:
    """The text with one character exchanged."""
    place = int(rng.integers(len(text)))
    kind = DIGITS if text[place].isdigit() else HANZI
    if text[place].isascii() and not text[place].isdigit():
        kind = "ABCDEFGHJKLMNPRSTUVWXYZ"
    others = [char for char in kind if char != text[place]]
    return text[:place] + others[int(rng.integers(len(others)))] + text[place + 1 :]


def ask(
    part: Part, truth: dict[str, str], rng: np.random.Generator
) -> list[tuple[str, str, float, str]]:
    """(key, true or changed, score, answer) for each field that was read."""
    rows = []
    for key in KEYS:
        if key in truth and key in part.reading.fields:
            texts = {"true": truth[key], "changed": changed(truth[key], rng)}
            supports = part.witness.ask_field(key, list(texts.values()))
            rows += [
                (key, kind, s.score, s.answer.value)
                for kind, s in zip(texts, supports, strict=True)
            ]
    return rows


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--level", default="normal")
    wanted = parser.parse_args()
    scores: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
    answers: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(
        collections.Counter
    )
    for seed in range(FIRST_SEED, FIRST_SEED + wanted.photos):
        rng = np.random.default_rng(seed)
        sample = make(seed, level=wanted.level)
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        data = cv2.imencode(".jpg", sample.image, quality)[1].tobytes()
        part = read_photo(data, f"{seed}.jpg")[0]
        for key, kind, score, answer in ask(part, sample.truth["fields"], rng):
            scores[key, kind].append(score)
            answers[key, kind][answer] += 1
    print(f"{wanted.photos} photographs, level {wanted.level}, seeds from {FIRST_SEED}")
    print(f"{'field':15} {'text':8} {'min':>7} {'5 %':>7} {'median':>7} {'95 %':>7} {'max':>7}")
    for (key, kind), values in sorted(scores.items()):
        spread = " ".join(f"{v:7.1f}" for v in np.quantile(values, [0, 0.05, 0.5, 0.95, 1]))
        said = ", ".join(f"{k} {v}" for k, v in sorted(answers[key, kind].items()))
        print(f"{key:15} {kind:8} {spread}   {said}")


if __name__ == "__main__":
    main()
