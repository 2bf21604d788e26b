"""What a record says, by contract field: by the labels of certificates, or as a site declares.

A page may say a thing twice, or two things by labels that mean the same field; so each field has
as many values as were found, and whoever compares decides.
"""

from __future__ import annotations

import dataclasses as dc
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from certcheck.outside.documents import Document
from certcheck.record import page
from certcheck.record import values as recorded
from certcheck.record.page import Page, Run
from certcheck.record.sites import Site, at
from ocr.fields import values
from ocr.fields.labels import OTHER, fold, vocabulary
from ocr.reading import FIELD_KEYS

# Longer texts are no value of a certificate.
_LONGEST = 200
_COLON = re.compile("[:：]")
# What stands between a label and what follows, or between its languages.
_JOINTS = ":*./|"
# A unit in brackets behind a label: 质量(g).
_UNIT = re.compile(r"\([^()]{1,8}\)")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[一-鿿]+")
# Keys deep in JSON that is not meant for us.
_DEEPEST = 6


@dc.dataclass(frozen=True, slots=True)
class Stated:
    """One value of a record.

    Attributes:
        value: in its field's normal form.
        raw: as it stands there.
        label: its label, "" where the site's own place of it was declared.
    """

    value: str
    raw: str
    label: str


Fields = Mapping[str, tuple[Stated, ...]]


@dc.dataclass(frozen=True, slots=True)
class Understood:
    """An answer as far as it was understood.

    Attributes:
        fields: what it says of a certificate.
        text: what it shows.
        told: the JSON that it is, None of a page.
        guarded: whether it asks for a captcha or a login.
    """

    fields: Fields
    text: str
    told: Any
    guarded: bool


def understand(found: Document, site: Site | None) -> Understood | None:
    """What an answer says; None where it is neither a page nor JSON.

    Args:
        found: the answer.
        site: how the site is asked, None where it is not listed.
    """
    text = page.decoded(found.data, found.charset)
    if (site is not None and site.answer == "json") or "json" in found.kind:
        return _json(text, site)
    # Many servers send data under the name of a page.
    if (site is None or not site.fields) and text.lstrip()[:1] in ("{", "["):
        told = _json(text, site)
        if told is not None:
            return told
    read = page.understood(text)
    if read is None:
        return None
    if site is not None and site.fields:
        fields = _gather(
            (key, "", one) for key, path in site.fields.items() for one in read.at(path)
        )
    else:
        fields = _gather((*_by_columns(read), *_by_labels(read)))
    return Understood(fields, read.text, None, read.guarded)


def _json(text: str, site: Site | None) -> Understood | None:
    try:
        told = json.loads(text)
        # As it reads, not as it was escaped.
        shown = json.dumps(told, ensure_ascii=False, indent=0)
    except (ValueError, RecursionError):
        return None
    if site is not None and site.fields:
        fields = _gather(
            (key, "", str(value)) for key, path in site.fields.items()
            if isinstance(value := at(told, path), str | int | float)
        )  # fmt: skip
    else:
        fields = _gather(_by_keys(told, 0))
    return Understood(fields, shown, told, guarded=False)


def _gather(found: Iterable[tuple[str, str, str]]) -> Fields:
    """Values in normal form by field; what cannot be the field's is left out."""
    gathered: dict[str, dict[str, Stated]] = {}
    for key, label, raw in found:
        if key not in FIELD_KEYS or len(raw) > _LONGEST:
            continue
        value = recorded.parse(key, label, raw)
        if value and values.not_tested(raw) is None:
            gathered.setdefault(key, {}).setdefault(value, Stated(value, raw, label))
    return {key: tuple(stated.values()) for key, stated in gathered.items()}


def _label(text: str) -> str | None:
    """The field that a text is a label of and nothing else, in one language or two."""
    folded = fold(text).strip(_JOINTS)
    found = vocabulary().at(folded, 0)
    if found is None:
        return None
    rest = _UNIT.sub("", folded[found.end :]).strip(_JOINTS)
    if rest:
        twin = vocabulary().at(rest, 0)
        if twin is None or twin.label.key != found.label.key or rest[twin.end :].strip(_JOINTS):
            return None
    return found.label.key


def _by_columns(read: Page) -> Iterator[tuple[str, str, str]]:
    """Tables with labels above their columns; one row below, or nobody knows which counts."""
    for table in read.tables:
        keys = [_label(text) for text in table[0]]
        if None not in keys and len(table) == 2 and not any(map(_label, table[1])):  # noqa: PLR2004
            yield from zip(map(str, keys), table[0], table[1], strict=True)


def _by_labels(read: Page) -> Iterator[tuple[str, str, str]]:
    """Values beside or behind their labels."""
    heads = {
        text for table in read.tables for text in table[0] if all(map(_label, table[0]))
    }  # fmt: skip
    runs = _with_units(read.runs)
    for number, run in enumerate(runs):
        key = _label(run.text)
        if key is not None:
            if run.row and run.text in heads:
                continue
            value = _value_behind(runs, number, key)
            if value:
                yield key, run.text, value
            continue
        before, colon, behind = _parted(run.text)
        key = _label(before) if colon else None
        if key is not None and behind and _label(behind) is None:
            yield key, before, behind


def _with_units(runs: Iterable[Run]) -> list[Run]:
    """Labels with the unit that stands below them: 质量, (ct)."""
    found: list[Run] = []
    for run in runs:
        if found and _UNIT.fullmatch(run.text) and _label(found[-1].text) is not None:
            found[-1] = dc.replace(found[-1], text=found[-1].text + run.text)
        else:
            found.append(run)
    return found


def _value_behind(runs: Sequence[Run], number: int, key: str) -> str:
    """The text behind a label, in the same row of a table; "" where another label comes."""
    label = runs[number]
    for run in runs[number + 1 : number + 4]:
        if run.row != label.row:
            return ""
        text = run.text.lstrip(":：").strip()
        if not text:
            continue
        again = _label(text)
        if again == key and run.text == text:
            continue  # the same label in the other language
        return "" if again is not None or _label(_parted(text)[0]) else text
    return ""


def _parted(text: str) -> tuple[str, bool, str]:
    """A text before and behind its first colon, and whether it has one."""
    before, *rest = _COLON.split(text, maxsplit=1)
    return before.strip(), bool(rest), rest[0].strip() if rest else ""


def _by_keys(told: Any, depth: int) -> Iterator[tuple[str, str, str]]:
    """Values of JSON by the words of their keys: `certificateNo`, `总质量`."""
    if depth > _DEEPEST:
        return
    if isinstance(told, Mapping):
        for name, value in told.items():
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                key = _label(str(name)) or _label(" ".join(_WORDS.findall(str(name))))
                if key not in (None, OTHER):
                    yield str(key), str(name), str(value)
            else:
                yield from _by_keys(value, depth + 1)
    elif isinstance(told, list):
        for value in told:
            yield from _by_keys(value, depth + 1)
