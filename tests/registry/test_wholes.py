"""Lists that have every laboratory of an authority: whom they leave out has lost its place."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import note
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from registry import describe
from registry.importing.plan import ImportPlan, Wish
from registry.lookup import Registry
from registry.models import Accreditation, ScopeRow
from registry.revision import content_digest
from tests.registry import lists
from tests.registry.lists import content
from tests.registry.test_honest import listed, refused
from tests.registry.test_properties import cases, folder
from tests.registry.test_properties import start as empty

__all__ = ["folder"]

FIRST = dt.date(2024, 1, 1)
DAY = dt.timedelta(days=1)
A, B, C = (f"示例{name}珠宝检测站" for name in ("子", "丑", "寅"))
NUMBERS = {A: "211620110081", B: "211620110082", C: "211920110083"}
TERM = ("2021-05-06", "2027-05-05")
WHOLE = 'whole = ["16"]'


def row(name: str, number: str = "") -> tuple[str, ...]:
    return (name, number or NUMBERS[name], "河南省南阳市镇平县示玉大道81号", *TERM)


def document(
    session: Session, folder: Path, day: str, *names: str, said: str = WHOLE
) -> ImportPlan:
    path = listed(folder, *(row(name) for name in names), day=day, said=said)
    return describe.apply(session, path, dry_run=False).plan


def ends(session: Session) -> dict[str, str]:
    """Numbers and the last days of their rows."""
    session.expire_all()
    return {one.number: str(one.valid_until) for one in session.exec(select(Accreditation))}


def told(plan: ImportPlan) -> dict[str, str]:
    found = (each for each in plan.warnings if "whole" in each.code)
    return {each.code.removeprefix("registry.import."): each.details["count"] for each in found}


def test_whom_a_whole_list_leaves_out_has_ended(session: Session, tmp_path: Path) -> None:
    """A laboratory struck off by its authority would be valid to the end of its term."""
    document(session, tmp_path, "2024-01-01", A, B, C)
    plan = document(session, tmp_path, "2024-06-01", A)
    assert ends(session) == {
        NUMBERS[A]: TERM[1],
        NUMBERS[B]: "2024-05-31",
        NUMBERS[C]: TERM[1],  # of another authority
    }
    assert told(plan) == {"whole_ends": "1"}
    [gone] = session.exec(select(Accreditation).where(Accreditation.number == NUMBERS[B]))
    assert gone.unlisted_since == dt.date(2024, 6, 1)


def test_nobody_is_ended_by_a_list_that_is_not_said_to_be_whole(
    session: Session, tmp_path: Path
) -> None:
    """A county's list would strike off the rest of the province."""
    document(session, tmp_path, "2024-01-01", A, B, C)
    plan = document(session, tmp_path, "2024-06-01", A, said="")
    assert set(ends(session).values()) == {TERM[1]}
    assert told(plan) == {}  # one of two: it may well be a county's
    document(session, tmp_path, "2024-07-01", A, B, said="")
    load(session, tmp_path, "2024-08-01", {"d": ("211620110084",)})
    plan = document(session, tmp_path, "2024-09-01", A, B, said="")
    assert told(plan) == {"whole_unsaid": "1"}


def test_what_another_source_states_since_stays(session: Session, tmp_path: Path) -> None:
    """An authority's list that lags behind would end a right that its office has on file."""
    document(session, tmp_path, "2024-01-01", A, B)
    load(session, tmp_path, "2024-02-01", {_id(B): (NUMBERS[B],)})
    plan = document(session, tmp_path, "2024-06-01", A)
    assert ends(session)[NUMBERS[B]] == TERM[1]
    assert told(plan) == {"whole_keeps": "1"}


def test_a_list_of_that_day_by_another_source_stays(session: Session, tmp_path: Path) -> None:
    """Which of two files was loaded first would decide whether a right has ended."""
    document(session, tmp_path, "2024-01-01", A, B)
    document(session, tmp_path, "2024-06-01", B, said="")
    document(session, tmp_path, "2024-06-01", A)
    assert ends(session)[NUMBERS[B]] == TERM[1]


def test_a_slip_in_a_whole_list_is_gone_once_it_is_loaded_again(
    session: Session, tmp_path: Path
) -> None:
    """A laboratory that was never on the list would stay on it."""
    document(session, tmp_path, "2024-01-01", A, B)
    document(session, tmp_path, "2024-06-01", A, B)
    document(session, tmp_path, "2024-06-01", A)
    assert ends(session)[NUMBERS[B]] == "2024-05-31"
    document(session, tmp_path, "2024-06-01", A, B)
    assert ends(session)[NUMBERS[B]] == TERM[1]


def test_another_certificate_of_the_laboratory_stays(session: Session, tmp_path: Path) -> None:
    """A list of CMA certificates says nothing of CNAS ones."""
    load(session, tmp_path, "2024-01-01", {"a": (NUMBERS[A],), "b": (NUMBERS[B], "CNAS L0290")})
    load(session, tmp_path, "2024-06-01", {"a": (NUMBERS[A],)}, "16/CMA")
    assert ends(session) == {
        NUMBERS[A]: TERM[1],
        NUMBERS[B]: "2024-05-31",
        "CNAS L0290": TERM[1],
    }
    assert {one.lab_id: one.valid_until for one in session.exec(select(ScopeRow))} == {
        "a": None,
        "b": None,  # the CNAS certificate may stand for it
    }


def test_scopes_end_with_the_certificate_that_they_are_of(session: Session, tmp_path: Path) -> None:
    """Scopes and signatories of a struck-off laboratory would stay open for ever."""
    load(session, tmp_path, "2024-01-01", {"a": (NUMBERS[A],), "b": (NUMBERS[B],)})
    load(session, tmp_path, "2024-06-01", {"a": (NUMBERS[A],)}, "16")
    rows = {one.lab_id: str(one.valid_until) for one in session.exec(select(ScopeRow))}
    assert rows == {"a": "None", "b": "2024-05-31"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('whole = ["19"]', "whole_of_none"),
        ('whole = ["河南"]', "whole_unknown"),
        ('whole = ["16"]\nadds = true', "whole_adds"),
    ],
)
def test_a_list_that_cannot_be_whole_is_refused(
    session: Session, tmp_path: Path, said: str, code: str
) -> None:
    """A wrong digit would strike off another province."""
    assert code in refused(session, listed(tmp_path, row(A), said=said))


def test_a_whole_list_is_no_correction(session: Session, tmp_path: Path) -> None:
    """A laboratory that is no longer listed would never have been accredited."""
    wish = Wish(corrects=True)
    assert "whole_corrects" in refused(session, listed(tmp_path, row(A), said=WHOLE), wish)


def test_it_is_said_once_more_without_a_change(session: Session, tmp_path: Path) -> None:
    """Said only of the second loading, that the list is whole would not be kept."""
    document(session, tmp_path, "2024-06-01", A, said="")
    document(session, tmp_path, "2024-06-01", A)
    document(session, tmp_path, "2024-01-01", A, B)
    assert ends(session)[NUMBERS[B]] == "2024-05-31"


def load(
    session: Session,
    folder: Path,
    day: str | dt.date,
    labs: dict[str, tuple[str, ...]],
    *whole: str,
    scopes: bool = True,
) -> ImportPlan:
    """Loads the contract's tables with the numbers of some laboratories."""
    rows = {
        "labs": [f"{lab},示例{lab}检测,,," for lab in labs],
        "accreditations": [
            f"{lab},{'CNAS' if number.startswith('CNAS') else 'CMA'},{number},,,"
            f"{','.join(TERM)},valid,,"
            for lab, numbers in labs.items()
            for number in numbers
        ],
    }
    if scopes:
        rows["scopes"] = [f"{lab},翡翠,,,,2021-05-06," for lab in labs]
    if not labs.keys() - {_id(name) for name in NUMBERS}:
        del rows["labs"]
    day = dt.date.fromisoformat(day) if isinstance(day, str) else day
    path = lists.write(folder / "csv", **rows)
    return describe.apply(session, path, Wish(day, whole=whole), dry_run=False).plan


def _id(name: str) -> str:
    return f"CMA-{NUMBERS[name]}"


# In any order ------------------------------------------------------------------------------

OF = {"a": ("211620110081", "CNAS L0001"), "b": ("211620110082", "211920110082"), "c": (C,)}
OF["c"] = (NUMBERS[C],)


@dc.dataclass(frozen=True)
class List:
    """One import: its day, the numbers of laboratories, what it is whole for."""

    day: int
    labs: tuple[tuple[str, tuple[str, ...]], ...]
    whole: bool
    scopes: bool

    def load(self, session: Session, folder: Path) -> None:
        whole = self.whole and any(n[2:4] == "16" for _, numbers in self.labs for n in numbers)
        day, said = FIRST + self.day * DAY, ("16",) if whole else ()
        load(session, folder, day, dict(self.labs), *said, scopes=self.scopes)


def _lists() -> st.SearchStrategy[list[List]]:
    numbers = {
        lab: st.lists(st.sampled_from(every), min_size=1, unique=True).map(tuple)
        for lab, every in OF.items()
    }
    labs = (
        st.fixed_dictionaries({}, optional=numbers)
        .filter(bool)
        .map(lambda drawn: tuple(sorted(drawn.items())))
    )
    one = st.builds(List, st.integers(0, 9), labs, st.booleans(), st.booleans())
    return st.lists(one, min_size=2, max_size=5, unique_by=lambda each: each.day)


@cases(data=st.data(), imports=_lists())
def test_no_order_of_whole_lists_changes_any_answer(
    engine: Engine, folder: Path, data: st.DataObject, imports: list[List]
) -> None:
    """An older list loaded after a whole one would bring back whom that left out."""
    shuffled = data.draw(st.permutations(imports))
    note(f"{shuffled}")
    found = []
    for order in (sorted(imports, key=lambda one: one.day), shuffled):
        with Session(engine) as session:
            empty(session, folder / "empty")
            for one in order:
                one.load(session, folder)
            assert Registry(session).revision.revision == content_digest(session)
            held = content(session)
            del held["labs"]  # their names are of the newest list in both
            found.append(held)
    assert found[1] == found[0]
    assert _last_days(found[0]["accreditations"]) == _expected(imports)


def _last_days(rows: list[tuple[str, ...]]) -> dict[tuple[str, str], str]:
    return {(row[0], row[2]): row[6] for row in rows}


def _expected(imports: list[List]) -> dict[tuple[str, str], str]:
    """Last days, worked out the plain way: list after list, by their days."""
    state: dict[tuple[str, str], str] = {}
    for one in sorted(imports, key=lambda each: each.day):
        day, labs = FIRST + one.day * DAY, dict(one.labs)
        whole = one.whole and any(n[2:4] == "16" for numbers in labs.values() for n in numbers)
        for lab, number in list(state):
            missing = lab in labs and number not in labs[lab]
            left_out = lab not in labs and whole and number[2:4] == "16"
            if (missing or left_out) and state[lab, number] == TERM[1]:
                state[lab, number] = str(day - DAY)
        state |= {(lab, number): TERM[1] for lab, numbers in labs.items() for number in numbers}
    return state


@cases(before=_lists(), one=_lists())
def test_undo_after_a_whole_list_is_the_identity(
    engine: Engine, folder: Path, before: list[List], one: list[List]
) -> None:
    """A list called whole by mistake would leave a province struck off."""
    with Session(engine) as session:
        empty(session, folder / "empty")
        for each in before[:3]:
            each.load(session, folder)
        was, revision = content(session), Registry(session).revision
        session.commit()
        one[0].load(session, folder)
        then, newest = content(session), describe.log(session)[0]
        session.commit()
        if Registry(session).revision == revision:
            return
        describe.undo(session, newest.id or 0, dry_run=False)
        assert (content(session), Registry(session).revision) == (was, revision)
        session.commit()
        describe.undo(session, (newest.id or 0) + 1, dry_run=False)
        assert content(session) == then
