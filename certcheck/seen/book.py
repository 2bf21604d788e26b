"""The book: what was seen before, asked by number, by picture and by signatory.

A check asks it three questions and leaves one row. Each question is answered from an index, so
that a million certificates make no difference (`python -m tests.benchmarks.seen`).
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.engine import Engine

from certcheck.seen import store
from certcheck.seen.bands import FRAME, PIECE, bands
from certcheck.seen.sighting import AGAINST, DOUBTED, SOFT, Sighting
from certcheck.seen.tables import BANDS, KEYS, LABS, SIGHTINGS
from ocr.likeness.hashes import BYTES

# Reports are kept for six years at least (39号令 art 12), and so can be asked for that long.
KEPT_DAYS = 6 * 366
# Of one number, the latest; of one picture, the first: more would say the same.
MOST_NUMBERED, MOST_PICTURED, MOST_SIGNED = 30, 60, 20
# Sightings behind one band, at most: of a plain picture the first are enough to say that there
# are many, and a question stays as quick as any other.
MOST_BEHIND = 60
# Hashes of a picture under check that are looked for: as it is and shifted, not scaled.
_LOOKED_FOR = 9
# Bands asked for in one statement, below what databases take as parameters.
_AT_ONCE = 400
# Old rows taken out for each that is put in.
_TAKEN_OUT = 4


@dc.dataclass(frozen=True, slots=True)
class Totals:
    """Certificates of a laboratory that were seen.

    Attributes:
        pictured: with a picture of the piece.
        repeated: whose picture stood under another of its numbers.
    """

    pictured: int = 0
    repeated: int = 0


class Counted(NamedTuple):
    """Certificates of one laboratory.

    Attributes:
        lab: key.
        seen: numbers.
        against: of these, that contradicted the registry or a rule.
        doubted: that were suspected and did not.
    """

    lab: str
    seen: int
    against: int
    doubted: int


class Book:
    """The book of one database.

    Args:
        engine: see `certcheck.seen.store.opened`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with store.reading(engine) as connection:
            key = connection.scalar(select(KEYS.c.value))
        self.key: bytes = bytes(key or b"")

    def numbered(self, lab: str, number: str, photo: str) -> list[Sighting]:
        """Other photos of certificates of a number, the latest first.

        Args:
            lab: key of the laboratory.
            number: compact.
            photo: digest of the photo under check, which is left out.
        """
        wanted = (SIGHTINGS.c.lab == lab) & (SIGHTINGS.c.number == number)
        order = SIGHTINGS.c.id.desc()
        return self._found(wanted & (SIGHTINGS.c.photo != photo), order, MOST_NUMBERED)

    def pictured(
        self, pieces: Sequence[bytes], frame: bytes, photo: str, number: str = ""
    ) -> list[Sighting]:
        """Sightings that share a band of a picture, of other photos and other numbers.

        Args:
            pieces: hashes of the picture of the piece; () for none.
            frame: hash of the photo as taken; b"" for none.
            photo: digest of the photo under check.
            number: of the certificate under check.
        """
        wanted = bands(PIECE, pieces[:_LOOKED_FOR]) + (bands(FRAME, [frame]) if frame else [])
        with store.reading(self.engine) as connection:
            shared: dict[int, int] = {}
            for one in _behind(connection, wanted):
                shared[one] = shared.get(one, 0) + 1
            # Those that share most bands are nearest.
            ids = sorted(shared, key=lambda one: (-shared[one], one))[:MOST_PICTURED]
            other = (SIGHTINGS.c.photo != photo) & (SIGHTINGS.c.number != number)
            asked = select(SIGHTINGS).where(SIGHTINGS.c.id.in_(ids), other)
            rows = connection.execute(asked.order_by(SIGHTINGS.c.id)).all() if ids else []
        return [_sighting(row) for row in rows]

    def signed(self, person: str, lab: str) -> list[Sighting]:
        """Certificates of other laboratories that a person signed, the latest first."""
        wanted = (SIGHTINGS.c.person == person) & (SIGHTINGS.c.lab != lab)
        return self._found(wanted & (SIGHTINGS.c.lab != ""), SIGHTINGS.c.id.desc(), MOST_SIGNED)

    def people(self, most: int) -> int:
        """How many signatories of laboratories were seen, counted up to `most`."""
        pairs = select(SIGHTINGS.c.person, SIGHTINGS.c.lab).where(SIGHTINGS.c.person.is_not(None))
        with store.reading(self.engine) as connection:
            asked = select(func.count()).select_from(pairs.distinct().limit(most).subquery())
            return int(connection.scalar(asked) or 0)

    def totals(self, lab: str) -> Totals:
        """What was seen of a laboratory."""
        with store.reading(self.engine) as connection:
            row = connection.execute(
                select(LABS.c.pictured, LABS.c.repeated).where(LABS.c.lab == lab)
            ).first()
        return Totals(*row) if row else Totals()

    def dated(self, lab: str, since: dt.date, most: int) -> list[Sighting]:
        """Certificates of a laboratory with a day of issue from `since` on, the latest first."""
        wanted = (SIGHTINGS.c.lab == lab) & (SIGHTINGS.c.issued_on >= since)
        return self._found(wanted, SIGHTINGS.c.id.desc(), most)

    def add(self, one: Sighting, *, repeated: bool = False) -> None:
        """Writes a sighting in, or anew what was read of the same photo.

        Args:
            one: the sighting.
            repeated: whether its picture stood under another number of its laboratory.
        """
        with store.writing(self.engine) as connection:
            known = connection.scalar(select(SIGHTINGS.c.id).where(SIGHTINGS.c.photo == one.photo))
            values = _values(one)
            if known is not None:
                del values["seen_on"]
                same = SIGHTINGS.c.id == known
                connection.execute(update(SIGHTINGS).where(same).values(values))
                return
            made = connection.execute(insert(SIGHTINGS).values(values)).inserted_primary_key
            assert made is not None  # noqa: S101 - the table has one
            _put_behind(connection, made[0], _bands_of(one))
            if one.piece and one.lab:
                _count(connection, one.lab, repeated=repeated)
            _take_out(connection, one.seen_on - dt.timedelta(days=KEPT_DAYS))

    def forget(self) -> int:
        """Deletes all sightings; observations stay. Returns how many there were."""
        with store.writing(self.engine) as connection:
            gone = connection.execute(delete(SIGHTINGS)).rowcount
            connection.execute(delete(BANDS))
            connection.execute(delete(LABS))
        return int(gone)

    def counted(self, lab: str = "", most: int | None = None) -> list[Counted]:
        """How many certificates of each laboratory were found at fault, most first.

        Only numbers that were read surely count, each once: of papers without one nobody knows
        which are photos of one certificate.

        Args:
            lab: only this one, "" for all.
            most: laboratories, None for all.
        """
        table = SIGHTINGS.c
        wanted = (table.lab != "") & (table.number != "") & (table.number_sure > SOFT)
        if lab:
            wanted &= table.lab == lab
        wrong = func.max(case((table.accused.op("&")(AGAINST) != 0, 2),
                              (table.accused.op("&")(DOUBTED) != 0, 1), else_=0))  # fmt: skip
        each = (
            select(table.lab, table.number, wrong.label("wrong"))
            .where(wanted).group_by(table.lab, table.number).subquery()
        )  # fmt: skip
        against = func.sum(case((each.c.wrong == 2, 1), else_=0))  # noqa: PLR2004 - as above
        doubted = func.sum(case((each.c.wrong == 1, 1), else_=0))
        asked = (
            select(each.c.lab, func.count(), against, doubted)
            .group_by(each.c.lab).order_by((against + doubted).desc(), each.c.lab).limit(most)
        )  # fmt: skip
        with store.reading(self.engine) as connection:
            return [Counted(*row) for row in connection.execute(asked)]

    def _found(self, wanted: Any, order: Any, most: int) -> list[Sighting]:
        with store.reading(self.engine) as connection:
            rows = connection.execute(select(SIGHTINGS).where(wanted).order_by(order).limit(most))
            return [_sighting(row) for row in rows]


def configured() -> Book | None:
    """The book that checks use, or None for none.

    Raises:
        SeenBookError: it cannot be used.
    """
    where = store.address()
    return Book(store.opened(where)) if where else None


def _behind(connection: Connection, wanted: Sequence[int]) -> Iterator[int]:
    """Sightings behind bands, once for each band."""
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        yield from connection.scalars(select(BANDS.c.sighting).where(BANDS.c.band.in_(some)))


def _put_behind(connection: Connection, one: int, wanted: Sequence[int]) -> None:
    """Puts a sighting behind its bands, those left out that have enough."""
    counted = select(BANDS.c.band).where(BANDS.c.band.in_(wanted)).group_by(BANDS.c.band)
    full = set(connection.scalars(counted.having(func.count() >= MOST_BEHIND)))
    rows = [{"band": band, "sighting": one} for band in wanted if band not in full]
    if rows:
        connection.execute(insert(BANDS), rows)


def _bands_of(one: Sighting) -> list[int]:
    return bands(PIECE, one.piece[:1]) + (bands(FRAME, [one.frame]) if one.frame else [])


def _count(connection: Connection, lab: str, *, repeated: bool) -> None:
    more = {"pictured": LABS.c.pictured + 1, "repeated": LABS.c.repeated + int(repeated)}
    done = connection.execute(update(LABS).where(LABS.c.lab == lab).values(more))
    if not done.rowcount:
        first = {"lab": lab, "pictured": 1, "repeated": int(repeated)}
        connection.execute(insert(LABS).values(first))


def _take_out(connection: Connection, before: dt.date) -> None:
    """Deletes a few rows that are too old; each that comes in takes some out."""
    old = select(SIGHTINGS).where(SIGHTINGS.c.seen_on < before).limit(_TAKEN_OUT)
    for row in connection.execute(old).all():
        gone = BANDS.c.band.in_(_bands_of(_sighting(row))) & (BANDS.c.sighting == row.id)
        connection.execute(delete(BANDS).where(gone))
        connection.execute(delete(SIGHTINGS).where(SIGHTINGS.c.id == row.id))


def _values(one: Sighting) -> dict[str, Any]:
    return {
        "photo": one.photo,
        "lab": one.lab,
        "number": one.number[:40],
        "number_sure": one.number_sure,
        "fields": json.dumps(dict(one.fields), ensure_ascii=False),
        "issued_on": one.issued_on,
        "person": one.person or None,
        "piece": b"".join(one.piece) or None,
        "places": json.dumps(one.places) if one.places else None,
        "page": one.page or None,
        "frame": one.frame or None,
        "accused": one.accused,
        "again": json.dumps(dict(one.again), ensure_ascii=False),
        "seen_on": one.seen_on,
    }


def _sighting(row: Any) -> Sighting:
    return Sighting(
        photo=row.photo,
        lab=row.lab,
        number=row.number,
        number_sure=row.number_sure,
        fields=json.loads(row.fields),
        issued_on=row.issued_on,
        person=row.person or "",
        piece=tuple(_cut(bytes(row.piece or b""))),
        places=tuple((a, b, c, d) for a, b, c, d in json.loads(row.places or "[]")),
        page=bytes(row.page or b""),
        frame=bytes(row.frame or b""),
        accused=row.accused,
        seen_on=row.seen_on,
        again=json.loads(row.again or "{}"),
    )


def _cut(joined: bytes) -> Iterable[bytes]:
    return (joined[start : start + BYTES] for start in range(0, len(joined), BYTES))
