"""What magnification and spectra show, and which stones show it: `certcheck/data/features.toml`.

>>> jadeite, agate = gems.find("翡翠手镯"), gems.find("玛瑙珠串")
>>> strange("纤维交织结构，可见翠性", jadeite), strange("可见翠性", agate).words
(None, '翠性')
>>> strange("未见翠性", agate) is None
True
>>> treated("3060cm-1吸收峰", jadeite).treatment, treated("3060cm-1", agate) is None
('充填', True)
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from certcheck import gems
from certcheck.numbers import cleaning

# 未见 …, 无 …: looked for and not there.
_DENIED = re.compile(r"未|无|不见|没有")


@dc.dataclass(frozen=True, slots=True)
class Feature:
    """Words that speak of other stones, or of a treatment.

    Attributes:
        words: as the table has them.
        stones: names that show it.
        treatment: what it is a mark of, "" for a stone's own.
        trust: `S` or `GK`.
    """

    words: str
    stones: tuple[str, ...]
    treatment: str
    trust: str


@functools.cache
def _table() -> Mapping[str, Any]:
    path = importlib.resources.files("certcheck") / "data" / "features.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _said(text: str, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of a kind whose words the text has, clauses that deny left out."""
    # Figures are followed by their unit with a space or none: 437 nm.
    plain = re.sub(r"(?<=\d)\s+(?=[a-z])", "", cleaning.plain(text))
    for clause in re.split(r"[，,。;；]", plain):
        if _DENIED.search(clause):
            continue
        for row in _table()[kind]:
            for word in row["words"]:
                if word in clause:
                    yield word, row


def strange(text: str, species: gems.Species) -> Feature | None:
    """A feature of other stones than the named one; None where the text has none."""
    for word, row in _said(text, "feature"):
        if not any(_may_be(stone, species) for stone in row["stones"]):
            return Feature(word, tuple(row["stones"]), "", row["trust"])
    return None


def treated(text: str, species: gems.Species) -> Feature | None:
    """A mark of a treatment of the named stone, whatever its name says of one."""
    for word, row in _said(text, "treated"):
        if species.name in row["stones"]:
            # A wave number alone is no word to a reader.
            shown = f"{word} cm⁻¹" if word.isdigit() else word
            return Feature(shown, tuple(row["stones"]), row["treatment"], row["trust"])
    return None


def _may_be(stone: str, species: gems.Species) -> bool:
    """Whether the stone is the species, a class or group of it, or one of its members."""
    return gems.relation(stone, species) is not False
