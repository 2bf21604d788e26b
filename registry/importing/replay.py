"""What the lists of a laboratory say together, where documents of authorities are among them.

What such a list leaves out is taken from the lists before it (`filling`), and one of those may
be imported after it. So the lists are gone through anew, from the oldest to the newest, as they
were stated: whichever was imported first, the same is held.

A list of the contract's tables leaves nothing out. It is not kept a second time: what it stated
is what was held after it and not dropped.
"""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from registry.errors import Problem
from registry.history import Version
from registry.importing.filling import Filling, HeldRow
from registry.importing.fold import Earlier, Key, ListDay, Listed, Wanted, fold
from registry.importing.rows import read_table
from registry.importing.silence import THIS, OneList, counted
from registry.importing.source import RawTable, problem
from registry.importing.wholes import claim_of
from registry.models import within
from registry.shape import Shape, Values, cell, shape


@dc.dataclass(frozen=True, slots=True)
class Entry:
    """A row held after some lists.

    Attributes:
        values: as the lists have it.
        dropped_on: day of the first list that no longer has it.
        place: where it is stated.
        stated_by: the import that states it so.
        first: day of the first list that has it; None for one held before all lists.
    """

    values: Values
    dropped_on: dt.date | None
    place: str
    stated_by: int
    first: dt.date | None = None


State = dict[Key, Entry]
_ACCREDITATIONS = "accreditations"


@dc.dataclass(slots=True)
class Told:
    """What is to be told of the list being planned.

    Attributes:
        problems: what cannot be decided.
        warnings: what is odd.
        undated: how many of its rows have no first day, by table.
        ended: how many laboratories it ends certificates of by leaving them out.
        kept: how many it leaves out whose certificates stay, as another source states them.
    """

    problems: list[Problem] = dc.field(default_factory=list)
    warnings: list[Problem] = dc.field(default_factory=list)
    undated: dict[str, int] = dc.field(default_factory=dict)
    ended: int = 0
    kept: int = 0


@dc.dataclass(frozen=True, slots=True)
class Group:
    """One table of one laboratory.

    Attributes:
        shape: of the table.
        lab_id: the laboratory's.
        file: how the document being planned is named.
        accredited: the laboratory's accreditations after all lists, dropped ones too.
    """

    shape: Shape
    lab_id: str
    file: str
    accredited: State = dc.field(default_factory=dict)

    @property
    def accreditations(self) -> Sequence[HeldRow]:
        """Those that lists have not dropped."""
        return held_rows(shape(_ACCREDITATIONS), self.accredited)

    def ended(self, values: Values, silent: OneList) -> bool:
        """Whether a list that leaves the laboratory out ends a row.

        What is no certificate ends with all of them, where a certificate told whose list it is.
        """
        if self.shape.name == _ACCREDITATIONS:
            return claim_of(values) in silent.whole
        rows = [entry.values for entry in self.accredited.values()]
        others = [each for each in rows if claim_of(each) not in silent.whole]
        return len(others) < len(rows) and not any(_holds(each, silent.day) for each in others)


def _holds(values: Values, day: dt.date) -> bool:
    """Whether an accreditation is in its term on a day."""
    shaped = shape(_ACCREDITATIONS)
    assert shaped.first is not None
    assert shaped.last is not None
    return within(day, values[shaped.first], values[shaped.last])


def based(shaped: Shape, versions: Iterable[Version]) -> State:
    """What was held before all lists."""
    return {
        shaped.key(one.values): Entry(one.values, one.dropped_on, one.place, one.stated_by)
        for one in versions
    }


def held_rows(shaped: Shape, state: State) -> list[HeldRow]:
    """The rows of a state that lists have not dropped, as the contract's CSV has them."""
    found = []
    for key, entry in state.items():
        if entry.dropped_on is None:
            row = HeldRow(zip(shaped.columns, map(cell, entry.values), strict=True))
            row.key, row.listed = key, entry.first
            found.append(row)
    return found


def replay(group: Group, base: State, lists: Iterable[OneList], told: Told) -> State:
    """What is held after all lists.

    Of two lists of one day the one imported later counts alone; what it leaves out may be
    taken from the other.

    Args:
        group: whose lists they are.
        base: what was held before them.
        lists: in any order.
        told: takes what is to be told of the list being planned.
    """
    now, before = base, base
    days: list[dt.date] = []
    order = sorted(lists, key=lambda one: (one.day, one.number == THIS, one.number))
    for one in counted(order):
        if not days or one.day > days[-1]:
            before = now
            days.append(one.day)
        now = _after(group, before, now, days, one, told)
    return now


def _after(
    group: Group, before: State, now: State, days: Sequence[dt.date], one: OneList, told: Told
) -> State:
    """The state after one list, from that before its day; `now` is what it leaves out."""
    shaped = group.shape
    listed, absorbed = one.complete, frozenset[Values]()
    if one.silent:
        listed = {
            key: Listed(entry.values, entry.place)
            for key, entry in before.items()
            if entry.dropped_on is None and not group.ended(entry.values, one)
        }
    elif one.given is not None:
        listed, absorbed = _listed(group, now, one, told if one.number == THIS else Told())
    start = [
        Version(entry.values, None, 0, entry.stated_by, entry.place, entry.dropped_on)
        for entry in before.values()
    ]
    earlier = [Earlier(0, day, corrects=False) for day in days[:-1]]
    this = ListDay(one.day, one.corrects)
    wanted = fold(shaped, start, listed, earlier, this, absorbed)
    return {key: _entry(each, before.get(key), one) for key, each in wanted.items()}


def _entry(wanted: Wanted, prior: Entry | None, one: OneList) -> Entry:
    """A row after a list; stated again as it was, it keeps what stated it first."""
    if prior is None:
        return Entry(wanted.values, wanted.dropped_on, wanted.place, one.number, one.day)
    same = prior.values == wanted.values and prior.dropped_on == wanted.dropped_on
    if wanted.stated_by is not None or same:
        return dc.replace(prior, values=wanted.values, dropped_on=wanted.dropped_on)
    return Entry(wanted.values, wanted.dropped_on, wanted.place, one.number, prior.first)


def _listed(
    group: Group, now: State, one: OneList, told: Told
) -> tuple[dict[Key, Listed], frozenset[Values]]:
    """A document's rows with what it leaves out, and the keys of those they stand for."""
    shaped, given = group.shape, one.given or ()
    held: Callable[[str], Sequence[HeldRow]] = {
        shaped.name: held_rows(shaped, now),
        **({} if shaped.name == _ACCREDITATIONS else {_ACCREDITATIONS: group.accreditations}),
    }.__getitem__
    filling = Filling(group.file, group.lab_id, one.day, one.adds, held)
    full = filling.full(shaped.name, given)
    read = read_table(shaped.name, RawTable(group.file, full.rows))
    found: dict[Key, Listed] = {}
    lines: dict[Key, int] = {}
    for _, row in read.rows:
        key = shaped.key(row.values)
        if key not in found:
            found[key] = Listed(row.values, row.place or f"{group.file}:{row.line}")
            lines[key] = row.line
        elif row.line:
            file = row.place.rpartition(":")[0] or group.file
            told.problems.append(problem(file, row.line, "", "duplicate", first=lines[key]))
    told.problems += [*filling.problems, *read.problems]
    told.warnings += filling.warnings
    if shaped.first is not None:
        blank = sum(row.values[shaped.first] is None for row in found.values())
        told.undated[shaped.name] = told.undated.get(shaped.name, 0) + blank
    return found, full.absorbed


def wanted(state: State) -> dict[Key, Wanted]:
    """Rows as they are to be."""
    return {
        key: Wanted(
            one.values, one.dropped_on, one.place, None if one.stated_by == THIS else one.stated_by
        )
        for key, one in state.items()
    }
