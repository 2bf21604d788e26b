"""What would break: a pack that nobody asked for, without its papers, or that the log forgot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from certcheck import audit
from certcheck.accounts.roles import Role
from certcheck.errors import CertcheckError, PdfFontError
from certcheck.evidence import maker as maker_module
from certcheck.evidence import making, wanted
from certcheck.evidence.held import Held
from certcheck.evidence.maker import Maker
from certcheck.evidence.tables import Wanted, WantedCheck
from certcheck.evidence.verify import examine
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck.paper_tools import needs_pango
from tests.certcheck.work_store import Clock, until
from tests.web.kept import kept_id
from tests.web.scene import report
from tests.web.staff import Office, office
from tests.web.tour import case_of

MAY = {Role.INSPECTOR, Role.CHIEF, Role.KEEPER, Role.ADMIN}


@pytest.fixture
def staff(tmp_path: Path, demo_registry: Registry) -> Iterator[Office]:
    work = Work(Settings(tmp_path / "work", workers=1, most_queued=50), Clock())
    yield office(demo_registry, work)
    work.close()


def work_of(staff: Office) -> Work:
    found: Work = staff.app.extensions["work"]
    return found


def made(staff: Office, found: bytes | CertcheckError = b"%PDF-1.7") -> int:
    """Does what the process does that makes packs; returns how many waited."""

    def paper(one: Held) -> bytes:
        if isinstance(found, CertcheckError):
            raise found
        return found

    count = 0
    while (taken := wanted.take(work_of(staff))) is not None:
        making.make(work_of(staff), staff.app.config["REGISTRY"], taken, paper)
        count += 1
    return count


def standing(work: Work) -> str:
    """How far the one pack is."""
    with store.session(work.engine) as opened:
        return opened.exec(select(Wanted.status)).one()


def shown(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_pack_is_prepared_taken_along_and_logged(staff: Office) -> None:
    one = kept_id(staff.app, report())
    browser = staff.browser(Role.INSPECTOR)
    assert f'href="/evidence?check={one}' in shown(browser, f"/checks/{one}?lang=en")
    asked = f"/evidence?check={one}&lang=en"
    assert "Prepare the pack" in shown(browser, asked)
    # Nothing is taken along before its papers are there.
    early = browser.post("/evidence/file", data={"check": one})
    assert early.status_code == 303
    answer = browser.post("/evidence?lang=en", data={"check": one})
    assert answer.status_code == 303 and answer.location.startswith("/evidence?check=")
    assert "being prepared" in shown(browser, answer.location)
    assert browser.get(f"/evidence/state?check={one}").json == {"status": "running", "ahead": 0}
    assert made(staff) == 1
    assert browser.get(f"/evidence/state?check={one}&lang=en").json["status"] == "done"  # type: ignore[index]
    assert "Download the pack" in shown(browser, asked)
    taken = browser.post("/evidence/file?lang=en", data={"check": one})
    assert taken.status_code == 200 and taken.mimetype == "application/zip"
    data = taken.get_data()
    assert taken.content_length == len(data)
    taken.close()
    found = examine(io.BytesIO(data), "a.zip")
    assert found.code is None and found.digest[:12] in taken.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.read(f"checks/{one}/report.pdf") == b"%PDF-1.7"
        photo = next(name for name in opened.namelist() if name.startswith("photos/"))
        assert opened.read(photo) == b"0" * 32
    with store.session(work_of(staff).engine) as opened_store:
        rows = audit.about(opened_store, [("check", one)])[-2:]
    told = [(row.what, row.who_name, row.told["digest"]) for row in rows]
    assert told == [(what, "inspector", found.digest) for what in ("pack.made", "pack.taken")]
    page = shown(browser, asked)
    assert found.digest in page and "inspector" in page and "Make it anew" in page
    # Somebody else finds it there; in the other language it is another one.
    assert "Download the pack" in shown(staff.browser(Role.KEEPER), asked)
    assert "下载证据包" not in shown(browser, f"/evidence?check={one}&lang=zh").partition("<ol")[0]
    with store.session(work_of(staff).engine) as opened_store:
        sha256 = opened_store.exec(select(Wanted.sha256)).one()
    # Some bytes of it are not what they were.
    work_of(staff).blobs.where(sha256 or "").write_bytes(data[:-1] + b"?")
    spoilt = browser.post("/evidence/file?lang=en", data={"check": one})
    assert spoilt.status_code == 500 and "Make it anew" in spoilt.get_data(as_text=True)


def test_a_pack_goes_with_its_check_and_with_its_time(staff: Office) -> None:
    work, clock = work_of(staff), work_of(staff).clock
    assert isinstance(clock, Clock)
    one, other = kept_id(staff.app, report()), kept_id(staff.app, report(id="1" * 32))
    browser = staff.browser(Role.INSPECTOR)
    both = {"check": [one, other]}
    for data in ({"check": one}, both, both):
        assert browser.post("/evidence?lang=en", data=data).status_code == 303
    assert made(staff) == 2, "what is asked for twice at once is made once"
    asked = f"check={one}&check={other}&lang=en"
    with store.session(work.engine) as opened:
        (first, second) = opened.exec(select(Wanted).order_by(col(Wanted.size))).all()
    assert second.sha256 and second.size == len(work.blobs.read(second.sha256))
    assert browser.get(f"/evidence/state?{asked}").json == {"status": "done", "ahead": 0}
    assert work.forget(other)
    with store.session(work.engine) as opened:
        assert [row.id for row in opened.exec(select(Wanted)).all()] == [first.id]
    taken = browser.post("/evidence/file?lang=en", data=both)
    taken.close()
    assert taken.status_code == 200
    clock.on(hours=25)
    wanted.sweep(work)
    with store.session(work.engine) as opened:
        assert opened.exec(select(Wanted)).all() == opened.exec(select(WantedCheck)).all() == []


def test_packs_are_bounded(staff: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    work, browser = work_of(staff), staff.browser(Role.INSPECTOR)
    one = kept_id(staff.app, report())
    monkeypatch.setattr(wanted, "MOST_WAITING", 0)
    answer = browser.post("/evidence?lang=en", data={"check": one})
    assert answer.status_code == 503 and "Several packs" in answer.text
    monkeypatch.undo()
    monkeypatch.setattr(making, "MOST_BYTES", 31)
    browser.post("/evidence?lang=en", data={"check": one})

    def never(one: Held) -> bytes:
        raise AssertionError("it is too large before anything is put on paper")

    taken = wanted.take(work)
    assert taken is not None
    making.make(work, staff.app.config["REGISTRY"], taken, never)
    assert "more than the 1 GB" in shown(browser, f"/evidence?check={one}&lang=en")
    monkeypatch.undo()
    browser.post("/evidence?lang=en", data={"check": one})
    monkeypatch.setattr(wanted, "MOST_BYTES", 1)
    assert made(staff) == 1
    with store.session(work.engine) as opened:
        assert not [row for row in opened.exec(select(Wanted)).all() if row.sha256]


@needs_pango
def test_packs_are_made_by_a_process_of_their_own(staff: Office, tmp_path: Path) -> None:
    work, browser = work_of(staff), staff.browser(Role.INSPECTOR)
    one = kept_id(staff.app, report())
    browser.post("/evidence?lang=zh", data={"check": one})
    url = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    maker = Maker(work, url)
    maker.turn()
    assert standing(work) == "running"
    until(lambda: bool(maker.turn()) or maker.idle)
    answer = browser.post("/evidence/file?lang=zh", data={"check": one})
    data = answer.get_data()
    answer.close()
    assert examine(io.BytesIO(data), "a.zip").code is None
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.read(f"checks/{one}/report.pdf").startswith(b"%PDF-")


def test_a_process_that_dies_twice_over_a_pack_is_the_last(
    staff: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, browser = work_of(staff), staff.browser(Role.INSPECTOR)
    one = kept_id(staff.app, report())
    browser.post("/evidence?lang=en", data={"check": one})
    monkeypatch.setattr(maker_module, "making", "this.is_no_module")
    maker = Maker(work, None)
    until(lambda: bool(maker.turn()) or maker.idle and standing(work) == "done")
    page = shown(browser, f"/evidence?check={one}&lang=en")
    assert "broke off twice" in page and "Prepare the pack" in page


def test_a_case_gives_all_its_checks_in_one_pack(staff: Office) -> None:
    case = case_of(staff.app)
    browser = staff.browser(Role.CHIEF)
    assert f"/evidence?case={case}" in shown(browser, f"/cases/{case}?lang=en")
    browser.post("/evidence?lang=en", data={"case": str(case)})
    assert made(staff) == 1
    taken = browser.post("/evidence/file?lang=en", data={"case": str(case)})
    data = taken.get_data()
    taken.close()
    assert examine(io.BytesIO(data), "a.zip").code is None
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        cases = [name for name in opened.namelist() if name.endswith("cases.json")]
        assert len(cases) == 1
        log = opened.read("log.jsonl").decode()
    assert '"what":"case.open"' in log and '"what":"case.ask"' in log


def test_who_has_no_office_gets_none(staff: Office) -> None:
    one = kept_id(staff.app, report())
    for role in Role:
        browser = staff.browser(role)
        status = browser.get(f"/evidence?check={one}").status_code
        taken = browser.post("/evidence/file", data={"check": one}).status_code
        linked = "/evidence?" in browser.get(f"/checks/{one}").get_data(as_text=True)
        assert (status == 200) == (role in MAY) == linked, role
        assert taken == (303 if role in MAY else 403 if role is Role.STREAMER else 302), role


def test_what_is_gone_or_cannot_be_printed_is_told(staff: Office) -> None:
    browser = staff.browser(Role.INSPECTOR)
    for address in ("/evidence?check=none", "/evidence", "/evidence?case=99", "/evidence?case=x"):
        answer = browser.get(f"{address}{'&' if '?' in address else '?'}lang=zh")
        assert answer.status_code == 404
        assert "没有编号" in answer.get_data(as_text=True)
    one = kept_id(staff.app, report())
    browser.post("/evidence?lang=en", data={"check": one})
    made(staff, PdfFontError())
    page = shown(browser, f"/evidence?check={one}&lang=en")
    assert 'role="alert"' in page and "Prepare the pack" in page
