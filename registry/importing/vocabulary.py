"""The words of `data/headings.toml`, read once."""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
from collections.abc import Mapping

# Kinds of table that are understood, in the file's words.
KINDS = ("scopes", "institutions", "signatories")


@dc.dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of headings, titles and cells.

    Attributes:
        columns: by kind of table, a heading's words to what the column holds.
        ignored: headings of columns that are left out.
        personal: words of headings whose columns are dropped.
        titles: what a title line tells, to the expressions that find it.
        parameters: words for parameters, where a column holds objects too.
        everything: words for all parameters.
        states: a state's word to the contract's.
        nothing: cells that stand for an empty one.
        notes: notes that limit nothing.
        open: words for a day without end.
        lines: what a line that is no row begins with.
        sections: what a line that heads some rows begins with.
        ditto: cells that repeat the one above.
        parts: words of lists that add to what was listed before.
        words: every heading.
        all_rows: how a note says that it is for all rows.
        long_surnames: of two characters.
    """

    columns: Mapping[str, Mapping[str, str]]
    ignored: frozenset[str]
    personal: tuple[str, ...]
    titles: Mapping[str, tuple[re.Pattern[str], ...]]
    parameters: frozenset[str]
    everything: frozenset[str]
    states: Mapping[str, str]
    nothing: frozenset[str]
    notes: frozenset[str]
    open: frozenset[str]
    lines: re.Pattern[str]
    sections: re.Pattern[str]
    ditto: frozenset[str]
    parts: re.Pattern[str]
    words: frozenset[str]
    all_rows: re.Pattern[str]
    long_surnames: frozenset[str]


# A note without any of these characters is no limit.
_LIMITING = frozenset("限仅只不除")


def is_limiting(note: str) -> bool:
    """Whether a note may leave something out."""
    return bool(_LIMITING & set(note))


@functools.cache
def vocabulary() -> Vocabulary:
    """The words that come with the program."""
    path = importlib.resources.files("registry") / "data" / "headings.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    nothing = data["nothing"]
    return Vocabulary(
        columns={
            kind: {word: column for column, words in data[kind].items() for word in words}
            for kind in KINDS
        },
        ignored=frozenset(data["ignored"]["words"]),
        personal=tuple(data["personal"]["words"]),
        titles={
            fact: tuple(re.compile(pattern) for pattern in patterns)
            for fact, patterns in data["titles"].items()
        },
        parameters=frozenset(data["parameter_words"]["words"]),
        everything=frozenset(data["parameter_words"]["everything"]),
        states={word: state for state, words in data["states"].items() for word in words},
        nothing=frozenset(nothing["cells"]),
        notes=frozenset(nothing["notes"]),
        open=frozenset(nothing["open"]),
        lines=re.compile(nothing["lines"]),
        sections=re.compile(nothing["sections"]),
        ditto=frozenset(nothing["ditto"]),
        parts=re.compile(nothing["parts"]),
        all_rows=re.compile(nothing["all_rows"]),
        long_surnames=frozenset(data["people"]["long_surnames"]),
        words=frozenset(
            part
            for kind in KINDS
            for words in data[kind].values()
            for word in words
            for part in (word, *word.split(">"))
        ),
    )
