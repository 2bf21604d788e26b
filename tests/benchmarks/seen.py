"""How long a check's questions take with many certificates in the book.

    python -m tests.benchmarks.seen --certificates 1000000 --asked 2000

The certificates are made: of 400 laboratories, a twentieth of them with pictures of one of forty
plain pieces, a little changed, the rest with pictures of their own. What is asked: papers that
were never seen, papers that were, and pictures of papers that were.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from certcheck.seen import store
from certcheck.seen.bands import PIECE, bands
from certcheck.seen.book import MOST_BEHIND, Book
from certcheck.seen.tables import BANDS, LABS, SIGHTINGS
from ocr.likeness.hashes import BITS, BYTES

LABS_MADE, PLAIN, PLAIN_SHARE = 400, 40, 0.05
# Bits by which photos of one picture differ, and hashes of one picture shifted a little.
PHOTO, SHIFT, SHIFTS = 12, 16, 54
AT_ONCE = 20_000
DAY = dt.date(2026, 11, 21)


def made(count: int, seed: int = 1) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Rows of certificates, each with the hash of its picture."""
    rng = random.Random(seed)
    plain = [rng.getrandbits(BITS) for _ in range(PLAIN)]
    for number in range(1, count + 1):
        bits = rng.choice(plain) if rng.random() < PLAIN_SHARE else rng.getrandbits(BITS)
        piece = changed(bits, 4, rng).to_bytes(BYTES, "big")
        fields = {"mass": f"{number % 9000 / 100:.2f}", "conclusion": "翡翠手镯"}
        yield {
            "id": number, "photo": f"{number:032x}", "lab": f"示例{number % LABS_MADE}",
            "number": f"PZ{number:011}", "number_sure": 1,
            "fields": json.dumps(fields, ensure_ascii=False), "issued_on": DAY,
            "person": f"{number % 1600:032x}", "piece": piece, "places": "[]", "page": piece,
            "frame": None, "accused": 0, "seen_on": DAY,
        }, piece  # fmt: skip


def changed(bits: int, count: int, rng: random.Random) -> int:
    """Bits, some of them turned."""
    for _ in range(count):
        bits ^= 1 << rng.randrange(BITS)
    return bits


def filled(book: Book, count: int) -> list[bytes]:
    """Writes certificates in, all at once as no check does; returns their pictures' hashes."""
    pieces, keys = [], np.empty((count, 16), np.int64)
    with store.writing(book.engine) as connection:
        rows: list[dict[str, Any]] = []
        for row, piece in made(count):
            keys[len(pieces)] = bands(PIECE, [piece])
            pieces.append(piece)
            rows.append(row)
            if len(rows) == AT_ONCE or len(pieces) == count:
                connection.execute(SIGHTINGS.insert(), rows)
                rows = []
        flat = keys.ravel()
        ids = np.repeat(np.arange(1, count + 1), 16)
        order = np.lexsort((ids, flat))
        ordered = flat[order]
        place = np.arange(len(order)) - np.searchsorted(ordered, ordered)
        order = order[place < MOST_BEHIND]
        raw = connection.connection.cursor()
        pairs = zip(flat[order].tolist(), ids[order].tolist(), strict=True)
        raw.executemany(f"INSERT INTO {BANDS.name} VALUES (?, ?)", pairs)  # noqa: S608
        share = count // LABS_MADE
        connection.execute(
            LABS.insert(),
            [{"lab": f"示例{n}", "pictured": share, "repeated": 0} for n in range(LABS_MADE)],
        )
    return pieces


def asked(book: Book, pieces: list[bytes], count: int) -> dict[str, list[float]]:
    """Milliseconds of all that one check asks, by what is asked for."""
    rng = random.Random(2)
    times: dict[str, list[float]] = {"never seen": [], "seen": [], "picture seen": []}
    kinds = list(times)
    for at in range(count):
        number = rng.randrange(len(pieces))
        kind = kinds[at % len(kinds)]
        bits = int.from_bytes(pieces[number], "big")
        bits = rng.getrandbits(BITS) if kind == "never seen" else changed(bits, PHOTO, rng)
        hashes = [changed(bits, rng.randrange(SHIFT), rng).to_bytes(BYTES, "big")
                  for _ in range(SHIFTS)]  # fmt: skip
        own = f"PZ{number + 1:011}" if kind == "seen" else f"PZ9{at:010}"
        lab = f"示例{(number + 1) % LABS_MADE}"
        start = time.perf_counter()
        book.numbered(lab, own, "")
        found = book.pictured(hashes, b"", "")
        book.signed(f"{number % 1600:032x}", lab)
        book.totals(lab)
        times[kind].append(1000 * (time.perf_counter() - start))
        if kind != "never seen" and all(one.piece[0] != pieces[number] for one in found):
            times.setdefault("picture not found", []).append(times[kind][-1])
    return times


def main() -> None:
    """Fills a book, asks it, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificates", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seen.sqlite"
        book = Book(store.opened(str(path)))
        start = time.perf_counter()
        pieces = filled(book, given.certificates)
        took = time.perf_counter() - start
        print(
            f"{given.certificates} certificates, {path.stat().st_size / 2**20:.0f} MB, {took:.0f} s"
        )
        times = asked(book, pieces, given.asked)
        every = [one for kind in ("never seen", "seen", "picture seen") for one in times[kind]]
        for kind, each in (*times.items(), ("all", every)):
            p50, p99 = np.percentile(each, [50, 99])
            print(f"  {kind:<20} {len(each):>6}  p50 {p50:6.2f} ms  p99 {p99:6.2f} ms")


if __name__ == "__main__":
    main()
