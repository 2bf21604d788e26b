"""The generator's certificates as a perfect reader would give them, no picture drawn.

What the judge says of these is the judge's own doing: no recogniser stands between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from sqlalchemy.engine import make_url

from certcheck.case import Case
from certcheck.confirm import plain
from certcheck.identify import identify
from ocr.reading import Code, Field, Quad, Reading, Seal
from ocr.witness import Answer, Support
from registry import store
from registry.lookup import Registry
from samples.generator import faults
from samples.generator.content import Certificate

BOX: Quad = ((0.0, 0.0), (240.0, 0.0), (240.0, 24.0), (0.0, 24.0))
TODAY = dt.date(2026, 11, 21)


def registry() -> Registry:
    """The demo registry in memory, imported by the product's own code."""
    engine = store.make_engine(make_url("sqlite://"))
    store.migrate(engine)
    store.fill_with_demo(engine)
    return Registry(engine)


class Print:
    """A witness who sees exactly what is printed."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def _supports(self, printed: Sequence[str], texts: Sequence[str]) -> list[Support]:
        said = {plain(text) for text in printed}
        return [
            Support(text, 0.0, Answer.AGREES) if plain(text) in said
            else Support(text, -90.0, Answer.DIFFERS)
            for text in texts
        ]  # fmt: skip

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        field = self.reading.fields.get(key)
        if field is None:
            return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]
        return self._supports([field.raw, field.text], texts)

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        return self._supports([self.reading.seals[index].name], names)

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        return self._supports([field.raw for field in self.reading.fields.values()], texts)

    def reread(self, key: str) -> Field | None:
        return self.reading.fields.get(key)

    def reread_seal(self, index: int) -> str | None:
        return self.reading.seals[index].name


def reading_of(cert: Certificate) -> Reading:
    """Everything on the paper, read without a slip."""
    fields = {
        key: Field(key, value.truth, value.printed, 0.99, BOX, "truth")
        for key, value in cert.values.items()
    }
    seals = ()
    if cert.seal_name:
        seals = (Seal(cert.seal_name, cert.seal_kind, cert.seal_shape, 0.99, BOX),)
    codes = (Code("QRCode", cert.query, BOX, "truth"),) if cert.query else ()
    return Reading(1, 1, 100, 100, is_certificate=True, codes=codes, seals=seals, fields=fields)


def case_of(plan: str, seed: int, known: Registry) -> Case:
    """A certificate of that plan, ready to be judged."""
    cert = faults.carry_out(faults.plan(plan), None, np.random.default_rng(seed))
    reading = reading_of(cert)
    witness = Print(reading)
    return Case(
        reading=reading, witness=witness, registry=known,
        match=identify(reading, witness, known), issued_on=cert.day, checked_on=TODAY,
    )  # fmt: skip
