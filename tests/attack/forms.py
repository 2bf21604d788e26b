"""The forms of a page, and what views ask a request for."""

from __future__ import annotations

import dataclasses as dc
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import flask
from werkzeug.datastructures import ImmutableMultiDict

from tests.attack.markup import ENDS, STARTS, parsed

# What somebody types himself; all else a page offers to choose.
_TYPED = frozenset({"", "text", "search", "url", "tel", "email", "number", "password", "textarea"})
_FAR = 10_000
_CHOSEN = frozenset({"checkbox", "radio"})


@dc.dataclass(slots=True)
class Form:
    """One form.

    Attributes:
        action: where it goes.
        post: whether it changes anything.
        offered: what is sent without being typed.
        typed: names of what is typed, each once.
        files: names of what takes a file.
        held: what stands in what is typed.
        longest: letters that fields say they take.
    """

    action: str
    post: bool
    offered: dict[str, list[str]] = dc.field(default_factory=dict)
    typed: list[str] = dc.field(default_factory=list)
    files: list[str] = dc.field(default_factory=list)
    held: dict[str, str] = dc.field(default_factory=dict)
    longest: dict[str, int] = dc.field(default_factory=dict)


class _Forms:
    def __init__(self, address: str) -> None:
        self.address = address
        self.found: list[Form] = []
        self._open = False
        self._select = self._area = ""
        self._buttons: list[tuple[str, str]] = []

    def starts(self, tag: str, held: dict[str, str]) -> None:
        if tag == "form":
            self._open = True
            post = held.get("method", "get").lower() == "post"
            self.found.append(Form(held.get("action") or self.address, post))
            self._buttons = []
        elif self._open and tag == "button" and held.get("type") == "submit":
            self._buttons.append((held.get("name", ""), held.get("value", "")))
        elif self._open and tag in ("input", "textarea"):
            self._field(tag, held)
        elif self._open and tag == "select":
            self._select = held.get("name", "")
        elif self._open and tag == "option" and self._select:
            chosen = self.found[-1].offered
            empty = chosen.get(self._select) == [""]
            if "selected" in held or self._select not in chosen or empty:
                chosen[self._select] = [held.get("value", "")]

    def ends(self, tag: str) -> None:
        if tag == "form":
            self._open = False
            # What the only way to send it sends along.
            if self._buttons and all(name for name, _ in self._buttons):
                self.found[-1].offered[self._buttons[0][0]] = [self._buttons[0][1]]
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def says(self, data: str) -> None:
        if self._area:
            self.found[-1].held[self._area] = data

    def _field(self, tag: str, held: dict[str, str]) -> None:
        form, name = self.found[-1], held.get("name", "")
        kind = "textarea" if tag == "textarea" else held.get("type", "").lower()
        if not name or kind == "submit":
            return
        if kind == "file":
            form.files.append(name)
        elif kind in _TYPED:
            if name not in form.typed:
                form.typed.append(name)
            form.held.setdefault(name, held.get("value", ""))
            self._area = name if tag == "textarea" else ""
            form.longest[name] = int(held.get("maxlength", 0)) or _FAR
        elif kind not in _CHOSEN or "checked" in held or name not in form.offered:
            form.offered.setdefault(name, []).append(held.get("value", ""))


def forms(html: str, address: str) -> list[Form]:
    """The forms of a page at an address."""
    page = _Forms(address)
    for kind, told, held in parsed(html):
        if kind == STARTS:
            page.starts(told, held)
        elif kind == ENDS:
            page.ends(told)
        else:
            page.says(told)
    return page.found


class Asked:
    """Has an app note by which names its views ask for what came with a request.

    Attributes:
        names: by endpoint and method.
    """

    def __init__(self, app: flask.Flask) -> None:
        self.names: dict[tuple[str, str], set[str]] = defaultdict(set)
        noted = self.names

        class Noted(ImmutableMultiDict[str, Any]):
            """Of an address, a form, or its files."""

            def _note(self, name: object) -> None:
                request = flask.request
                if request.endpoint and isinstance(name, str):
                    noted[request.endpoint, request.method].add(name)

            def __getitem__(self, key: str) -> Any:
                self._note(key)
                return super().__getitem__(key)

            def __contains__(self, key: object) -> bool:
                self._note(key)
                return super().__contains__(key)

            def getlist(self, key: str, *more: Any, **named: Any) -> Any:
                self._note(key)
                return super().getlist(key, *more, **named)

        class Request(flask.Request):
            parameter_storage_class = Noted

        app.request_class = Request

    def of(self, endpoint: str, method: str) -> Iterator[str]:
        """Names that a view asked for so far, but for those of the app itself."""
        yield from sorted(self.names[endpoint, method] - {"lang", "csrf_token"})
