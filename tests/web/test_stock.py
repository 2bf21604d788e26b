"""What would break: an item lost between upload and table, or a pre-check that shows too much."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import web
from certcheck import messages
from certcheck.accounts.roles import Role
from certcheck.corrections import Correction
from certcheck.errors import CheckTimeoutError
from certcheck.runner.again import check_again
from certcheck.runner.queue import Done, Queue, failed
from certcheck.runner.tables import Status
from certcheck.runner.work import Work
from certcheck.stock import items, precheck
from registry.days import CHINA
from tests.certcheck import parcels
from tests.certcheck.work_store import LONGEST, REVISION, Clock
from tests.web.scene import HOSTILE, report
from tests.web.test_server import listening
from tests.web.tour import browser_of, someone

PHOTOS = {f"{number}.jpg": parcels.jpeg(number) for number in range(1, 6)}
ROOM = Path(web.__file__).parent


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A streamer's browser."""
    return browser_of(app, someone(app, Role.STREAMER))


def send(client: FlaskClient, *files: tuple[str, bytes], title: str = "") -> TestResponse:
    data = {"files": [(io.BytesIO(one), name) for name, one in files], "title": title}
    return client.post("/batches?lang=zh", data=data)


def sent(client: FlaskClient, *files: tuple[str, bytes], title: str = "") -> str:
    """The address of the batch's page."""
    answer = send(client, *files, title=title)
    assert answer.status_code == 303
    return str(answer.location).partition("?")[0]


def answered(app: Flask, **by_sha: dict[str, Any]) -> None:
    """Answers all that waits; photos that are not named get a report that agrees."""
    work: Work = app.extensions["work"]
    queue = Queue(work)
    for one in queue.take(500):
        queue.finish(one.id, Done([by_sha.get(one.sha256) or report(verdict="consistent")]))


def page(client: FlaskClient, address: str, **query: str) -> str:
    answer = client.get(address, query_string={"lang": "zh", **query})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def names(html: str) -> list[str]:
    return re.findall(r'<th scope="row">(.*?)</th>', html)


def said(code: str, **params: object) -> str:
    return messages.text(code, **params).zh


def test_many_files_become_one_batch_that_fills_as_it_is_read(
    app: Flask, client: FlaskClient
) -> None:
    address = sent(
        client, ("货.zip", parcels.archive(PHOTOS).getvalue()), ("a.txt", b"x"), title="晚场"
    )
    html = page(client, address)
    assert "晚场" in html and said("stock.page.progress", total=6, done=1) in html
    assert said("photo.unknown_format") in html
    assert html.count(said("stock.state.queued")) == 6, "five rows and their count"
    answered(app)
    html = page(client, address)
    assert said("stock.page.finished", total=6) in html and 'data-done="1"' in html
    assert len(re.findall(r'href="/checks/[0-9a-f]{40}\?', html)) == 5
    assert "refresh" in page(client, sent(client, ("a.jpg", PHOTOS["1.jpg"] + b"+")))


def verdicts(app: Flask, client: FlaskClient) -> str:
    """A batch in which there is one of each verdict; its address."""
    told = ["consistent", "unverifiable", "suspected", "inconsistent"]
    address = sent(client, *((f"{one}.jpg", parcels.jpeg(at)) for at, one in enumerate(told)))
    work: Work = app.extensions["work"]
    queue = Queue(work)
    for one, verdict in zip(queue.take(9), told, strict=True):
        queue.finish(one.id, Done([report(verdict=verdict)]))
    return address


def test_the_table_sorts_by_trouble_by_place_and_by_name(app: Flask, client: FlaskClient) -> None:
    address = verdicts(app, client)
    worst = ["inconsistent", "suspected", "unverifiable", "consistent"]
    assert names(page(client, address)) == worst
    assert names(page(client, address, sort="nonsense")) == worst
    assert names(page(client, address, sort="number")) == worst[::-1]
    assert names(page(client, address, sort="name")) == sorted(worst)


def test_live_gives_the_part_that_changes_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    address = verdicts(app, client)
    html = page(client, f"{address}/live", sort="number")
    assert html.lstrip().startswith('<div class="changing"') and "<html" not in html
    assert names(html)[0] == "consistent"


def test_the_download_runs_nothing_and_holds_every_item(app: Flask, client: FlaskClient) -> None:
    address = sent(
        client, ("=cmd|' '!A0.jpg", PHOTOS["1.jpg"]), ("@SUM.jpg", PHOTOS["2.jpg"]), ("b.txt", b"x")
    )
    hostile = {"value": '=HYPERLINK("http://x")\x07', "confidence": 1, "box": [], "reader": "r"}
    work: Work = app.extensions["work"]
    queue = Queue(work)
    for one in queue.take(9):
        fields = {**report()["fields"], "certificate_no": hostile}
        queue.finish(one.id, Done([report(fields=fields)]))
    answer = client.get(f"{address}/table.xlsx?sort=number&lang=zh")
    assert answer.mimetype.endswith("sheet") and "filename*=UTF-8''" in str(answer.headers)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    table = book.worksheets[0]
    cells = [cell for row in table.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    rows = list(table.iter_rows(values_only=True))
    assert len(rows) == 4 and [row[0] for row in rows[1:]] == [1, 2, 3]
    assert rows[1][1] == "'=cmd|' '!A0" and rows[1][5] == '\'=HYPERLINK("http://x")'
    assert rows[1][3] == said("stock.state.inconsistent")
    assert said("photo.unknown_format") in str(rows[3][10])
    assert "/checks/" in str(rows[1][11])
    assert said("report.proves") in [row[0] for row in book.worksheets[1].values]


def test_a_deleted_batch_is_gone_with_its_checks_and_files(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    address = sent(client, *PHOTOS.items())
    answered(app)
    work: Work = app.extensions["work"]
    (check_id, *_) = re.findall(r"/checks/([0-9a-f]{40})", page(client, address))
    client.post(f"{address}/precheck?lang=zh", data={"item": ["1"], "hours": "1"})
    assert client.post(f"{address}/delete").status_code == 200
    assert client.get(address).status_code == 404
    assert client.post(f"{address}/delete").status_code == 404
    assert work.look(check_id) is None and sum(work.counts().values()) == 0
    clock.on(hours=2)
    work.sweep()
    assert list(work.blobs.files()) == []


def test_a_batch_ends_with_its_time(app: Flask, client: FlaskClient, clock: Clock) -> None:
    address = verdicts(app, client)
    client.post(f"{address}/precheck", data={"item": ["1"], "hours": "24"})
    (made,) = precheck.Prechecks(app.extensions["work"]).of_batch(address.rpartition("/")[2])
    clock.on(hours=25)
    work: Work = app.extensions["work"]
    assert app.extensions["batches"].look(made.batch_id) is None
    assert client.get(f"/p/{made.code}").status_code == 404
    work.sweep()
    assert sum(work.counts().values()) == 0
    assert precheck.Prechecks(work).of_batch(made.batch_id) == []


def test_a_check_of_a_batch_that_was_deleted_is_told_so(app: Flask, client: FlaskClient) -> None:
    address = verdicts(app, client)
    (first, *_) = re.findall(r"/checks/[0-9a-f]{40}", page(client, address))
    client.post(f"{first}/delete")
    html = page(client, address)
    assert said("stock.state.deleted") in html and names(html)[-1] == "inconsistent"


@pytest.mark.parametrize("data", [{}, {"files": (io.BytesIO(b""), "")}])
def test_a_form_without_files_is_told(client: FlaskClient, data: Any) -> None:
    answer = client.post("/batches?lang=zh", data=data)
    assert answer.status_code == 400 and said("stock.no_files") in answer.get_data(as_text=True)


def test_a_batch_larger_than_a_photo_may_be_is_taken_and_one_too_large_is_told(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    many = [(f"{number}.jpg", parcels.jpeg(number)) for number in range(30)]
    assert len(names(page(client, sent(client, *many)))) == 30, "and more parts than a photo's form"
    assert client.post("/checks", data={"photo": (io.BytesIO(b"x" * 2000), "a")}).status_code == 413
    monkeypatch.setattr("web.batches.MOST_BYTES", 1000)
    monkeypatch.setattr("web.batches.PART_BYTES", 0)
    answer = send(client, *many)
    assert answer.status_code == 413
    assert said("stock.too_much") in answer.get_data(as_text=True)


def test_a_batch_that_does_not_fit_the_queue_is_refused_whole_with_its_time(
    app: Flask, client: FlaskClient
) -> None:
    for number in range(40):
        client.post("/checks", data={"photo": (io.BytesIO(b"%d" % number), "a.jpg")})
    many = [(f"{number}.jpg", parcels.jpeg(number)) for number in range(20)]
    answer = send(client, *many)
    work: Work = app.extensions["work"]
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert work.counts()[Status.QUEUED] == 40, "nothing of it was written down"
    answered(app)
    assert send(client, *many).status_code == 303


def test_a_precheck_shows_what_was_chosen_and_no_more(app: Flask, client: FlaskClient) -> None:
    address = verdicts(app, client)
    answer = client.post(f"{address}/precheck?lang=zh", data={"item": ["1", "4", "99", "x"]})
    assert answer.status_code == 303
    chooser = page(client, f"{address}/precheck")
    (code,) = set(re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", chooser))
    html = page(client, f"/p/{code}")
    assert names(html) == ["inconsistent", "consistent"], "what needs a look stands above"
    assert said("precheck.chosen", total=4, shown=2) in html
    assert said("precheck.proves") in html and said("report.demo") not in html
    work: Work = app.extensions["work"]
    at = work.clock().astimezone(CHINA)
    assert f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}（北京时间）" in html
    # The report is of another registry than today's, whose age stands there.
    assert html.count(said("precheck.older")) == 2
    assert re.search(r"登记数据(更新于|今天更新过).{0,3}20\d\d年", html)
    for hidden in ("/checks/", "/batches/", ".jpg", report()["photo"]["sha256"], "icon consistent"):
        assert hidden not in html
    assert 'class="icon inconsistent"' in html and 'class="icon agrees"' in html
    assert not re.search("真的|正品|保真|通过|合格|认证机构", html)
    for typed in (code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        led = client.get("/p", query_string={"code": typed}, follow_redirects=True)
        assert led.status_code == 200 and names(led.get_data(as_text=True)) == names(html)
    wrong = client.get("/p/2222-2222-2222")
    # Who mistyped a code is led back to where codes are entered, not to the upload of a photo.
    assert wrong.status_code == 404 and 'class="button" href="/p?' in wrong.text
    picture = client.get(f"/p/{code}/qr.svg")
    assert picture.mimetype == "image/svg+xml" and picture.data.startswith(b"<svg")


def test_a_precheck_ends_when_it_is_told_and_with_its_hours(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    address = verdicts(app, client)
    for _ in range(2):
        client.post(f"{address}/precheck", data={"item": "2", "hours": "2"})
    pages = precheck.Prechecks(app.extensions["work"])
    first, second = pages.of_batch(address.rpartition("/")[2])
    other = sent(client, ("z.jpg", PHOTOS["5.jpg"]))
    assert client.post(f"{other}/precheck/{first.code}/end").status_code == 404
    assert client.get(f"/p/{first.code}").status_code == 200
    assert client.post(f"{address}/precheck/{first.code}/end").status_code == 303
    for path in ("", "/live", "/qr.svg"):
        assert client.get(f"/p/{first.code}{path}").status_code == 404
        assert client.get(f"/p/{second.code}{path}").status_code == 200
    assert client.post(f"{address}/precheck", data={}).status_code == 400
    clock.on(hours=2.1)
    assert client.get(f"/p/{second.code}").status_code == 404


def test_what_could_not_be_checked_is_not_ticked_and_leads_to_the_reason(
    app: Flask, client: FlaskClient
) -> None:
    address = sent(client, *((f"{at}.jpg", PHOTOS[f"{at}.jpg"]) for at in (1, 2, 3)))
    work: Work = app.extensions["work"]
    queue = Queue(work)
    (first, second) = queue.take(2)
    queue.finish(first.id, Done([report(verdict="inconsistent")]))
    queue.finish(second.id, failed(second.sha256, REVISION, second.wish, CheckTimeoutError()))
    chooser = page(client, f"{address}/precheck")
    assert re.findall(r'id="item-\d" value="(\d)"( checked)?>', chooser) == [
        ("1", " checked"), ("2", ""), ("3", " checked"),
    ]  # fmt: skip
    html = page(client, address)
    for code, name in (("report", "1"), ("why", "2"), ("wait", "3")):
        label = f'aria-label="{said(f"stock.page.{code}_of", name=name)}"'
        assert re.search(f"{label}>{said(f'stock.page.{code}')}</a>", html), code


def test_a_batch_follows_what_was_corrected(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """In the table, its download, on pre-check pages and for programs; taken back as well."""
    address = sent(client, ("a.jpg", PHOTOS["1.jpg"]))
    work: Work = app.extensions["work"]
    queue = Queue(work)
    for one in queue.take(1):
        queue.finish(one.id, Done([report(verdict="inconsistent")]))
    client.post(f"{address}/precheck", data={"item": "1"})
    (shown,) = precheck.Prechecks(work).of_batch(address.rpartition("/")[2])
    first = re.findall(r"/checks/([0-9a-f]{40})", page(client, address))[0]
    entered = (Correction("cma_no", "211601060417"),)
    again = check_again(work, first, entered, REVISION.revision)
    assert first in page(client, address), "what waits changes nothing"
    for one in queue.take(1):
        queue.finish(one.id, Done([report(verdict="suspected")]))
    note = said("stock.page.corrected")
    for path in (address, f"/p/{shown.code}"):
        html = page(client, path)
        assert said("stock.state.suspected") in html and note in html
    assert f"/checks/{again}" in page(client, address)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}/table.xlsx?lang=zh").data))
    assert note in str(book.worksheets[0]["D2"].value)
    clock.on(seconds=1)
    check_again(work, first, (), REVISION.revision)
    answered(app)
    assert note not in page(client, address)


def test_a_code_cannot_be_guessed() -> None:
    assert len(precheck.ALPHABET) ** precheck.LENGTH > 2**58
    assert not set("01ILOU") & set(precheck.ALPHABET)


def test_hostile_names_are_text(app: Flask, client: FlaskClient) -> None:
    address = sent(client, (f"{HOSTILE}.jpg", PHOTOS["1.jpg"]), title=HOSTILE)
    answered(app)
    client.post(f"{address}/precheck", data={"item": "1"})
    (made,) = precheck.Prechecks(app.extensions["work"]).of_batch(address.rpartition("/")[2])
    for path in (address, f"{address}/live", f"{address}/precheck", f"/p/{made.code}"):
        html = page(client, path)
        assert "<script>alert" not in html and "alert(1)" in html


def test_a_batch_is_its_owners_alone(app: Flask, client: FlaskClient) -> None:
    address = verdicts(app, client)
    other = browser_of(app, someone(app, Role.ADMIN))
    for browser, status in ((other, 404), (app.test_client(), 302)):
        for path in ("", "/live", "/table.xlsx", "/precheck"):
            assert browser.get(f"{address}{path}").status_code == status
        for path in ("/delete", "/precheck"):
            assert browser.post(f"{address}{path}", data={"item": "1"}).status_code == status
    assert client.get("/batches").get_data(as_text=True).count(address) == 1
    assert address not in other.get("/batches").get_data(as_text=True)
    # An API client that nobody knows is none of them either.
    assert app.test_client().get(f"/api/v1{address}").status_code == 404


def test_many_files_reach_a_real_server(app: Flask) -> None:
    with listening(app) as url:
        files = [("files", (name, data)) for name, data in PHOTOS.items()]
        answer = requests.post(f"{url}/api/v1/batches", files=files, timeout=LONGEST)
    assert (answer.status_code, answer.json()["total"]) == (202, len(PHOTOS))


def test_every_sentence_of_these_pages_is_used_and_every_one_used_is_there(app: Flask) -> None:
    sources = [
        *ROOM.rglob("*.html"), *ROOM.glob("*.py"), *(ROOM.parent / "certcheck").rglob("*.py"),
    ]  # fmt: skip
    text = "\n".join(one.read_text("utf-8") for one in sources)
    catalogue = messages.catalogue()
    others = {rule.endpoint for rule in app.url_map.iter_rules()}
    others |= {one.name for one in ROOM.rglob("*.*")}
    for file, prefix in (("stock.toml", "stock"), ("precheck.toml", "precheck")):
        written = {code for code, one in catalogue.items() if one.file == file}
        named = set(re.findall(rf'["\']({prefix}\.[a-z_.]*[a-z_])["\']', text)) - others
        built = {f"stock.state.{one}" for one in items.KINDS}
        built |= {f"stock.page.{one}_of" for one in ("report", "wait", "why")}
        built |= {f"stock.page.sort.{one}" for one in items.ORDERS}
        # How long a batch is kept is told in one of several ways (`web.kept`).
        built |= {"stock.page.kept_day", "stock.page.privacy_days"}
        assert named <= written
        assert written <= named | built
