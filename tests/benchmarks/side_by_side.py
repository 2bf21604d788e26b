"""Whole checks against what else a user could pick, on the same photographs, in one run.

    .venv/bin/python -m tests.benchmarks.side_by_side [--photos 24] [--level normal]

Each contender has a process of its own that has read two photographs before; they take
turns at each photograph and nothing else runs. Stock RapidOCR on ONNX Runtime and
Tesseract only read; certcheck finds the paper, reads, judges and reports. `engine` is
certcheck's text engine alone, reading the whole photograph and nothing more: no check with
it can be faster. Times are of the wall clock, with every core for each; beside them stands
the processor time, child processes included, which another program's work disturbs less.
Times of certcheck's stages are printed; stages that run beside one another add up to more
than the whole.

A field counts as contained in a plain reading where its value, spaces and signs aside,
stands anywhere in that reading's text; a date or a list also where each part of it does.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import multiprocessing.connection
import os
import re
import statistics
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FIRST_SEED = 6_000_000
WARM_UP = 2
GOALS = {"rapidocr": 0.5, "tesseract": 0.1}
# Stages of a check: module, function, and what it is called here.
STAGES = (
    ("ocr.read", "load", "open the file"),
    ("ocr.read", "find_pages", "find the paper"),
    ("ocr.read", "read_codes", "codes (beside)"),
    ("ocr.read", "_without_seals", "find seals, lift their ink"),
    ("ocr.text.rapid:RapidEngine", "detect", "find the lines"),
    ("ocr.read", "quarter_turns", "which way up"),
    ("ocr.read:_PageReader", "_lines", "read the lines"),
    ("ocr.read", "look", "advice (beside)"),
    ("ocr.read", "read_seals", "read the seals"),
    ("ocr.read:_PageReader", "_second_look", "fields, second look"),
    ("certcheck.check", "identify", "which laboratory"),
    ("certcheck.check", "judge", "judge"),
)

Reading = dict[str, Any]
Reader = Callable[[bytes], Reading]


def _check(folder: str) -> Reader:
    from certcheck.check import check_bytes
    from registry import store
    from registry.lookup import Registry
    from tests.benchmarks.photographs import demo_database

    registry = Registry(store.open_registry(demo_database(folder)))
    spent: dict[str, float] = {}
    for place, name, label in STAGES:
        _timed(place, name, label, spent)

    def read(data: bytes) -> Reading:
        spent.clear()
        reports = check_bytes(data, "photo.jpg", registry)
        return {"fields": reports[0].to_json()["fields"], "stages": dict(spent)}

    return read


def _timed(place: str, name: str, label: str, spent: dict[str, float]) -> None:
    module, _, inner = place.partition(":")
    holder: Any = importlib.import_module(module)
    holder = getattr(holder, inner) if inner else holder
    plain = getattr(holder, name)

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return plain(*args, **kwargs)
        finally:
            spent[label] = spent.get(label, 0.0) + time.perf_counter() - began

    setattr(holder, name, timed)


def _engine(folder: str) -> Reader:
    import cv2
    import numpy as np

    from ocr.text.rapid import RapidEngine

    engine = RapidEngine()

    def read(data: bytes) -> Reading:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        lines = engine.read_page(image)
        return {"text": "\n".join(line.recognition.text for line in lines)}

    return read


def _stock_rapidocr(folder: str) -> Reader:
    from rapidocr import RapidOCR

    engine: Any = RapidOCR()

    def read(data: bytes) -> Reading:
        return {"text": "\n".join(engine(data).txts or ())}

    return read


def _tesseract(folder: str) -> Reader:
    import io

    import pytesseract
    from PIL import Image

    def read(data: bytes) -> Reading:
        return {"text": pytesseract.image_to_string(Image.open(io.BytesIO(data)), lang="chi_sim")}

    return read


CONTENDERS: dict[str, Callable[[str], Reader]] = {
    "certcheck": _check,
    "engine": _engine,
    "rapidocr": _stock_rapidocr,
    "tesseract": _tesseract,
}


def _serve(name: str, folder: str, pipe: multiprocessing.connection.Connection) -> None:
    """Reads what comes through the pipe; answers with the times and the reading."""
    read = CONTENDERS[name](folder)
    pipe.send(None)
    while (data := pipe.recv_bytes()) != b"":
        began, worked = time.perf_counter(), sum(os.times()[:4])
        reading = read(data)
        pipe.send((Spent(time.perf_counter() - began, sum(os.times()[:4]) - worked), reading))


class Spent(NamedTuple):
    """Seconds that one photograph took: by the clock, and of all processors together."""

    wall: float
    worked: float


class _Contender:
    """A process that reads."""

    def __init__(self, name: str, folder: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, folder, theirs), daemon=True)
        self._process.start()
        self._pipe.recv()

    def read(self, data: bytes) -> tuple[Spent, Reading]:
        self._pipe.send_bytes(data)
        answer: tuple[Spent, Reading] = self._pipe.recv()
        return answer

    def stop(self) -> None:
        self._pipe.send_bytes(b"")
        self._process.join()


def contained(value: str | list[str], text: str) -> bool:
    """Whether a plain reading holds a field's value, in whatever form it is printed."""
    if isinstance(value, list):
        return all(contained(one, text) for one in value)
    letters = _letters(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        year, month, day = (int(part) for part in value.split("-"))
        forms = (f"{year}年{month}月{day}日", f"{year}年{month:02}月{day:02}日")
        return any(form in letters for form in (*forms, f"{year}{month:02}{day:02}"))
    return _letters(value) in letters


def _letters(text: str) -> str:
    """What distinguishes one value from another: letters, digits and characters."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in plain if char.isalnum())


def _field_counts(truth: dict[str, Any], readings: dict[str, Reading]) -> Iterator[tuple[str, int]]:
    for key, value in truth["fields"].items():
        for name, reading in readings.items():
            if name == "certcheck":
                yield name, reading["fields"].get(key, {}).get("value") == value
            else:
                yield name, contained(value, reading["text"])


def _report(times: dict[str, list[Spent]], right: dict[str, int], of: int) -> Iterator[str]:
    yield (
        f"{'':10} {'median s':>8} {'95 % s':>7} {'ours/it':>7} {'goal':>5} "
        f"{'worked s':>8} {'ours/it':>7}  fields"
    )
    ours = _medians(times["certcheck"])
    for name, spent in times.items():
        middle = _medians(spent)
        late = sorted(one.wall for one in spent)[int(0.95 * (len(spent) - 1))]
        goal = f"{GOALS[name]}" if name in GOALS else ""
        share = right[name] / max(1, of)
        told = "assigned rightly" if name == "certcheck" else "contained as text"
        yield (
            f"{name:10} {middle.wall:8.2f} {late:7.2f} {ours.wall / middle.wall:7.3f} {goal:>5} "
            f"{middle.worked:8.2f} {ours.worked / middle.worked:7.3f}  "
            f"{right[name]}/{of} = {share:.4f} {told}"
        )


def _medians(spent: Sequence[Spent]) -> Spent:
    return Spent(
        statistics.median(one.wall for one in spent),
        statistics.median(one.worked for one in spent),
    )


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--level", default="normal")
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--only", nargs="*", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--photographs", type=Path, help="keep the photographs in this folder")
    wanted = parser.parse_args()

    from tests.benchmarks.photographs import Job, kept_photograph

    jobs = [Job(wanted.first + n, wanted.level, None) for n in range(wanted.photos + WARM_UP)]
    taken = [kept_photograph(job, wanted.photographs) for job in jobs]
    times: dict[str, list[Spent]] = {name: [] for name in wanted.only}
    right = dict.fromkeys(wanted.only, 0)
    of = 0
    stages: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        contenders = {name: _Contender(name, folder) for name in wanted.only}
        for number, (data, truth) in enumerate(taken):
            answers = {name: one.read(data) for name, one in contenders.items()}
            if number < WARM_UP:
                continue
            of += len(truth["fields"])
            for name, (spent, _) in answers.items():
                times[name].append(spent)
            readings = {name: reading for name, (_, reading) in answers.items()}
            for name, hit in _field_counts(truth, readings):
                right[name] += hit
            for label, seconds in readings.get("certcheck", {}).get("stages", {}).items():
                stages.setdefault(label, []).append(seconds)
        for one in contenders.values():
            one.stop()
    print(f"{wanted.photos} photographs, level {wanted.level}, seeds from {wanted.first}")
    if "certcheck" in times:
        print("\n".join(_report(times, right, of)))
        print("\nstage, median ms")
        for label, each in stages.items():
            print(f"{label:28} {1000 * statistics.median(each):6.0f}")


if __name__ == "__main__":
    main()
