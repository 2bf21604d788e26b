"""Rows of a table that are none: titles, notes, numbers of pages, halves of rows."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from registry.importing.cells import plain
from registry.importing.grids import Line
from registry.importing.headings import NEEDED, Headings
from registry.importing.quotes import quoted
from registry.importing.titles import facts_of
from registry.importing.vocabulary import is_limiting, vocabulary


class Aside(Enum):
    """What a row is."""

    ROW = auto()
    NOTE = auto()
    FACT = auto()
    TITLE = auto()
    DOUBTFUL = auto()


def aside(known: Headings, line: Line) -> Aside:
    """What a row with hardly any text is.

    A single text that is merged over the row, or stands in a column that says nothing, heads
    some rows. In a column that a row cannot do without it may be half of a row.
    """
    texts = list(dict.fromkeys(filter(None, line.cells)))
    if len(texts) > 2:
        return Aside.ROW
    first = plain(texts[0])
    if vocabulary().lines.match(first):
        return Aside.NOTE
    if len(texts) == 2:
        return Aside.ROW
    if facts_of([line.text]) or first.isdigit():
        return Aside.FACT
    if vocabulary().sections.match(first):
        return Aside.TITLE
    place = line.cells.index(texts[0])
    needed = frozenset().union(*NEEDED[known.kind])
    alone = not line.follows and len(known.columns) > 1
    return Aside.DOUBTFUL if alone and known.columns.get(place) in needed else Aside.TITLE


def limiting_note(text: str) -> str:
    """A note under a table without the word that heads it; "" where it limits nothing."""
    match = vocabulary().lines.match(plain(text))
    note = plain(text)[match.end() :].strip(" :：.．、") if match else ""
    return vocabulary().all_rows.sub("", note) if is_limiting(note) else ""


def part_word(texts: Iterable[str]) -> str:
    """The word by which titles call a list an addition to others; "" for none."""
    found = (vocabulary().parts.search(text) for text in texts)
    return next((match[0] for match in found if match), "")


def goes_on(known: Headings, line: Line) -> bool:
    """Whether the first row of a page is the second half of the last row before it.

    It is where its number is missing and so is something that every row has; a row under a
    merged cell that the page's end cut has a whole standard of its own.
    """
    if line.follows or vocabulary().lines.match(plain(line.text)) or facts_of([line.text]):
        return False
    serial = known.serial
    if serial is not None and serial < len(line.cells) and line.cells[serial]:
        return False
    texts = {name: line.cells[place] for place, name in known.columns.items()
             if place < len(line.cells) and line.cells[place]}  # fmt: skip
    if known.kind == "scopes":
        told = quoted(texts.get("standard", ""))
        if told.pieces and not told.left:
            return False
    whole = all(group & texts.keys() for group in NEEDED[known.kind])
    return bool(texts) and not (whole and known.kind != "scopes")
