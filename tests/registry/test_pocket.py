"""What would break: a list on a phone that says otherwise than the registry, or is too large."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from registry import pocket, store
from registry.lookup import Registry
from registry.models import Accreditation, Domain, Lab


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = store.open_registry(f"sqlite:///{tmp_path}/registry.sqlite")
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def lab(session: Session, number: int, cma: str, until: dt.date | None, **more: Any) -> None:
    name = f"L{number}"
    session.add(Lab(lab_id=name, name=f"机构{number}", aliases="甲;乙"))
    session.flush()
    if cma:
        session.add(
            Accreditation(lab_id=name, kind="CMA", number=cma, valid_until=until, **more)
        )  # fmt: skip


def test_what_is_held_of_a_laboratory_is_told(session: Session) -> None:
    day = dt.date(2026, 1, 1)
    lab(
        session, 1, "211620110417", dt.date(2027, 8, 31), valid_from=dt.date(2021, 9, 1),
        status="suspended", status_on=day,
    )  # fmt: skip
    lab(session, 2, "2012160345Z", day, dropped_on=day + dt.timedelta(days=1))
    lab(session, 3, "", None)
    session.add(Domain(lab_id="L1", domain="a.example"))
    session.add(Domain(lab_id="L1", domain="b.example", dropped_on=day))
    session.flush()
    held = Registry(session).pocket()
    assert held["labs"] == [
        ["机构1", ["甲", "乙"],
         [["CMA", "211620110417", "2021-09-01", "2027-08-31", "suspended", "2026-01-01"]],
         [["a.example"], ["b.example", "2026-01-01"]]],
        ["机构2", ["甲", "乙"],
         [["CMA", "2012160345Z", "", "2026-01-01", "valid", "", "2026-01-02"]], []],
        ["机构3", ["甲", "乙"], [], []],
    ]  # fmt: skip
    assert held["authorities"] == {pocket.OTHER: 1, "16": 2}
    some = Registry(session).pocket([pocket.OTHER])
    assert [one[0] for one in some["labs"]] == ["机构3"] and some["chosen"] == [pocket.OTHER]


def test_of_too_many_a_person_chooses_and_what_still_holds_comes_first(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pocket, "MOST_LABS", 2)
    for number, year in enumerate((2020, 2030, 2025, 2031), start=1):
        lab(session, number, f"21162011041{number}", dt.date(year, 1, 1))
    lab(session, 5, "210120110417", None)
    session.flush()
    everything = Registry(session).pocket()
    assert (everything["total"], everything["listed"], everything["labs"]) == (5, 0, [])
    assert everything["authorities"] == {"01": 1, "16": 4}
    some = Registry(session).pocket(["16"])
    assert (some["total"], some["listed"]) == (4, 2)
    assert [one[0] for one in some["labs"]] == ["机构2", "机构4"]
