"""Forms of signatures seen on earlier certificates, by laboratory and registered name.

What is kept is the packed form of the ink (`ocr.signature.shape`), never a picture, and only
for names that the registry itself holds; beside it the laboratory's name, the certificate's
number, the day of the check and the SHA-256 of the photo, so that a photo or a certificate is
never compared with itself. The book is a file of its own that only its owner can read, so that
checking needs no right to write to the registry; without it, or when it cannot be used, checks
go on without earlier ink.

`CERTCHECK_INK_BOOK` names another file, or `off` for none.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from certcheck.errors import InkBookError
from ocr.signature.shape import unpack
from registry.store import default_path

log = logging.getLogger(__name__)

SETTING = "CERTCHECK_INK_BOOK"
OFF = "off"
# So many forms of one name are compared with, those of the smallest digests: always the same
# ones, whatever order the photos came in.
MOST_COMPARED = 12
# So many of a name are kept, the latest seen: twice what is compared, so that some may be of
# the certificate under check, or agree with no specimen.
MOST_KEPT = 2 * MOST_COMPARED
# Hands change with the years, and what is not needed is not kept.
KEPT_DAYS = 3 * 365
# Another process of a batch may be writing.
_BUSY_S = 5.0
# Of the table and of the packed form. Forms of an older version cannot be compared: such a
# book begins anew. One of a newer version is left alone.
_VERSION = 1
_OWNER_ONLY = 0o600

_SCHEMA = """
DROP TABLE IF EXISTS ink;
CREATE TABLE ink (
    photo TEXT NOT NULL, part TEXT NOT NULL, lab TEXT NOT NULL, name TEXT NOT NULL,
    certificate_no TEXT NOT NULL, anchored INTEGER NOT NULL, shape BLOB NOT NULL,
    seen_on TEXT NOT NULL, PRIMARY KEY (photo, part));
CREATE INDEX ink_by_name ON ink (lab, name);
"""
_EARLIER = """
SELECT photo, part, lab, name, certificate_no, anchored, shape, seen_on FROM ink
WHERE lab = ? AND name = ? AND photo != ? AND (? = '' OR certificate_no != ?) AND anchored >= ?
ORDER BY photo, part
"""
_TOO_MANY = """
DELETE FROM ink WHERE lab = :lab AND name = :name AND rowid NOT IN (
    SELECT rowid FROM ink WHERE lab = :lab AND name = :name
    ORDER BY seen_on DESC, photo, part LIMIT :most)
"""


@dc.dataclass(frozen=True, slots=True)
class Entry:
    """Ink on a certificate that was checked.

    Attributes:
        photo: SHA-256 of the file.
        part: page and part of the file, `1/1`.
        lab: registered name of whose certificate it is.
        name: registered name of the signatory.
        certificate_no: compact, "" where it was not read.
        anchored: whether it agreed with a specimen of the registry.
        shape: packed form.
        seen_on: day of the check.
    """

    photo: str
    part: str
    lab: str
    name: str
    certificate_no: str
    anchored: bool
    shape: bytes
    seen_on: dt.date


class InkBook:
    """The book in a file; made when first written to. One object serves one check.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers: dict[tuple[str, ...], list[Entry]] = {}

    def earlier(
        self, lab: str, name: str, photo: str, certificate_no: str, *, anchored: bool = False
    ) -> list[Entry]:
        """Ink of a signatory on other photos and other certificates.

        The same question gets the same answer, whatever others write meanwhile.

        Args:
            lab: registered name of the laboratory.
            name: registered.
            photo: SHA-256 of the photo under check, which is left out.
            certificate_no: of the certificate under check, which is left out; "" for unread.
            anchored: only what agreed with a specimen.
        """
        values = (lab, name, photo, certificate_no, certificate_no, str(int(anchored)))
        if values not in self._answers:
            self._answers[values] = self._look_up(values)
        return self._answers[values]

    def _look_up(self, values: tuple[str, ...]) -> list[Entry]:
        found: list[Entry] = []
        if self.path.exists():
            with self._tolerant() as book:
                rows = book.execute(_EARLIER, values) if book is not None else ()
                found = [
                    Entry(photo, part, of, signed, number, bool(agreed), shape, day)
                    for photo, part, of, signed, number, agreed, shape, seen_on in rows
                    if _is_form(shape) and (day := _day(seen_on))
                ]
        return found[:MOST_COMPARED]

    def digest(self) -> str:
        """What this check was told of earlier ink, as a SHA-256; "" where nothing."""
        told = {one.shape for found in self._answers.values() for one in found}
        return hashlib.sha256(b"".join(sorted(told))).hexdigest() if told else ""

    def add(self, entry: Entry) -> None:
        """Writes an entry in, in place of the same photo's; what is old or too much goes."""
        with self._tolerant() as book:
            if book is None:
                return
            values = (*dc.astuple(entry)[:-1], entry.seen_on.isoformat())
            book.execute("INSERT OR REPLACE INTO ink VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            book.execute(_TOO_MANY, {"lab": entry.lab, "name": entry.name, "most": MOST_KEPT})
            oldest = entry.seen_on - dt.timedelta(days=KEPT_DAYS)
            book.execute("DELETE FROM ink WHERE seen_on < ?", [oldest.isoformat()])
            book.commit()
            self._answers.clear()

    def forget(self, lab: str = "", name: str = "") -> int:
        """Deletes ink, so that the file does not hold its bytes any more.

        Args:
            lab: registered name of the laboratory whose ink it is; "" for all.
            name: registered name of the signatory; "" for all.

        Returns:
            How many entries there were.

        Raises:
            InkBookError: the file cannot be used.
        """
        self._answers.clear()
        if not self.path.exists():
            return 0
        try:
            with contextlib.closing(self._opened()) as book:
                gone = book.execute(
                    "DELETE FROM ink WHERE (? = '' OR lab = ?) AND (? = '' OR name = ?)",
                    (lab, lab, name, name),
                ).rowcount
                book.commit()
                book.execute("VACUUM")
        except (OSError, sqlite3.Error) as error:
            raise InkBookError(name=str(self.path), detail=str(error)) from error
        return gone

    @contextlib.contextmanager
    def _tolerant(self) -> Iterator[sqlite3.Connection | None]:
        """The open book, None where it cannot be used; what fails inside is only logged."""
        book: sqlite3.Connection | None = None
        try:
            book = self._opened()
        except (OSError, sqlite3.Error) as error:
            log.info("no earlier ink: %s", error)
        try:
            yield book
        except sqlite3.Error as error:
            log.info("no earlier ink: %s", error)
        finally:
            if book is not None:
                book.close()

    def _opened(self) -> sqlite3.Connection:
        """The book, of this version and for its owner's eyes only."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # SQLite would make it as readable as the user's other files.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
        book = sqlite3.connect(self.path, timeout=_BUSY_S)
        try:
            if _version(book) != _VERSION:
                _begin_anew(book)
                self.path.chmod(_OWNER_ONLY)
        except BaseException:
            book.close()
            raise
        return book


def _version(book: sqlite3.Connection) -> int:
    return int(book.execute("PRAGMA user_version").fetchone()[0])


def _begin_anew(book: sqlite3.Connection) -> None:
    """Makes the table, unless another process just did.

    Raises:
        sqlite3.DatabaseError: the file is a newer program's, or another thing altogether.
    """
    book.isolation_level = None
    book.execute("BEGIN IMMEDIATE")
    tables = {name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    version = _version(book)
    if version > _VERSION or tables - {"ink"}:
        raise sqlite3.DatabaseError("not a book of this program's")
    if version < _VERSION:
        for statement in filter(str.strip, _SCHEMA.split(";")):
            book.execute(statement)
        book.execute(f"PRAGMA user_version = {_VERSION}")
    book.execute("COMMIT")
    book.isolation_level = "DEFERRED"


def _is_form(shape: object) -> bool:
    """Whether bytes of the file are a packed form; a damaged one must not cost an item."""
    try:
        return isinstance(shape, bytes) and bool(unpack(shape))
    except ValueError:
        return False


def _day(written: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(written))
    except ValueError:
        return None


def path() -> Path:
    """The file that is named, or else this user's own, also where none is kept."""
    named = os.environ.get(SETTING, "")
    own = default_path().with_name("ink.sqlite")
    return Path(named) if named not in ("", OFF) else own


def configured(*, visitor: bool = False) -> InkBook | None:
    """The book that a check uses, or None for none.

    Args:
        visitor: the photo is of somebody who came to another's machine. What it shows is then
            kept only where that machine's operator named a file.
    """
    named = os.environ.get(SETTING, "")
    return None if named == OFF or (visitor and not named) else InkBook(path())
