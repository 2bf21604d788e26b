"""How well generated photographs are read and judged; prints the tables of docs/benchmarks.md.

    .venv/bin/python -m tests.benchmarks.reading [--honest 200] [--each 3] [--level normal]

Seeds start at FIRST_SEED; tests use lower ones. Half the photographs are ordinary honest
certificates, the others carry one planted fault or are honest and tricky.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses as dc
import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

FIRST_SEED = 1_000_000
JPEG_QUALITY = 88
NUMBERS = ("certificate_no", "cma_no")
ACCUSING = ("inconsistent", "suspected")


@dc.dataclass(frozen=True)
class Job:
    """One photograph to make and check."""

    seed: int
    level: str
    plan: str | None


def jobs(honest: int, each: int, level: str, first: int) -> list[Job]:
    """Ordinary honest ones, then every plan `each` times."""
    from samples.generator.faults import plans

    names = [None] * honest + [name for name in plans() if name for _ in range(each)]
    return [Job(first + number, level, name) for number, name in enumerate(names)]


def run(job: Job, url: str) -> dict[str, Any]:
    """Makes, reads and judges one photograph; returns truth and report."""
    import cv2

    from certcheck.check import check_bytes
    from registry import store
    from registry.lookup import Registry
    from samples.generator import make

    sample = make(job.seed, level=job.level, fault=job.plan)
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    data = cv2.imencode(".jpg", sample.image, quality)[1].tobytes()
    reports = check_bytes(data, f"{job.seed}.jpg", Registry(store.open_registry(url)))
    return {
        "plan": job.plan,
        "truth": sample.truth,
        "report": reports[0].to_json(),
        "parts": len(reports),
    }


def _rows(work: Sequence[Job], url: str, workers: int) -> Iterable[dict[str, Any]]:
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(run, work, [url] * len(work), chunksize=4)


def fields_table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Fields read right, wrong and not at all, by key."""
    count: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for row in rows:
        read = row["report"]["fields"]
        for key, wanted in row["truth"]["fields"].items():
            got = read.get(key, {}).get("value")
            outcome = "absent" if got is None else "right" if got == wanted else "wrong"
            count[key][outcome] += 1
    lines = [f"{'field':18} {'right':>7} {'wrong':>7} {'absent':>7} {'of':>6}"]
    total: collections.Counter[str] = collections.Counter()
    for key, one in count.items():
        lines.append(_counts(key, one))
        total += one
    lines.append(_counts("all fields", total))
    numbers = count[NUMBERS[0]] + count[NUMBERS[1]]
    lines.append(_counts("both numbers", numbers))
    return lines


def _counts(name: str, one: collections.Counter[str]) -> str:
    of = max(1, one.total())
    shares = " ".join(f"{one[k] / of:7.4f}" for k in ("right", "wrong", "absent"))
    return f"{name:18} {shares} {one.total():6}"


def marks_table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Seals by name, seals judged, codes."""
    names = [0, 0]
    judged: collections.Counter[str] = collections.Counter()
    codes = [0, 0, 0]
    for row in rows:
        truth, report = row["truth"], row["report"]
        read = [seal["name"] for seal in report["seals"]]
        for seal in truth["seals"]:
            names[0] += seal["name"] in read
            names[1] += 1
            # A laboratory that the registry does not know has no name to hold a seal against.
            if truth["expected"]["items"]["3"] != "unverifiable":
                judged[_seal_judged(row)] += 1
        texts = [code["text"] for code in report["codes"] if code["text"]]
        wanted = [code["text"] for code in truth["codes"]]
        codes[0] += sum(text in texts for text in wanted)
        codes[1] += len(wanted)
        codes[2] += sum(text not in wanted for text in texts)
    return [
        f"seal names exact   {names[0]}/{names[1]} = {names[0] / max(1, names[1]):.4f}",
        "seals judged       " + ", ".join(f"{k} {v}" for k, v in sorted(judged.items()))
        + f" = {judged['right'] / max(1, judged.total()):.4f} right",
        f"codes read         {codes[0]}/{codes[1]} = {codes[0] / max(1, codes[1]):.4f}, "
        f"wrong payloads {codes[2]}",
    ]  # fmt: skip


def _seal_judged(row: dict[str, Any]) -> str:
    """Whether the seal's name was told rightly to agree or to differ."""
    findings = row["report"]["items"][2]["findings"]
    said = [f["status"] for f in findings if f["rule"] == "item3.seal_name"]
    if not said or "unverifiable" in said:
        return "not told"
    differs = any(status in ACCUSING for status in said)
    planted = row["plan"] in ("seal_one_character", "seal_other_name")
    return "right" if differs == planted else "wrong"


def verdict_table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Faults caught by plan, honest certificates cleared and accused.

    A fault is caught where its item is inconsistent or suspected. Plans whose fault shows
    only as something that cannot be checked (no seal, no number) are not counted as faults.
    """
    caught: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    honest: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for row in rows:
        truth, report = row["truth"], row["report"]
        expected = truth["expected"]
        if expected["verdict"] in ACCUSING:
            status = report["items"][truth["item"] - 1]["status"]
            caught[row["plan"]][0] += status in ACCUSING
            caught[row["plan"]][1] += 1
        elif expected["verdict"] == "consistent":
            honest["tricky" if row["plan"] else "honest"][report["verdict"]] += 1
        else:
            honest["not to be checked"][report["verdict"]] += 1
    hit, of = (sum(pair[i] for pair in caught.values()) for i in (0, 1))
    lines = [f"  {plan:26} {a}/{b}" for plan, (a, b) in caught.items() if a < b]
    lines.append(f"faults caught      {hit}/{of} = {hit / max(1, of):.4f}")
    for name, one in honest.items():
        share = one["consistent"] / max(1, one.total())
        lines.append(
            f"{name:18} cleared {one['consistent']}/{one.total()} = {share:.4f}, "
            f"accused {one['inconsistent'] + one['suspected']} "
            f"(inconsistent {one['inconsistent']}), could not check {one['unverifiable']}"
        )
    return lines


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--honest", type=int, default=200)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--level", default="normal")
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rows", type=Path, help="keep truth and report of each photograph here")
    wanted = parser.parse_args()

    from registry import store

    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/demo.sqlite3"
        store.fill_with_demo(store.open_registry(url))
        work = jobs(wanted.honest, wanted.each, wanted.level, wanted.first)
        rows = []
        for row in _rows(work, url, wanted.workers):
            rows.append(row)
            if wanted.rows:
                with wanted.rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{len(rows)} photographs, level {wanted.level}, seeds from {wanted.first}")
    for table in (fields_table, marks_table, verdict_table):
        print()
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
