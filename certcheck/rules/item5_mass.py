"""Item 5: a mass that no piece of the named kind and stone has: a bangle of 3 g. Advice."""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation

from certcheck import gems
from certcheck.case import Case
from certcheck.finding import Finding
from certcheck.numbers import cleaning
from certcheck.rules.common import has
from certcheck.rules.framework import advise, rule, seen
from certcheck.rules.item5_constants import RANGES_2017, conclusion_of
from certcheck.rules.signs import LAW

_CENTI = Decimal("0.01")
# Several pieces on one paper weigh as much as they are; a pair of ear-rings is in the table.
_SEVERAL = re.compile(r"[一二两三四五六七八九十\d][对件套枚只粒颗组批]|成对|套装")


@functools.cache
def _pieces() -> dict[str, tuple[Decimal, Decimal | None]]:
    """Least and greatest volume in cm³ by the word for the piece, longest word first."""
    path = importlib.resources.files("certcheck") / "data" / "masses.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["piece"]
    pieces = {
        word: (Decimal(row["least"]), Decimal(row["most"]) if row["most"] else None)
        for row in rows
        for word in row["words"]
    }
    return dict(sorted(pieces.items(), key=lambda one: -len(one[0])))


def possible(conclusion: str) -> tuple[str, Decimal, Decimal | None] | None:
    """The word for the piece, and the least and greatest mass in g of such a one.

    None where kind or stone is not told, or the piece has a metal. A greatest of None: there
    is none.

    >>> possible("翡翠手镯")
    ('手镯', Decimal('4.22'), Decimal('293.25'))
    >>> possible("18K金镶翡翠手镯") is None, possible("翡翠") is None
    (True, True)
    """
    plain = cleaning.plain(conclusion)
    named = gems.parse(plain)
    word = next((word for word in _pieces() if word in plain), None)
    if word is None or named.metals or len(named.species) != 1 or not named.species[0].constants:
        return None
    least, most = _pieces()[word]
    rows = named.species[0].constants
    low = min(row.density.low for row in rows) * least
    high = None if most is None else max(row.density.high for row in rows) * most
    return (
        word,
        low.quantize(_CENTI, ROUND_FLOOR),
        None if high is None else high.quantize(_CENTI, ROUND_CEILING),
    )


@rule(
    "item5.mass_against_piece",
    law=LAW,
    since=RANGES_2017,
    applies=has("conclusion", "mass"),
    messages=(".light", ".heavy"),
)
def mass_against_piece(case: Case) -> Iterator[Finding]:
    """No piece of the named kind and stone is as light, or as heavy, as this one is said to be."""
    field = case.field("mass")
    assert field is not None
    conclusion = conclusion_of(case)
    bounds = possible(conclusion)
    try:
        mass = Decimal(field.text)
    except InvalidOperation:
        return
    if bounds is None or mass <= 0:
        return
    word, least, most = bounds
    evidence = (seen(case, "mass", source="masses.toml (GK)"), seen(case, "conclusion"))
    if mass < least:
        yield advise(*evidence, message=".light", mass=field.text, piece=word, least=least)
    elif most is not None and mass > most and not _SEVERAL.search(conclusion):
        yield advise(*evidence, message=".heavy", mass=field.text, piece=word, most=most)
