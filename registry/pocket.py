"""The registry's laboratories, numbers and sites, small enough for a phone without a connection.

Only what tells whose a number, a name or a web address is and whether the right held: no
scopes, no people. Texts are repeated nowhere, rows are lists, the reader is
`web/static/market/lookup.js`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, Table, select, type_coerce
from sqlmodel import Session

from registry.index import chunks
from registry.models import Accreditation, Domain, Lab, Row, split_list
from registry.names import CMA_NUMBER
from registry.records import Revision

# Raised when the layout changes.
VERSION = 1
# Laboratories of one list: some 700 kB packed (docs/web.md).
MOST_LABS = 20_000
# Stands for laboratories without a CMA number that names its authority.
OTHER = "--"

# As a database's driver gives it.
_Day = str | dt.date | None


def pocket(session: Session, wanted: Collection[str], revision: Revision) -> dict[str, Any]:
    """The list.

    Args:
        session: open on the registry.
        wanted: codes of issuing authorities whose laboratories are listed (the third and
            fourth digit of a CMA number, `OTHER`); empty for all, where they are not too many.
        revision: of the registry.

    Returns:
        `v`, `revision`, `imported_at`, `demo` · `authorities` code to number of laboratories ·
        `chosen` the codes that were wanted · `total` laboratories of these, `listed` of them
        (the rest, or all where nobody chose, are too many) · `labs`: lists of name, aliases,
        rights and sites. A right is kind, number, first day, last day, status, since when, and
        the day of the first list without it where a list's silence ended it; a site is its
        domain and the day on which a list dropped it. Days are ISO 8601, "" for none.
    """
    connection = session.connection()
    names = {one[0]: one[1:] for one in connection.execute(_labs())}
    codes: dict[str, set[str]] = {}
    for lab_id, number in connection.execute(_numbers()):
        if (code := authority("CMA", number)) is not None:
            codes.setdefault(lab_id, set()).add(code)
    of_lab = {lab_id: codes.get(lab_id) or {OTHER} for lab_id in names}
    ids = [one for one in names if not wanted or of_lab[one] & set(wanted)]
    # Whose laboratories are wanted of too many is for a person to say.
    chosen = ids if wanted or len(ids) <= MOST_LABS else []
    rights = _held(connection, _rights(), chosen, _right)
    kept = _first(chosen, rights)
    sites = _held(connection, _sites(), kept, _site)
    return {
        "v": VERSION,
        "revision": revision.revision,
        "imported_at": revision.imported_at.isoformat(),
        "demo": revision.demo,
        "authorities": dict(sorted(Counter(c for one in of_lab.values() for c in one).items())),
        "chosen": sorted(wanted),
        "total": len(ids),
        "listed": len(kept),
        "labs": [
            [
                names[one][0], list(split_list(names[one][1])), rights.get(one, []),
                sites.get(one, []),
            ]
            for one in kept
        ],
    }  # fmt: skip


def authority(kind: str, number: str) -> str | None:
    """The issuing authority's code in a CMA number; None for another kind or form.

    >>> authority("CMA", "211620110417"), authority("CMA", "2012160345Z"), authority("CAL", "1")
    ('16', '16', None)
    """
    if kind != "CMA" or not CMA_NUMBER.fullmatch(number):
        return None
    return number[2:4] if number.isdigit() else number[4:6]


def _labs() -> Select[Any]:
    table = _table(Lab)
    return select(table.c.lab_id, table.c.name, table.c.aliases).order_by(table.c.lab_id)


def _numbers() -> Select[Any]:
    table = _table(Accreditation)
    return select(table.c.lab_id, table.c.number).where(table.c.kind == "CMA")


def _rights() -> Select[Any]:
    table = _table(Accreditation)
    days = ("valid_from", "valid_until", "status", "status_on", "dropped_on")
    columns = (table.c.lab_id, table.c.kind, table.c.number, *(_text(table, one) for one in days))
    return select(*columns).order_by(table.c.lab_id, table.c.id)


def _sites() -> Select[Any]:
    table = _table(Domain)
    return select(table.c.lab_id, table.c.domain, _text(table, "dropped_on")).order_by(table.c.id)


def _table(model: type[Row]) -> Table:
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def _text(table: Table, name: str) -> ColumnElement[Any]:
    """A day as the database keeps it: where that is text, it is no detour."""
    return type_coerce(table.c[name], String)


def _right(
    kind: str, number: str, first: _Day, last: _Day, status: str, since: _Day, dropped: _Day
) -> list[str]:
    # See `LabRow.unlisted_since`.
    silent = bool(dropped and last) and _date(last) == _date(dropped) - dt.timedelta(days=1)
    row = [kind, number, _day(first), _day(last), status, _day(since), _day(dropped) * silent]
    while not row[-1]:
        row.pop()
    return row


def _site(domain: str, dropped: _Day) -> list[str]:
    return [domain, _day(dropped)] if dropped else [domain]


def _held(
    connection: Connection, wanted: Select[Any], labs: Sequence[str],
    shape: Callable[..., list[str]],
) -> dict[str, list[list[str]]]:  # fmt: skip
    """Rows of some laboratories by their ids, which stand first in a row."""
    found: dict[str, list[list[str]]] = {}
    lab_id = wanted.selected_columns[0]
    for some in chunks(labs):
        for owner, *cells in connection.execute(wanted.where(lab_id.in_(some))):
            found.setdefault(owner, []).append(shape(*cells))
    return found


def _first(labs: list[str], rights: Mapping[str, list[list[str]]]) -> list[str]:
    """As many as a phone is given: those whose rights end last, in their old order."""
    if len(labs) <= MOST_LABS:
        return labs

    def end(lab_id: str) -> str:
        return max(row[3] or "9" for row in rights[lab_id])

    with_rights = sorted((one for one in labs if one in rights), key=end, reverse=True)
    kept = set(with_rights[:MOST_LABS])
    return [one for one in labs if one in kept]


def _day(day: _Day) -> str:
    return str(day or "")


def _date(day: _Day) -> dt.date:
    return dt.date.fromisoformat(str(day))
