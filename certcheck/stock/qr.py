"""A QR code as one path of an SVG drawing: sharp at any size, and nothing but the code."""

from __future__ import annotations

import dataclasses as dc

import numpy as np
import zxingcpp

# ISO/IEC 18004, 9.1: four modules stay light around the symbol.
QUIET = 4


@dc.dataclass(frozen=True, slots=True)
class Drawing:
    """A QR code.

    Attributes:
        side: of the drawing, in modules, the light edge included.
        path: of the dark modules, as SVG has it.
    """

    side: int
    path: str

    @property
    def svg(self) -> str:
        """The drawing as a file of its own."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.side} {self.side}" '
            f'width="{8 * self.side}" height="{8 * self.side}" shape-rendering="crispEdges">'
            f'<path fill="#fff" d="M0 0h{self.side}v{self.side}H0z"/>'
            f'<path fill="#000" d="{self.path}"/></svg>\n'
        )


def drawn(text: str) -> Drawing:
    """The QR code of a text.

    Args:
        text: up to some hundred characters.
    """
    symbol = zxingcpp.create_barcode(text, zxingcpp.QRCode)
    dark = np.asarray(zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)) == 0
    rows = [
        f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(dark)
        for x, length in _runs(row)
    ]
    return Drawing(len(dark) + 2 * QUIET, "".join(rows))


def _runs(row: np.ndarray) -> list[tuple[int, int]]:
    """Where dark modules stand side by side: first and how many."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
    return [(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
