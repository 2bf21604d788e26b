"""Certificate layouts; each module draws one kind of paper."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from samples.generator.content import Certificate
from samples.generator.layouts import (
    a5,
    banner,
    card,
    dense,
    foldout,
    ledger,
    spaced,
    stacked,
    table,
    wrapped,
)
from samples.generator.paper import Sheet

Layout = Callable[[Certificate, str, np.random.Generator], Sheet]

LAYOUTS: dict[str, Layout] = {
    "card": card.draw,
    "a5": a5.draw,
    "table": table.draw,
    "stacked": stacked.draw,
    "dense": dense.draw,
    "foldout": foldout.draw,
    "wrapped": wrapped.draw,
    "spaced": spaced.draw,
}
# For tests/benchmarks only: no test, threshold or table of labels was made with these.
BENCHMARK_LAYOUTS: dict[str, Layout] = {"ledger": ledger.draw, "banner": banner.draw}
ALL = {**LAYOUTS, **BENCHMARK_LAYOUTS}
