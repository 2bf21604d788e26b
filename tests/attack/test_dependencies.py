"""What would break: a version that nobody chose, or one with a fault that everybody knows of."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINS = ROOT / ".ci" / "constraints.txt"
SECURITY = ROOT / "docs" / "security.md"
AUDIT = "CERTCHECK_AUDIT"
_EXACT = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*")
# Requirements of OWASP ASVS 5.0.0 at levels 1 and 2, by section: its last number, or those it has.
ASVS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5,
    "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2,
    "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11,
    "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1,
    "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5,
    "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
ANSWERS = {"yes", "partly", "no", "outside", "none"}


def test_every_version_is_exact_and_stands_there_once() -> None:
    lines = [one for one in PINS.read_text("utf-8").splitlines() if one and one[0] != "#"]
    assert len(lines) > 100
    assert all(_EXACT.fullmatch(one) for one in lines)
    names = [re.sub(r"[-_.]+", "-", one.partition("==")[0]).lower() for one in lines]
    assert len(names) == len(set(names))


@pytest.mark.skipif(os.environ.get(AUDIT) != "on", reason=f"no connection: {AUDIT} is not `on`")
def test_no_version_has_a_known_fault() -> None:
    """PyPI's advisories, asked by its own tool; where there is a connection.

    Strictly: a mirror that serves packages and knows no advisories answers of none of them, which
    is no all-clear.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--strict", "--no-deps", "--disable-pip", "-r", PINS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_requirement_of_the_standard_is_answered_once() -> None:
    """A line left out would be read as kept."""
    wanted = [f"{section}.{at}" for section, last in ASVS.items() for at in range(1, last + 1)]
    assert len(wanted) == 253
    rows = re.findall(r"^\| ([\d.-]+) \| (\w+) \|(.*)\|$", SECURITY.read_text("utf-8"), re.M)
    found = []
    for name, answer, how in rows:
        assert answer in ANSWERS and how.strip(), name
        first, _, last = name.partition("-")
        section, _, begin = first.rpartition(".")
        end = last.rpartition(".")[2] or begin
        found += [f"{section}.{at}" for at in range(int(begin), int(end) + 1)]
    assert found == wanted
