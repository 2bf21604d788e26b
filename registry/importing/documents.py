"""Documents as authorities publish them, read as one import: a file, or a folder of them."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlmodel import Session

from registry.days import today
from registry.errors import Problem, UnknownSourceError
from registry.importing import damage, mapping, old_sheets, pdf_pages, sheets, web_pages, word
from registry.importing.grids import Grid
from registry.importing.known import Known
from registry.importing.official import Tables
from registry.importing.source import Document, RawTable, Source, problem
from registry.importing.statements import Reader, Statement

_BLOCK = 1 << 20
# A document beyond this is no list that a person downloads.
MAX_BYTES = 1_000_000_000

_SHEETS = (".xls", ".xlsx", ".xlsm", ".et")
_WORD = (".docx", ".docm")
_PAGES = (".html", ".htm", ".xls")

Opener = Callable[[Path], tuple[Iterator[Grid], list[Problem]]]


def _opener(path: Path) -> Opener | None:
    """The reader of a file, by its first bytes: many a .xls is a web page in truth."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PK\x03\x04"):
        suffix = path.suffix.lower()
        return sheets.read if suffix in _SHEETS else word.read if suffix in _WORD else None
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return old_sheets.read if path.suffix.lower() in _SHEETS else None
    if b"%PDF-" in head:
        return pdf_pages.read
    if path.suffix.lower() in _PAGES and b"<" in head:
        return web_pages.read
    return None


def supported(folder: Path) -> list[Path]:
    """The documents in a folder, by name; hidden files and mapping files are none."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith((".", "~$")) and _opener(path) is not None
    )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes; raises UnknownSourceError for one that is too large."""
    if path.stat().st_size > MAX_BYTES:
        raise UnknownSourceError(path=str(path), reason="too_large")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@dc.dataclass(slots=True)
class _Read:
    """What some documents say.

    Attributes:
        days: of the lists, as the documents tell them.
    """

    statements: list[Statement] = dc.field(default_factory=list)
    documents: list[Document] = dc.field(default_factory=list)
    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)
    days: set[str] = dc.field(default_factory=set)

    def take(self, path: Path, said: mapping.Said) -> None:
        """Reads one; raises UnknownSourceError for what is none."""
        opener = _opener(path)
        if opener is None:
            raise UnknownSourceError(path=str(path), reason="unknown_format")
        self.documents.append(Document(path.name, sha256_of(path)))
        reader = Reader(path.name, said)
        with damage.told(path):
            grids, odd = opener(path)
        self.statements += reader.read(
            dc.replace(one, lines=damage.guarded(path, one.lines))
            for one in damage.guarded(path, grids)
        )
        self.problems += reader.problems
        self.warnings += [*odd, *reader.warnings]
        self.days |= reader.list_dates or {reader.name_date} - {""}


def read(
    session: Session,
    path: Path,
    named_map: Path | None = None,
    list_date: dt.date | None = None,
    else_date: dt.date | None = None,
) -> Source:
    """Reads a document, or every document of a folder, as one import.

    Args:
        session: of the registry, which tells laboratories by name and number.
        path: of the file or folder.
        named_map: a mapping file; else the one beside the path, if there is one.
        list_date: the day on which the lists were true, where the caller knows it.
        else_date: that day where the documents do not tell it.

    Raises:
        UnknownSourceError: if nothing there is a document that can be read.
    """
    paths = supported(path) if path.is_dir() else [path]
    if not paths:
        raise UnknownSourceError(path=str(path), reason="no_tables")
    said = mapping.find(path, named_map)
    found = _Read()
    for each in paths:
        found.take(each, said)
    problems = found.problems
    day, unclear = _list_day(found.days, found.statements, said.list_date or list_date)
    if unclear:
        problems.append(problem(path.name, 0, "", "list_days_differ", days=unclear))
    elif day is None:
        day = else_date
    tables = Tables(path.resolve().name, Known(session, said), said)
    tables.take(found.statements)
    made = tables.tables()
    if day is None and not unclear and _is_past(made):
        problems.append(problem(path.name, 0, "", "list_day_needed"))
    return Source(
        path.resolve().name,
        _digest(found.documents),
        made,
        (*problems, *tables.problems),
        (*found.warnings, *tables.warnings),
        documents=tuple(found.documents),
        list_date=day,
        snapshot=True,
        stated=tables.stated(),
        adds=said.adds,
        whole=said.whole,
    )


def _digest(documents: list[Document]) -> str:
    if len(documents) == 1:
        return documents[0].sha256
    lines = "".join(f"{each.name} {each.sha256}\n" for each in documents)
    return hashlib.sha256(lines.encode()).hexdigest()


def _list_day(
    days: set[str], statements: list[Statement], known: dt.date | None
) -> tuple[dt.date | None, str]:
    """The day on which the lists were true, or the days that they differ on.

    An annex without such a day was true on the day it was approved, where that is one day
    and not yet to come.
    """
    if known is not None:
        return known, ""
    if not days:
        days = {each.facts.get("valid_from", "") for each in statements} - {""}
        if len(days) != 1 or max(days) > today().isoformat():
            return None, ""
    if len(days) > 1:
        return None, ", ".join(sorted(days))
    return dt.date.fromisoformat(next(iter(days))), ""


def _is_past(tables: Mapping[str, RawTable]) -> bool:
    """Whether a list that tells no day has certificates that ended long ago as good ones.

    Such a list is of old. Taken for one of today, it would stand before every newer one.
    """
    rows = tables["accreditations"].rows if "accreditations" in tables else ()
    now = today().isoformat()
    return any(
        row.line and row.cells["status"] == "valid" and "" < row.cells["valid_until"] < now
        for row in rows
    )
