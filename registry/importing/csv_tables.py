"""A folder of the contract's CSV tables: UTF-8 with or without a mark, any line ends."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from registry.errors import Problem, UnknownSourceError
from registry.importing.source import Document, RawRow, RawTable, Source, check_headings, problem
from registry.models import TABLES
from registry.shape import content_columns

# A byte order mark of UTF-16; such a file is a spreadsheet program's "Unicode text".
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def _decode(file: str, data: bytes) -> tuple[str, list[Problem]]:
    """The text, or why it is none: the encoding it seems to be, and the first bad line."""
    if data.startswith(_UTF16_MARKS):
        return "", [problem(file, 0, "", "not_utf8", looks_like="UTF-16")]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            looks_like = ""
        else:
            looks_like = "GBK"
        return "", [problem(file, line, "", "not_utf8", looks_like=looks_like)]


def _read_table(
    path: Path, data: bytes, columns: tuple[str, ...]
) -> tuple[RawTable | None, list[Problem]]:
    text, problems = _decode(path.name, data)
    if problems:
        return None, problems
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    headings: list[str] | None = None
    rows: list[RawRow] = []
    first = 1  # a quoted cell may run over several lines: a row is told by its first
    try:
        for cells in reader:
            line, first = first, reader.line_num + 1
            values = [cell.strip() for cell in cells]
            if not any(values):
                continue
            if headings is None:
                headings = values
                problems += check_headings(path.name, line, headings, columns)
                if problems:
                    return None, problems
            elif len(values) != len(headings):
                counts = {"found": len(values), "expected": len(headings)}
                problems.append(problem(path.name, line, "", "cell_count", **counts))
            else:
                rows.append(RawRow(line, dict(zip(headings, values, strict=True))))
    except csv.Error:
        problems.append(problem(path.name, max(first, reader.line_num), "", "bad_quotes"))
    if headings is None and not problems:
        problems.append(problem(path.name, 0, "", "no_header"))
    return RawTable(path.name, tuple(rows)), problems


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
        data = path.read_bytes()
        document = Document(path.name, hashlib.sha256(data).hexdigest())
        documents.append(document)
        digest.update(f"{document.name} {document.sha256}\n".encode())
        model = TABLES.get(path.stem)
        if model is None:
            problems.append(problem(path.name, 0, "", "unknown_table"))
            continue
        table, found = _read_table(path, data, content_columns(model))
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
