"""Which laboratory a document means, and what the registry holds of it already.

A document tells a laboratory by name, number or code, never by the registry's id. What it
says is compared to the letter (`names.name_key`): a likeness is not enough to load rights.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterable, Mapping

from sqlmodel import Session, col, select

from registry import names
from registry.history import held
from registry.importing.mapping import Said
from registry.index import NAME_KINDS, chunks
from registry.models import Lab, LookupKey
from registry.shape import cell, shape


@dc.dataclass(frozen=True, slots=True)
class Named:
    """A laboratory as a document names it; "" for what it does not say."""

    name: str = ""
    number: str = ""
    uscc: str = ""


class LabUnclearError(Exception):
    """It cannot be told which laboratory is meant; `code` names why, `labs` which it may be."""

    def __init__(self, code: str, labs: Iterable[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.labs = tuple(sorted(labs))


class Known:
    """The laboratories of the registry, and those that the import itself brings."""

    def __init__(self, session: Session, said: Said) -> None:
        self._session = session
        self._said = said
        self._ids: dict[tuple[str, str], set[str]] = {}
        self._asked: set[tuple[str, str]] = set()
        self._labs: dict[str, dict[str, str]] = {}
        self._rows: dict[tuple[str, str], list[dict[str, str]]] = {}

    def ask(self, laboratories: Iterable[Named]) -> None:
        """Looks many laboratories up at once, before they are asked for one by one."""
        wanted: set[tuple[str, str]] = set()
        for each in laboratories:
            wanted.update(_keys(each))
        wanted -= self._asked
        self._asked |= wanted
        texts = {kind: sorted(key for k, key in wanted if k == kind) for kind, _ in wanted}
        for some in chunks([*texts.get("name", ()), *texts.get("number", ())]):
            query = select(LookupKey.kind, LookupKey.key, LookupKey.lab_id).where(
                col(LookupKey.key).in_(some)
            )
            for kind, key, lab_id in self._session.exec(query):
                if kind in NAME_KINDS:
                    self._ids.setdefault(("name", key), set()).add(lab_id)
                elif kind == "number":
                    self._ids.setdefault(("number", key), set()).add(lab_id)
        for some in chunks(texts.get("uscc", ())):
            by_code = select(Lab.uscc, Lab.lab_id).where(col(Lab.uscc).in_(some))
            for code, lab_id in self._session.exec(by_code):
                self._ids.setdefault(("uscc", code), set()).add(lab_id)

    def add(self, lab_id: str, named: Named) -> None:
        """Remembers a laboratory that the import brings."""
        for key in _keys(named):
            self._asked.add(key)
            self._ids.setdefault(key, set()).add(lab_id)

    def find(self, named: Named) -> str | None:
        """The id of a laboratory; None where nobody knows it.

        Raises:
            LabUnclearError: where name and number are of two laboratories, or of several.
        """
        for text in (named.name, named.number):
            if text and text in self._said.labs:
                return self._said.labs[text]
        if self._said.lab_id:
            return self._said.lab_id
        self.ask([named])
        found = [ids for key in _keys(named) if (ids := self._ids.get(key))]
        if not found:
            return None
        common = set.intersection(*found)
        if len(common) == 1:
            return next(iter(common))
        raise LabUnclearError("lab_ambiguous" if common else "lab_conflict", set.union(*found))

    def lab(self, lab_id: str) -> Mapping[str, str] | None:
        """The registry's own row of a laboratory, as the contract's CSV would have it."""
        rows = self.rows("labs", lab_id)
        return rows[0] if rows else None

    def rows(self, table: str, lab_id: str) -> list[dict[str, str]]:
        """What the registry holds of a laboratory in one table and lists have not dropped."""
        if (table, lab_id) not in self._rows:
            self.fetch(table, [lab_id])
        return self._rows[table, lab_id]

    def fetch(self, table: str, lab_ids: Iterable[str]) -> None:
        """Reads the rows of many laboratories at once."""
        shaped = shape(table)
        wanted = [each for each in sorted(set(lab_ids)) if (table, each) not in self._rows]
        for lab_id in wanted:
            self._rows[table, lab_id] = []
        for some in chunks(wanted):
            for version in held(self._session.connection(), shaped, some):
                if version.dropped_on is None:
                    cells = dict(zip(shaped.columns, map(cell, version.values), strict=True))
                    self._rows[table, cells["lab_id"]].append(cells)


def _keys(named: Named) -> list[tuple[str, str]]:
    found = [
        ("uscc", named.uscc),
        ("number", names.number_key(named.number) if named.number else ""),
        ("name", names.name_key(named.name) if named.name else ""),
    ]
    return [(kind, key) for kind, key in found if key]
