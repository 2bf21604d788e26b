"""What somebody observed of a laboratory: a price, or an inspection of its site.

Nothing on a certificate tells what it cost or how it came about (plan, item 6). Each observation
says when, by whom and from what, with the SHA-256 of the picture or paper that bears it out; the
paper itself stays with whoever has it.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import enum
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Engine

from certcheck.errors import ObservationError, UnknownLabError
from certcheck.seen import store
from certcheck.seen.tables import OBSERVATIONS
from registry.lookup import Registry

# Of one laboratory, the latest.
MOST = 200
_LONGEST_SOURCE = 500
_LONGEST_NAME = 80
_YUAN = "元¥￥"
_MOST_COUNT = 1_000_000
_MOST_PRICE = Decimal(10_000_000)


class Kind(enum.StrEnum):
    """What was observed.

    What somebody paid, what a list names, what somebody offered; what an inspection found.
    """

    PAID = "paid"
    LIST = "list"
    OFFER = "offer"
    INSPECTION = "inspection"


PRICES = (Kind.PAID, Kind.LIST, Kind.OFFER)


@dc.dataclass(frozen=True, slots=True)
class Observation:
    """One thing observed.

    Attributes:
        lab: registered name of the laboratory.
        kind: what.
        observed_on: when.
        source: where from, in the observer's words.
        told_by: name or role of whoever tells it.
        told_on: when it was told.
        price: of a certificate, in yuan; None for an inspection.
        instruments: that were there to test with, None where not counted.
        people: who tested, likewise.
        issued: certificates of one day that were counted there, likewise.
        evidence: SHA-256 of the file that bears it out, "" for none.
    """

    lab: str
    kind: Kind
    observed_on: dt.date
    source: str
    told_by: str
    told_on: dt.date
    price: Decimal | None = None
    instruments: int | None = None
    people: int | None = None
    issued: int | None = None
    evidence: str = ""

    def __post_init__(self) -> None:
        counts = (self.instruments, self.people, self.issued)
        if not self.lab or not self.source.strip() or len(self.source) > _LONGEST_SOURCE:
            raise ObservationError(what="source")
        if self.observed_on > self.told_on:
            raise ObservationError(what="day")
        if (self.price is not None) != (self.kind in PRICES):
            raise ObservationError(what="price")
        if self.price is not None and not 0 <= self.price <= _MOST_PRICE:
            raise ObservationError(what="price")
        given = [one for one in counts if one is not None]
        if (self.kind is Kind.INSPECTION) != bool(given):
            raise ObservationError(what="counts")
        if any(not 0 <= one <= _MOST_COUNT for one in given):
            raise ObservationError(what="counts")

    @property
    def row(self) -> str:
        """Names it in evidence."""
        return f"observations: {self.kind}/{self.observed_on}/{self.source}"


def yuan(text: str) -> Decimal:
    """A price as entered, with the sign of its currency or without.

    >>> yuan("15元"), yuan("￥15.5")
    (Decimal('15'), Decimal('15.5'))

    Raises:
        ObservationError: it is none.
    """
    try:
        price = Decimal(text.strip().strip(_YUAN).strip())
    except InvalidOperation:
        raise ObservationError(what="price") from None
    if not price.is_finite() or not 0 <= price <= _MOST_PRICE:
        raise ObservationError(what="price")
    return price


def lab_name(registry: Registry, given: str) -> str:
    """The registered name of a laboratory that is given by its id or by that name.

    Raises:
        UnknownLabError: the registry has none such.
    """
    known = registry.lab(given.strip())
    if known is not None:
        return known.name
    named = [one.name for one in registry.similar_names(given) if one.name == given.strip()]
    if not named:
        raise UnknownLabError(name=given)
    return named[0]


class Observations:
    """The observations of one book.

    Args:
        engine: see `certcheck.seen.store.opened`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, one: Observation) -> None:
        """Writes one in.

        Raises:
            SeenBookError: the book cannot be used.
        """
        values = dc.asdict(one) | {"kind": str(one.kind), "told_by": one.told_by[:_LONGEST_NAME]}
        with store.writing(self.engine) as connection:
            connection.execute(insert(OBSERVATIONS).values(values))

    def of(self, lab: str = "") -> list[Observation]:
        """Those of a laboratory, or of all, the latest first.

        Raises:
            SeenBookError: the book cannot be used.
        """
        table = OBSERVATIONS
        asked = select(table).order_by(table.c.observed_on.desc(), table.c.id.desc()).limit(MOST)
        if lab:
            asked = asked.where(table.c.lab == lab)
        with store.reading(self.engine) as connection:
            return [_observation(row) for row in connection.execute(asked)]


def _observation(row: Any) -> Observation:
    return Observation(
        lab=row.lab,
        kind=Kind(row.kind),
        observed_on=row.observed_on,
        source=row.source,
        told_by=row.told_by,
        told_on=row.told_on,
        price=None if row.price is None else Decimal(f"{Decimal(row.price).normalize():f}"),
        instruments=row.instruments,
        people=row.people,
        issued=row.issued,
        evidence=row.evidence,
    )
