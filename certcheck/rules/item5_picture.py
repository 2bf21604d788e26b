"""Item 5: what a file says of how it came to be. Advice, whichever."""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator

from certcheck.case import Case
from certcheck.finding import Finding
from certcheck.rules.framework import advise, rule
from certcheck.rules.signs import LAW
from certcheck.rules.since import REGISTRY
from ocr.reading import SOFTWARE


@functools.cache
def _editors() -> re.Pattern[str]:
    path = importlib.resources.files("certcheck") / "data" / "editors.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["editor"]
    names = "|".join(re.escape(row["name"]) for row in rows)
    return re.compile(rf"(?<![A-Za-z])(?:{names})(?![A-Za-z])", re.IGNORECASE)


def is_editor(software: str) -> bool:
    """Whether a program's name is that of one with which print in a picture can be changed.

    >>> is_editor("Adobe Photoshop 24.0 (Windows)"), is_editor("HUAWEI P60 Camera")
    (True, False)
    """
    return _editors().search(software) is not None


def _named(case: Case) -> bool:
    return any(sign.kind == SOFTWARE for sign in case.reading.signs)


@rule("item5.edited_with", law=LAW, since=REGISTRY, applies=_named)
def edited_with(case: Case) -> Iterator[Finding]:
    """The file names a program with which print in a picture can be changed."""
    for sign in case.reading.signs:
        if sign.kind == SOFTWARE and is_editor(sign.detail):
            yield advise(software=sign.detail)
            return
