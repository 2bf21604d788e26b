"""The regulator's classes, how cases end, why none is filed, to whom one goes: a data file."""

from __future__ import annotations

import dataclasses as dc
import functools
from collections.abc import Iterable, Mapping
from typing import Any

from certcheck.cases import rules
from certcheck.cases.rules import State
from certcheck.messages import Text


@dc.dataclass(frozen=True, slots=True)
class Choice:
    """One row.

    Attributes:
        key: names it in the store.
        text: in both languages; the Chinese is the regulator's.
        items: of a class, the items of a report that are signs of it.
        of: of a result, the states that it ends.
        category: of a result, whether a class has to be named.
        trust: `S`, `S-weak` or `GK`.
    """

    key: str
    text: Text
    items: tuple[int, ...]
    of: tuple[State, ...]
    category: bool
    trust: str


@dc.dataclass(frozen=True, slots=True)
class Classes:
    """All of the file, each kind by key in its order."""

    categories: Mapping[str, Choice]
    results: Mapping[str, Choice]
    grounds: Mapping[str, Choice]
    recipients: Mapping[str, Choice]


@functools.cache
def classes() -> Classes:
    """The file, read once."""
    told = rules.table("classes.toml")
    kinds = ("category", "result", "ground", "recipient")
    return Classes(*({row["key"]: _choice(row) for row in told[kind]} for kind in kinds))


def results_of(state: State) -> list[Choice]:
    """How a case in a state can end."""
    return [one for one in classes().results.values() if state in one.of]


def category_of(items: Iterable[int]) -> str:
    """The class that the items at fault point to, for a first proposal; "" for none."""
    told = set(items)
    found = (key for key, one in classes().categories.items() if told & set(one.items))
    return next(found, "")


def text(kind: str, key: str) -> Text:
    """What a key stands for; the key itself where the file no longer has it.

    Args:
        kind: `category`, `result`, `ground` or `recipient`.
        key: as it was stored.
    """
    tables = {
        "category": classes().categories,
        "result": classes().results,
        "ground": classes().grounds,
        "recipient": classes().recipients,
    }
    found = tables[kind].get(key)
    return found.text if found else Text(key, key)


def _choice(row: Mapping[str, Any]) -> Choice:
    return Choice(
        key=row["key"],
        text=Text(row["zh"], row["en"]),
        items=tuple(row.get("items", ())),
        of=tuple(map(State, row.get("of", ()))),
        category=row.get("category", False),
        trust=row["trust"],
    )
