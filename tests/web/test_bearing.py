"""What would break: lines that nobody can tell the request of, or that name people."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck.accounts.roles import Role
from certcheck.operation import logs
from certcheck.runner.tables import Job
from certcheck.runner.work import Work
from registry import store
from tests.certcheck.test_logs import as_before  # noqa: F401 - a fixture
from tests.web import tour
from tests.web.conftest import MAKER, PHOTO, Real
from tests.web.staff import PASSWORD
from web.bearing import HEADER

ID = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
NUMBER = re.compile(r"\d+\.\d+").fullmatch
NAME, PHONE, STALL = "张小三", "13812345678", "玉器街七号摊"


@pytest.fixture
def lines(as_before: None) -> Iterator[io.StringIO]:  # noqa: F811
    stream = io.StringIO()
    logs.set_up({logs.SETTING: "json"}, stream)
    yield stream


def rows(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_an_answer_bears_the_id_that_came_or_one_of_its_own(
    client: FlaskClient, lines: io.StringIO
) -> None:
    assert client.get("/", headers={HEADER: ID}).headers[HEADER] == ID
    made = [client.get(path, headers={HEADER: PHONE}).headers[HEADER] for path in ("/", "/no")]
    assert len(set(made)) == 2 and PHONE not in made
    answered = [(row["request"], row["endpoint"], row["status"]) for row in rows(lines)]
    assert answered == [(ID, "pages.index", 200), (made[0], "pages.index", 200), (made[1], "", 404)]
    client.get("/healthz")
    assert len(rows(lines)) == 3


def test_what_is_refused_is_written_down_and_names_nobody(
    app: Flask, client: FlaskClient, lines: io.StringIO
) -> None:
    """Pages that a role may not see, and what is another's or not there at all."""
    streamer = tour.browser_of(app, tour.someone(app, Role.STREAMER))
    lines.truncate(0)
    lines.seek(0)
    assert streamer.get("/people", headers={HEADER: ID}).status_code == 403
    assert streamer.get(f"/batches/{PHONE}").status_code == 404
    assert client.get(f"/api/v1/checks/{PHONE}").status_code == 404
    assert client.get("/").status_code == 200
    told = [
        (row["message"], row["level"], row["endpoint"], row["status"], row.get("role"))
        for row in rows(lines)
    ]
    assert told == [
        ("refused", "warning", "people.index", 403, "streamer"),
        ("refused", "warning", "stock.show", 404, "streamer"),
        ("refused", "warning", "api.show", 404, "client"),
        ("answered", "info", "pages.index", 200, None),
    ]
    assert rows(lines)[0]["request"] == ID
    assert PHONE not in lines.getvalue() and "the-streamer" not in lines.getvalue()


def test_what_happens_at_the_door_is_written_down_by_ids(
    app: Flask, client: FlaskClient, lines: io.StringIO
) -> None:
    person = tour.someone(app, Role.STREAMER)
    right = {"name": person.name, "password": PASSWORD}

    def sends(path: str, told: dict[str, str]) -> None:
        client.post(path, data=told, headers={HEADER: ID})

    sends("/sign-in", {"name": NAME, "password": PHONE})
    sends("/sign-in", right | {"password": PHONE})
    sends("/sign-in", right)
    for _ in range(11):
        sends("/password", {"old": PHONE, "new": STALL, "again": STALL})
    sends("/sign-out", {})
    for _ in range(10):
        sends("/sign-in", right | {"password": PHONE})
    for n in range(31):
        sends("/sign-in", {"name": f"{NAME}{n}", "password": PHONE})
    told = [
        (row["message"], row["level"], row["account"], row.get("why") or row.get("by"))
        for row in rows(lines)
        if "account" in row
    ]
    refused, locked, ours = "sign-in refused", "locked out", person.id
    assert told[:3] == [
        (refused, "warning", None, "unknown"),
        (refused, "warning", ours, "password"),
        ("signed in", "info", ours, None),
    ]
    assert told[3:15] == [
        *[("password wrong", "warning", ours, None)] * 10,
        (locked, "warning", ours, "person"),
        ("signed out", "info", ours, None),
    ]
    assert told[15:24] == [(refused, "warning", ours, "password")] * 9
    assert told[24] == (locked, "warning", ours, "name")
    assert told[25:] == [
        *[(refused, "warning", None, "unknown")] * 19,
        *[(locked, "warning", None, "address")] * 12,
    ]
    assert {row["request"] for row in rows(lines)} == {ID}
    text = lines.getvalue()
    assert not [word for word in (NAME, PHONE, STALL, person.name, "127.0.0.1") if word in text]


def test_a_job_keeps_the_id_of_the_request_that_queued_it(app: Flask, client: FlaskClient) -> None:
    photo = {"photo": (io.BytesIO(b"photo"), "a.jpg")}
    assert client.post("/checks", data=photo, headers={HEADER: ID}).status_code == 303
    work: Work = app.extensions["work"]
    with store.session(work.engine) as opened:
        assert opened.get_one(Job, 1).request_id == ID


def test_no_line_holds_what_a_person_sent(
    app: Flask, client: FlaskClient, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"name": NAME, "password": PHONE, "stall": STALL, "note": STALL, "text": NAME}
    for path in ("/sign-in", "/checks", "/market/certificates", "/search", f"/checks/{PHONE}"):
        client.post(path, data=told)
        client.get(path, query_string={"q": NAME, **told}, headers={"User-Agent": STALL})
    work: Work = app.extensions["work"]

    def broken(*_: object) -> None:
        raise ValueError(f"{NAME} {PHONE}")

    monkeypatch.setattr(work, "accept", broken)
    name = f"{NAME}-{PHONE}-{STALL}.jpg"
    for path in ("/checks", "/api/v1/checks"):
        photo = {"photo": (io.BytesIO(b"photo"), name), **told}
        assert client.post(path, data=photo).status_code == 500
    found = rows(lines)
    errors = [row for row in found if row["level"] == "error"]
    assert [row["error"] for row in errors] == ["ValueError"] * 2
    assert all(row["at"][-1].startswith("tests/web/test_bearing.py:") for row in errors)
    assert all(row["request"] for row in found) and len(found) >= 12
    text = json.dumps(found, ensure_ascii=False)
    assert not [word for word in (NAME, PHONE, STALL) if word in text]


def test_the_log_of_a_real_server_follows_a_photo_and_does_not_quote_it(real: Real) -> None:
    """Through the server, its kill, and the processes of the next server that read it."""
    text = "".join(path.read_text("utf-8") for path in real.log)
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    sent = next(row for row in found if row.get("endpoint") == "pages.check")
    (done,) = [row for row in found if row["message"] == "checked" and row["job"] == 1]
    assert done["request"] == sent["request"] and done["error"] is None and done["ms"] > 0
    assert len({row["process"] for row in found}) >= 2
    told = "\n".join(line for line in text.splitlines() if line.startswith("{"))
    values = [one["value"] for one in real.report["fields"].values()]
    # A line's milliseconds may happen to be a stone's density.
    read = [one for one in values if isinstance(one, str) and len(one) > 3 and not NUMBER(one)]
    assert len(read) > 5
    quoted = [real.address.rpartition("/")[2], MAKER, PHOTO.name, *read]
    assert [one for one in quoted if one in told] == []
