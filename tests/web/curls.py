"""What the documents tell programs to do, done as it stands against a server of a test's own."""

from __future__ import annotations

import dataclasses as dc
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "docs" / "api.md")
PYTHON = re.compile(r"^```python\n(.+?)^```$", re.M | re.S)
COMMAND = re.compile(r"^ {4}(curl .+)$", re.M)
_THERE = "http://127.0.0.1:8000"


@dc.dataclass(frozen=True, slots=True)
class Run:
    """A command and what was answered."""

    command: str
    status: int
    told: Any


def commands() -> list[str]:
    return [one for page in PAGES for one in COMMAND.findall(page.read_text("utf-8"))]


def run(url: str, key: str) -> list[Run] | None:
    """All of them, one after the other; None where there is no curl.

    `ID` stands for what the command before was told, `KEY` for the key.
    """
    if shutil.which("curl") is None:
        return None
    found: list[Run] = []
    known = ""
    for command in commands():
        words = shlex.split(command.replace(_THERE, url).replace("KEY", key))
        words = [re.sub(r"\bID\b", known, word) for word in words]
        done = subprocess.run(
            [*words, "-sS", "-w", "\n%{http_code}"], cwd=ROOT, capture_output=True, text=True,
            check=True, timeout=120,
        )  # fmt: skip
        body, _, status = done.stdout.rpartition("\n")
        told = json.loads(body) if body.strip() else None
        if isinstance(told, dict):
            known = told.get("id", known)
        found.append(Run(command, int(status), told))
    return found


def snippets() -> list[str]:
    """Python of the documents, in its order."""
    return [one for page in PAGES for one in PYTHON.findall(page.read_text("utf-8"))]


def example(url: str, key: str) -> list[str]:
    """What the documents' example of our client prints, line by line."""
    (source,) = (one for one in snippets() if "certcheck_client" in one)
    source = source.replace(_THERE, url).replace("certcheck_…", key)
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=120,
    )  # fmt: skip
    return done.stdout.splitlines()
