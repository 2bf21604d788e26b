"""What was done to a stone, by the words of a conclusion: filled, dyed, coated.

One treatment is not another: a laboratory that may not test dyed jade may test a filled one.
The words are those of `certcheck/data/treatments.toml`.

>>> list(named_in("翡翠(漂白、充填处理)"))
['处理', '充填', '漂白']
>>> sorted(say(["处理", "充填"], {"翡翠"})["treatments"])
['充填']
>>> say(["染色"], {"玛瑙"})["enhanced"]
True
"""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypedDict

# What needs no word behind the name, and is no 处理 in the standard's sense.
_ENHANCED = "优化"


class Said(TypedDict):
    """What words say of a stone: the fields of `gems.Species` of the same names."""

    treated: bool
    enhanced: bool
    treatments: frozenset[str]


@functools.cache
def _table() -> Mapping[str, Any]:
    path = importlib.resources.files("certcheck") / "data" / "treatments.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def words() -> Mapping[str, Collection[str]]:
    """What was done, by the words that say it (`B货`: `充填`)."""
    kinds: Mapping[str, Collection[str]] = _table()["treatment_kind"]
    return kinds


def named_in(plain: str) -> Iterator[str]:
    """The words for a treatment in a text, the longest first where one holds another."""
    for word in sorted(_table()["treatment"], key=len, reverse=True):
        if word in plain:
            plain = plain.replace(word, " ")
            yield word


def say(found: Collection[str], line: AbstractSet[str]) -> Said:
    """What words say of a stone.

    Args:
        found: of `named_in`.
        line: the names of the stone and of all above it.
    """
    table = _table()
    kinds = {
        word: _ENHANCED if line & set(table["enhancement"].get(word, ())) else kind
        for word, kind in table["treatment"].items()
        if word in found
    }
    real = [word for word, kind in kinds.items() if kind != _ENHANCED]
    done = frozenset(one for word in real for one in words().get(word, ()))
    return Said(treated=bool(kinds), enhanced=bool(kinds) and not real, treatments=done)


def is_among(done: str, named: AbstractSet[str]) -> bool | None:
    """Whether one treatment is among those that a paper names for a treated stone.

    None where it names none, or one that seldom comes without this.

    >>> is_among("染色", {"充填"}), is_among("充填", {"漂白"}), is_among("染色", set())
    (False, None, None)
    """
    if done in named:
        return True
    return None if not named or _table()["treatment_with"].get(done) in named else False
