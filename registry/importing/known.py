"""Which laboratory a document means.

A document tells a laboratory by name, number or code, never by the registry's id. What it
says is compared to the letter (`names.name_key`): a likeness is not enough to load rights.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterable

from sqlmodel import Session, col, select

from registry import names
from registry.derived import LookupKey
from registry.importing.mapping import Said
from registry.index import NAME_KINDS, chunks
from registry.models import Lab


@dc.dataclass(frozen=True, slots=True)
class Named:
    """A laboratory as a document names it; "" for what it does not say.

    Attributes:
        former: its former and second names, as far as the document tells them.
    """

    name: str = ""
    number: str = ""
    uscc: str = ""
    former: tuple[str, ...] = ()


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
            LabUnclearError: where name and number are of two laboratories, or of several, or a
            known number stands with an unknown name.
        """
        for text in (named.name, named.number):
            if text and text in self._said.labs:
                return self._said.labs[text]
        if self._said.lab_id:
            return self._said.lab_id
        self.ask([named])
        found = self._meant(named)
        if not found:
            return None
        if len(found) > 1:
            found = found & self._of("uscc", named.uscc) or found
        if len(found) == 1:
            return next(iter(found))
        raise LabUnclearError("lab_ambiguous", found)

    def has_name(self, lab_id: str, name: str) -> bool:
        """Whether a laboratory goes by a name, or went by it."""
        return lab_id in self._of("name", names.name_key(name))

    def shares_code(self, named: Named) -> tuple[str, ...]:
        """Laboratories with a laboratory's code: one legal person may run several."""
        return tuple(sorted(self._of("uscc", named.uscc)))

    def _of(self, kind: str, key: str) -> set[str]:
        return self._ids.get((kind, key), set())

    def _meant(self, named: Named) -> set[str]:
        """The laboratories that a document may mean; none where it is a new one.

        A number or code of a known laboratory under a name that it never had is a slip of
        the list as often as a new name, so it decides nothing; a former name in the same
        list does.
        """
        by_number = self._of("number", names.number_key(named.number) if named.number else "")
        if not named.name:
            return by_number or self._of("uscc", named.uscc)
        by_name = self._of("name", names.name_key(named.name))
        former = {one for name in named.former for one in self._of("name", names.name_key(name))}
        if by_name and by_number:
            if by_name & by_number:
                return by_name & by_number
            raise LabUnclearError("lab_conflict", by_name | by_number)
        if by_number and not by_number & former:
            raise LabUnclearError("lab_renamed", by_number)
        return by_name or (by_number & former) or former


def _keys(named: Named) -> list[tuple[str, str]]:
    found = [
        ("uscc", named.uscc),
        ("number", names.number_key(named.number) if named.number else ""),
        *(("name", names.name_key(name)) for name in (named.name, *named.former) if name),
    ]
    return [(kind, key) for kind, key in found if key]
