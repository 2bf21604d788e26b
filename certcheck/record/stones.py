"""The stone that is printed beside the one that the laboratory recorded.

By the taxonomy of species, with treatment and synthesis. Names that honest laboratories use for
one another are no difference: `certcheck/data/alike_names.toml`.
"""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from typing import Any

from certcheck import gems
from certcheck.gems import Named
from certcheck.numbers import cleaning
from certcheck.record.fields import Stated
from ocr.hanzi import simplify
from ocr.reading import Field


def same(field: Field, stated: Stated) -> bool | None:
    """Two names: the same, of the same species and treatment, or another stone.

    Returns:
        None where nobody can tell.
    """
    printed = simplify(field.text)
    if cleaning.plain(printed) == cleaning.plain(stated.value):
        return True
    one, other = gems.parse(printed), gems.parse(stated.value)
    if not (one.species or one.metals) or not (other.species or other.metals):
        return None
    if one.species and other.species:
        told = _species(one, other)
        return None if told is False and _alike(printed + stated.value, one, other) else told
    # Of one of them only the setting is named.
    return None if one.species or other.species else _names(one) == _names(other)


def _species(one: Named, other: Named) -> bool | None:
    if _made(one) != _made(other):
        return False
    if any(species.enhanced for species in (*one.species, *other.species)):
        treated: bool | None = None
    else:
        treated = _treated(one) == _treated(other)
    if _names(one) == _names(other):
        return treated
    answers = [
        gems.relation(a.name, b) or gems.relation(b.name, a)
        for a in one.species for b in other.species
    ]  # fmt: skip
    if any(answers):
        # A class above says less than the species.
        return False if treated is False else None
    return None if None in answers else False


def _names(named: Named) -> set[str]:
    return {species.name for species in named.species or named.metals}


def _made(named: Named) -> bool:
    return any(species.name.startswith(gems.prefixes()) for species in named.species)


def _treated(named: Named) -> bool:
    return any(species.treated for species in named.species)


@functools.cache
def _names_alike() -> list[dict[str, Any]]:
    path = importlib.resources.files("certcheck") / "data" / "alike_names.toml"
    groups: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["alike"]
    return groups


def _alike(texts: str, one: Named, other: Named) -> bool:
    """Whether the two may be one stone under names that are not always kept apart.

    Args:
        texts: both sides as written.
        one: what one side names.
        other: what the other names.
    """
    if _made(one) != _made(other) or _treated(one) != _treated(other):
        return False
    both = _names(one) | _names(other)
    return any(
        both <= set(group["names"]) and group.get("word", "") in texts for group in _names_alike()
    )
