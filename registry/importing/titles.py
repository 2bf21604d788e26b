"""Facts that stand in title lines, between the rows, and in a document's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from registry.importing.cells import BadTextError, day, plain
from registry.importing.vocabulary import vocabulary

_DAYS = ("valid_from", "valid_until", "list_date")


def facts_of(texts: Iterable[str]) -> dict[str, str]:
    """What lines of text tell: `lab_name`, `number`, `site`, days.

    Days are as `2023-05-06`; "" for one without end. A later line counts before an earlier.
    """
    found: dict[str, str] = {}
    for text in texts:
        half = unicodedata.normalize("NFKC", text)
        for fact, patterns in vocabulary().titles.items():
            if fact == "file_date":
                continue
            value = _first(patterns, half)
            if value is not None:
                _take(found, fact, value)
    return found


def facts_of_name(stem: str) -> dict[str, str]:
    """What a file's name tells: laboratory, number, and the day of the list."""
    found = facts_of([stem])
    if "list_date" not in found:
        value = _first(vocabulary().titles["file_date"], unicodedata.normalize("NFKC", stem))
        if value is not None:
            _take(found, "list_date", value.replace("_", "-"))
    return found


def _first(patterns: Iterable[re.Pattern[str]], text: str) -> str | None:
    for pattern in patterns:
        match = pattern.search(text)
        if match:
            return plain(match[1])
    return None


def _take(found: dict[str, str], fact: str, value: str) -> None:
    if fact in _DAYS:
        try:
            value = day(value)
        except BadTextError:
            return
        if fact == "list_date" and not value:
            return
    if value or fact in _DAYS:
        found[fact] = value
