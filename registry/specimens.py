"""Pictures of signatures: read with an import, kept by their SHA-256, never overwritten.

A file names a specimen by its path in the imported folder. What is stored is that path with
the picture's SHA-256 behind it (`specimens/li.png#sha256=…`), so that another picture under
the same name is another row and another revision, and a report can be made again with the
picture it was made with. The registry does not look into the pictures.
"""

from __future__ import annotations

import dataclasses as dc
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from sqlmodel import Field, Session, SQLModel, select

from registry.errors import Problem
from registry.importing import personal
from registry.importing.source import RawTable, Source, problem
from registry.models import SPECIMEN_HASH, Signatory

TABLE = Signatory.__tablename__
COLUMN = "specimen"
# A scanned signature takes some ten kilobytes; a whole page at 600 to the inch less than this.
MAX_BYTES = 2_000_000
# First bytes of PNG and JPEG, the two formats that scanners and phones both write.
_HEADS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_MARKED = re.compile(re.escape(SPECIMEN_HASH) + r"[0-9a-f]{64}$")


class Specimen(SQLModel, table=True):
    """A picture of a signature; rows are only ever added.

    Attributes:
        sha256: of the bytes.
        data: PNG or JPEG, as imported.
    """

    __tablename__ = "specimens"

    sha256: str = Field(primary_key=True, max_length=64)
    data: bytes


def attach(source: Source, folder: Path) -> Source:
    """The source with the pictures its signatories name, and their digests in the cells.

    Args:
        source: as the reader of its format gave it.
        folder: that paths are relative to; nothing outside it is ever opened.

    Returns:
        The same where no cell names a picture. A picture that is not there is a warning, for
        a list may be loaded without; one that cannot be taken is a problem.
    """
    table = source.tables.get(str(TABLE))
    if table is None or not any(row.cells.get(COLUMN) for row in table.rows):
        return source
    pictures: dict[str, bytes] = {}
    found: list[Problem] = []
    missing: list[Problem] = []
    rows = []
    for row in table.rows:
        name = _MARKED.sub("", row.cells.get(COLUMN, ""))
        what, data = _read(folder, name) if name else ("", None)
        if what:
            told = problem(table.file, row.line, COLUMN, what, value=name)
            (missing if what == "specimen_missing" else found).append(told)
        digest = hashlib.sha256(data).hexdigest() if data is not None else ""
        if data is not None:
            pictures[digest] = data
        shown = _shown(name, digest)
        cell = f"{shown}{SPECIMEN_HASH}{digest}" if digest else shown
        rows.append(dc.replace(row, cells={**row.cells, COLUMN: cell}))
    return dc.replace(
        source,
        sha256=_with_pictures(source.sha256, pictures),
        tables={**source.tables, str(TABLE): RawTable(table.file, tuple(rows))},
        problems=(*source.problems, *found),
        warnings=(*source.warnings, *missing),
        pictures=pictures,
    )


def keep(session: Session, pictures: Mapping[str, bytes]) -> None:
    """Stores pictures that are not there yet; none is ever changed or removed."""
    for digest, data in pictures.items():
        if session.get(Specimen, digest) is None:
            session.add(Specimen(sha256=digest, data=data))


def find(session: Session, sha256: str) -> bytes | None:
    """A picture by its digest, or None."""
    return session.exec(select(Specimen.data).where(Specimen.sha256 == sha256)).first()


def _read(folder: Path, name: str) -> tuple[str, bytes | None]:
    """What is wrong with a picture, or its bytes."""
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        if root not in path.parents:
            return "specimen_outside", None
        if not path.is_file():
            return "specimen_missing", None
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return "specimen_missing", None
    if len(data) > MAX_BYTES:
        return "specimen_too_large", None
    return ("", data) if data.startswith(_HEADS) else ("specimen_no_picture", None)


def _shown(name: str, digest: str) -> str:
    """A picture's path; named by its digest where a person's number stands in it."""
    if not personal.holds(name):
        return name
    path = PurePosixPath(name)
    return str(path.parent / f"{digest[:16]}{path.suffix}") if digest else ""


def _with_pictures(sha256: str, pictures: Mapping[str, bytes]) -> str:
    """The source's digest, made to depend on its pictures too."""
    if not pictures:
        return sha256
    return hashlib.sha256("\n".join((sha256, *sorted(pictures))).encode()).hexdigest()
