"""What would break: a case moved by who may not, one person's words lost to another's, who
complained shown to a colleague, a case that nobody can open from where it is found.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.cases import rules
from certcheck.cases.rules import State
from certcheck.cases.tables import CaseFile, CaseThing, Complainant
from certcheck.runner import prints
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from certcheck.seen import store
from registry.lookup import Registry
from tests.web.kept import kept_id
from tests.web.staff import PASSWORD, Office, office
from tests.web.tour import many, told

WHO = "王小明"
TODAY = dt.date(2026, 11, 20).isoformat()
FORMS = {
    "take": {},
    "file": {"category": "unaccredited", "reason": "查实"},
    "decline": {"ground": "no_fact", "reason": "没有发现"},
    "refer": {"recipient": "police", "recipient_name": "县公安局", "reason": "涉嫌犯罪"},
    "close": {"category": "marks", "reason": "已办理"},
    "reopen": {"reason": "新线索"},
}
STEP = re.compile(r'id="step-([a-z_-]+)"')
RESULTS = {"filed": "penalised", "referred": "handed_over", "declined": "no_case"}
# By hand: from a state by a move to a state, and who may: i an inspector with his own case, n with
# nobody's, c the chief. Nobody else moves anything, and there is no other way.
MOVES = {
    ("pending", "take"): ("checking", "inc"),
    ("checking", "file"): ("filed", "c"),
    ("checking", "decline"): ("declined", "c"),
    ("checking", "refer"): ("referred", "c"),
    ("filed", "refer"): ("referred", "c"),
    ("filed", "close"): ("closed", "c"),
    ("referred", "close"): ("closed", "c"),
    ("declined", "close"): ("closed", "c"),
    ("referred", "reopen"): ("checking", "c"),
    ("declined", "reopen"): ("checking", "c"),
    ("closed", "reopen"): ("checking", "c"),
}


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    made = Work(Settings(tmp_path / "work", workers=1))
    yield made
    made.close()


@pytest.fixture
def staff(work: Work, demo_registry: Registry) -> Office:
    made = office(demo_registry, work)
    made.people.add("colleague", Role.INSPECTOR, PASSWORD, must_change=False)
    return made


def case_in(work: Work, state: str, owner: str | None) -> int:
    moment = work.clock()
    with Session(work.engine) as opened:
        row = CaseFile(
            title="A", source="check", state=state, owner=owner, opened_by="x", opened_at=moment,
            changed_at=moment,
        )  # fmt: skip
        opened.add(row)
        opened.commit()
        assert row.id is not None
        return row.id


def row_of(work: Work, case_id: int) -> CaseFile:
    with Session(work.engine) as opened:
        return opened.get_one(CaseFile, case_id)


def test_every_state_change_by_everybody(staff: Office, work: Work) -> None:
    ids = {one.name: one.id for one in staff.people.everyone()}
    owners = {"i": ids["inspector"], "n": None, "x": ids["colleague"]}
    actors = [("inspector", one) for one in "inx"] + [
        (str(role), "x") for role in Role if role not in (Role.INSPECTOR, Role.CLIENT)
    ]  # fmt: skip
    browsers = {name: staff.browser(Role(name)) for name in dict(actors)}
    letters = {"inspector": "", "chief": "c"}
    tried = 0
    for state in State:
        for move, form in FORMS.items():
            to, who = MOVES.get((str(state), move), ("", ""))
            for name, whose in actors:
                case_id = case_in(work, str(state), owners[whose])
                sent = {**form, "version": "1", "result": RESULTS.get(str(state), "penalised")}
                answer = browsers[name].post(f"/cases/{case_id}/{move}", data=sent)
                letter = whose if name == "inspector" else letters.get(name, "-")
                after, where = row_of(work, case_id), (state, move, name, whose)
                if to and letter in who:
                    assert (answer.status_code, after.state, after.version) == (303, to, 2), where
                else:
                    refused = 302 if name == "visitor" else 403
                    assert (answer.status_code, after.state) == (refused, state), where
                    assert after.version == 1, where
                tried += 1
    assert tried == 6 * 6 * 8
    assert {move for _, move in MOVES} == set(FORMS)
    moving = {key for key, one in rules.steps().items() if one.to and key != "open"}
    assert moving == set(FORMS), "a move that this table does not know"


def test_pages_offer_what_may_be_done_and_nothing_else(staff: Office, work: Work) -> None:
    me = next(one for one in staff.people.everyone() if one.name == "inspector")
    case_id = case_in(work, "checking", me.id)
    shown = {
        name: set(STEP.findall(staff.enter(name).get(f"/cases/{case_id}").text))
        for name in ("inspector", "colleague", "chief", "keeper", "admin")
    }  # fmt: skip
    own = {"hand_over", "note", "attach", "remind", "letter"}
    asks = {"file-ask", "decline-ask", "refer-ask"}
    assert shown == {
        "inspector": own | asks, "colleague": {"note"}, "keeper": set(), "admin": set(),
        "chief": own | {"file", "decline", "refer"},
    }  # fmt: skip


def test_the_second_of_two_is_told_and_loses_nothing(staff: Office, work: Work) -> None:
    case_id = case_in(work, "checking", None)
    chief, words = staff.browser(Role.CHIEF), "涉嫌犯罪，移送公安"
    first = {"version": "1", **FORMS["decline"]}
    assert chief.post(f"/cases/{case_id}/decline", data=first).status_code == 303
    second = {"version": "1", **FORMS["refer"], "reason": words}
    answer = chief.post(f"/cases/{case_id}/refer", data=second)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and messages.text("case.changed").zh in page
    assert messages.text("audit.did.case.decline").zh in page, "what the other did"
    # The move is not to be had any more, yet what was typed is there to be copied.
    assert words in page and row_of(work, case_id).state == "declined"
    assert 'name="version" value="2"' in page


def test_who_complained_is_for_two_people(staff: Office, work: Work) -> None:
    told_of = {
        "source": "report", "received_on": TODAY, "text": "证书查不到", "number": "12315-1",
        "name": WHO, "phone": "13800001111", "channel": "phone", "lab": "yuan",
    }  # fmt: skip
    mine = staff.browser(Role.INSPECTOR)
    answer = mine.post("/cases", data=told_of)
    assert answer.status_code == 303
    address = answer.location.partition("?")[0]
    pages = {
        name: staff.enter(name).get(address).get_data(as_text=True)
        for name in ("inspector", "colleague", "chief", "keeper", "admin")
    }
    assert {name for name, page in pages.items() if WHO in page} == {"inspector", "chief"}
    assert all("12315-1" in page for page in pages.values())
    changed = {"name": "x", "phone": "", "address": ""}
    for name, status in (("colleague", 403), ("keeper", 403), ("inspector", 303)):
        assert staff.enter(name).post(f"{address}/complainant", data=changed).status_code == status
    with Session(work.engine) as opened:
        (one,) = opened.exec(select(Complainant)).all()
        assert one.name == "x"
        (case,) = opened.exec(select(CaseFile)).all()
        assert case.lab_id == "yuan" and case.source == "report"
    wrong = ({"received_on": "x"}, {"received_on": "2999-01-01"}, {"text": ""}, {"lab": "nobody"})
    for change in wrong:
        answer = mine.post("/cases", data={**told_of, **change})
        assert answer.status_code == 422 and WHO in answer.get_data(as_text=True), change


def test_a_case_is_opened_from_where_it_is_found(
    staff: Office, work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.SETTING, str(tmp_path / "seen.sqlite"))
    browser = staff.browser(Role.INSPECTOR)
    me = next(one for one in staff.people.everyone() if one.name == "inspector")
    check_id = kept_id(staff.app, told("expired"))
    report = browser.get(f"/checks/{check_id}").get_data(as_text=True)
    assert f"/cases/new?check={check_id}" in report
    assert "/cases/new" not in staff.browser(Role.STREAMER).get(f"/checks/{check_id}").text
    assert "/cases/new" not in staff.app.test_client().get(f"/checks/{check_id}").text
    batch, _ = many(staff.app, f"person:{me.id}")
    assert f"batch={batch}" in browser.get(f"/batches/{batch}").get_data(as_text=True)
    form = browser.get(f"/cases/new?batch={batch}").get_data(as_text=True)
    picked = re.findall(r'name="check" value="(\w+)" checked', form)
    assert len(re.findall('name="check"', form)) == 3 and len(picked) == 1
    answer = browser.post("/cases", data={"check": [*picked, check_id], "market": "B1"})
    with Session(work.engine) as opened:
        (case,) = opened.exec(select(CaseFile)).all()
        things = {one.ref for one in opened.exec(select(CaseThing)).all()}
    assert things == {*picked, check_id} and case.owner == me.id and case.item == 1
    page = browser.get(answer.location).get_data(as_text=True)
    assert f'src="/checks/{check_id}/pages/1.jpg"' in page and case.lab in page
    known = browser.get(f"/cases/new?check={check_id}").get_data(as_text=True)
    assert messages.text("case.known").zh in known and "/attach" not in known
    # Another photo goes into the case that there is, from the same page.
    other = kept_id(staff.app, told("") | {"id": "7" * 32})
    offered = browser.get(f"/cases/new?check={other}").get_data(as_text=True)
    (into,) = re.findall(r'formaction="(/cases/\d+/attach)', offered)
    answer = browser.post(into, data={"check": other, "version": "0"})
    assert answer.status_code == 303 and answer.location.endswith("#about")
    assert "/attach" not in browser.get(f"/cases/new?check={other}&check={check_id}").text
    seen = {"lab": "yuan", "kind": "offer", "price": "3", "source": "某店铺", "day": "2026-11-01"}
    page = browser.post("/observations", data={**seen, "evidence": (io.BytesIO(b""), "")}).text
    found = re.search(r"/cases/new\?observation=(\w+)", page)
    assert found is not None
    answer = browser.post("/cases", data={"observation": found[1]})
    assert "某店铺" in browser.get(answer.location).get_data(as_text=True)
    assert browser.post("/cases", data={}).status_code == 422
    assert browser.get("/cases/999").status_code == 404


def test_the_desk_lists_what_is_ones_own_first_due_first(staff: Office, work: Work) -> None:
    browser = staff.browser(Role.INSPECTOR)
    for received in ("2026-11-20", "2026-09-01", "2026-11-02"):
        told_of = {"source": "report", "received_on": received, "text": "A", "title": received}
        assert browser.post("/cases", data=told_of).status_code == 303
    case_in(work, "checking", None)
    page = browser.get("/cases").get_data(as_text=True)
    assert re.findall(r"<span>(2026-\S+)</span>", page) == [
        "2026-09-01", "2026-11-02", "2026-11-20",
    ]  # fmt: skip
    assert page.count('class="line lead') == 3
    assert browser.get("/cases?view=open").get_data(as_text=True).count('class="line lead') == 4
    assert browser.get("/cases?view=open&state=pending&owner=-").text.count("line lead") == 0
    for odd in ("view=x", "view=all&after=x", "after=2026-13-01.4", "before=1.x", "state=x"):
        assert browser.get(f"/cases?{odd}").status_code == 200, odd
    for role in (Role.STREAMER, Role.VISITOR):
        assert staff.browser(role).get("/cases").status_code in (302, 403)


def test_a_letter_asks_for_the_records_of_its_certificates(staff: Office, work: Work) -> None:
    browser = staff.browser(Role.INSPECTOR)
    report = told("expired")
    sent = {"check": kept_id(staff.app, report), "source": "report", "text": "A", "name": WHO}
    address = browser.post("/cases", data={**sent, "received_on": TODAY, "phone": "1"}).location
    address = address.partition("?")[0]
    late = {"version": "1", "day": "2999-01-01"}
    browser.post(f"{address}/take", data={"version": "1"})
    assert browser.post(f"{address}/letter", data=late).status_code == 422
    by = (work.clock() + dt.timedelta(days=20)).date().isoformat()
    assert browser.post(f"{address}/letter", data={**late, "day": by}).status_code == 303
    page = browser.get(address).text
    (letter,) = re.findall(rf"{address}/letters/\d+", page)
    text = browser.get(f"{letter}.txt").get_data().decode("utf-8-sig")
    number, lab = report["fields"]["certificate_no"]["value"], report["lab"]["name"]
    for part in (number, lab, by, "第十二条", "原始记录"):
        assert part in text, part
    assert WHO not in text and "虚假" not in text
    assert f"{letter}.pdf" not in browser.get(letter).text
    assert browser.post(f"{letter}/paper").status_code == 303
    found = prints.take(work)
    assert found is not None and number in found[1].html
    prints.finish(work, found[0], b"%PDF")
    work.sweep()
    assert browser.get(f"{letter}.pdf").data == b"%PDF"
    assert staff.browser(Role.KEEPER).get(f"{letter}.pdf").data == b"%PDF"
    assert staff.browser(Role.STREAMER).get(f"{letter}.pdf").status_code == 403
    assert browser.get(f"{address}/letters/1").status_code == 404
    # Its answer is waited for, and came.
    (waited,) = re.findall(r'name="deadline" value="(\d+)"><button', page)
    done = browser.post(f"{address}/done", data={"version": "3", "deadline": waited})
    assert done.status_code == 303
    assert "/done" not in browser.get(address).text
