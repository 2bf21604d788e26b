"""Fuzzes a target for long, led by which lines of the product each input reaches.

    pip install -e '.[dev,fuzz]'
    python -m tests.fuzz photo --seconds 600 --work /tmp/fuzz-photo

Inputs that reached something new lie in the folder's `found`; what raised in `raised`, once for
each place; what took too long, or ended the process, libFuzzer leaves beside them.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import sys
import traceback
from pathlib import Path

import atheris

from tests.fuzz.mutate import mutated

# What each is led by: the rest of the product would only make it slow.
_LED_BY = {
    "photo": ["ocr.photo", "ocr.signs", "certcheck.pictures", "certcheck.market.backs"],
    "fields": ["ocr.fields", "certcheck.numbers", "certcheck.identify"],
    "seal": ["ocr.seal"],
    "lists": ["registry.importing", "certcheck.stock", "openpyxl.reader", "xlrd"],
    "codes": ["ocr.payload", "registry.domains", "certcheck.lookalike", "certcheck.outside",
              "certcheck.rules.item5_codes", "certcheck.rules.item5_hosts"],
    "reports": ["web.view", "web.paper", "web.language", "certcheck.complaint"],
}  # fmt: skip
with atheris.instrument_imports(include=_LED_BY.get(sys.argv[1] if sys.argv[1:] else "", [])):
    from tests.fuzz.targets import TARGETS, Target

# A process of the product may have as much; arrays that atheris sees compared it never gives back,
# a megabyte for each seal.
_MEGABYTES, _OF_SEALS = 4096, 8192


class Raised:
    """Keeps one input for each place that raised, and goes on."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target, self._folder = target, folder
        self._places: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, data: bytes) -> None:
        try:
            self._target.run(data)
        except Exception as error:
            tail = traceback.extract_tb(error.__traceback__)[-1]
            place = hashlib.sha256(f"{type(error)} {tail.filename}:{tail.lineno}".encode())
            name = place.hexdigest()[:16]
            if name not in self._places:
                self._places.add(name)
                (self._folder / name).write_bytes(data)
                (self._folder / f"{name}.txt").write_text(traceback.format_exc(), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--work", type=Path, required=True)
    asked = parser.parse_args()
    target = TARGETS[asked.target]
    logging.disable(logging.WARNING)
    found = asked.work / "found"
    found.mkdir(parents=True, exist_ok=True)
    begun = dict(target.seeds())
    begun |= {path.name: path.read_bytes() for path in target.kept}
    for name, data in begun.items():
        (found / name).write_bytes(data)
    others = list(begun.values())

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, rng, others)[:most]

    most = _OF_SEALS if asked.target == "seal" else _MEGABYTES
    flags = (
        f"-max_total_time={asked.seconds}", f"-timeout={target.seconds}", "-report_slow_units=5",
        f"-max_len={target.longest}", f"-rss_limit_mb={most}", "-print_final_stats=1",
        f"-artifact_prefix={asked.work}/", str(found),
    )  # fmt: skip
    run = Raised(target, asked.work / "raised")
    atheris.Setup([sys.argv[0], *flags], run, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
