"""Item 5: what a file and its picture tell of how they came to be. Advice, whichever.

Messengers, phones' own editors and scanners do to honest pictures much of what a forger does; so
none of this is ever more than a place to look at twice.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator

from certcheck.case import Case
from certcheck.finding import NAMED, Evidence, Finding
from certcheck.rules.framework import advise, rule
from certcheck.rules.signs import LAW
from certcheck.rules.since import REGISTRY
from ocr.reading import ALTERED, RESAVED, SOFTWARE, THUMBNAIL, Sign


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


def _signs(case: Case, kind: str) -> list[Sign]:
    return [sign for sign in case.reading.signs if sign.kind == kind]


@rule("item5.edited_with", law=LAW, since=REGISTRY)
def edited_with(case: Case) -> Iterator[Finding]:
    """The file names a program with which print in a picture can be changed."""
    names = [sign.detail for sign in _signs(case, SOFTWARE) if is_editor(sign.detail)]
    if names:
        yield advise(software=names[0])


@rule(
    "item5.picture_altered",
    law=LAW,
    since=REGISTRY,
    messages=(".copied", ".shifted", ".traces", ".look"),
)
def picture_altered(case: Case) -> Iterator[Finding]:
    """A value's print seems to have come into the picture after the rest of it.

    What gave it away is the message's last word; see `ocr.signs.altered`.
    """
    for sign in _signs(case, ALTERED):
        field = case.reading.fields.get(sign.key)
        place = Evidence(sign.key, field.text if field else "", "", sign.box, "")
        yield advise(place, message=f".{sign.detail}", **{NAMED: sign.key})


@rule("item5.thumbnail_differs", law=LAW, since=REGISTRY, messages=("", ".place"))
def thumbnail_differs(case: Case) -> Iterator[Finding]:
    """The small picture that the camera put into the file shows something else than the picture."""
    for sign in _signs(case, THUMBNAIL):
        if sign.box is None:
            yield advise()
        else:
            yield advise(Evidence("picture", "", "", sign.box, ""), message=".place")


@rule("item5.saved_anew", law=LAW, since=REGISTRY)
def saved_anew(case: Case) -> Iterator[Finding]:
    """The file names the camera, and was made smaller or compressed once more after it.

    Of a file that names no camera, as messengers send them, nothing is said.
    """
    for sign in _signs(case, RESAVED)[:1]:
        yield advise(camera=sign.detail)
