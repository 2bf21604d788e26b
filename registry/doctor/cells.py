"""Cells that hold more than one thing, or what belongs in no row: slips of loading a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlmodel import Session, col, select

from registry import sites, spoken
from registry.days import today
from registry.doctor.findings import Finding, found
from registry.importing.people import people
from registry.importing.vocabulary import vocabulary
from registry.imports import ImportRecord
from registry.records import LabRecord


def lists_to_come(session: Session, day: dt.date) -> Iterator[Finding]:
    """Lists of a day to come: every one until then counts as the older."""
    latest = max(day, today())
    query = select(ImportRecord).where(
        col(ImportRecord.list_date) > latest, col(ImportRecord.undone_by).is_(None)
    )
    for record in session.exec(query.order_by(col(ImportRecord.id))):
        yield found("list_of_the_future", [], number=record.id, day=record.list_date)


def names(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """A name that is two: a certificate bears one of them."""
    rows = [(record.lab.source, record.lab.name)]
    rows += [(row.source, row.holder_name) for row in record.accreditations if row.holder_name]
    for source, text in rows:
        cell = spoken.read(text)
        if cell.others or not cell.clear:
            yield found("several_names", [record.lab_id], [source], value=text)


def addresses(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """An address that is several."""
    rows = [(record.lab.source, record.lab.licence_address)]
    rows += [(row.source, row.address) for row in record.accreditations]
    for source, text in rows:
        if text and (len(sites.split(text)) > 1 or sites.is_several(text)):
            yield found("several_addresses", [record.lab_id], [source], value=text)


def signatories(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """A signatory that is two."""
    for row in record.signatories:
        if len(people(row.name)) > 1:
            yield found("several_signatories", [record.lab_id], [row.source], value=row.name)


def headings(record: LabRecord, _day: dt.date) -> Iterator[Finding]:
    """A row of scope that is the headings of a table, or a signatory."""
    known = {row.name for row in record.signatories} | vocabulary().words | {"授权签字人"}
    for row in record.scopes:
        if row.object in known or row.parameter in known:
            value = row.object or row.parameter
            yield found("heading_as_scope", [record.lab_id], [row.source], value=value)


CHECKS = (names, addresses, signatories, headings)
