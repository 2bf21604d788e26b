"""Which language a page is in, and its sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for

from certcheck import messages
from certcheck.messages import Text

# Chinese first: it is what the certificates, and most who hold one, speak.
LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}


def current() -> str:
    """`zh` or `en`: the page's `lang`, else what the browser prefers, else Chinese."""
    if "lang" not in g:
        asked = request.args.get("lang")
        known = asked if asked in LANGUAGES else None
        g.lang = known or request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    return str(g.lang)


def say(text: Text | Mapping[str, str]) -> str:
    """A text of both languages in the page's own."""
    if isinstance(text, Text):
        return text.en if current() == "en" else text.zh
    return text[current()]


def word(code: str, **params: object) -> str:
    """A sentence of the catalogue in the page's language."""
    return say(messages.text(code, **params))


def _other_url() -> str:
    """This page in the other language; the first page where this one came from a form."""
    other = "zh" if current() == "en" else "en"
    if request.method == "GET" and request.endpoint and request.url_rule:
        return url_for(request.endpoint, **(request.view_args or {}), lang=other)
    return url_for("pages.index", lang=other)


def helpers() -> dict[str, Any]:
    """What templates need to speak."""
    lang = current()
    return {
        "lang": lang,
        "html_lang": HTML_LANG[lang],
        "other_html_lang": HTML_LANG["zh" if lang == "en" else "en"],
        "other_url": _other_url(),
        "say": say,
        "t": word,
    }
