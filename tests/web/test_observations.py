"""What would break: an observation without source or author, one that anybody may tell, a page
that fails where nothing is kept."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from certcheck.accounts.roles import Role
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from certcheck.seen import store
from certcheck.seen.observations import Kind, Observations
from registry.lookup import Registry
from tests.certcheck.scene import NAME
from tests.web.staff import Office, office


@pytest.fixture
def staff(demo_registry: Registry, tmp_path: Path) -> Iterator[Office]:
    work = Work(Settings(tmp_path / "work", workers=1))
    yield office(demo_registry, work)
    work.close()


def test_an_inspector_tells_what_he_saw_and_sees_it(
    staff: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.SETTING, str(tmp_path / "seen.sqlite"))
    browser = staff.browser(Role.INSPECTOR)
    told = {"lab": "yuan", "kind": "offer", "price": "3", "source": "某店铺", "day": "2026-11-01"}
    proof = {"evidence": (io.BytesIO(b"a picture"), "a.jpg")}
    answer = browser.post("/observations", data={**told, **proof})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and NAME in page and "某店铺" in page
    (one,) = Observations(store.opened(str(tmp_path / "seen.sqlite"))).of(NAME)
    assert (one.kind, one.told_by, len(one.evidence)) == (Kind.OFFER, "inspector", 64)
    wrong = (
        {"source": ""}, {"price": "x"}, {"lab": "nobody"}, {"kind": "?"}, {"day": "2999-01-01"},
        {"people": "many", "kind": "inspection"},
    )  # fmt: skip
    for change in wrong:
        assert browser.post("/observations", data={**told, **change}).status_code == 422, change
    assert len(Observations(store.opened(str(tmp_path / "seen.sqlite"))).of()) == 1
    # What was entered stays to be put right; registered names like it are shown.
    amiss = browser.post("/observations", data={**told, "lab": NAME[:-4], "source": "某帖子"})
    page = amiss.get_data(as_text=True)
    assert amiss.status_code == 422 and 'value="某帖子"' in page and 'value="2026-11-01"' in page
    assert f'<option value="{NAME}">' in page and 'value="offer" selected' in page
    # A day that is not over in Greenwich has begun in China.
    china = dt.datetime.now(dt.UTC).date() + dt.timedelta(1)
    monkeypatch.setattr("registry.days.today", lambda: china)
    late = browser.post("/observations", data={**told, "day": china.isoformat()})
    assert late.status_code == 200
    assert staff.browser(Role.STREAMER).get("/observations").status_code == 403


def test_the_page_says_so_where_nothing_is_kept(staff: Office) -> None:
    answer = staff.browser(Role.KEEPER).get("/observations")
    assert answer.status_code == 503 and store.SETTING in answer.get_data(as_text=True)
