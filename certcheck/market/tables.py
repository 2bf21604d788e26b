"""Where, when and by whom a certificate was photographed, as a table of the work store."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from certcheck.runner.tables import Utc, WorkModel


class Circumstances(WorkModel, table=True):
    """Of a check that was sent in from the market.

    It goes with its check, though no foreign key says so; see `asked.drop_unasked`.

    Attributes:
        check_id: of the check that the photo came with.
        owner: `person:` and the id of who photographed.
        key: made by the phone, so that what is sent twice is there once.
        market: its name, "" where none was given.
        stall: likewise.
        note: in the inspector's own words.
        batch: id of the inspection that it belongs to, or None.
        latitude: degrees (WGS 84), rounded, where the inspector wanted the place kept.
        longitude: likewise.
        accuracy: metres that the phone gave for it, no less than the rounding.
        code: text of the QR code that was scanned with it, "" for none.
        back: SHA-256 of a photo of the back, kept for evidence, or None.
        captured_at: by the phone's clock.
        received_at: by ours.
    """

    __tablename__ = "work_circumstances"
    __table_args__: Any = (
        UniqueConstraint("owner", "key", name="work_circumstances_key"),
        Index("work_circumstances_market", "market", "stall"),
    )

    check_id: str = Field(primary_key=True, max_length=64)
    owner: str = Field(max_length=64)
    key: str = Field(max_length=64)
    market: str = Field(default="", max_length=100)
    stall: str = Field(default="", max_length=100)
    note: str = Field(default="", sa_type=Text)
    batch: str | None = Field(default=None, max_length=64, index=True)
    latitude: float | None = None
    longitude: float | None = None
    accuracy: int | None = None
    code: str = Field(default="", sa_type=Text)
    back: str | None = Field(default=None, max_length=64, index=True)
    captured_at: dt.datetime = Field(sa_type=Utc)
    received_at: dt.datetime = Field(sa_type=Utc)
