"""The registry's laboratories, numbers and sites, small enough for a phone without a connection.

Only what tells whose a number, a name or a web address is and whether the right held: no
scopes, no people. Texts are repeated nowhere, rows are lists, the reader is
`web/static/market/lookup.js`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from registry.models import Accreditation, Domain, Lab, split_list
from registry.names import CMA_NUMBER
from registry.records import Revision

# Raised when the layout changes.
VERSION = 1
# Laboratories of one list: some 700 kB packed, measured in docs/benchmarks.md.
MOST_LABS = 20_000
# Stands for laboratories without a CMA number that names its authority.
OTHER = "--"


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
    rights: dict[str, list[list[str]]] = {}
    codes: dict[str, set[str]] = {}
    for lab_id, *cells in session.connection().execute(_rights()):
        rights.setdefault(lab_id, []).append(_right(*cells))
        if (code := authority(cells[0], cells[1])) is not None:
            codes.setdefault(lab_id, set()).add(code)
    names = {one[0]: one[1:] for one in session.connection().execute(_labs())}
    of_lab = {lab_id: codes.get(lab_id) or {OTHER} for lab_id in names}
    ids = [one for one in names if not wanted or of_lab[one] & set(wanted)]
    # Whose laboratories are wanted of too many is for a person to say.
    kept = _first(ids, rights) if wanted or len(ids) <= MOST_LABS else []
    sites = _sites(session, kept)
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


def _labs() -> Any:
    return select(Lab.lab_id, Lab.name, Lab.aliases).order_by(Lab.lab_id)  # type: ignore[call-overload]


def _rights() -> Any:
    one = Accreditation
    columns = (
        one.lab_id, one.kind, one.number, one.valid_from, one.valid_until, one.status,
        one.status_on, one.dropped_on,
    )  # fmt: skip
    return select(*columns).order_by(one.lab_id, one.id)  # type: ignore[call-overload]


def _right(
    kind: str, number: str, first: dt.date | None, last: dt.date | None, status: str,
    since: dt.date | None, dropped: dt.date | None,
) -> list[str]:  # fmt: skip
    # See `LabRow.unlisted_since`.
    silent = dropped is not None and last == dropped - dt.timedelta(days=1)
    row = [kind, number, _day(first), _day(last), status, _day(since), _day(dropped) * silent]
    while not row[-1]:
        row.pop()
    return row


def _sites(session: Session, labs: Collection[str]) -> Mapping[str, list[list[str]]]:
    wanted = select(Domain.lab_id, Domain.domain, Domain.dropped_on)  # type: ignore[call-overload]
    kept, found = set(labs), dict[str, list[list[str]]]()
    for lab_id, domain, dropped in session.connection().execute(wanted.order_by(Domain.id)):
        if lab_id in kept:
            found.setdefault(lab_id, []).append([domain, _day(dropped)] if dropped else [domain])
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


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
