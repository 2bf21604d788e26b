"""What would break: a page half in one language and half in the other, or a clock of nowhere."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import web
from certcheck import messages
from tests.web.kept import keep
from tests.web.scene import report
from web import language

ROOM = Path(web.__file__).parent
TEMPLATES = sorted((ROOM / "templates").rglob("*.html"))
# Others' own scripts stand in `vendor`.
SCRIPTS = sorted((ROOM / "static").glob("*.js"))
VIEWS = sorted(ROOM.rglob("*.py"))
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
# Three words in a row are a sentence, or the beginning of one.
SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,;:]+[A-Za-z]{2,}){2,}")
# What gauges read is in English, whoever runs the server.
GAUGES = ("health.py", "gauges.py")


def codes(text: str) -> Iterator[tuple[str, bool]]:
    """Codes that a template or a view names, and whether each is only the beginning of one."""
    for code, more in re.findall(
        r'\b(?:t|word|text|next_step|problem)\(\s*["\']([a-z0-9_.]+)["\']\s*(~|\+)?', text
    ):
        yield code, bool(more)


@pytest.mark.parametrize("path", [*TEMPLATES, *VIEWS], ids=lambda one: one.name)
def test_every_code_has_its_sentence_in_both_languages(path: Path) -> None:
    """The catalogue itself refuses a sentence in one language only."""
    known = messages.catalogue()
    for code, begins in codes(path.read_text("utf-8")):
        if begins:
            assert any(one.startswith(code) for one in known), code
        else:
            assert code in known, code
            assert all(known[code].text), code


def test_codes_are_found() -> None:
    found = {one for path in (*TEMPLATES, *VIEWS) for one in codes(path.read_text("utf-8"))}
    assert {("web.title", False), ("status.", True), ("web.gone", False)} <= found


def _strings(path: Path) -> Iterator[str]:
    """String constants of a module that a visitor could be shown: no docstring, no log line."""
    tree = ast.parse(path.read_text("utf-8"))
    aside: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            aside.add(id(body[0].value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "log":
                aside.update(id(one) for one in ast.walk(node))
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) in aside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("path", VIEWS, ids=lambda one: one.name)
def test_views_hold_no_sentence_of_their_own(path: Path) -> None:
    for text in _strings(path):
        assert not re.search(r"[\u3400-\u9fff]", text), text
        assert not SENTENCE.search(text) or path.name in GAUGES, text


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda one: one.name)
def test_scripts_hold_no_sentence_of_their_own(path: Path) -> None:
    code = re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
    assert not CJK.search(code)
    for quoted in re.findall(r'"([^"\n]*)"|\'([^\'\n]*)\'|`([^`]*)`', code):
        assert not SENTENCE.search("".join(quoted)), quoted


def test_days_times_and_numbers_are_the_languages_own(app: Flask) -> None:
    late = "2026-11-21T20:15:00Z"
    with app.test_request_context("/?lang=zh"):
        assert language.moment(late) == "2026年11月22日 04:15"
        assert language.day("2026-11-02") == language.day(dt.date(2026, 11, 2)) == "2026年11月2日"
        assert language.number(12345.5) == "12,345.5"
    with app.test_request_context("/?lang=en"):
        assert language.moment(late) == "22 November 2026 04:15"
        assert language.percent(0.97) == "97%"


def test_the_page_tells_the_time_by_its_readers_clock(app: Flask, client: FlaskClient) -> None:
    address = keep(app, report(checked_at="2026-11-21T20:15:00Z"))
    assert "2026年11月22日 04:15（北京时间）" in client.get(address).get_data(as_text=True)


def test_one_hour_is_no_hours() -> None:
    assert "1 hour." in messages.text("web.kept", hours=1).en
    assert "2 hours." in messages.text("web.kept", hours=2).en


def test_a_language_that_was_chosen_stays(app: Flask) -> None:
    """Else a page that a sign-in or a redirect leads to speaks what the browser asks for."""
    client = app.test_client()

    def tongue(address: str, accept: str) -> str:
        html = client.get(address, headers={"Accept-Language": accept}).get_data(as_text=True)
        found = re.search(r'<html lang="([^"]*)"', html)
        assert found
        return found[1]

    assert tongue("/?lang=zh", "zh") == "zh-CN"
    assert client.get_cookie(language.COOKIE) is None
    assert tongue("/?lang=en", "zh") == "en"
    assert tongue("/privacy", "zh") == "en"
    assert tongue("/?lang=zh", "zh") == "zh-CN"
    assert tongue("/", "en") == "zh-CN"
