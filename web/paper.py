"""A page of a check as it is put on paper: the HTML that `certcheck.pdf` lays out.

It is never served: styles and drawings' colours stand in it, which our pages to browsers may not
do. The server makes it for its button, the command line for `check --pdf`; both are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, render_template
from markupsafe import Markup

from certcheck.finding import Status as Judged
from web import language, view

JSON = Mapping[str, Any]

# Radius of a place's disc: smaller than on a screen, as no thumb has to hit it.
DISC_SHARE = 0.0125

_STATIC = Path(__file__).parent / "static"


class Shown(Protocol):
    """A check as the templates look at it.

    Attributes:
        id: of the check.
        reports: one a certificate.
        pictures: page of the photo to the name of the picture that we made of it.
    """

    @property
    def id(self) -> str:
        """See the class."""

    @property
    def reports(self) -> Sequence[JSON]:
        """See the class."""

    @property
    def pictures(self) -> Mapping[int, str]:
        """See the class."""


class Paper:
    """What templates need where a page is put on paper.

    Args:
        pictures: page of the photo to the name of the picture that we made of it.
    """

    def __init__(self, pictures: Mapping[int, str]) -> None:
        self._pictures = pictures

    @property
    def files(self) -> dict[str, str]:
        """Address of each picture to its name."""
        return {self.picture(page): name for page, name in self._pictures.items()}

    def picture(self, page: int) -> str:
        """The address of a page's picture."""
        return f"picture:{page}"

    def icon(self, status: str) -> Markup:
        """The rules of a sign: a page's own do not reach into a drawing."""
        return Markup(
            f".shape {{ fill: {inks()[status]} }} "
            ".sign { fill: none } .sign { stroke: #fff; stroke-width: 2.3; stroke-linecap: round }"
        )

    def marks(self, disc: float) -> Markup:
        """The rules of the places on the photo, as `style.css` has them for a screen.

        Args:
            disc: a disc's radius in pixels of the photo, which all widths follow.
        """

        def shares(*of_disc: float) -> str:
            return " ".join(f"{one * disc:.1f}" for one in of_disc)

        rules = [
            "polygon { fill: none }",
            "polygon { stroke-linejoin: round }",
            f".halo {{ stroke: #fff; stroke-opacity: .75; stroke-width: {shares(0.5)} }}",
            f".box {{ stroke-width: {shares(0.22)} }}",
            f"circle {{ stroke: #fff; stroke-width: {shares(0.12)} }}",
            "text { fill: #fff; font-weight: 700 }",
            *(f".{one} .box {{ stroke: {inks()[one]} }}" for one in Judged),
            *(f".{one} circle {{ fill: {inks()[one]} }}" for one in Judged),
            f".inconsistent .box {{ stroke-width: {shares(0.35)} }}",
            f".suspected .box {{ stroke-width: {shares(0.3)}; "
            f"stroke-dasharray: {shares(0.9, 0.5)} }}",
            f".unverifiable .box {{ stroke-dasharray: {shares(0.25, 0.4)}; "
            "stroke-linecap: round }",
        ]
        return Markup(" ".join(rules))


@cache
def inks() -> Mapping[str, str]:
    """The colour of each status on paper, as `print.css` has it."""
    css = (_STATIC / "print.css").read_text("utf-8")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css))


@cache
def styles() -> Markup:
    """The style sheets, one after the other."""
    return Markup("\n").join(
        Markup((_STATIC / name).read_text("utf-8")) for name in ("style.css", "print.css")
    )


def report_html(found: Shown, steps: Sequence[object] = ()) -> tuple[str, dict[str, str]]:
    """The report of a check in the language of this request; see `html_of`.

    Args:
        found: the check.
        steps: its history; see `certcheck.runner.again`.
    """
    sheets = [view.sheet(one, at, DISC_SHARE) for at, one in enumerate(found.reports, start=1)]
    return html_of("report.html", found, sheets=sheets, steps=steps)


def html_of(template: str, found: Shown, **context: object) -> tuple[str, dict[str, str]]:
    """A page of a check, ready to be put on paper.

    Args:
        template: of the page; it extends `paper.html` where `printing` is there, and then has
            neither forms nor anything else that changes from one request to the next.
        found: the check.
        context: what else the template needs.

    Returns:
        The HTML, and the address of each picture in it to the picture's name.
    """
    paper = Paper(found.pictures)
    html = render_template(
        template, found=found, printing=paper, styles=styles(),
        running=language.word("report.id", id=found.reports[0]["id"]), **context,
    )  # fmt: skip
    return html, paper.files


def bare_app() -> Flask:
    """An app that only renders: no database, no visitors, one address."""
    app = Flask("web")
    set_up(app)
    language.set_up(app)
    app.add_url_rule("/", "pages.index", lambda: "")
    return app


def set_up(app: Flask) -> None:
    """What every app of ours needs to render a page."""
    # A blank line for every tag of the template helps nobody.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(view.helpers)
    app.jinja_env.filters["drawn"] = view.drawn
    app.jinja_env.tests["outside"] = view.leads_outside
