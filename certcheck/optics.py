"""What the optic character and the birefringence say of a stone.

Words and what they rule out: `certcheck/data/optics.toml`; what a species shows: the columns
`optic` and `birefringence_*` of `certcheck/data/gem_constants.csv`.

>>> meaning("非均质体，一轴晶，负光性"), meaning("非均质集合体"), meaning("未检") is None
('uniaxial', 'aggregate', True)
>>> birefringence("0.008"), birefringence("1.762-1.770"), birefringence("1.66(点测)")
(Decimal('0.008'), Decimal('0.008'), None)
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from certcheck.gems import Constants
from certcheck.numbers import cleaning

_FIGURE = re.compile(r"(?<![\d.])(?P<whole>\d)\.(?P<rest>\d{2,4})(?!\d)")
# Two facet readings apart by no more than a strong birefringence (synthetic moissanite 0.043,
# zircon 0.060) are those of one stone; further apart they are two things.
WIDEST_PAIR = Decimal("0.3")
FACET_DECIMALS = 3


@functools.cache
def _table() -> Mapping[str, Any]:
    path = importlib.resources.files("certcheck") / "data" / "optics.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def meaning(text: str) -> str | None:
    """What the words mean: one of `means` in the table; None where they say nothing."""
    plain = cleaning.plain(text)
    for row in _table()["word"]:
        if any(word in plain for word in row["words"]):
            return str(row["means"])
    return None


def anomalous(text: str) -> bool:
    """Whether the words speak of strain, under which an isotropic stone looks like another."""
    return any(word in text for word in _table()["anomalous"]["words"])


def excluded(row: Constants, meant: str) -> bool:
    """Whether a species cannot show that; False where the table leaves it open."""
    shown = [part.strip("+-") for part in row.optic.split("/") if part.strip("+-")]
    return bool(shown) and all(meant in _table()["excludes"].get(part, ()) for part in shown)


def birefringence(text: str) -> Decimal | None:
    """A birefringence as printed, or the difference of a pair of facet readings.

    None where there is neither; spot readings (点测) and figures of two decimals have none.
    """
    plain = cleaning.plain(text)
    figures = [Decimal(found[0]) for found in _FIGURE.finditer(plain)]
    if len(figures) == 1 and figures[0] < 1:
        return figures[0]
    faceted = all(-int(one.as_tuple().exponent) >= FACET_DECIMALS for one in figures)
    if len(figures) != 2 or not faceted or any(one < 1 for one in figures):
        return None
    apart = abs(figures[1] - figures[0])
    return apart if apart <= WIDEST_PAIR else None
