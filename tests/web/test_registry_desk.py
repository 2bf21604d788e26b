"""The registry desk's pages: what would break is an import carried out unseen, an edit without its
reason, a page that does not say what happens."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.desk import asking, findings
from certcheck.desk.tables import State
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import keeping as rows
from registry import store
from registry.imports import ImportEdit
from registry.lookup import Registry
from tests.certcheck.keeping import LABS, PEOPLE, Keeping, packed
from tests.web.staff import Office, office


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    engine = store.open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    work = Work(Settings(tmp_path / "work", workers=1))
    yield Keeping(work, engine)
    engine.dispose()
    work.close()


@pytest.fixture
def staff(keeping: Keeping) -> Office:
    return office(Registry(keeping.engine), keeping.work)


def zh(code: str, **details: object) -> str:
    return messages.text(code, **details).zh


def page(browser: FlaskClient, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def worked(keeping: Keeping, location: str) -> str:
    """The address of a task once it was worked on."""
    address = location.partition("?")[0]
    task = asking.look(keeping.work, address.rpartition("/")[2])
    assert task is not None
    keeping.done(task)
    return address


def seen(html: str) -> dict[str, str]:
    found = re.search(r'name="seen" value="(\w+)"', html)
    assert found is not None
    return {"seen": found[1]}


def test_the_whole_way_of_an_import(keeping: Keeping, staff: Office) -> None:
    browser = staff.browser(Role.KEEPER)
    data = packed(labs=LABS, signatories=PEOPLE)
    sent = {"files": (io.BytesIO(data), "名录.zip"), "list_date": "2026-01-02", "whole": ""}
    location = browser.post("/registry/import", data=sent).location
    assert zh("desk.waiting.title") in page(browser, location)
    address = worked(keeping, location)
    html = page(browser, address)
    assert "名录.zip" in html and zh("desk.task.ready") in html
    assert "signatories.csv:2" in page(browser, f"{address}?kind=add&table=signatories&q=李")
    assert "signatories.csv:2" not in page(browser, f"{address}?q=王")
    browser.post(f"{address}/apply", data={"seen": "0" * 64})
    with Session(keeping.engine) as session:
        assert rows.imports(session, None, 9) == []
    worked(keeping, browser.post(f"{address}/apply", data=seen(html)).location)
    assert zh("desk.task.became", number=1) in page(browser, address)
    assert "甲检测有限公司" in page(browser, "/registry/labs?q=甲检测")
    back = worked(keeping, browser.post("/registry/imports/1/undo").location)
    html = page(browser, back)
    worked(keeping, browser.post(f"{back}/apply", data=seen(html)).location)
    assert zh("desk.log.undone", number=2) in page(browser, "/registry/imports")
    assert "甲检测有限公司" not in page(browser, "/registry/labs?q=甲检测")


def test_what_cannot_be_imported_is_said_on_the_form(staff: Office) -> None:
    browser = staff.browser(Role.ADMIN)
    for sent, code in (
        ({}, "desk.no_file"),
        ({"files": (io.BytesIO(b"x"), "a.exe")}, "desk.unknown_file"),
        ({"files": (io.BytesIO(b"x"), "a.csv"), "whole": "Henan"}, "desk.bad_whole"),
        ({"files": (io.BytesIO(b"x"), "a.csv"), "list_date": "soon"}, "desk.bad_day"),
    ):
        answer = browser.post("/registry/import", data=sent)
        assert answer.status_code == 422
        details = {"file": "a.exe", "value": "soon"}
        assert zh(code, **details) in answer.get_data(as_text=True)


def test_an_edit_has_its_reason_and_shows_itself_first(keeping: Keeping, staff: Office) -> None:
    keeping.carry_out(keeping.send(packed(labs=LABS, signatories=PEOPLE)))
    browser = staff.browser(Role.KEEPER)
    with Session(keeping.engine) as session:
        number = rows.rows_of(session, "signatories", "a")[0].number
    form = f"/registry/labs/a/signatories/edit?row={number}&do=end"
    assert "李" in page(browser, form) or "王" in page(browser, form)
    told = {"do": "end", "row": number, "last": "2026-05-01", "reason": "", "source": "来函"}
    answer = browser.post("/registry/labs/a/signatories/edit", data=told)
    assert answer.status_code == 422
    assert zh("registry.import.edit_without_reason") in answer.get_data(as_text=True)
    told |= {"reason": "离职"}
    proof = {"evidence": (io.BytesIO(b"%PDF a letter"), "函.pdf")}
    answer = browser.post("/registry/labs/a/signatories/edit", data={**told, **proof})
    address = worked(keeping, answer.location)
    html = page(browser, address)
    assert "2026-05-01" in html and "离职" in html and "函.pdf" in html
    worked(keeping, browser.post(f"{address}/apply", data=seen(html)).location)
    history = page(browser, "/registry/labs/a/history")
    assert "离职" in history and zh("desk.history.was", since=1, until=2) in history
    with Session(keeping.engine) as session:
        [edit] = session.exec(select(ImportEdit))
    assert (edit.reason, edit.source) == ("离职", "来函")
    wrong = {"do": "add", "cell-name": "", "reason": "x", "source": "y", "cell-valid_from": "no"}
    html = browser.post("/registry/labs/a/signatories/edit", data=wrong).get_data(as_text=True)
    assert zh("registry.import.required") in html
    for address in (
        "/registry/labs/zzz", "/registry/labs/a/coverage/edit", "/registry/labs/a/labs/edit?do=end",
        "/registry/labs/a/signatories/edit?do=end&row=99",
    ):  # fmt: skip
        page(browser, address, 404)


def test_the_list_of_work_and_the_trail(keeping: Keeping, staff: Office) -> None:
    accreditations = ("a,CMA,x1,,,2021-01-01,2026-12-01,valid,,",)
    keeping.carry_out(keeping.send(packed(labs=LABS, accreditations=accreditations)))
    browser = staff.browser(Role.KEEPER)
    html = page(browser, "/registry/findings?rank=1&lab=a")
    assert zh("desk.kind_of.cma_number_form") in html
    number = findings.page(keeping.work, findings.Wanted(kind="cma_number_form")).lines[0].number
    for do, text in (("take", ""), ("note", "已去函"), ("aside", "原文如此")):
        answer = browser.post(f"/registry/findings/{number}", data={"do": do, "text": text})
        assert answer.status_code == 303
    html = page(browser, f"/registry/findings/{number}")
    assert "已去函" in html and "原文如此" in html and zh("desk.state_of.aside") in html
    other = staff.browser(Role.ADMIN)
    assert other.post(f"/registry/findings/{number}", data={"do": "take"}).status_code == 409
    assert str(number) in page(browser, "/registry/findings?state=aside&taken=mine")
    browser.post("/audit/verify")
    task = asking.latest(keeping.work, asking.Kind.VERIFY)[1]
    assert task is not None and keeping.done(task).state == State.DONE
    html = page(other, "/audit?what=finding.aside&who=keeper")
    assert html.count('class="which"') == 1 and zh("audit.did.finding.aside") in html
    assert zh("audit.page.verified", time="", seq="")[:5].strip("。") in html
    table = list(csv.DictReader(io.StringIO(page(other, "/audit/log.csv").lstrip("\ufeff"))))
    numbers = [int(row["seq"]) for row in table]
    assert numbers == sorted(numbers, reverse=True) and numbers[-1] == 1
    assert {"registry.imported", "finding.taken"} <= {row["what"] for row in table}
