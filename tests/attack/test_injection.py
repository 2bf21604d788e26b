"""What would break: a text of a photo, a code, a form or an address that acts where it ends up."""

from __future__ import annotations

import csv
import html
import io
import itertools
import json
import logging
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.operation import logs
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from certcheck.seen import store as seen
from registry.lookup import Registry
from tests.attack.forms import Asked, Form, forms
from tests.attack.hostile import EVERYWHERE, EVIL, FORMULAS, LINES, MARKUP, NAMES, QUERIES
from tests.attack.markup import sound
from tests.attack.typing import (
    BY_HAND,
    FREE,
    HEADERS,
    LAST,
    PHONE,
    SHARP,
    VALID,
    WHOLE,
    file_of,
    lines,
)
from tests.fuzz.reports import filled
from tests.web import tour
from tests.web.staff import quick
from web import access, create_app

# Letters of a long line; forms take lines of as many, or say how many.
_LINE = 600
# Lines that a form of free texts takes at least.
_FEW = 5
# Times that a form is tried with short lines before it is clear that it takes none.
_TRIES = 4
_NUMBERS = re.compile(r"[0-9a-f]{16,40}|\d+")
# What a spreadsheet program would run.
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029]")
QUOTED = frozenset(
    {"value", "raw", "text", "name", "read", "expected", "source", "host", "printed", "recorded",
     "symbology", "link"}
)  # fmt: skip


def answered(answer: TestResponse, about: object) -> str:
    """The page that came; that something is wrong with a request is no fault of the server's."""
    assert answer.status_code < 500, (about, answer.status_code)
    for name, value in answer.headers:
        assert not _CONTROL.search(f"{name}{value}"), about
    kind = answer.mimetype or ""
    if kind.startswith("text/") or kind.endswith("xml"):
        assert answer.mimetype_params.get("charset") == "utf-8", about
    assert kind or not answer.content_length, about
    if answer.mimetype != "text/html" or answer.location is not None:
        return ""
    page = answer.get_data(as_text=True)
    sound(page, EVERYWHERE)
    return page


class Walk:
    """Everything that the app takes, typed; everything that it shows, looked at.

    Args:
        app: with pages of every kind in it.
        asked: notes what its views ask for.

    Attributes:
        stops: pages, each with a browser that may see it.
        sent: endpoints that something was sent to.
        taken: by form and field the texts that were taken, and whether the page that followed
            shows them as they were typed.
        made: pages that the forms led to.
    """

    def __init__(self, app: Flask, asked: Asked) -> None:
        self.app, self.asked = app, asked
        self.stops = list(tour.walk(app))
        self.sent: set[str] = set()
        self.taken: dict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
        self.made: dict[str, str] = {}
        self._closed: dict[str, set[str]] = defaultdict(set)
        self._urls = app.url_map.bind("localhost")

    def browser(self, role: Role) -> FlaskClient:
        """A browser of somebody of a role; a visitor's for those who are no people."""
        if role not in OF_PEOPLE:
            return self.app.test_client()
        return tour.browser_of(self.app, tour.someone(self.app, role))

    def key(self, form: Form) -> str:
        """Where a form goes; of a case, with the step."""
        endpoint, values = self._where(form)
        return f"{endpoint} {values['key']}" if endpoint == "cases.step" else endpoint

    def found(self) -> list[tuple[FlaskClient, str, Form]]:
        """The forms that change anything, each kind once, by whoever is shown it first."""
        known: dict[tuple[str, tuple[str, ...]], tuple[FlaskClient, str, Form]] = {}
        places, inspector = set(), self.browser(Role.INSPECTOR)
        for browser, stop in self.stops:
            lookers = [browser]
            if stop.endpoint not in places and access.TABLE.get(stop.endpoint) == access.OFFICE:
                lookers.append(inspector)
            places.add(stop.endpoint)
            for one in lookers:
                for form in forms(answered(one.get(stop.address), stop), stop.address):
                    if form.post:
                        kind = self.key(form), tuple(form.typed)
                        known.setdefault(kind, (one, stop.address, form))
        return sorted(known.values(), key=lambda one: (_late(self.key(one[2])), not one[2].typed))

    def type(self, browser: FlaskClient, place: str, form: Form) -> None:
        """Types the whole set into each of a form's free texts, and some of it into the rest."""
        key = self.key(form)
        form = self._again(form, place, answered(browser.get(place), place))
        free = [one for one in form.typed if one not in VALID.get(key, {})]
        # In few long lines first; where no field took one, in lines that fit.
        for names, longest in ((free, {}), (FREE.get(key, free), form.longest)):
            sets = {one: lines(min(longest.get(one, _LINE), _LINE)) for one in names}
            if names and min(len(self.taken[key, one]) for one in names) >= _FEW:
                break
            for at in range(max(map(len, sets.values()), default=0)):
                if at == _TRIES and longest and not any(self.taken[key, one] for one in names):
                    break
                texts = {one: some[at % len(some)] for one, some in sets.items()}
                form = self._send(browser, place, form, texts)
        endpoint = self._where(form)[0]
        if endpoint not in self.sent:
            form = self._send(browser, place, form, {})
        closed = set(self.asked.of(endpoint, "POST")) - set(free) - self._closed[endpoint]
        self._closed[endpoint] |= closed
        for at, (name, _) in enumerate(itertools.product(sorted(closed), range(2))):
            form = self._send(browser, place, form, {name: SHARP[at % len(SHARP)]})

    def _where(self, form: Form) -> tuple[str, dict[str, Any]]:
        address = form.action.partition("?")[0]
        return self._urls.match(address, "POST" if form.post else "GET")

    def _again(self, form: Form, where: str, page: str) -> Form:
        """A form as it stands on a page; as it was where it does not stand there."""
        same = (one for one in forms(page, where) if one.post and one.typed == form.typed)
        return next((one for one in same if self.key(one) == self.key(form)), form)

    def _send(self, browser: FlaskClient, place: str, form: Form, texts: dict[str, str]) -> Form:
        """Sends a form; returns it as it stands afterwards."""
        key = self.key(form)
        # What is not sent stays, where only some is typed anew.
        held = {} if key in FREE else form.held
        typed = {**form.offered, **held, **VALID.get(key, {}), **texts}
        data: MultiDict[str, Any] = MultiDict(typed)
        for one in form.files:
            data[one] = file_of(next(iter(texts.values()), "x"))
        kind = "multipart/form-data" if form.files else "application/x-www-form-urlencoded"
        answer = browser.post(form.action, data=data, content_type=kind)
        self.sent.add(self._where(form)[0])
        page, there = answered(answer, (key, texts)), place
        if answer.status_code in (302, 303):
            assert re.match(r"/(?![/\\])", answer.location), answer.location
            there = answer.location
            self.made[_NUMBERS.sub("#", there)] = there
            page = answered(browser.get(there), there)
        elif answer.status_code != 200:
            return form
        shown = html.unescape(page)
        for name, text in texts.items():
            self.taken[key, name].append((text, text in shown))
        found = self._again(form, there, page)
        if found is form and place != there:
            found = self._again(form, place, answered(browser.get(place), place))
        return found


def _late(key: str) -> int:
    """How late a form is sent, that it does not end what others go on with."""
    return LAST.index(key) + 1 if key in LAST else 0


class _Lines(logging.Handler):
    """What the app says of itself, as it stands in a log."""

    def __init__(self) -> None:
        super().__init__()
        self.forms = (logs.AsJson(), logs.AsText())
        self.said: list[str] = []
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said += [one.format(record) for one in self.forms]
        if record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage())


@pytest.fixture(scope="module")
def said() -> Iterator[_Lines]:
    found, root = _Lines(), logging.getLogger()
    root.addHandler(found)
    level, rooms = root.level, [logging.getLogger(one) for one in logs.OURS]
    levels = [one.level for one in rooms]
    for one in rooms:
        one.setLevel(logging.INFO)
    yield found
    for one, before in zip(rooms, levels, strict=True):
        one.setLevel(before)
    root.setLevel(level)
    root.removeHandler(found)


@pytest.fixture(scope="module")
def walk(
    tmp_path_factory: pytest.TempPathFactory, demo_registry: Registry, said: _Lines
) -> Iterator[Walk]:
    """An app all of whose reports quote the injection set, and into whose forms it was typed."""
    folder = tmp_path_factory.mktemp("walk")
    work = Work(Settings(folder / "work", workers=1, most_queued=5000, rate=100_000))
    texts, real = itertools.cycle(EVERYWHERE), tour.reports

    def reports() -> list[dict[str, Any]]:
        return [
            one | {key: filled(one[key], texts, quoted=QUOTED) for key in one if key != "registry"}
            for one in real()
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(seen.SETTING, str(folder / "seen.sqlite"))
        patch.setattr(tour, "reports", reports)
        told = {"REGISTRY": demo_registry, "WORK": work, "WTF_CSRF_ENABLED": False}
        app = create_app(told | {"PASSWORDS": quick(), "PROPAGATE_EXCEPTIONS": False})
        found = Walk(app, Asked(app))
        for browser, place, form in found.found():
            found.type(browser, place, form)
        _by_hand(found)
        yield found
    work.close()


def _by_hand(walk: Walk) -> None:
    """Likewise what no page's form sends: programs, and scripts of ours."""
    browsers = {role: walk.browser(role) for role in Role}
    for endpoint, (address, role, told) in BY_HAND.items():
        browser = browsers[role]
        browser.post(address, data=told)
        walk.sent.add(endpoint)
        texts = lines(_LINE) if role is Role.CLIENT else SHARP
        for name, text in itertools.product(walk.asked.of(endpoint, "POST"), texts):
            value: Any = file_of(text) if name in ("photo", "files", "front", "back") else text
            data = {**told, name: value}
            if endpoint.startswith("api.") and name == "title":
                data["files"] = file_of(text)
            plain = "".join(one for one in text if " " <= one <= "~")
            sent = dict.fromkeys(HEADERS, plain)
            answered(browser.post(address, data=data, headers=sent), (endpoint, name, text))
    person = browsers[Role.INSPECTOR].get("/market/state").get_json()["person"]
    for at, (name, text) in enumerate(itertools.product(PHONE, lines(_LINE))):
        about = {**PHONE, "key": f"{at:032x}", "owner": person, name: text}
        data = {"told": json.dumps(about), "front": file_of("a.jpg")}
        answer = browsers[Role.INSPECTOR].post("/market/checks", data=data)
        answered(answer, (name, text))
        if name in FREE["market.create"]:
            assert answer.status_code == 201, (name, answer.get_data(as_text=True))
            walk.made["/market"] = f"/checks/{answer.get_json()['check']}"
    walk.sent.add("market.create")


def test_every_form_was_typed_into(walk: Walk) -> None:
    """Also one that was added since: whatever takes anything is on some page, or named here."""
    wanted = {one.endpoint for one in walk.app.url_map.iter_rules() if "POST" in one.methods}
    assert walk.sent == wanted


def test_what_was_typed_comes_back_as_it_was(walk: Walk) -> None:
    """Nothing is taken away from a text in order to make it harmless."""
    for key, names in WHOLE.items():
        for name in names:
            found = walk.taken[key, name]
            assert len(found) >= _FEW, (key, name)
            lost = [one for one, shown in found if not shown and one not in SHARP]
            lost = [one for one in lost if one.isprintable()]
            assert not lost, (key, name, lost)


def test_what_was_typed_is_text_on_every_page(walk: Walk, said: _Lines) -> None:
    """To people of every role, in both languages; and one line of a log stays one."""
    browsers = {role: walk.browser(role) for role in (*OF_PEOPLE, Role.VISITOR)}
    seen_by: dict[Role, int] = defaultdict(int)
    places = {one.endpoint or one.address: one.address for _, one in walk.stops}
    addresses = [*(one.address for _, one in walk.stops), *walk.made.values(), *places.values()]
    for at, address in enumerate(dict.fromkeys(addresses)):
        for role, browser in browsers.items():
            lang = ("zh", "en")[(at + len(role)) % 2]
            plain = re.sub(r"[?&]lang=\w+", "", address).partition("#")[0]
            join = "&" if "?" in plain else "?"
            answer = browser.get(f"{plain}{join}lang={lang}")
            answered(answer, (role, address))
            seen_by[role] += answer.status_code == 200
    assert min(seen_by.values()) > 10, seen_by
    assert len(said.said) > 1000 and not said.errors, said.errors
    assert not [one for one in said.said if _CONTROL.search(one) or "\n" in one]


def test_nothing_in_an_address_is_a_query_of_ours(walk: Walk) -> None:
    """Databases, full-text indexes and pages get what stands behind the question mark."""
    pages = {stop.endpoint: (browser, stop) for browser, stop in walk.stops if stop.endpoint}
    browsers = {role: walk.browser(role) for role in (Role.ADMIN, Role.CHIEF)}
    texts = [one for one in (*QUERIES, *FORMULAS, *MARKUP[:4], *LINES[:4], *SHARP) if one.strip()]
    tried = 0
    for endpoint, (_, stop) in pages.items():
        names = list(walk.asked.of(endpoint, "GET"))
        browser = browsers[Role.CHIEF if stop.endpoint.startswith("insp") else Role.ADMIN]
        rounds = range(0, len(texts), 1 if endpoint == "search.index" else 6) if names else ()
        for at in rounds:
            asked = {name: texts[(at + 5 * n) % len(texts)] for n, name in enumerate(names)}
            answered(browser.get(stop.address.partition("?")[0], query_string=asked), asked)
            tried += 1
    assert tried > 100


def test_no_path_leads_out_of_its_place(walk: Walk) -> None:
    """Every address with a word in it, by who may go there; and the files beside the pages."""
    app = walk.app
    browsers = [walk.browser(role) for role in (Role.ADMIN, Role.CHIEF)]
    secret = (Path(app.root_path) / "app.py").read_bytes()[:60]
    names = [one for one in NAMES if len(one) < 200 and one not in ("", ".", "..")]
    tried = itertools.cycle([*names, "../app.py", "..%2fapp.py", "%2e%2e/app.py", "//app.py"])
    for rule in app.url_map.iter_rules():
        for name in rule.arguments:
            number = f"int:{name}" in rule.rule
            for word in ["9" * 30] if number else itertools.islice(tried, 3):
                address = _address(rule, name, word)
                for browser in browsers:
                    method = "GET" if "GET" in (rule.methods or ()) else "POST"
                    answer = browser.open(address, method=method)
                    answered(answer, address)
                    assert secret not in answer.data, address
                    assert answer.status_code != 200 or rule.endpoint == "figures.table", address


def _address(rule: Rule, name: str, word: str) -> str:
    """An address with a word where one is meant, and ones elsewhere."""
    values = {one: word if one == name else "1" for one in rule.arguments}
    address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule.rule)
    return address.replace("\x00", "%00").replace("\r", "%0d").replace("\n", "%0a")


def test_no_table_runs_anything(walk: Walk) -> None:
    """What came off a paper, a stall or a clerk is opened in spreadsheet programs by others."""
    browser, streamer = walk.browser(Role.ADMIN), tour.someone(walk.app, Role.ADMIN)
    stock, _ = tour.many(walk.app, f"person:{streamer.id}")
    book = browser.get(f"/batches/{stock}/table.xlsx")
    sheets = openpyxl.load_workbook(io.BytesIO(book.data)).worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert cells and all(cell.data_type != "f" for cell in cells)
    assert not any(_runs(str(cell.value)) for cell in cells if cell.data_type == "s")
    with zipfile.ZipFile(io.BytesIO(book.data)) as parts:
        assert not any("externalLink" in one or "macro" in one.lower() for one in parts.namelist())
    bearing = 0
    for path in _tables(walk, browser):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        text = answer.get_data(as_text=True)
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert rows and not [one for row in rows for one in row if _runs(one)], path
        bearing += any(one in text for one in EVIL)
    assert bearing >= 2, "what was typed stands in them"


def _tables(walk: Walk, browser: FlaskClient) -> set[str]:
    """Addresses of all tables that pages lead to."""
    pages = [browser.get(address).text for address in ("/audit", "/figures", "/inspections")]
    pages += [browser.get(one).text for one in walk.made.values() if one.startswith("/insp")]
    found = {one for page in pages for one in re.findall(r'href="([^"]+\.csv[^"]*)"', page)}
    kinds = {rule.endpoint for rule in walk.app.url_map.iter_rules() if ".csv" in rule.rule}
    urls = walk.app.url_map.bind("localhost")
    assert {urls.match(one.partition("?")[0])[0] for one in found} == kinds
    return {html.unescape(one) for one in found}


def _runs(cell: str) -> bool:
    """Whether a spreadsheet program would take a cell for a formula."""
    return bool(_FORMULA.match(cell)) and not re.fullmatch(r"-|-?[\d.,]+%?", cell)
