"""What would break: a page of which half is in another language, or that takes long in a shop."""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from certcheck import messages
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.work_store import Clock
from tests.web import tour
from tests.web.staff import quick
from tests.web.test_languages import CJK, SENTENCE
from web import create_app
from web.language import LANGUAGES

# Bytes of a page with its style, scripts and drawings, before any photo.
HEAVIEST = 150_000
# What people see or hear of an element besides its text; a script's texts stand in data-….
SPOKEN = ("alt", "title", "aria-label", "aria-description", "placeholder", "value", "content")
VOID = {"meta", "link", "img", "input", "br", "hr", "wbr", "source"}


class Words(HTMLParser):
    """The texts of a page, each with the language it is said to be in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = [("", "")]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        lang = told.get("lang") or self._open[-1][1]
        for name, value in attrs:
            if value and (name in SPOKEN or name.startswith("data-")):
                self.texts.append((lang, value))
        if tag not in VOID:
            self._open.append((tag, lang))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing of ours that ends at once holds words, but for `VOID`."""
        if tag in VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open[-1][0] not in ("script", "style"):
            self.texts.append((self._open[-1][1], data))


@dc.dataclass(frozen=True, slots=True)
class Shown:
    """A page of the tour, as it was answered in a language."""

    stop: tour.Stop
    lang: str
    status: int
    html: str


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, demo_registry: Registry) -> Iterator[Flask]:
    """One for the whole tour, which takes longer than to look at what it comes by."""
    work = Work(Settings(tmp_path_factory.mktemp("tour"), workers=1, most_queued=50), Clock())
    told = {"REGISTRY": demo_registry, "WORK": work, "WTF_CSRF_ENABLED": False}
    yield create_app(told | {"PASSWORDS": quick()})
    work.close()


@pytest.fixture(scope="module")
def pages(app: Flask) -> list[Shown]:
    """Every page in both languages."""
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(messages.STRICT, "1")
        for client, stop in tour.walk(app):
            mark = "&" if "?" in stop.address else "?"
            for lang in LANGUAGES:
                answer = client.get(f"{stop.address}{mark}lang={lang}")
                html = answer.get_data(as_text=True)
                made.append(Shown(stop, lang, answer.status_code, html))
    return made


def test_the_tour_comes_by_every_page(app: Flask, pages: list[Shown]) -> None:
    gets = {
        rule.endpoint for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith("api.")
    }  # fmt: skip
    seen = {one.stop.endpoint for one in pages if one.stop.endpoint}
    assert gets == seen | set(tour.NO_PAGES)
    assert [one for one in pages if one.status != one.stop.status] == []


def test_a_page_in_english_is_english(pages: list[Shown]) -> None:
    """But for what was read and registered, and articles of law, marked as Chinese."""
    quoted = tour.values(tour.reports())
    for page in (one for one in pages if one.lang == "en"):
        for lang, text in Words(page.html).texts:
            if not lang.startswith("zh"):
                for run in CJK.findall(text):
                    # What was asked for stands there as it was typed.
                    said = any(run in value for value in [*quoted, page.stop.address])
                    assert said, f"{page.stop.address}: {text}"


def test_a_page_in_chinese_is_chinese(pages: list[Shown]) -> None:
    quoted = tour.values(tour.reports())
    for page in (one for one in pages if one.lang == "zh"):
        for lang, text in Words(page.html).texts:
            if lang.startswith("zh"):
                for run in SENTENCE.findall(text):
                    assert any(run in value for value in quoted), f"{page.stop.address}: {text}"


def test_no_page_is_heavy_before_its_photo(app: Flask, pages: list[Shown]) -> None:
    room = Path(app.root_path)
    for page in pages:
        loaded = set(re.findall(r'(?:src|href)="/(static/[^"?]+)', page.html))
        assert loaded
        weight = len(page.html.encode()) + sum((room / one).stat().st_size for one in loaded)
        assert weight <= HEAVIEST, f"{page.stop.address}: {weight}"
