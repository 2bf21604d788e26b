"""What would break: a pack that nobody asked for, without its papers, or that the log forgot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from certcheck import audit
from certcheck.accounts.roles import Role
from certcheck.errors import PdfFontError
from certcheck.evidence.verify import examine
from certcheck.runner import prints
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry
from tests.certcheck.work_store import Clock
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


def printed(staff: Office, found: bytes | str = b"%PDF-1.7") -> int:
    """Does what the printing processes do; returns how many pages waited."""
    count = 0
    while (taken := prints.take(work_of(staff))) is not None:
        prints.finish(work_of(staff), taken[0], found)
        count += 1
    return count


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
    assert printed(staff) == 1
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
        last = audit.about(opened_store, [("check", one)])[-1]
    assert (last.what, last.who_name, last.told["digest"]) == (
        "pack.taken", "inspector", found.digest,
    )  # fmt: skip
    page = shown(browser, asked)
    assert found.digest in page and "inspector" in page


def test_a_case_gives_all_its_checks_in_one_pack(staff: Office) -> None:
    case = case_of(staff.app)
    browser = staff.browser(Role.CHIEF)
    assert f"/evidence?case={case}" in shown(browser, f"/cases/{case}?lang=en")
    browser.post("/evidence?lang=en", data={"case": str(case)})
    assert printed(staff) == 1
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
    printed(staff, PdfFontError.code)
    page = shown(browser, f"/evidence?check={one}&lang=en")
    assert 'role="alert"' in page and "Prepare the pack" in page
