"""What is fuzzed: a name, inputs to begin with, what takes them, and how long it may take."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.fuzz import lists, pictures, reports, texts

CORPUS = Path(__file__).parent / "corpus"


@dc.dataclass(frozen=True, slots=True)
class Target:
    """One of them.

    Attributes:
        name: of its folder of inputs.
        seeds: inputs made anew each time.
        run: takes one; raises what nobody may see.
        seconds: that one input may take, on a busy machine.
        longest: bytes of an input.
    """

    name: str
    seeds: Callable[[], Iterator[tuple[str, bytes]]]
    run: Callable[[bytes], None]
    seconds: int
    longest: int = 65_536

    @property
    def kept(self) -> list[Path]:
        """Inputs that were found before."""
        return sorted((CORPUS / self.name).glob("*"))


TARGETS = {
    one.name: one
    for one in (
        Target("photo", pictures.photo_seeds, pictures.photo, 20),
        Target("fields", texts.field_seeds, texts.fields, 20, 8_192),
        Target("seal", pictures.seal_seeds, pictures.seal, 20),
        Target("lists", lists.list_seeds, lists.lists, 30),
        Target("codes", texts.code_seeds, texts.codes, 10, 4_096),
        Target("reports", reports.report_seeds, reports.reports, 20, 16_384),
    )
}
