"""What would break: a batch whose progress is not what was looked at, seen or changed by who may
not, lost to a form that was filled in wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from certcheck.accounts.roles import Role
from certcheck.inspections import assigned
from certcheck.inspections.draws import order
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck.archived import checked, report
from tests.certcheck.scene import NAME
from tests.certcheck.work_store import Clock, settings
from tests.web.staff import Office, office

PLAN: dict[str, Any] = {
    "title": "石佛寺秋季抽查", "starts_on": "2026-01-01", "ends_on": "2027-01-31",
    "note": "按年度计划", "market": ["石佛寺市场", "", ""], "stall": ["", "A-1", ""],
    "lab": ["", "", ""], "wanted": ["4", "2", ""],
}  # fmt: skip


@pytest.fixture
def staff(demo_registry: Registry, tmp_path: Path) -> Iterator[Office]:
    work = Work(settings(tmp_path / "work"), Clock())
    yield office(demo_registry, work)
    work.close()


def made(staff: Office, **changes: Any) -> str:
    """Plans a batch; returns its address."""
    answer = staff.browser(Role.CHIEF).post("/inspections/new", data=PLAN | changes)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location).partition("?")[0].partition("#")[0]


def move(staff: Office, address: str, state: str, said: str = "", **more: Any) -> Any:
    chief = staff.browser(Role.CHIEF)
    version = re.search(r'name="version" value="(\d+)"', chief.get(address).text)
    assert version is not None
    told = {"version": version[1], "state": state, "said": said, **more}
    return chief.post(f"{address}/move", data=told)


def test_a_batch_from_its_plan_to_its_table(staff: Office) -> None:
    address = made(staff)
    assert move(staff, address, "under_way").status_code == 303
    inspector = staff.browser(Role.INSPECTOR)
    his = next(one for one in staff.people.everyone() if one.name == "inspector")
    work: Work = staff.app.extensions["work"]
    several = [report(f"N{at}", lab={"lab_id": "x", "name": f"=机构{at}"}) for at in range(2)]
    several[1]["photo"]["part"] = 2
    ids = [checked(work, *several, owner=f"person:{his.id}", photo=b"a")]
    ids.append(checked(work, report("M1"), owner=f"person:{his.id}", photo=b"b"))
    other = checked(work, report("OTHER"), owner="person:nobody", photo=b"c")
    page = inspector.get(address).text
    assert "N0" in page and "M1" in page and "OTHER" not in page, "his own are offered"
    inspector.post(f"{address}/checks", data={"check": [*ids, other]})
    page = inspector.get(address).text
    assert "0%" in page, "nothing of the two goals' places was said"
    rows = list(csv.reader(io.StringIO(inspector.get(f"{address}.csv").text.lstrip("\ufeff"))))
    assert len(rows) == 4 and {row[4] for row in rows[1:]} == {"N0", "N1", "M1"}
    assert "'=机构0" in [row[3] for row in rows], "no formula"
    inspector.post(f"{address}/checks", data={"check": ids[:1], "out": "1"})
    rows = list(csv.reader(io.StringIO(inspector.get(f"{address}.csv").text)))
    assert [row[4] for row in rows[1:]] == ["M1"]
    assert move(staff, address, "closed").status_code == 422, "not without a word"
    assert move(staff, address, "closed", "查完了").status_code == 303
    assert "查完了" in inspector.get(address).text


def test_what_is_wrong_is_told_and_what_was_entered_is_still_there(staff: Office) -> None:
    chief = staff.browser(Role.CHIEF)
    wrong = (
        {"title": ""}, {"ends_on": "2025-01-01"}, {"ends_on": "soon"}, {"wanted": ["x", "2", ""]},
        {"wanted": ["", "", ""], "market": ["", "", ""], "stall": ["", "", ""]},
        {"lab": ["没有的机构", "", ""]}, {"member": ["nobody"]},
    )  # fmt: skip
    for change in wrong:
        answer = chief.post("/inspections/new", data=PLAN | change)
        assert answer.status_code == 422 and "按年度计划" in answer.text, change
    more = chief.post("/inspections/new", data=PLAN | {"more": "1"})
    assert more.status_code == 200 and more.text.count('name="wanted"') == 2 + 10
    address = made(staff, lab=["yuan", "", ""])
    assert NAME in chief.get(address).text, "the registered name stands for the id"
    form = chief.get(f"{address}/plan").text
    assert NAME in form and "石佛寺市场" in form
    version = {"version": "1"}
    assert chief.post(f"{address}/plan", data=PLAN | version).status_code == 303
    late = chief.post(f"{address}/plan", data=PLAN | version | {"title": "晚了"})
    assert late.status_code == 409 and "晚了" in late.text


def test_stalls_and_inspectors_are_drawn_into_the_plan(staff: Office) -> None:
    address, chief = made(staff, member=[]), staff.browser(Role.CHIEF)
    pool = "\n".join(f"{at}号摊" for at in range(30))
    lot = {"what": "stalls", "pool": pool, "count": "3", "seed": "12 7 31"}
    assert chief.post(f"{address}/draw", data=lot | {"count": "31"}).status_code == 422
    assert chief.post(f"{address}/draw", data=lot).status_code == 303
    assert chief.post(f"{address}/draw", data=lot).status_code == 422, "again without a reason"
    chief.post(f"{address}/draws/1", data={"each": "5"})
    drawn = order("12 7 31", pool.splitlines())[:3]
    form = chief.get(f"{address}/plan").text
    assert all(f'value="{name}"' in form for name in drawn) and form.count('value="5"') == 6
    assert chief.post(f"{address}/draw", data={"what": "people", "count": "1"}).status_code == 303
    chief.post(f"{address}/draws/2", data={})
    assert chief.get(f"{address}/plan").text.count(" checked") == 1


def test_who_may_look_and_who_may_plan(staff: Office) -> None:
    address = made(staff)
    for role in (Role.KEEPER, Role.STREAMER):
        assert staff.browser(role).get(address).status_code == 403
    assert staff.browser(Role.VISITOR).get(address).status_code == 302
    admin = staff.browser(Role.ADMIN)
    assert admin.get(address).status_code == 200 and admin.get("/inspections").status_code == 200
    for path in ("move", "draw", "checks", "plan", "draws/1"):
        assert admin.post(f"{address}/{path}").status_code == 403
    assert admin.get("/inspections/new").status_code == 403
    assert staff.browser(Role.CHIEF).get("/inspections/nothing").status_code == 404


def test_progress_counts_what_fits_each_goal(staff: Office) -> None:
    """A goal for a market counts all of its stalls; what is more than wanted makes up for none."""
    from certcheck.archive.tables import Archived
    from certcheck.inspections import progress
    from certcheck.inspections.plans import Inspections

    address = made(staff)
    move(staff, address, "under_way")
    work: Work = staff.app.extensions["work"]
    one = Inspections(work.engine, work.clock).get(address.rpartition("/")[2])
    places = [("石佛寺市场", "B-2")] * 6 + [("老街", "A-1"), ("石佛寺市场", "A-1"), ("", "")]
    with store.session(work.engine) as opened:
        store.write(opened)
        for at, (market, stall) in enumerate(places):
            row = Archived(
                root=f"r{at}", check_id=f"r{at}", page=1, part=1, number="", number_key="",
                lab_id="", lab="甲" if at < 3 else "乙", signatory="", conclusion="",
                verdict="suspected" if at % 2 else "consistent", item3="inconsistent",
                checked_at=work.clock(), day=work.clock().date(), market=market, stall=stall,
                inspection=one.id, who="li",
            )  # fmt: skip
            opened.add(row)
            assigned.assign(opened, f"r{at}", one.id, by="li", at=work.clock())
        assigned.assign(opened, "waits", one.id, by="li", at=work.clock())
        opened.commit()
        found = progress.progress(opened, one)
        shares = progress.shares(opened, [one])
    assert [goal.done for goal in found.goals] == [7, 2] and found.share == 1
    assert (found.done, found.waiting) == (9, 1)
    assert found.verdicts == {"consistent": 5, "suspected": 4}
    assert found.items[3] == (9, 0) and found.items[1] == (0, 0)
    assert [(lab.name, lab.total) for lab in found.labs] == [("乙", 6), ("甲", 3)]
    assert shares[one.id] == (9, 1)
    assert staff.browser(Role.CHIEF).get("/inspections").text.count("9") >= 1
