"""Forms of signatures seen on earlier certificates, by laboratory and registered name.

What is kept is the packed form of the ink (`ocr.signature.shape`), never a picture, and only
for names that the registry itself holds; beside it the laboratory's name, the certificate's
number and the SHA-256 of the photo, so that a photo or a certificate is never compared with
itself. The book is a file of its own, so that checking needs no right to write to the
registry; without it, or when it cannot be used, checks go on without earlier ink.

`CERTCHECK_INK_BOOK` names another file, or `off` for none.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from registry.store import default_path

log = logging.getLogger(__name__)

SETTING = "CERTCHECK_INK_BOOK"
OFF = "off"
# So many forms of one name are compared with, those of the smallest digests: always the same
# ones, whatever order the photos came in.
MOST_COMPARED = 12
# Another process of a batch may be writing.
_BUSY_S = 5.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS ink (
    photo TEXT NOT NULL, part TEXT NOT NULL, lab TEXT NOT NULL, name TEXT NOT NULL,
    certificate_no TEXT NOT NULL, anchored INTEGER NOT NULL, shape BLOB NOT NULL,
    PRIMARY KEY (photo, part));
CREATE INDEX IF NOT EXISTS ink_by_name ON ink (lab, name);
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
    """

    photo: str
    part: str
    lab: str
    name: str
    certificate_no: str
    anchored: bool
    shape: bytes


class InkBook:
    """The book in a file; made when first written to.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def earlier(self, lab: str, name: str, photo: str, certificate_no: str) -> list[Entry]:
        """Ink of a signatory on other photos and other certificates.

        Args:
            lab: registered name of the laboratory.
            name: registered.
            photo: SHA-256 of the photo under check, which is left out.
            certificate_no: of the certificate under check, which is left out; "" for unread.
        """
        wanted = (
            "SELECT photo, part, lab, name, certificate_no, anchored, shape FROM ink"
            " WHERE lab = ? AND name = ? AND photo != ?"
            " AND (? = '' OR certificate_no != ?) ORDER BY photo, part LIMIT ?"
        )
        values = (lab, name, photo, certificate_no, certificate_no, MOST_COMPARED)
        found: list[Entry] = []
        if self.path.exists():
            with self._connection() as book:
                rows = book.execute(wanted, values) if book is not None else ()
                found = [
                    Entry(photo, part, of, signed, number, bool(anchored), shape)
                    for photo, part, of, signed, number, anchored, shape in rows
                ]
        return found

    def add(self, entry: Entry) -> None:
        """Writes an entry in, in place of the same photo's."""
        with self._connection() as book:
            if book is not None:
                book.execute(
                    "INSERT OR REPLACE INTO ink VALUES (?, ?, ?, ?, ?, ?, ?)", dc.astuple(entry)
                )
                book.commit()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection | None]:
        """The open book, None where it cannot be used; what fails inside is only logged."""
        book: sqlite3.Connection | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            book = sqlite3.connect(self.path, timeout=_BUSY_S)
            book.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            log.info("no earlier ink: %s", error)
        try:
            yield book
        except sqlite3.Error as error:
            log.info("no earlier ink: %s", error)
        finally:
            if book is not None:
                book.close()


def configured() -> InkBook | None:
    """The book of this user, or None where it is switched off."""
    named = os.environ.get(SETTING, "")
    if named == OFF:
        return None
    return InkBook(Path(named) if named else default_path().with_name("ink.sqlite"))
