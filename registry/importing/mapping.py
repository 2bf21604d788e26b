"""The small TOML file beside an import: what its headings mean, and facts that it leaves out.

See docs/registry.md for its keys. It is found as `NAME.map.toml` beside `NAME`, or named.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path

from registry.errors import BadMappingError, UnknownSourceError
from registry.importing.cells import heading
from registry.importing.vocabulary import KINDS, vocabulary
from registry.models import ACCREDITATION_KINDS, ACCREDITATION_STATUSES

SUFFIX = ".map.toml"
# A column that is left out, a sheet that is no table.
IGNORE, SKIP = "ignore", "skip"
# Facts that may be given for a whole document.
FACTS = ("lab_name", "number", "uscc", "site", "authority", "valid_from", "valid_until", "kind")


@dc.dataclass(frozen=True, slots=True)
class Sheet:
    """How one sheet or table is to be read.

    Attributes:
        table: `scopes`, `institutions`, `signatories` or `skip`; "" to find out.
        columns: a heading, as `cells.heading` gives it, to what the column holds.
        skip_rows: rows that are none.
    """

    table: str = ""
    columns: Mapping[str, str] = dc.field(default_factory=dict)
    skip_rows: frozenset[int] = frozenset()


@dc.dataclass(frozen=True, slots=True)
class Said:
    """What an operator says about a document.

    Attributes:
        list_date: the day on which the list was true.
        lab_id: the laboratory that every row is about.
        facts: see FACTS.
        labs: names and numbers in the document to ids.
        states: words for the state of an accreditation to the contract's.
        adds: whether lists add to what was listed before; None where that is not said.
        whole: what the list has every laboratory of, `16` or `16/CMA` (`silence`).
        common: for every sheet that has none of its own.
        sheets: by the sheet's name, or the table's number.
    """

    list_date: dt.date | None = None
    lab_id: str = ""
    facts: Mapping[str, str] = dc.field(default_factory=dict)
    labs: Mapping[str, str] = dc.field(default_factory=dict)
    states: Mapping[str, str] = dc.field(default_factory=dict)
    adds: bool | None = None
    whole: tuple[str, ...] = ()
    common: Sheet = Sheet()  # noqa: RUF009 - frozen
    sheets: Mapping[str, Sheet] = dc.field(default_factory=dict)

    def sheet(self, name: str) -> Sheet:
        """How a sheet is to be read: its own words before those for all."""
        own = self.sheets.get(name, Sheet())
        return Sheet(
            own.table or self.common.table,
            {**self.common.columns, **own.columns},
            self.common.skip_rows | own.skip_rows,
        )


def find(path: Path, named: Path | None) -> Said:
    """The mapping of a document: the one named, or the one beside it, or an empty one.

    Raises:
        UnknownSourceError: if it cannot be read.
        BadMappingError: if it says what is not understood.
    """
    beside = path.with_name(path.name + SUFFIX)
    stem = path.with_name(path.stem + SUFFIX)
    for each in (named, beside, stem):
        if each is not None and (each is named or each.is_file()):
            return _read(each)
    return Said()


def _read(path: Path) -> Said:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _understood(data)
    except (OSError, UnicodeDecodeError) as error:
        raise UnknownSourceError(path=str(path), reason="unreadable") from error
    except (tomllib.TOMLDecodeError, _BadMapError) as error:
        raise BadMappingError(path=str(path), what=str(error)) from error


# Keys of a mapping file.
_KEYS = {
    "list_date", "lab_id", "facts", "labs", "states", "table", "columns", "sheets", "adds",
    "skip_rows", "whole",
}  # fmt: skip


class _BadMapError(Exception):
    """A key or value of a mapping file that means nothing; its text names it."""


def _understood(data: dict[str, object]) -> Said:
    _only(data, _KEYS, "")
    list_date = data.get("list_date")
    if list_date is not None and type(list_date) is not dt.date:
        raise _BadMapError("list_date")
    facts = _texts(data, "facts")
    _only(facts, set(FACTS), "facts.")
    _among(facts.get("kind", ACCREDITATION_KINDS[0]), ACCREDITATION_KINDS, "facts.kind")
    states = _texts(data, "states")
    for word, state in states.items():
        _among(state, ACCREDITATION_STATUSES, f"states.{word}")
    sheets = data.get("sheets", {})
    if not isinstance(sheets, dict) or not all(isinstance(each, dict) for each in sheets.values()):
        raise _BadMapError("sheets")
    return Said(
        list_date=list_date,
        lab_id=_text(data.get("lab_id", ""), "lab_id"),
        facts=facts,
        labs=_texts(data, "labs"),
        adds=_said(data.get("adds")),
        whole=_list(data.get("whole", []), "whole"),
        states=states,
        common=_sheet(data, ""),
        sheets={name: _sheet(each, f"sheets.{name}.") for name, each in sheets.items()},
    )


def _sheet(data: dict[str, object], where: str) -> Sheet:
    if where:
        _only(data, {"table", "columns", "skip_rows"}, where)
    table = _text(data.get("table", ""), f"{where}table")
    _among(table, ("", SKIP, *KINDS), f"{where}table")
    columns = _texts(data, "columns")
    allowed = {IGNORE, *(name for kind in KINDS for name in vocabulary().columns[kind].values())}
    for word, name in columns.items():
        _among(name, tuple(sorted(allowed)), f"{where}columns.{word}")
    rows = data.get("skip_rows", [])
    if not isinstance(rows, list) or not all(type(row) is int for row in rows):
        raise _BadMapError(f"{where}skip_rows")
    return Sheet(table, {heading(word): name for word, name in columns.items()}, frozenset(rows))


def _said(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise _BadMapError("adds")
    return value


def _list(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _BadMapError(where)
    return tuple(_text(each, where) for each in value)


def _only(data: Mapping[str, object], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise _BadMapError(f"{where}{key}")


def _among(value: str, allowed: tuple[str, ...], where: str) -> None:
    if value not in allowed:
        raise _BadMapError(f"{where} = {value} ({', '.join(filter(None, allowed))})")


def _text(value: object, where: str) -> str:
    # Days may be written without quotes in TOML.
    if type(value) is dt.date:
        return value.isoformat()
    if not isinstance(value, str):
        raise _BadMapError(where)
    return value


def _texts(data: Mapping[str, object], key: str) -> dict[str, str]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise _BadMapError(key)
    return {str(name): _text(value, f"{key}.{name}") for name, value in table.items()}
