"""Which language a page is in, its sentences, and how it writes days, times and numbers.

The sentences are the catalogue's (`certcheck.messages`), so that each stands in one place;
the rest is Flask-Babel's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import flask_babel
from flask import Flask, Response, g, request, url_for

from certcheck import messages
from certcheck.messages import Text

# Chinese first: it is what the certificates, and most who hold one, speak.
LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}
# Of English, the one that puts the day before the month.
LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
# The certificates' own time, and their readers'; sentences with a time of day name it.
TIME_ZONE = "Asia/Shanghai"
# Remembers a language that somebody chose against what his browser asks for.
COOKIE = "lang"
_COOKIE_DAYS = 365


def set_up(app: Flask) -> None:
    """Lets an app's pages speak."""
    flask_babel.Babel(
        app,
        default_locale=LOCALES[LANGUAGES[0]],
        default_timezone=TIME_ZONE,
        locale_selector=lambda: LOCALES[current()],
    )
    app.context_processor(helpers)
    app.after_request(_remember)


def current() -> str:
    """`zh` or `en`: the page's `lang`, else what was chosen before, else the browser's, else zh."""
    if "lang" not in g:
        asked = request.args.get("lang")
        g.lang = asked if asked in LANGUAGES else _unasked()
    return str(g.lang)


def speak(lang: str) -> None:
    """Goes on in a language."""
    g.lang = lang
    flask_babel.refresh()


def _unasked() -> str:
    """The language of a page whose address names none."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return str(request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]))


def _remember(response: Response) -> Response:
    """Keeps a choice that the next page could not know of otherwise."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and response.mimetype == "text/html" and asked != _unasked():
        response.set_cookie(
            COOKIE, str(asked), dt.timedelta(days=_COOKIE_DAYS), secure=request.is_secure,
            httponly=True, samesite="Lax",
        )  # fmt: skip
    return response


def day(value: str | dt.date | dt.datetime) -> str:
    """A day as the page's language writes it: 2026年11月22日, 22 November 2026.

    Args:
        value: a day or a time, also in the form of ISO 8601; a time without a zone is UTC.
    """
    return str(flask_babel.format_date(_time(value), "long"))


def moment(value: str | dt.datetime) -> str:
    """A day and the time of day, by the clocks of `TIME_ZONE`; see `day`."""
    when = _time(value)
    return f"{flask_babel.format_date(when, 'long')} {flask_babel.format_time(when, 'HH:mm')}"


def number(value: float) -> str:
    """A number with the language's marks between thousands."""
    return str(flask_babel.format_decimal(value))


def percent(share: float) -> str:
    """A share of one, in whole percent."""
    return str(flask_babel.format_percent(share))


def _time(value: str | dt.date | dt.datetime) -> dt.date | dt.datetime:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        # Flask-Babel takes times without a zone for UTC, and would not ask the others.
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


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
        "LANGUAGE_COOKIE": COOKIE,
        "say": say,
        "t": word,
        "day": day,
        "moment": moment,
        "number": number,
        "percent": percent,
    }
