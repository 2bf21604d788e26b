"""Laboratories abroad: told from the paper, and where their reports can be looked up.

They are in no Chinese register, so nothing of them can agree or differ; a reader must know
that, and where to ask. The table is `certcheck/data/foreign_labs.toml`.
"""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from typing import Any

from rapidfuzz import fuzz

from certcheck.numbers import certificate
from ocr.reading import Reading
from registry.domains import registrable

# Likeness in percent of print to a full name: a letter or two misread.
_NAMED = 92.0
# A line this many times as long as the name in it says something else of that laboratory:
# where a gemmologist learned, whose grades are followed.
_ALONE = 1.5
_TRUSTED = "S"
_CHINESE = re.compile("[㐀-鿿]")
# Fewer Chinese characters than this stand on a paper from abroad (a dealer's stamp).
_FEW_CHINESE = 12


@dc.dataclass(frozen=True, slots=True)
class ForeignLab:
    """A row of the table; see its head for the meaning."""

    key: str
    name: str
    zh: str
    country: str
    country_en: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    number: str
    hosts: tuple[str, ...]
    query: str
    trust: str
    source: str

    @property
    def confirmed(self) -> bool:
        """Whether its address was seen on its own site."""
        return self.trust == _TRUSTED

    def has_number(self, number: str) -> bool:
        """Whether a report number has its form."""
        spaceless = re.sub(r"\s", "", number).upper()
        return any(
            re.fullmatch(self.number, form) for form in (spaceless, certificate.compact(number))
        )


@dc.dataclass(frozen=True, slots=True)
class Sighting:
    """A laboratory abroad that a paper claims to come from.

    Attributes:
        lab: which.
        matched_by: `lab_name`, `domain`, `certificate_no`: what told it.
    """

    lab: ForeignLab
    matched_by: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """`foreign_lab` of a report."""
        lab = self.lab
        return {
            "key": lab.key,
            "name": lab.name,
            "name_zh": lab.zh,
            "country": {"zh": lab.country, "en": lab.country_en},
            "matched_by": list(self.matched_by),
            "query": lab.query,
            "trust": lab.trust,
        }


@functools.cache
def labs() -> tuple[ForeignLab, ...]:
    """All laboratories of the table."""
    path = importlib.resources.files("certcheck") / "data" / "foreign_labs.toml"
    rows: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["lab"]
    return tuple(_lab(row) for row in rows)


def _lab(row: dict[str, Any]) -> ForeignLab:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return ForeignLab(**values)


def recognise(reading: Reading) -> Sighting | None:
    """The laboratory abroad that a paper names; None for a Chinese paper or an unknown one.

    A paper with a CMA number or mark, read or not, is never one: a Chinese company of the
    same group may be accredited, and is judged like any other. A name in a longer line is
    mentioned, not claimed: it counts only beside the laboratory's site or number.
    """
    named = reading.fields.get("lab_name")
    if _accredited(reading) or (named is not None and _CHINESE.search(named.text)):
        return None
    lines = [line.text for line in reading.lines]
    if len(_CHINESE.findall("".join(lines))) >= _FEW_CHINESE:
        return None
    hosts = _hosts(reading)
    number = reading.fields.get("certificate_no")
    claims = [named.text] if named is not None else []
    found = []
    for lab in labs():
        told = []
        if any(_says(text, name) for text in (*lines, *claims) for name in lab.names):
            told.append("lab_name")
        if hosts & set(lab.hosts):
            told.append("domain")
        marked = any(_has_word(line, mark) for line in lines for mark in lab.marks)
        if marked and number is not None and lab.has_number(number.text):
            told.append("certificate_no")
        claimed = any(
            any(_says(text, name) for text in claims) or any(_is_name(line, name) for line in lines)
            for name in lab.names
        )
        if claimed or set(told) - {"lab_name"}:
            found.append(Sighting(lab, tuple(told)))
    # Two laboratories on one paper: nobody can say whose it is.
    found.sort(key=lambda one: -len(one.matched_by))
    if len(found) > 1 and len(found[0].matched_by) == len(found[1].matched_by):
        return None
    return found[0] if found else None


def _accredited(reading: Reading) -> bool:
    """Whether a paper bears a CMA number or mark, or a place for the number."""
    said = (reading.fields, reading.doubted, reading.unread, reading.labels)
    return any("cma_no" in part for part in said) or any(
        mark.kind == "CMA" for mark in reading.marks
    )


def in_foreign_letters(reading: Reading) -> bool:
    """Whether a paper holds next to no Chinese."""
    text = "".join(line.text for line in reading.lines)
    return len(text) >= 5 * _FEW_CHINESE and len(_CHINESE.findall(text)) < _FEW_CHINESE


def _hosts(reading: Reading) -> set[str]:
    website = reading.fields.get("website")
    texts: Iterable[str | None] = (*(code.text for code in reading.codes),
                                   website.text if website else None)  # fmt: skip
    return {domain for text in texts if text and (domain := registrable(text.strip()))}


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if char.isalnum())


def _says(line: str, name: str) -> bool:
    print_, wanted = _folded(line), _folded(name)
    return len(print_) >= len(wanted) - 2 and fuzz.partial_ratio(wanted, print_) >= _NAMED


def _is_name(line: str, name: str) -> bool:
    """Whether a line is little more than a name."""
    return len(_folded(line)) <= _ALONE * len(_folded(name)) and _says(line, name)


def _has_word(line: str, mark: str) -> bool:
    return re.search(rf"(?<![A-Z]){re.escape(mark)}(?![A-Z])", line.upper()) is not None
