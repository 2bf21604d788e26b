"""Whether a page holds any mark-up that we did not write, by what a browser would do with it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from html.parser import HTMLParser

STARTS, ENDS, SAYS = "starts", "ends", "says"
# Elements that load, run or lead elsewhere; no page of ours has one.
_FOREIGN = frozenset({"iframe", "object", "embed", "applet", "base", "frame", "portal", "math"})
_LEADING = ("href", "src", "action", "formaction", "poster", "srcset", "data", "xlink:href", "ping")
# Addresses within the page, of this server, and those that only dial or write.
_OURS = re.compile(r"(?:/(?![/\\])|\.\.?/|[?#]|tel:[+0-9*#,-]+$|mailto:|picture:\d+$|[\w.-]+$)")
_OUTSIDE = re.compile(r"https?://[^\s<>\"'\\]+$", re.IGNORECASE)
# Handed to an app for codes on this very machine; all in it that is not ours is quoted.
_APP = re.compile(r"otpauth://totp/[\w.~%:-]+\?[\w.~%=&-]+$", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Page(HTMLParser):
    """The tags and texts of a page, in their order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.met: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((STARTS, tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.met.append((ENDS, tag, {}))

    def handle_data(self, data: str) -> None:
        self.met.append((SAYS, data, {}))


# Whoever holds a page against one rule often looks for something else on it right after.
@functools.lru_cache(maxsize=4)
def parsed(html: str) -> tuple[tuple[str, str, dict[str, str]], ...]:
    """A page as it is met: `STARTS` with a tag and what it holds, `ENDS`, or `SAYS` with a text.

    Nobody may change what it holds.
    """
    page = _Page()
    page.feed(html)
    page.close()
    return tuple(page.met)


def sound(html: str, quoted: Iterable[str] = (), *, on_paper: bool = False) -> None:
    """Fails where a page holds mark-up that runs, loads or leads where we did not mean to.

    Args:
        html: the page.
        quoted: texts from outside; none may be a link's address, but web addresses that are told
            to lead elsewhere.
        on_paper: whether it is laid out by `certcheck.pdf`, where styles stand in the page.
    """
    given = {one.strip() for one in quoted if one.strip()}
    for tag, held in ((tag, held) for kind, tag, held in parsed(html) if kind == STARTS):
        assert tag not in _FOREIGN, tag
        assert not any(name.startswith("on") for name in held), (tag, held)
        assert "srcdoc" not in held, tag
        if tag == "script":
            assert held.get("src", "").startswith("/static/"), held
        if tag == "meta":
            # A page that waits asks for itself again; none leads elsewhere.
            again = held.get("content", "").isdigit()
            assert held.get("http-equiv", "").lower() != "refresh" or again, held
        assert on_paper or (tag != "style" and "style" not in held), (tag, held)
        for name in _LEADING:
            if name in held:
                _leads(tag, held, name, given)


def _leads(tag: str, held: dict[str, str], name: str, given: set[str]) -> None:
    """Where an attribute leads: within, or elsewhere with nothing told to that place."""
    address = held[name]
    if _OURS.match(address) and not _CONTROL.search(address):
        assert ":" not in address.partition("/")[0].partition("?")[0].partition("#")[0] or (
            address.startswith(("tel:", "mailto:", "picture:"))
        ), (tag, address)
        return
    assert tag == "a" and name == "href", (tag, name, address)
    assert _OUTSIDE.match(address) or _APP.match(address), address
    if address.strip() in given or any(one in address for one in given if len(one) > 8):
        assert "noreferrer" in held.get("rel", ""), (address, held)
