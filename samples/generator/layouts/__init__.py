"""Certificate layouts; each module draws one kind of paper on a sheet of its own SIZE."""

from __future__ import annotations

import dataclasses as dc
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
from samples.generator.paper import Colour, Sheet


@dc.dataclass(frozen=True, slots=True)
class Layout:
    """One kind of paper.

    Attributes:
        size: width and height, pixels.
        paper: colour of the bare sheet.
        fill: draws all that stands on it.
    """

    size: tuple[int, int]
    paper: Colour
    fill: Callable[[Sheet], None]

    def __call__(self, cert: Certificate, face: str, rng: np.random.Generator) -> Sheet:
        """Draws a certificate.

        Args:
            cert: what it says.
            face: of the text.
            rng: source of chance.

        Returns:
            The sheet.
        """
        sheet = Sheet(cert, self.size, face, rng, self.paper)
        self.fill(sheet)
        return sheet


LAYOUTS: dict[str, Layout] = {
    "card": Layout(card.SIZE, card.PAPER, card.draw),
    "a5": Layout(a5.SIZE, a5.PAPER, a5.draw),
    "table": Layout(table.SIZE, table.PAPER, table.draw),
    "stacked": Layout(stacked.SIZE, stacked.PAPER, stacked.draw),
    "dense": Layout(dense.SIZE, dense.PAPER, dense.draw),
    "foldout": Layout(foldout.SIZE, foldout.PAPER, foldout.draw),
    "wrapped": Layout(wrapped.SIZE, wrapped.PAPER, wrapped.draw),
    "spaced": Layout(spaced.SIZE, spaced.PAPER, spaced.draw),
}
# For tests/benchmarks only: no test, threshold or table of labels was made with these.
BENCHMARK_LAYOUTS: dict[str, Layout] = {
    "ledger": Layout(ledger.SIZE, ledger.PAPER, ledger.draw),
    "banner": Layout(banner.SIZE, banner.PAPER, banner.draw),
}
ALL = {**LAYOUTS, **BENCHMARK_LAYOUTS}
