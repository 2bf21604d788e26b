"""What would break: a PDF that asks strangers for files, leads elsewhere, or lacks characters."""

from __future__ import annotations

import builtins
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from certcheck import pdf
from certcheck.errors import PdfFontError, PdfLibraryError, PdfPictureError
from ocr.errors import DamagedPhotoError
from ocr.photo import load
from tests.certcheck.paper_tools import bookmarks, links, needs_pango, pages, pictures, tagged
from tests.web.kept import jpeg

HEAD = '<!doctype html><html lang="zh-CN"><title>甲</title>'
LATIN = "/usr/share/fonts/truetype/dejavu"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    return path


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """A web server, and what it was asked for."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@needs_pango
def test_a_page_keeps_its_words_its_picture_and_its_headings(picture: Path) -> None:
    html = f'{HEAD}<h1>与登记不符</h1><p id="a">读到甲</p><img src="picture:1"><h2>其二</h2>'
    made = pdf.pdf_of(html, {"picture:1": picture})
    (text,) = pages(made)
    assert "与登记不符" in text
    assert "读到甲" in text
    assert pictures(made) == [1]
    assert bookmarks(made) == ["与登记不符", "其二"]
    assert tagged(made)


@needs_pango
@pytest.mark.parametrize(
    "asks",
    [
        '<img src="{0}/a.jpg">',
        '<link rel="stylesheet" href="{0}/a.css">',
        "<style>@import '{0}/a.css'; p {{ background: url({0}/a.jpg) }}</style><p>甲",
        '<svg width="9" height="9"><image href="{0}/a.jpg" width="9" height="9"/></svg>',
        '<img src="file:///etc/hostname">',
        '<object data="{0}/a.svg"></object>',
    ],
)
def test_nothing_is_opened_but_the_pictures_that_were_given(
    asks: str, stranger: tuple[str, list[str]]
) -> None:
    address, asked = stranger
    with pytest.raises(PdfPictureError):
        pdf.pdf_of(HEAD + asks.format(address), {})
    assert asked == []


@needs_pango
def test_links_lead_to_the_page_itself_only() -> None:
    """An address of a check lets in whoever has it; a paper is passed on."""
    made = pdf.pdf_of(
        f'{HEAD}<p id="a"><a href="#a">甲</a><a href="/checks/1">乙</a>'
        '<a href="https://elsewhere.example/">丙</a><a href="tel:12315">丁</a>',
        {},
    )
    assert links(made) == [None]


@needs_pango
def test_a_picture_that_is_gone_is_no_blank(tmp_path: Path) -> None:
    with pytest.raises(PdfPictureError):
        pdf.pdf_of(f'{HEAD}<img src="picture:1">', {"picture:1": tmp_path / "gone"})


@needs_pango
@needs_pango
def test_photos_that_are_cut_off_stay_damaged_afterwards(picture: Path) -> None:
    """WeasyPrint sets Pillow to accept them, for everybody in the process."""
    pdf.pdf_of(HEAD + "<p>一页</p>", {})
    data = picture.read_bytes()
    with pytest.raises(DamagedPhotoError):
        load(data[: len(data) // 2], "cut.jpg")


def test_a_rare_character_costs_no_result() -> None:
    assert "甲" in pages(pdf.pdf_of(f"{HEAD}<p>甲\U000f0000", {}))[0]  # nobody's character


@needs_pango
@pytest.mark.parametrize("folder", ["nowhere", LATIN])
def test_a_machine_without_chinese_fonts_is_told_so(folder: str, tmp_path: Path) -> None:
    """Else every character would be an empty box, and without any font Pango dies."""
    if folder == LATIN and not Path(LATIN).exists():
        pytest.skip("fonts-dejavu-core is missing")
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    (tmp_path / pdf.PAGE).write_text(f"{HEAD}<p>甲", "utf-8")
    (tmp_path / pdf.PICTURES).write_text("{}")
    subprocess.run(
        [sys.executable, "-m", pdf.__name__, str(tmp_path)],
        env=os.environ | {"FONTCONFIG_FILE": str(fonts)}, check=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert json.loads((tmp_path / pdf.ERROR).read_text()) == {"code": PdfFontError.code}
    assert not (tmp_path / pdf.PDF).exists()


def test_without_pango_a_person_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(PdfLibraryError):
        pdf.pdf_of(HEAD, {})
