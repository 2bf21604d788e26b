"""What would break: a PDF that lacks what the page says, asks strangers for pictures, or takes the
server with it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck import pdf
from certcheck.pdf import PdfBusyError, PdfFontMissingError, PdfLibraryMissingError, Press
from tests.web.kept import keep
from tests.web.scene import report
from tests.web.test_pages import Page, said
from tests.web.test_server import listening


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    """One process for all tests of this file."""
    try:
        import weasyprint  # noqa: F401 - whether it can be
    except OSError:
        pytest.skip("Pango is not installed (Debian: libpangoft2-1.0-0)")
    if not pdf.has_chinese_font():
        pytest.skip("no Chinese font is installed (Debian: fonts-noto-cjk)")
    one = Press()
    yield one
    one.stop()


def text_of(data: bytes) -> str:
    """All text of a PDF, line breaks taken out."""
    document = pypdfium2.PdfDocument(data)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return "".join(text.split())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pdf_says_what_the_page_says(
    app: Flask, client: FlaskClient, press: Press, lang: str
) -> None:
    app.extensions["press"] = press
    told = report(
        corrections=[
            {"field": "mass", "read": "3.7", "value": "3.1", "borne_out": False, "box": []}
        ]
    )
    address = keep(app, told, report(id="1" * 32))
    answer = client.get(f"{address}/report.pdf?lang={lang}")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    text = text_of(answer.data)
    wanted = [
        said("verdict.inconsistent", lang),
        said("report.proves", lang),
        told["items"][2]["findings"][1]["message"][lang],
        "《某某办法》第十一条",
        said("correction.told", lang, field=said("field.mass", lang), read="3.7", value="3.1"),
        told["photo"]["sha256"],
        said("web.part", lang, number=2, total=2),
        *(f"{number}{said(f'item.{number}', lang)}" for number in range(1, 9)),
    ]
    for one in wanted:
        assert "".join(one.split()) in text, one
    page = Page(client.get(f"{address}?lang={lang}"))
    assert page.all("a", href="/report.pdf?")


def test_the_photo_and_its_places_are_in_it(app: Flask, client: FlaskClient, press: Press) -> None:
    app.extensions["press"] = press
    with_photo = client.get(f"{keep(app, report())}/report.pdf").data
    document = pypdfium2.PdfDocument(with_photo)
    kinds = [one.type for page in document for one in page.get_objects(max_depth=5)]
    document.close()
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE in kinds


def test_nothing_is_fetched_for_a_pdf(app: Flask, press: Press) -> None:
    """What a certificate says must not make the server ask anybody."""
    asked: list[str] = []
    app.before_request(lambda: asked.append("asked"))
    with listening(app) as address:
        made = press.make(
            f'<link rel="stylesheet" href="{address}/a.css"><img src="{address}/a.png">'
            f'<img src="file:///etc/hostname"><p>文字</p>',
            f"@import '{address}/b.css'; p {{ background: url({address}/c.png) }}",
        )
    assert "文字" in text_of(made) and asked == []


def test_who_comes_when_many_wait_is_told_to_come_again(app: Flask, client: FlaskClient) -> None:
    app.extensions["press"] = Press(waiters=0)
    answer = client.get(f"{keep(app, report())}/report.pdf")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert said(PdfBusyError.code) in answer.get_data(as_text=True)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_chinese_font", lambda: False)
    pytest.importorskip("weasyprint", exc_type=OSError)
    assert pdf._make("<p>文字</p>", "") == PdfFontMissingError.code
    real = builtins.__import__

    def without_pango(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_pango)
    assert pdf._make("<p>文字</p>", "") == PdfLibraryMissingError.code


def test_a_report_that_is_not_there_is_not_printed(client: FlaskClient) -> None:
    assert client.get(f"/checks/{'0' * 40}/report.pdf").status_code == 404
