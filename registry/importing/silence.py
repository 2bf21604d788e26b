"""What one list says of a laboratory, and what it says by leaving the laboratory out.

A list is about the laboratories that it names. Where an operator calls it whole, for an
authority's CMA certificates (`16/CMA`) or for all of CNAS (`*/CNAS`), it is silent about the
others. Its silence ends what an earlier list of the same source was the last to state, on the
day from which it is missing. It does not end what another source has stated since, or states for
that very day. Of one source are two lists that are whole for the same, two documents of
authorities, and two lists of the contract's tables.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.importing.filling import Given
from registry.importing.fold import Key, Listed

# The import that is not numbered yet.
THIS = -1


@dc.dataclass(frozen=True, slots=True)
class OneList:
    """What one import states of a laboratory in one table.

    Attributes:
        number: of the import; THIS for the one being planned.
        day: of the list.
        corrects: whether it is a correction.
        given: the rows as a document states them; None for the contract's.
        adds: whether the operator said that the list only adds.
        complete: the contract's rows.
        whole: what it is the whole list for, `16/CMA`.
        silent: whether it leaves the laboratory out.
        snapshot: whether it is a document of an authority.
    """

    number: int
    day: dt.date
    corrects: bool = False
    given: Given | None = None
    adds: bool | None = None
    complete: Mapping[Key, Listed] = dc.field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    silent: bool = False
    snapshot: bool = False


def counted(order: Iterable[OneList]) -> Iterator[OneList]:
    """The lists of a laboratory that count, one after the other.

    Args:
        order: all of them by their days, those of a day in the order of import.

    Yields:
        Those that name it; and a silent one a day at most, whole for what its silence ends.
    """
    last: OneList | None = None
    for _, lists in itertools.groupby(order, key=lambda one: one.day):
        same = list(lists)
        named = [one for one in same if not one.silent]
        ends: set[str] = set()
        void = False
        for place, one in enumerate(same):
            if not one.silent:
                continue
            claims = {claim for claim in one.whole if not _is_stated(same, place, claim)}
            # The list of that day which named it was the same list, with a slip in it.
            void |= bool(claims and named)
            ends |= {claim for claim in claims if last and _of_one_source(last, one, claim)}
        if named and not void:
            yield from named
            last = named[-1]
        if ends:
            yield dc.replace(same[-1], whole=frozenset(ends), silent=True, given=None, complete={})


def _is_stated(same: Sequence[OneList], place: int, claim: str) -> bool:
    """Whether another list of a day states what a silent one leaves out."""
    return any(
        not each.silent and (at > place or claim not in each.whole) for at, each in enumerate(same)
    )


def _of_one_source(last: OneList, silent: OneList, claim: str) -> bool:
    return last.snapshot == silent.snapshot or claim in last.whole
