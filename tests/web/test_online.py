"""What would break: a button that asks strangers or hammers a laboratory, evidence lost."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck.record.ask import Mode
from certcheck.runner import again, answer
from certcheck.runner.answer import accepted
from certcheck.runner.queue import Done, Queue
from certcheck.runner.tables import Recorded
from certcheck.runner.work import Work
from ocr.read import Part
from registry import store
from samples.generator import faults
from tests.certcheck import paper
from tests.certcheck.names import Names
from tests.certcheck.work_store import Clock, settings
from tests.registry.publisher import Publisher
from tests.web.kept import jpeg, kept_id
from tests.web.tour import RECORD, told
from web import clients
from web.app import create_app

PLAN, SEED = "", 1
SENT = "<p>说</p>".encode()
SHA256 = hashlib.sha256(SENT).hexdigest()


@pytest.fixture(scope="module")
def known() -> Any:
    return paper.registry()


@pytest.fixture
def app(tmp_path: Path, clock: Clock, known: Any) -> Iterator[Flask]:
    work = Work(settings(tmp_path), clock)
    yield create_app({"REGISTRY": known, "WORK": work, "TESTING": True, "WTF_CSRF_ENABLED": False})
    work.close()


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def page(browser: FlaskClient, address: str) -> str:
    found = browser.get(address)
    assert found.status_code == 200
    return found.get_data(as_text=True)


def press(browser: FlaskClient, check_id: str) -> str:
    """The id of the check that the button leads to."""
    found = browser.post(f"/checks/{check_id}/online?lang=zh")
    assert found.status_code == 303, found.get_data(as_text=True)
    return str(found.location.split("/")[-1].partition("?")[0])


def work_of(app: Flask) -> Work:
    work: Work = app.extensions["work"]
    return work


def taken(app: Flask) -> Any:
    (one,) = Queue(work_of(app)).take(9)
    return one


def test_the_button_asks_for_one_more_check_of_the_photo(app: Flask, browser: FlaskClient) -> None:
    first = kept_id(app, told(PLAN))
    assert "向实验室登记的查询网址核对" in page(browser, f"/checks/{first}?lang=zh")
    made = press(browser, first)
    one = taken(app)
    assert one.wish.online and not one.wish.corrections
    Queue(work_of(app)).finish(one.id, Done([told(PLAN) | {"record": RECORD}], {1: jpeg()}))
    steps = again.history(work_of(app), made)
    assert [(step.id, step.online) for step in steps] == [(first, False), (made, True)]
    text = page(browser, f"/checks/{made}?lang=zh")
    assert "再向实验室登记的查询网址核对一次" in text and "向机构查询网址核对后" in text


def test_within_minutes_the_laboratory_is_asked_once(
    app: Flask, browser: FlaskClient, clock: Clock
) -> None:
    first = kept_id(app, told(PLAN))
    press(browser, first)
    one = taken(app)
    Queue(work_of(app)).finish(one.id, Done([told(PLAN)], {1: jpeg()}))
    press(browser, first)
    assert Queue(work_of(app)).take(9) == []
    clock.on(hours=1)
    press(browser, first)
    assert taken(app).id != one.id


def test_the_page_shows_both_sides_and_gives_what_was_sent(
    app: Flask, browser: FlaskClient, clock: Clock
) -> None:
    first = kept_id(app, told(PLAN))
    made = press(browser, first)
    one = taken(app)
    done = Done([told(PLAN) | {"record": RECORD}], {1: jpeg()}, records=[SENT])
    Queue(work_of(app)).finish(one.id, done)
    for lang in ("zh", "en"):
        text = page(browser, f"/checks/{made}?lang={lang}")
        for shown in ("54.32", "30.32", str(RECORD["host"]), SHA256):
            assert shown in text
        assert f'href="{RECORD["link"]}" rel="noreferrer' in text
    sent = browser.get(f"/checks/{made}/1/record")
    assert sent.data == SENT
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.mimetype == "application/octet-stream"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get(f"/checks/{first}/1/record").status_code == 404
    # The evidence goes with the check, and not before.
    work = work_of(app)
    clock.on(hours=2)
    work.sweep()
    assert browser.get(f"/checks/{made}/1/record").status_code == 200
    clock.on(hours=48)
    work.sweep()
    with store.session(work.engine) as opened:
        assert opened.get(Recorded, (one.id, SHA256)) is None
    assert not work.blobs.path(SHA256).exists()


def test_only_whose_check_it_is_may_ask_and_nobody_where_it_is_off(
    app: Flask, browser: FlaskClient
) -> None:
    owned = kept_id(app, told(PLAN), owner="person:somebody")
    assert browser.post(f"/checks/{owned}/online").status_code == 403
    assert "/online" not in page(browser, f"/checks/{owned}")
    assert browser.post(f"/checks/{'0' * 40}/online").status_code == 404
    mine = kept_id(app, told(PLAN) | {"id": "7" * 32})
    app.config["ONLINE"] = Mode.OFF
    assert "/online" not in page(browser, f"/checks/{mine}")
    assert browser.post(f"/checks/{mine}/online").status_code == 403
    assert Queue(work_of(app)).take(9) == []


def test_who_presses_too_often_is_told_to_wait_and_laboratories_are_spared(
    app: Flask, browser: FlaskClient
) -> None:
    mine = kept_id(app, told(PLAN))
    codes = [browser.post(f"/checks/{mine}/online").status_code for _ in range(12)]
    assert codes[0] == 303 and codes[-1] == 429
    # From many addresses together no laboratory is asked more often than that.
    counts = [
        browser.post(
            f"/checks/{mine}/online", environ_base={"REMOTE_ADDR": f"203.0.113.{number}"}
        ).status_code
        for number in range(40)
    ]  # fmt: skip
    assert counts[0] == 303 and counts[-1] == 429
    assert counts.count(303) <= clients._LOOK_UPS


def test_a_process_that_checks_asks_and_what_was_sent_is_kept(
    app: Flask, known: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All but the reading of the picture is what runs there."""
    cert = faults.carry_out(faults.plan(PLAN), None, np.random.default_rng(SEED))
    reading = paper.reading_of(cert)
    part = Part(reading, paper.Print(reading), "ab" * 32)
    monkeypatch.setattr(answer, "read_print", lambda *_, **__: [part])
    number, mass = reading.fields["certificate_no"].text, reading.fields["mass"].text
    body = f"<p>证书编号：{number}</p><p>质量：{float(mass) + 7:.2f}g</p>".encode("gbk")
    server = Publisher()
    try:
        host = f"www.{cert.lab.domain}"
        Names(monkeypatch).lead(host, ["127.0.0.1"])
        sites = tmp_path / "sites.toml"
        address = f"http://{host}:{server.port}/{{certificate_no}}"
        sites.write_text(f"[[site]]\ndomain = '{cert.lab.domain}'\naddress = '{address}'\n")
        monkeypatch.setenv("CERTCHECK_ONLINE", "local")
        monkeypatch.setenv("CERTCHECK_ONLINE_SITES", str(sites))
        server.publish(f"/{number}", body, Content_Type="text/html; charset=gbk")
        work = work_of(app)
        check_id = kept_id(app, told(PLAN))
        asked = again.look_up(work, check_id, known.revision.revision)
        one = taken(app)
        done = answer.answer(accepted(work, one), known)
        Queue(work).finish(one.id, done)
    finally:
        server.stop()
    assert asked is not None
    found = work.look(asked)
    assert found is not None
    record = found.reports[0]["record"]
    assert record["outcome"] == "differs" and record["host"] == host
    (row,) = (row for row in record["fields"] if row["result"] == "differs")
    assert row["field"] == "mass"
    assert work.blobs.read(record["answer"]["sha256"]) == body
    assert found.reports[0]["items"][4]["status"] == "suspected"
    assert json.dumps(record) and io.BytesIO(body)
