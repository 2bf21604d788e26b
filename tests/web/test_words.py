"""What would break: a sentence in one language only, or text too faint for old eyes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import web
from certcheck import messages

ROOM = Path(web.__file__).parent
TEMPLATES = sorted((ROOM / "templates").glob("*.html"))
SOURCES = [*TEMPLATES, *sorted(ROOM.glob("*.py"))]
# WCAG 2.2, success criterion 1.4.3.
AA = 4.5


def test_templates_and_scripts_hold_no_sentence_of_their_own() -> None:
    for path in [*TEMPLATES, ROOM / "static" / "page.js"]:
        assert not re.search(r"[\u4e00-\u9fff]", path.read_text("utf-8")), path
    for path in TEMPLATES:
        bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", "", path.read_text("utf-8"), flags=re.S)
        assert not re.search(r"[A-Za-z]{2,}", bare), path


def test_every_code_that_the_page_names_has_its_sentence_and_the_other_way_round() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    named = set(re.findall(r'["\'](web\.[a-z_.]+)["\']', text)) - {"web.app"}
    begun = tuple(one for one in named if one.endswith("."))
    written = {code for code in messages.catalogue() if code.startswith("web.")}
    assert all(any(one.startswith(each) for one in written) for each in begun)
    named -= set(begun)
    named |= {one for one in written if one.startswith(begun)}
    # How long a check is kept is told in one of three ways (`web.kept`).
    named |= {f"{one}_{end}" for one in named & {"web.kept"} for end in ("day", "case")}
    assert named == written


def test_the_other_codes_that_templates_name_have_their_sentences() -> None:
    text = "\n".join(path.read_text("utf-8") for path in TEMPLATES)
    named = set(re.findall(r't\("([a-z_.]+[a-z_])"[,)]', text))
    assert "report.proves" in named
    assert named <= set(messages.catalogue())


def _schemes() -> list[dict[str, str]]:
    css = (ROOM / "static" / "style.css").read_text("utf-8")
    light, dark = re.findall(r":root {(.*?)}", css, flags=re.S)[:2]
    day = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return [day, day | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, two: str) -> float:
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", _schemes(), ids=["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: dict[str, str]) -> None:
    statuses = ("inconsistent", "suspected", "unverifiable", "consistent", "advice")
    pairs = [("on-brand", "brand"), ("not_applicable", "sheet")]
    pairs += [(text, ground) for text in ("ink", "soft", "link") for ground in ("ground", "sheet")]
    for one in statuses:
        pairs += [(one, "sheet"), (one, f"{one}-ground")]
        pairs += [(text, f"{one}-ground") for text in ("ink", "soft", "link")]
    faint = {pair for pair in pairs if _contrast(*(scheme[name] for name in pair)) < AA}
    assert faint == set()
