"""One row of a capability table to rows of scopes.csv."""

from __future__ import annotations

from registry.importing.quotes import quoted
from registry.importing.statements import Statement
from registry.importing.vocabulary import vocabulary


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
        *statement.notes,
    ]
    return "；".join(dict.fromkeys(filter(None, parts)))


def scope_rows(statement: Statement) -> tuple[list[dict[str, str]], str]:
    """The rows that one row of the annex makes: one for each standard that it quotes.

    Returns:
        `object`, `parameter`, `standard`, `limitation`, the laboratory and the days being the
        caller's; and what of the standards' cell was not understood. That is a row more, so
        that nobody is told the annex had no more than was understood.
    """
    thing, parameter = _thing(statement)
    code, name = statement.cells.get("standard", ""), statement.cells.get("standard_name", "")
    told = quoted(code) if code else quoted(name)
    pieces = list(told.pieces) or [(code or name, "")]
    if told.left:
        pieces.append((told.left, ""))
    rows = [
        {
            "object": thing,
            "parameter": parameter,
            "standard": standard,
            "limitation": _limitation(statement, clause),
        }
        for standard, clause in pieces
    ]
    return rows, told.left
