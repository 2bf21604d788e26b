"""What is fuzzed of reports: every text that came from outside, on pages, letters and tables."""

from __future__ import annotations

import copy
import functools
import itertools
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from flask import Flask

from certcheck import complaint
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from tests.attack.hostile import EVERYWHERE
from tests.attack.markup import sound
from tests.fuzz.texts import known
from tests.web import tour
from tests.web.kept import kept_id
from tests.web.scene import report
from web import create_app, paper

# Under these a report quotes the paper, a code, a file, a registry or a site.
QUOTED = frozenset(
    {"value", "raw", "text", "name", "read", "expected", "source", "zh", "en", "link", "host",
     "url", "printed", "recorded", "law", "lab_id", "authority", "symbology"}
)  # fmt: skip
_LONGEST = 2_000
_TOGETHER = 12


@functools.cache
def _app() -> Flask:
    work = Work(Settings(Path(tempfile.mkdtemp(prefix="certcheck-fuzz-")), workers=1))
    return create_app({"REGISTRY": known(), "WORK": work, "WTF_CSRF_ENABLED": False})


@functools.cache
def _models() -> tuple[dict[str, Any], ...]:
    return report(), *tour.reports()


def report_seeds() -> Iterator[tuple[str, bytes]]:
    """The injection set, some texts at a time, and ordinary words."""
    for number in range(0, len(EVERYWHERE), _TOGETHER):
        texts = "\n".join(EVERYWHERE[number : number + _TOGETHER])
        yield f"texts-{number:03}", bytes([number % 4]) + texts.encode("utf-8", "replace")
    yield "plain", b"\1" + "示例玉石鉴定中心\n翡翠手镯\n12.34g".encode()


def filled(
    model: Any, texts: Iterator[str], key: str = "", quoted: Collection[str] = QUOTED
) -> Any:
    """A report with every quoted text replaced."""
    if isinstance(model, dict):
        return {name: filled(one, texts, name, quoted) for name, one in model.items()}
    if isinstance(model, list):
        return [filled(one, texts, key, quoted) for one in model]
    return next(texts) if isinstance(model, str) and key in quoted else model


_numbers = itertools.count(1)


def reports(data: bytes) -> None:
    """A report with these texts on its page, on paper, in its letter and as JSON."""
    kind, body = data[:1] or b"\0", data[1:]
    texts = [one[:_LONGEST] for one in body.decode("utf-8", "replace").split("\n")] or [""]
    model = copy.deepcopy(_models()[kind[0] % len(_models())])
    made = filled(model, itertools.cycle(texts)) | {"id": f"{next(_numbers):032x}"}
    app = _app()
    check_id = kept_id(app, made, pictures=False)
    browser = app.test_client()
    for lang in ("zh", "en"):
        for path in ("", "/1/next"):
            answer = browser.get(f"/checks/{check_id}{path}?lang={lang}")
            assert answer.status_code == 200, answer.status_code
            sound(answer.get_data(as_text=True), texts)
    letter = browser.get(f"/checks/{check_id}/1/letter.txt")
    assert "\r" not in letter.headers["Content-Disposition"]
    complaint.letter(made)
    assert browser.get(f"/api/v1/checks/{check_id}").get_json()["id"] == check_id
    with paper.bare_app().test_request_context("/?lang=zh"):
        work: Work = app.extensions["work"]
        found = work.look(check_id)
        assert found is not None
        html, _ = paper.report_html(found)
        sound(html, texts, on_paper=True)
    assert work.forget(check_id)
