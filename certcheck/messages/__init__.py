"""Every sentence a user sees, in Chinese and English, by code.

The sentences live in the `*.toml` files beside this module. A table that has `zh` and `en`
is a sentence, its code the dotted way to it::

    [item1.accreditation_expired]
    zh = "证书签发日 {day} 时，该机构的资质认定（证书编号 {number}）已于 {until} 到期。"
    en = "…"
    en_one = "…"             # optional: the English where the number that `counts` names is 1
    counts = "hours"
    next_step_zh = "…"       # optional, with next_step_en
    exit_status = 3          # optional, errors only
    http_status = 422        # optional, errors only

A code that is not there is a mistake of ours: with the environment variable
`CERTCHECK_STRICT_MESSAGES` (set in tests) it raises; a user gets the code itself rather
than no report.
"""

from __future__ import annotations

import dataclasses as dc
import logging
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

log = logging.getLogger(__name__)

STRICT = "CERTCHECK_STRICT_MESSAGES"
FOLDER = Path(__file__).parent


class Text(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


@dc.dataclass(frozen=True, slots=True)
class Sentence:
    """One entry of the catalogue, not yet filled.

    Attributes:
        text: the sentence with `{parameters}`.
        one: the English where `counts` is 1, or None; Chinese has no other form.
        counts: the parameter that decides, "" where none does.
        next_step: what to do next, or None.
        exit_status: of the command line, for errors.
        http_status: of the web, for errors.
        file: name of the file it stands in.
    """

    text: Text
    next_step: Text | None
    exit_status: int | None
    http_status: int | None
    file: str
    one: str | None = None
    counts: str = ""


class UnknownCodeError(KeyError):
    """A code without a sentence, or a sentence that asks for a parameter not given."""


@cache
def catalogue() -> Mapping[str, Sentence]:
    """All sentences by code, read once.

    Raises:
        ValueError: a code stands in two places, or one language is missing.
    """
    found: dict[str, Sentence] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for code, entry in _flatten(tomllib.loads(path.read_text(encoding="utf-8")), ""):
            if code in found:
                raise ValueError(f"{code} stands in {found[code].file} and in {path.name}")
            found[code] = _sentence(code, entry, path.name)
    return MappingProxyType(found)


def text(code: str, /, **params: object) -> Text:
    """The sentence of a code, filled.

    Args:
        code: as in the catalogue.
        params: what the sentence is filled with; more than it asks for does no harm.

    Raises:
        UnknownCodeError: no such code or a parameter is missing, in strict mode only.
    """
    entry = catalogue().get(code)
    if entry is None:
        return _lack(code, "no sentence")
    pair = entry.text
    if entry.one is not None and params.get(entry.counts) == 1:
        pair = Text(pair.zh, entry.one)
    return _fill(code, pair, params)


def in_both(code: str, /, fields: Sequence[str], **params: object) -> Text:
    """A sentence of a code that names fields, each language with its own names.

    Args:
        code: of a sentence with `{fields}`.
        fields: contract field keys.
        params: what else the sentence is filled with.
    """
    names = [text(f"field.{key}") for key in fields]
    zh = text(code, **params | {"fields": "、".join(one.zh for one in names)}).zh
    return Text(zh, text(code, **params | {"fields": ", ".join(one.en for one in names)}).en)


def next_step(code: str, /, **params: object) -> Text | None:
    """What to do next, filled; None where the catalogue says nothing."""
    entry = catalogue().get(code)
    return _fill(code, entry.next_step, params) if entry and entry.next_step else None


def exit_status(code: str, /) -> int | None:
    """The exit status of an error, or None."""
    entry = catalogue().get(code)
    return entry.exit_status if entry else None


def http_status(code: str, /) -> int | None:
    """The HTTP status of an error, or None."""
    entry = catalogue().get(code)
    return entry.http_status if entry else None


def _flatten(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(table.get("zh"), str) or isinstance(table.get("en"), str):
        yield prefix, table
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}.{key}" if prefix else key)


def _sentence(code: str, entry: Mapping[str, Any], file: str) -> Sentence:
    pair = _pair(code, entry, "")
    if pair is None:
        raise ValueError(f"{code} in {file} has no sentence")
    one, counts = entry.get("en_one"), str(entry.get("counts", ""))
    if (one is None) != (not counts):
        raise ValueError(f"{code} in {file}: en_one and counts go together")
    return Sentence(
        pair, _pair(code, entry, "next_step_"), entry.get("exit_status"),
        entry.get("http_status"), file, one, counts,
    )  # fmt: skip


def _pair(code: str, entry: Mapping[str, Any], prefix: str) -> Text | None:
    zh, en = entry.get(f"{prefix}zh"), entry.get(f"{prefix}en")
    if zh is None and en is None:
        return None
    if not isinstance(zh, str) or not isinstance(en, str):
        raise ValueError(f"{code}: {prefix}zh and {prefix}en go together")
    return Text(zh, en)


def _fill(code: str, pair: Text, params: Mapping[str, object]) -> Text:
    try:
        return Text(pair.zh.format_map(params), pair.en.format_map(params))
    except KeyError as error:
        return _lack(code, f"parameter {error} not given")


def _lack(code: str, why: str) -> Text:
    if os.environ.get(STRICT):
        raise UnknownCodeError(f"{code}: {why}")
    log.error("message %s: %s", code, why)
    return Text(code, code)
