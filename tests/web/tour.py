"""Every page that the app has, each with something on it, for tests that walk them all."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import functools
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from certcheck import audit, check, report
from certcheck.accounts.people import People, Person
from certcheck.accounts.roles import Role
from certcheck.accounts.second_factor import SecondFactors
from certcheck.accounts.sign_ins import SignIns
from certcheck.accounts.tables import SecondFactor
from certcheck.cases import history, opening, running, taking
from certcheck.cases.opening import Told, Wish
from certcheck.cases.rules import Source
from certcheck.errors import PdfFontError
from certcheck.inspections.draws import Draws, Lot, What
from certcheck.inspections.plans import Goal, Inspections, Plan, State
from certcheck.report import PhotoInfo
from certcheck.rules.framework import judge
from certcheck.runner import prints
from certcheck.runner.prints import Name, Sheet
from certcheck.runner.queue import Done, Queue
from certcheck.runner.work import Request, Work
from certcheck.stock.batches import Batches
from certcheck.stock.intake import intake
from certcheck.stock.precheck import Prechecks
from registry import store
from registry.lookup import Registry, Revision
from samples import PHOTOS
from tests.certcheck import paper, parcels
from tests.certcheck.work_store import request, send
from tests.web.keeping import LAB, on_desk
from tests.web.kept import kept_id
from tests.web.staff import PASSWORD
from web.language import LANGUAGES
from web.printing import REPORT

# Endpoints that answer with something else than a page, by what it is.
NO_PAGES = {
    "static": "files",
    "pages.state": "JSON for the waiting page",
    "pages.picture": "a picture",
    "pages.detail": "a picture",
    "places.picture": "a picture",
    "steps.letter": "a file",
    "printing.state": "JSON for the waiting page",
    "printing.file": "a PDF",
    "places.field": "a picture",
    "online.sent": "a file",
    "inspections.table": "a table",
    "figures.table": "a table",
    "case_letters.text": "a file",
    "case_letters.file": "a PDF",
    "packs.state": "JSON for the waiting page",
    "stock.live": "the part of a page that changes",
    "stock.table": "a spreadsheet",
    "prechecks.live": "the part of a page that changes",
    "prechecks.picture": "a drawing",
    "market.state": "JSON for the page",
    "market.registry": "JSON for the page",
    "market.back": "a picture",
    "market.scanner": "a script",
    "market.worker": "a script",
    "market.manifest": "JSON for the phone",
    "desk.state": "JSON for the waiting page",
    "trail.table": "a table",
    "health.healthz": "a word",
    "health.readyz": "a word",
    "health.metrics": "figures",
}


@dc.dataclass(frozen=True, slots=True)
class Stop:
    """A page.

    Attributes:
        endpoint: of the view.
        address: without a language.
        status: that it is answered with.
    """

    endpoint: str
    address: str
    status: int = 200


@functools.cache
def _registry() -> Registry:
    return paper.registry()


@functools.cache
def told(plan: str, seed: int = 1) -> dict[str, Any]:
    """The report of a certificate by a perfect reader, as JSON."""
    case = paper.case_of(plan, seed, _registry())
    made = report.build(
        photo=PhotoInfo("证书.jpg", 1, 1, "cd" * 32, 240, 320),
        reading=case.reading,
        match=case.match,
        items=judge(case),
        revision=Revision("ef" * 32, dt.datetime(2026, 11, 20, tzinfo=dt.UTC), demo=True),
        checked_at=dt.datetime(2026, 11, 21, 20, 15, tzinfo=dt.UTC),
    )
    value: dict[str, Any] = json.loads(json.dumps(made.to_json()))
    return value


def values(reports: list[dict[str, Any]]) -> set[str]:
    """What is quoted of papers and the registry; everything else is ours to translate."""
    found: set[str] = set()

    def gather(value: Any) -> None:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list):
            for one in value:
                gather(one)
        elif isinstance(value, dict) and not {"zh", "en"} <= set(value):
            for key, one in value.items():
                if key != "law":
                    gather(one)

    gather(reports)
    return found | {path.read_text("utf-8") for path in (PHOTOS.parent / "registry").glob("*.csv")}


# Honest, at fault, and of a laboratory that the registry does not speak for.
PLANS = ("", "expired", "unknown_lab_uncovered")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# What a laboratory's own site said of the second.
RECORD = {
    "outcome": "differs", "reason": None, "host": "cx.shili-yuan.example",
    "asked_at": "2026-11-21T08:00:00Z", "link": "https://cx.shili-yuan.example/q?no=1",
    "answer": {
        "url": "https://cx.shili-yuan.example/q?no=1", "status": 200, "type": "text/html",
        "size": 8, "sha256": _sha256("<p>说</p>".encode()),
    },
    "fields": [
        {"field": "mass", "printed": "54.32", "recorded": "30.32", "result": "differs"},
        {"field": "conclusion", "printed": "翡翠", "recorded": "翡翠", "result": "agrees"},
    ],
}  # fmt: skip


def reports() -> list[dict[str, Any]]:
    """One of each plan, with ids of their own; the second was looked up too."""
    made = [told(plan) | {"id": f"{at:032x}"} for at, plan in enumerate(PLANS)]
    return [made[0], made[1] | {"record": RECORD}, *made[2:]]


def many(app: Flask, owner: str | None = None) -> tuple[str, str]:
    """A batch with an item of each plan, one that waits and one refused; a page that shows it."""
    work: Work = app.extensions["work"]
    files = [*((f"A{at}.jpg", parcels.jpeg(at)) for at in range(4)), ("A4.txt", b"text")]
    entries = intake([(name, io.BytesIO(data)) for name, data in files])
    stock = Batches(work).accept(entries, "A", Request("", check.Wish(), "r", owner=owner))
    queue = Queue(work)
    for one in queue.take(99):
        found = next(
            (plan for at, plan in enumerate(PLANS) if one.sha256 == _sha256(files[at][1])), None
        )
        if found is None:
            queue.postpone(one.id)
        else:
            queue.finish(one.id, Done([told(found)]))
    code = Prechecks(work).make(stock, [1, 2, 3, 4], 1)
    assert code is not None
    return stock, code


def stops(app: Flask) -> list[Stop]:
    """All pages of an app whose work nobody does; leaves checks in it."""
    waiting = send(app.extensions["work"], b"waits")
    done = [kept_id(app, one) for one in reports()]
    _, code = many(app)
    return [
        Stop("pages.index", "/"),
        Stop("pages.privacy", "/privacy"),
        Stop("accounts.sign_in", "/sign-in"),
        Stop("", "/nowhere", 404),
        Stop("pages.report", f"/checks/{waiting}"),
        *(Stop("pages.report", f"/checks/{one}") for one in done),
        Stop("pages.large", f"/checks/{done[1]}/pages/1"),
        Stop("places.show", f"/checks/{done[1]}/1/places/1"),
        *(Stop("steps.show", f"/checks/{one}/1/next") for one in done),
        Stop("correcting.correct", f"/checks/{done[1]}/1/correct"),
        Stop("prechecks.enter", "/p"),
        Stop("prechecks.show", f"/p/{code}"),
        Stop("", "/p/2222", 404),
        *(Stop("printing.show", f"/checks/{one}/paper/report") for one in _on_paper(app, done)),
    ]


def _on_paper(app: Flask, done: list[str]) -> list[str]:
    """Checks with a PDF that is there, one that could not be made, and one that is awaited."""
    work: Work = app.extensions["work"]
    for check_id, found in zip(done, (b"%PDF", PdfFontError.code, None), strict=True):
        for lang in LANGUAGES:
            name = Name(check_id, REPORT, lang)
            prints.ask(work, name, Sheet("<p>", {}))
            if found is not None:
                prints.take(work)
                prints.finish(work, name, found)
    return done


# Pages of people who are signed in; an administrator sees all of these.
WITHIN = (
    # Before the one whose wrong passwords count for all of these.
    Stop("accounts.sign_ins", "/sign-ins"),
    Stop("second.show", "/second-factor"),
    Stop("accounts.password", "/password"),
    Stop("history.index", "/history"),
    Stop("observations.index", "/observations", 503),
    Stop("people.index", "/people"),
    Stop("market.index", "/market/"),
    Stop("people.deeds", "/people/log"),
    Stop("desk.index", "/registry"),
    Stop("desk.form", "/registry/import"),
    Stop("desk.log", "/registry/imports"),
    Stop("desk_labs.index", "/registry/labs"),
    Stop("desk_labs.show", f"/registry/labs/{LAB}"),
    Stop("desk_labs.history", f"/registry/labs/{LAB}/history"),
    Stop("desk_labs.table", f"/registry/labs/{LAB}/scopes"),
    Stop("desk_labs.form", f"/registry/labs/{LAB}/accreditations/edit"),
    Stop("desk_findings.index", "/registry/findings"),
    Stop("trail.index", "/audit"),
    Stop("stock.index", "/batches"),
    Stop("", f"/batches/{'0' * 40}", 404),
)


def case_of(app: Flask) -> int:
    """A case of a report that somebody made, with a check, that the chief is asked to file."""
    work: Work = app.extensions["work"]
    inspector, day = someone(app, Role.INSPECTOR), running.day_of(work.clock())
    told = Told(Source.REPORT, day - dt.timedelta(days=40), "?", "1", name="?", phone="1")
    check_id = kept_id(app, reports()[1] | {"id": "8" * 32})
    made = opening.open_case(work, inspector, Wish("A", [check_id], told, market="B"))
    taking.take(work, made, "take", inspector, {}, 1)
    asked = {"move": "file", "category": "marks", "reason": "?"}
    taking.take(work, made, "ask", inspector, asked, 2)
    letter = {"day": (day + dt.timedelta(days=9)).isoformat()}
    taking.take(work, made, "letter", inspector, letter, 3)
    return made


def letter_of(app: Flask, case_id: int) -> int:
    """The letter of a case, by its row in the log."""
    work: Work = app.extensions["work"]
    with store.session(work.engine) as opened:
        return history.of_case(opened, case_id)[-1].seq


def filed(app: Flask) -> str:
    """An inspector's checks, found by the search; returns the id of a laboratory that they name."""
    inspector = someone(app, Role.INSPECTOR)
    for at, plan in enumerate(PLANS):
        kept_id(app, told(plan) | {"id": f"{at:031x}f"}, owner=f"person:{inspector.id}")
    return str(told("expired")["lab"]["lab_id"])


def within(app: Flask) -> list[Stop]:
    """Likewise, with those of a batch of the administrator's."""
    stock, _ = many(app, f"person:{someone(app).id}")
    browser_of(app, someone(app))  # a second sign-in, which can be ended
    tasks = on_desk(app)
    finding = tasks.pop("finding")
    case_id = case_of(app)
    lab = filed(app)
    return [
        Stop("cases.show", f"/cases/{case_id}"),
        Stop("case_letters.show", f"/cases/{case_id}/letters/{letter_of(app, case_id)}"),
        Stop("cases.index", "/cases"),
        Stop("packs.show", f"/evidence?check={kept_id(app, reports()[1] | {'id': '9' * 32})}"),
        Stop("", "/evidence?case=999999", 404),
        Stop("search.index", "/search"),
        Stop("search.index", "/search?q=示例"),
        Stop("search.index", f"/search?kind=certificate&lab={lab}&verdict=inconsistent"),
        Stop("search.index", "/search?q=没有这样的东西"),
        Stop("laboratory.show", f"/laboratories/{lab}"),
        Stop("", "/laboratories/none", 404),
        *WITHIN,
        *(Stop("desk.show", f"/registry/tasks/{one}") for one in tasks.values()),
        Stop("desk_findings.show", f"/registry/findings/{finding}"),
        Stop("stock.show", f"/batches/{stock}"),
        Stop("prechecks.choose", f"/batches/{stock}/precheck"),
    ]


def someone(app: Flask, role: Role = Role.ADMIN) -> Person:
    """A person of a role, called `the-ROLE`."""
    people: People = app.extensions["people"]
    known = {one.name: one for one in people.everyone()}
    name = f"the-{role}"
    return known.get(name) or people.add(name, role, PASSWORD, must_change=False)


def browser_of(app: Flask, person: Person) -> FlaskClient:
    """A browser in which a person is signed in."""
    work: Work = app.extensions["work"]
    browser = app.test_client()
    with browser.session_transaction() as held:
        held["_user_id"] = SignIns(work.engine, work.clock).begin(person)
    return browser


def enrolled(app: Flask) -> tuple[FlaskClient, FlaskClient]:
    """Browsers of somebody with a second factor: signed in, and with the password's step done."""
    work: Work = app.extensions["work"]
    factors: SecondFactors = app.extensions["second_factors"]
    people: People = app.extensions["people"]
    person = people.add("two-factor", Role.STREAMER, PASSWORD, must_change=False)
    factors.begin(person)
    with store.session(work.engine) as opened:
        row = opened.get_one(SecondFactor, person.id)
        row.confirmed_at, row.last_step = work.clock(), 0
        opened.add(row)
        opened.commit()
    half = app.test_client()
    with half.session_transaction() as held:
        held["half"] = [person.id, int(work.clock().timestamp()), factors.stamp(person.id)]
    return browser_of(app, person), half


def entered(app: Flask, role: Role = Role.ADMIN) -> FlaskClient:
    """A browser in which somebody of a role is signed in, with a check of his own."""
    person = someone(app, role)
    send(app.extensions["work"], b"mine", request("mine.jpg", owner=f"person:{person.id}"))
    kept_id(app, told("expired") | {"id": "9" * 32}, owner=f"person:{person.id}")
    return browser_of(app, person)


def bureau(app: Flask) -> list[Stop]:
    """Pages of those who inspect and decide, with a batch of inspections on them."""
    work: Work = app.extensions["work"]
    plans = Inspections(work.engine, work.clock)
    today = work.clock().date()
    goals = (Goal("Market 1", "", "", 20), Goal("", "A-12", "", 5))
    plan = Plan("2026", today, today + dt.timedelta(days=30), goals, note="2026/7")
    boss = audit.person(someone(app, Role.CHIEF))
    planned = plans.plan(plan, by=boss)
    Draws(work.engine, work.clock).draw(
        planned.id, Lot(What.STALLS, ("A-1", "A-2", "A-3"), 2), by=boss
    )
    begun = plans.plan(plan, by=boss)
    plans.move(begun.id, begun.version, State.UNDER_WAY, by=boss)
    return [
        Stop("inspections.index", "/inspections"),
        Stop("inspections.new", "/inspections/new"),
        Stop("inspections.change", f"/inspections/{planned.id}/plan"),
        Stop("inspections.show", f"/inspections/{planned.id}"),
        Stop("inspections.show", f"/inspections/{begun.id}"),
        Stop("figures.index", "/figures"),
    ]


def walk(app: Flask) -> Iterator[tuple[FlaskClient, Stop]]:
    """Every page, with a browser that may see it."""
    visitor, admin = app.test_client(), entered(app)
    yield from ((visitor, one) for one in stops(app))
    yield from ((admin, one) for one in within(app))
    inspector = browser_of(app, someone(app, Role.INSPECTOR))
    yield inspector, Stop("case_forms.form", "/cases/new")
    yield inspector, Stop("cases.show", "/cases/1")
    yield browser_of(app, someone(app, Role.CHIEF)), Stop("cases.show", "/cases/1")
    chief = entered(app, Role.CHIEF)
    yield from ((chief, one) for one in bureau(app))
    twice, half = enrolled(app)
    yield twice, Stop("second.show", "/second-factor")
    yield half, Stop("second.step", "/sign-in/code")
    # Refused, each in its own way.
    yield entered(app, Role.STREAMER), Stop("", "/people", 403)
