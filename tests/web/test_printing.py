"""What would break: a PDF that says less than the page, or that a request has to wait for."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import web
from certcheck import complaint, pdf
from certcheck.errors import PdfBusyError, PdfError, PdfLibraryError
from certcheck.runner import prints
from certcheck.runner.prints import Name, Sheet
from certcheck.runner.work import Work
from tests.certcheck.paper_tools import bookmarks, links, needs_pango, pages, pictures, tagged
from tests.web.kept import kept_id
from tests.web.scene import HOSTILE, report
from tests.web.test_pages import Page, said
from web import paper
from web.language import LANGUAGES
from web.printing import REPORT

TWO = (
    report(
        corrections=[
            {"field": "mass", "read": "3.7", "value": "3.1", "borne_out": False, "box": []}
        ]
    ),
    report(id="1" * 32),
)


def work_of(app: Flask) -> Work:
    work: Work = app.extensions["work"]
    return work


def sheet_of(app: Flask, client: FlaskClient, check_id: str, lang: str) -> Sheet:
    """What is to be put on paper once the button was pressed."""
    client.post(f"/checks/{check_id}/paper/report?lang={lang}")
    taken = prints.take(work_of(app))
    assert taken is not None
    assert taken[0] == Name(check_id, REPORT, lang)
    return taken[1]


def made_of(app: Flask, sheet: Sheet) -> bytes:
    blobs = work_of(app).blobs
    return pdf.pdf_of(
        sheet.html, {address: blobs.path(sha256) for address, sha256 in sheet.pictures.items()}
    )


def bare(text: str) -> str:
    """Without the places where lines end."""
    return "".join(text.split())


@needs_pango
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pdf_says_what_the_page_says(app: Flask, client: FlaskClient, lang: str) -> None:
    check_id = kept_id(app, *TWO)
    made = made_of(app, sheet_of(app, client, check_id, lang))
    told = pages(made)
    text = bare("".join(told))
    first = TWO[0]
    wanted = [
        said("report.proves", lang),
        said("web.article", lang),
        first["items"][2]["findings"][1]["message"][lang],
        said("correction.told", lang, field=said("field.mass", lang), read="3.7", value="3.1"),
        said("web.revision", lang, revision="r"),
        first["photo"]["sha256"],
        HOSTILE,
        said("web.part", lang, number=2, total=2),
        *(f"{number}{said(f'item.{number}', lang)}" for number in range(1, 9)),
    ]
    for one in wanted:
        assert bare(one) in text, one
    assert bare(said("verdict.inconsistent", lang)) in bare(told[0])
    for number, page in enumerate(told, start=1):
        assert f"{number} / {len(told)}" in page
    # Each certificate begins a page, with its own number at the foot of all of its pages.
    numbers = ["".join(re.findall(r"([01]{32}) \d+ / \d+", page)) for page in told]
    assert "" not in numbers
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(TWO)
    assert sum(pictures(made)) == 2
    assert tagged(made)
    assert said("verdict.inconsistent", lang) in bookmarks(made)
    assert set(links(made)) == {None}


def test_a_page_for_paper_asks_for_its_pictures_and_for_nothing_else(
    app: Flask, client: FlaskClient
) -> None:
    """It is written down: neither the token of a form nor an address is to stand in it."""
    check_id = kept_id(app, *TWO)
    sheet = sheet_of(app, client, check_id, "zh")
    page = Page(sheet.html)
    assert sheet.pictures == {"picture:1": work_of(app).look(check_id).pictures[1]}  # type: ignore[union-attr]
    assert {one["src"] for one in page.all("img")} == {"picture:1"}
    for tag in ("link", "script", "form", "button", "input", "dialog"):
        assert not page.all(tag), tag
    assert check_id not in sheet.html
    client.post(f"/checks/{check_id}/paper/report?lang=zh")
    assert prints.take(work_of(app)) is None  # the same page again


def test_the_command_line_puts_on_paper_what_the_page_does(app: Flask, client: FlaskClient) -> None:
    check_id = kept_id(app, *TWO)
    sheet = sheet_of(app, client, check_id, "en")
    found = work_of(app).look(check_id)
    assert found is not None
    # In another process than a server's, with neither stores nor visitors.
    with paper.bare_app().test_request_context("/?lang=en"):
        html, pictures_in_it = paper.report_html(found)
    assert (html, pictures_in_it) == (sheet.html, sheet.pictures)


@needs_pango
def test_a_letter_is_put_on_paper_alone(app: Flask, client: FlaskClient) -> None:
    """It is handed in: no advice, no address, nothing of the page around it."""
    check_id = kept_id(app, *TWO)
    steps = Page(client.get(f"/checks/{check_id}/2/next?lang=zh"))
    address = f"/checks/{check_id}/paper/letter-2"
    assert steps.all("form", action=f"{address}?lang=zh")
    assert client.post(f"{address}?lang=zh").status_code == 303
    taken = prints.take(work_of(app))
    assert taken is not None and taken[0] == Name(check_id, "letter-2", "zh")
    letter = complaint.letter(TWO[1]).text.zh
    assert bare(letter) in bare(
        re.sub(r"\S+ \d+ / \d+", "", "".join(pages(made_of(app, taken[1]))))
    )
    prints.finish(work_of(app), taken[0], b"%PDF")
    ready = Page(client.get(f"{address}?lang=zh"))
    assert ready.all("a", href=f"{address}.pdf?lang=zh")
    assert ready.all("a", href=f"/checks/{check_id}/2/next?lang=zh")
    file = client.get(f"{address}.pdf?lang=zh").headers["Content-Disposition"]
    assert file.startswith('attachment; filename="complaint-')
    for kind in ("letter-3", "letter-0", "letter"):
        assert client.post(f"/checks/{check_id}/paper/{kind}").status_code == 404


def test_who_asks_waits_on_a_page_and_finds_the_way_to_it(app: Flask, client: FlaskClient) -> None:
    check_id = kept_id(app, report())
    address = f"/checks/{check_id}/paper/report"
    form = Page(client.get(f"/checks/{check_id}?lang=zh"))
    assert form.all("form", action=f"{address}?lang=zh")
    answer = client.post(f"{address}?lang=zh")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}?lang=zh")
    waiting = client.get(f"{address}?lang=zh")
    assert said("paper.making") in waiting.get_data(as_text=True)
    assert Page(waiting).all("meta", **{"http-equiv": "refresh"})
    assert client.get(f"{address}/state?lang=zh").json == {"status": "queued", "ahead": 0}
    assert client.get(f"{address}.pdf?lang=zh").status_code == 404
    prints.take(work_of(app))
    prints.finish(work_of(app), Name(check_id, REPORT, "zh"), b"%PDF")
    assert client.get(f"{address}/state?lang=zh").json == {"status": "done", "ahead": 0}
    ready = Page(client.get(f"{address}?lang=zh"))
    assert ready.all("a", href=f"{address}.pdf?lang=zh")
    assert not ready.all("meta", **{"http-equiv": "refresh"})
    file = client.get(f"{address}.pdf?lang=zh")
    assert (file.data, file.mimetype) == (b"%PDF", "application/pdf")
    assert re.fullmatch(r'attachment; filename="[\w.-]+\.pdf"', file.headers["Content-Disposition"])


def test_why_there_is_none_is_told_with_the_way_to_do_without(
    app: Flask, client: FlaskClient
) -> None:
    check_id = kept_id(app, report())
    sheet_of(app, client, check_id, "zh")
    prints.finish(work_of(app), Name(check_id, REPORT, "zh"), PdfLibraryError.code)
    page = client.get(f"/checks/{check_id}/paper/report?lang=zh")
    assert page.status_code == 200
    assert said(PdfLibraryError.code) in page.get_data(as_text=True)
    assert Page(page).all("form", action=f"/checks/{check_id}/paper/report?lang=zh")


def test_a_pdf_that_is_damaged_is_not_handed_out(app: Flask, client: FlaskClient) -> None:
    check_id = kept_id(app, report())
    sheet_of(app, client, check_id, "zh")
    work, name = work_of(app), Name(check_id, REPORT, "zh")
    prints.finish(work, name, b"%PDF")
    sha256, _ = work.blobs.put(io.BytesIO(b"%PDF"))
    work.blobs.path(sha256).write_bytes(b"other")
    assert client.get(f"/checks/{check_id}/paper/report.pdf?lang=zh").status_code == 404
    page = client.get(f"/checks/{check_id}/paper/report?lang=zh").get_data(as_text=True)
    assert said(PdfError.code) in page


def test_who_comes_when_many_wait_is_told_to_come_again(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prints, "MOST_WAITING", 0)
    answer = client.post(f"/checks/{kept_id(app, report())}/paper/report")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert said(PdfBusyError.code) in answer.get_data(as_text=True)


@pytest.mark.parametrize("what", ["report", "report/state", "report.pdf"])
def test_what_nobody_asked_for_is_not_there(app: Flask, client: FlaskClient, what: str) -> None:
    for check_id in ("0" * 40, kept_id(app, report())):
        assert client.get(f"/checks/{check_id}/paper/{what}").status_code == 404
    assert client.post(f"/checks/{'0' * 40}/paper/report").status_code == 404
    assert client.post(f"/checks/{kept_id(app, report())}/paper/other").status_code == 404


def test_every_status_has_its_colour_on_paper_and_on_the_screen() -> None:
    """A drawing on paper takes its colours from `print.css`, a page's from `style.css`."""
    static = Path(web.__file__).parent / "static"
    named = re.compile(r"--(\w+): (#[0-9a-f]{6})")
    screen = dict(reversed(named.findall((static / "style.css").read_text("utf-8"))))
    paper = dict(named.findall((static / "print.css").read_text("utf-8")))
    for status in (
        "inconsistent", "suspected", "unverifiable", "consistent", "advice", "not_applicable",
    ):  # fmt: skip
        assert paper[status] == screen[status]
