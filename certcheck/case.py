"""All that a rule may look at."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from certcheck.abroad import Sighting
from certcheck.ink_book import Entry, InkBook
from certcheck.lookalike import known
from certcheck.record.model import Record
from ocr.reading import Field, Reading
from ocr.witness import Witness
from registry.lookup import Candidate, LabRecord, Registry

if TYPE_CHECKING:
    from certcheck.seen.memory import Memory


@dc.dataclass(frozen=True)
class Case:
    """One certificate, the registry, and the day that counts.

    Attributes:
        reading: what the photo says.
        witness: the photo, to be asked again before an accusation.
        registry: who may do what on which day.
        match: the laboratory the paper names, or None where it could not be identified.
        issued_on: the day to judge on: the printed issue date, or `--as-of`; None where
            neither is known.
        checked_on: the day of this check.
        paid: what was paid for the certificate, in yuan, where the user told it.
        foreign: the laboratory abroad that the paper names, where it is no registered one.
        photo: SHA-256 of the photo, "" where there is none.
        ink_book: signatures on earlier certificates, None where none are kept.
        record: what came of asking for the laboratory's own record, None where nobody asked.
        memory: what was seen before, None where nothing is kept.
    """

    reading: Reading
    witness: Witness
    registry: Registry
    match: Candidate | None
    issued_on: dt.date | None
    checked_on: dt.date
    paid: Decimal | None = None
    foreign: Sighting | None = None
    photo: str = ""
    ink_book: InkBook | None = None
    record: Record | None = None
    memory: Memory | None = None

    @functools.cached_property
    def lab(self) -> LabRecord | None:
        """The identified laboratory's registry record, as the lists have it for the day."""
        return self.match.record.on(self.issued_on or self.checked_on) if self.match else None

    @functools.cached_property
    def sites(self) -> Mapping[str, str]:
        """Every registered query site with the name of its laboratory."""
        return known(self.registry.sites())

    def field(self, key: str) -> Field | None:
        """A field that was read, or None."""
        return self.reading.fields.get(key)

    @property
    def certificate_no(self) -> str:
        """The certificate's number without spaces, "" where it was not read."""
        field = self.field("certificate_no")
        return "".join(field.text.split()) if field else ""

    def earlier_ink(self, name: str, *, anchored: bool = False) -> list[Entry]:
        """Ink of one of the laboratory's signatories on other photos of other certificates.

        Args:
            name: registered.
            anchored: only what agreed with a specimen.
        """
        if self.ink_book is None or self.lab is None:
            return []
        return self.ink_book.earlier(
            self.lab.name, name, self.photo, self.certificate_no, anchored=anchored
        )
