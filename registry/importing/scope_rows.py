"""One row of a capability table to rows of scopes.csv."""

from __future__ import annotations

import re
import unicodedata

from registry import standards
from registry.importing.cells import plain
from registry.importing.statements import Statement
from registry.importing.vocabulary import vocabulary

# A standard's code wherever it stands: GB/T 16553-2017, DB41/T 1234-2019, T/CAQI 12-2020.
_CODE = re.compile(
    r"(?<![A-Z0-9/])(?:T/[A-Z]{2,8}|(?:DB\d{2,6}|[A-Z]{2,5})(?:/[TZ])?|Q/[A-Z0-9]{2,10}|ISO(?:/IEC)?)"
    r"\s?\d{1,6}(?:\.\d+)*(?:[-:]\d{4}|-\d{2})?(?![0-9.])"
)
# A part of a standard: the row is for that alone, which the contract says as a limitation.
_CLAUSE = re.compile(
    r"第?\s?\d+(?:\.\d+)+\s?条?|第\s?[\d一二三四五六七八九十]+\s?[条款章法篇]|第[一二三四五六七八九十]+部分\s?\d+(?:\.\d+)*"
    r"|附录\s?[A-Z]|方法\s?[A-Z一二三四五六](?![A-Za-z])|\d+\s?[条款]"
)
_DASHES = re.compile(r"[‐‑‒–—―−]+")


def quoted(text: str) -> list[tuple[str, str]]:
    """(standard, clause) for each standard that a cell quotes.

    >>> quoted("《珠宝玉石 鉴定》GB/T16553—2017；GB 11887-2012 4.2条")
    [('GB/T 16553-2017', ''), ('GB 11887-2012', '4.2条')]
    """
    half = _DASHES.sub("-", unicodedata.normalize("NFKC", plain(text)))
    found = list(_CODE.finditer(half))
    if not found:
        return []
    ends = [match.start() for match in found[1:]] + [len(half)]
    pieces = []
    for match, end in zip(found, ends, strict=True):
        known = standards.reference(match[0])
        code = known.edition if known else match[0]
        clauses = _CLAUSE.findall(half[match.end() : end])
        pieces.append((code, "、".join(each.strip() for each in clauses)))
    return pieces


def _thing(statement: Statement) -> tuple[str, str]:
    """Object and parameter of a row."""
    words = vocabulary()
    thing, parameter = statement.cells.get("object", ""), statement.cells.get("parameter", "")
    item = statement.cells.get("item", "")
    if item and item not in words.everything:
        if item in words.parameters or thing:
            parameter = parameter or item
        else:
            thing = item
    if parameter in words.everything:
        parameter = ""
    # Only where the row names no species does its class say what it is for.
    return thing or statement.cells.get("class", ""), parameter


def _limitation(statement: Statement, clause: str) -> str:
    note = statement.cells.get("note", "")
    parts = [
        statement.cells.get("limitation", ""),
        clause,
        "" if note in vocabulary().notes else note,
    ]
    return "；".join(dict.fromkeys(filter(None, parts)))


def scope_rows(statement: Statement) -> list[dict[str, str]]:
    """The rows that one row of the annex makes: one for each standard that it quotes.

    Returns:
        `object`, `parameter`, `standard`, `limitation`; the laboratory and the days are the
        caller's.
    """
    thing, parameter = _thing(statement)
    code, name = statement.cells.get("standard", ""), statement.cells.get("standard_name", "")
    pieces = quoted(code) or ([(code, "")] if code else quoted(name) or [(name, "")])
    return [
        {
            "object": thing,
            "parameter": parameter,
            "standard": standard,
            "limitation": _limitation(statement, clause),
        }
        for standard, clause in pieces
    ]
