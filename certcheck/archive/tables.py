"""The tables of what was checked, in the work store."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from certcheck.runner.tables import Utc, WorkModel

ITEMS = range(1, 9)
# Of one value; what a reader takes for a name is hardly ever longer.
LONGEST = 160


class Kind(StrEnum):
    """What can be found."""

    CERTIFICATE = "certificate"
    LABORATORY = "laboratory"
    SIGNATORY = "signatory"
    STALL = "stall"
    CASE = "case"


class Archived(WorkModel, table=True):
    """One certificate of a check, as it was judged last.

    Values that were corrected by hand, and what the laboratory's own record said, are in it
    once they were judged. A value that was not read is "".

    Attributes:
        root: the check that the photo came with.
        check_id: the one that was judged last; `root` unless something was corrected or asked.
        page: of the file, from 1.
        part: certificate on that page, from 1.
        number: the certificate's, as read.
        number_key: the same, plain; see `words.plain`.
        lab_id: in the registry, "" where it is in none.
        lab: registered name, else the printed one.
        signatory: the approver's name, as read.
        verdict: the report's, `error` where nothing could be checked.
        item1: status of the first of the eight items, "" where nothing could be checked.
        judged_on: the day that counted, or None where it is not known.
        checked_at: when the last judgement was made.
        day: on which it was photographed in the market, else sent in; in China.
        owner: see `runner.tables.Check`.
        who: name of the person who checked, "" where it was nobody who signs in.
        market: where it was photographed, "" where nobody said; see `market.tables`.
        stall: likewise.
        note: what who photographed it wrote, "" where nothing.
        batch: id of the batch that it came with, or None.
        inspection: id of the planned inspection that it belongs to, or None.
        corrected: whether values were entered by hand.
        online: whether the laboratory's own record was looked up.
        held: whether it belongs to a case; see `keeping`.
    """

    __tablename__ = "work_archive"
    __table_args__: Any = (
        UniqueConstraint("root", "page", "part", name="work_archive_once"),
        Index("work_archive_lab", "lab_id", "verdict", "number_key"),
        Index("work_archive_latest_of_lab", "lab_id", "id"),
        Index("work_archive_owner", "owner", "id"),
        Index("work_archive_stall", "market", "stall", "id"),
        Index("work_archive_signatory", "signatory", "lab"),
        Index("work_archive_day", "day", "verdict", "market", "lab"),
        Index("work_archive_inspection", "inspection", "id"),
        # Counted in the order of an index, from it alone; see `certcheck.figures.checks`.
        Index("work_archive_labs", "lab", "verdict", "day", "market"),
        Index("work_archive_markets", "market", "verdict", "day", "lab"),
        Index("work_archive_people", "who", "verdict", "day", "market", "lab"),
        Index("work_archive_items", *(f"item{number}" for number in ITEMS), "day", "market", "lab"),
        Index("work_archive_inspected", "inspection", "market", "lab", "verdict", "stall"),
    )

    id: int | None = Field(default=None, primary_key=True)
    root: str = Field(max_length=64)
    check_id: str = Field(max_length=64, index=True)
    page: int
    part: int
    number: str = Field(max_length=LONGEST)
    number_key: str = Field(max_length=LONGEST, index=True)
    lab_id: str = Field(max_length=64)
    lab: str = Field(max_length=LONGEST)
    signatory: str = Field(max_length=LONGEST)
    conclusion: str = Field(max_length=LONGEST)
    verdict: str = Field(max_length=16)
    item1: str = Field(default="", max_length=16)
    item2: str = Field(default="", max_length=16)
    item3: str = Field(default="", max_length=16)
    item4: str = Field(default="", max_length=16)
    item5: str = Field(default="", max_length=16)
    item6: str = Field(default="", max_length=16)
    item7: str = Field(default="", max_length=16)
    item8: str = Field(default="", max_length=16)
    judged_on: dt.date | None = None
    checked_at: dt.datetime = Field(sa_type=Utc)
    day: dt.date
    owner: str | None = Field(default=None, max_length=64)
    who: str = Field(default="", max_length=60)
    market: str = Field(default="", max_length=LONGEST)
    stall: str = Field(default="", max_length=LONGEST)
    note: str = Field(default="", sa_type=Text)
    batch: str | None = Field(default=None, max_length=64, index=True)
    inspection: str | None = Field(default=None, max_length=64)
    corrected: bool = False
    online: bool = False
    held: bool = False

    @property
    def items(self) -> tuple[str, ...]:
        """The statuses of the eight items, in order."""
        return tuple(str(getattr(self, f"item{number}")) for number in ITEMS)


class Entry(WorkModel, table=True):
    """Something that can be found, with the words under which it stands.

    On SQLite the table `search_words` (FTS5) holds the words, kept by triggers; on PostgreSQL
    a GIN index of this table does.

    Attributes:
        id: the newest entry has the highest.
        kind: see Kind.
        ref: what it is: id of an `Archived` row, of a laboratory, of a case; a key.
        title: as it is shown; "" where its own row is shown.
        line: a second line to show, or "".
        texts: its texts, plain, one a line: what a term is looked for in.
        words: all of its words, one space between, sorted.
        digest: of what it was made from, for those that are made again from elsewhere.
    """

    __tablename__ = "work_search"
    __table_args__: Any = (UniqueConstraint("kind", "ref", name="work_search_once"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=16)
    ref: str = Field(max_length=LONGEST * 2 + 1)
    title: str = ""
    line: str = ""
    texts: str = Field(sa_type=Text)
    words: str = Field(sa_type=Text)
    digest: str = Field(default="", max_length=64)


class Indexed(WorkModel, table=True):
    """Up to where the index follows something that lies elsewhere.

    Attributes:
        source: what: `registry`.
        revision: of it.
    """

    __tablename__ = "work_search_state"

    source: str = Field(primary_key=True, max_length=32)
    revision: str = Field(max_length=64)
