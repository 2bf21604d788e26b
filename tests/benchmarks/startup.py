"""What a fresh process costs.

    .venv/bin/python -m tests.benchmarks.startup [--runs 7]

Each command runs in turn, `--runs` times, after one run that is not counted; medians of
the wall clock. `certcheck --help` is held against `python -c "import click"`, and `certcheck
check PHOTO` against a process that loads the text engine and reads that photo.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEED = 6_200_000
GOALS = {"help": 1.5, "check": 1.3}
_READ = """
import sys, cv2
from ocr.text.rapid import RapidEngine
lines = RapidEngine().read_page(cv2.imread(sys.argv[1]))
assert lines
"""


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    spent = time.perf_counter() - began
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return spent


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    wanted = parser.parse_args()

    from tests.benchmarks.photographs import Job, demo_database, photograph

    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        photo.write_bytes(photograph(Job(SEED, "normal", None))[0])
        url = demo_database(folder)
        own = [sys.executable, "-m", "certcheck.cli"]
        commands = {
            "import click": [sys.executable, "-c", "import click"],
            "certcheck --help": [*own, "--help"],
            "text engine only": [sys.executable, "-c", _READ, str(photo)],
            "certcheck check": [*own, "check", str(photo), "--database", url],
        }
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for run in range(wanted.runs + 1):
            for name, command in commands.items():
                seconds = _seconds(command, dict(os.environ))
                if run:
                    spent[name].append(seconds)
    middle = {name: statistics.median(times) for name, times in spent.items()}
    for name, seconds in middle.items():
        print(f"{name:18} {seconds:6.2f} s")
    shown = middle["certcheck --help"] / middle["import click"]
    checked = middle["certcheck check"] / middle["text engine only"]
    print(f"help over click {shown:.2f} (goal {GOALS['help']})")
    print(f"check over text engine {checked:.2f} (goal {GOALS['check']})")


if __name__ == "__main__":
    main()
