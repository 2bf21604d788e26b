"""A folder of the contract's CSV tables: UTF-8 with or without a mark, any line ends."""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from registry.errors import Problem, UnknownSourceError
from registry.formulas import MARK, bare
from registry.importing.source import Document, RawRow, RawTable, Source, check_headings, problem
from registry.models import TABLES

# A byte order mark of UTF-16; such a file is a spreadsheet program's "Unicode text".
# Bytes read at a time.
_BLOCK = 1 << 20
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def _digest(path: Path) -> tuple[str, bool]:
    """SHA-256 of a file, and whether it is UTF-8."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    sound = True
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                sound = False
                decoder.reset()
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        sound = False
    return digest.hexdigest(), sound


def _not_utf8(path: Path) -> Problem:
    """The first bad line of a file, and the encoding it seems to have."""
    data = path.read_bytes()
    if data.startswith(_UTF16_MARKS):
        return problem(path.name, 0, "", "not_utf8", looks_like="UTF-16")
    line, looks_like = 0, ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    with contextlib.suppress(UnicodeDecodeError):
        data.decode("gb18030")
        looks_like = "GBK"
    return problem(path.name, line, "", "not_utf8", looks_like=looks_like)


class _Lines:
    """The rows of a CSV file, read anew each time: a table may be larger than the memory.

    Attributes:
        headings: the first row that is not empty; None before it was found.
        problems: found while reading.
    """

    def __init__(self, path: Path) -> None:
        self.headings: list[str] | None = None
        self.headings_line = 0
        self.problems: list[Problem] = []
        self._path = path

    def __iter__(self) -> Iterator[RawRow]:
        self.headings = None
        self.problems.clear()
        first = 1  # a quoted cell may run over several lines: a row is told by its first
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                for cells in reader:
                    line, first = first, reader.line_num + 1
                    values = [
                        bare(text) if text[:1] == MARK else text for text in map(str.strip, cells)
                    ]
                    if any(values) and (row := self._row(line, values)):
                        yield row
            except csv.Error:
                self._wrong(max(first, reader.line_num), "bad_quotes")

    def _row(self, line: int, values: list[str]) -> RawRow | None:
        if self.headings is None:
            self.headings, self.headings_line = values, line
            return None
        if len(values) != len(self.headings):
            counts = {"found": len(values), "expected": len(self.headings)}
            self._wrong(line, "cell_count", **counts)
            return None
        return RawRow(line, dict(zip(self.headings, values, strict=True)))

    def _wrong(self, line: int, what: str, **details: object) -> None:
        self.problems.append(problem(self._path.name, line, "", what, **details))


def _read_table(path: Path) -> tuple[RawTable | None, list[Problem]]:
    lines = _Lines(path)
    next(iter(lines), None)
    if lines.headings is None:
        return None, lines.problems or [problem(path.name, 0, "", "no_header")]
    problems = check_headings(path.name, lines.headings_line, lines.headings, path.stem)
    if problems:
        return None, problems
    return RawTable(path.name, lines, lines.problems), []


def read(folder: Path) -> Source:
    """Reads every table in a folder.

    A CSV file whose name is no table's is a problem, for it is most likely a slip
    (`lab.csv`, `labs (1).csv`); other files and folders (specimens, notes) are left alone.

    Args:
        folder: of the files; symbolic links are followed.

    Returns:
        The tables; `sha256` is over each file's name and SHA-256, in the order of names.

    Raises:
        UnknownSourceError: if there is no CSV file in it.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    if not paths:
        raise UnknownSourceError(path=str(folder), reason="no_tables")
    digest = hashlib.sha256()
    documents: list[Document] = []
    tables: dict[str, RawTable] = {}
    problems: list[Problem] = []
    for path in paths:
        sha256, sound = _digest(path)
        document = Document(path.name, sha256)
        documents.append(document)
        digest.update(f"{document.name} {document.sha256}\n".encode())
        if path.stem not in TABLES:
            problems.append(problem(path.name, 0, "", "unknown_table"))
            continue
        if not sound:
            problems.append(_not_utf8(path))
            continue
        table, found = _read_table(path)
        problems += found
        if table is not None:
            tables[path.stem] = table
    return Source(
        folder.resolve().name,
        digest.hexdigest(),
        tables,
        tuple(problems),
        documents=tuple(documents),
    )
