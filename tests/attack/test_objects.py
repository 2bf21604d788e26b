"""What would break: somebody who reads, or ends, what is another's by its address or its number."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from certcheck.accounts.roles import OF_PEOPLE, Role
from certcheck.runner.clients import Clients
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work, now
from certcheck.stock import precheck
from registry.lookup import Registry
from tests.certcheck import parcels
from tests.web import tour
from tests.web.kept import kept_id
from tests.web.staff import quick
from web import access, create_app

# Who may see, or end, a thing that is another's, by the blueprint of its addresses.
ADDRESS = "whoever has its address, which nobody can guess"
OWNER = "the one whose it is"
ROLE = "everybody of the roles in the table"
NOBODYS = "it is nobody's: files and words of ours"
WHOSE = {
    "pages": ADDRESS, "places": ADDRESS, "steps": ADDRESS, "printing": ADDRESS, "online": ADDRESS,
    "correcting": ADDRESS, "stock": OWNER, "prechecks": OWNER, "api": OWNER, "cases": ROLE,
    "case_letters": ROLE, "desk": ROLE, "desk_findings": ROLE, "desk_labs": ROLE, "figures": ROLE,
    "inspections": ROLE, "laboratory": ROLE, "market": ROLE, "static": NOBODYS,
}  # fmt: skip
# Of these alone everybody may ask by an address: the pages that are shown to viewers.
OPEN = frozenset({"prechecks.show", "prechecks.live", "prechecks.picture", "api.problem"})
# What is done with a check that only its owner may do.
ENDING = frozenset({"pages.delete", "online.ask", "correcting.correct"})
REFUSED = (302, 401, 403, 404)
BITS = 128


@pytest.fixture
def app(tmp_path: Path, demo_registry: Registry) -> Iterator[Flask]:
    """With keys for programs, so that each is somebody."""
    work = Work(Settings(tmp_path / "work", workers=1, most_queued=50, api_keys=True))
    told = {"REGISTRY": demo_registry, "WORK": work, "WTF_CSRF_ENABLED": False}
    yield create_app(told | {"PASSWORDS": quick()})
    work.close()


def asking(app: Flask) -> dict[str, Callable[..., FlaskClient]]:
    """Somebody of each role who is not the owner, by name."""
    others = {f"other {role}": tour.browser_of(app, _second(app, role)) for role in OF_PEOPLE}
    return {name: (lambda one=one: one) for name, one in others.items()} | {
        "visitor": app.test_client
    }


def _second(app: Flask, role: Role):  # type: ignore[no-untyped-def]
    people = app.extensions["people"]
    name = f"other-{role}"
    known = {one.name: one for one in people.everyone()}
    return known.get(name) or people.add(name, role, "kettle-orbit-lemon-75", must_change=False)


def addresses(app: Flask, **values: str) -> Iterator[tuple[str, str, str]]:
    """Every rule with one of these in it: endpoint, method, address."""
    given = {"sheet": "1", "page": "1", "number": "1", "key": "cma_no", "kind": "report"} | values
    for rule in app.url_map.iter_rules():
        if not rule.arguments & values.keys() or not rule.arguments <= given.keys():
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given[found[1]], rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def test_of_everything_with_an_address_it_is_known_whose_it_is(app: Flask) -> None:
    """A new page that asks for an id has to be thought about here."""
    rooms = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules() if rule.arguments}
    assert rooms == set(WHOSE)
    for endpoint, roles in access.TABLE.items():
        if WHOSE.get(endpoint.partition(".")[0]) in (ROLE, OWNER) and endpoint not in OPEN:
            assert Role.VISITOR not in roles or not _named(app, endpoint), endpoint


def _named(app: Flask, endpoint: str) -> bool:
    return any(rule.arguments for rule in app.url_map.iter_rules(endpoint))


def test_a_batch_is_nobody_elses(app: Flask) -> None:
    """By none of its addresses, to nobody of any role; and nobody learns that there is one."""
    owner = tour.someone(app, Role.STREAMER)
    batch, code = tour.many(app, f"person:{owner.id}")
    mine, none = tour.browser_of(app, owner), "0" * len(batch)
    tried = 0
    for endpoint, method, address in addresses(app, batch_id=batch, code=code):
        if endpoint in OPEN or "batch_id" not in {
            name for rule in app.url_map.iter_rules(endpoint) for name in rule.arguments
        }:
            continue
        for name, browser in asking(app).items():
            answer = browser().open(address, method=method)
            assert answer.status_code in REFUSED, (name, endpoint)
            same = browser().open(address.replace(batch, none), method=method)
            assert answer.status_code == same.status_code, (name, endpoint)
            tried += 1
    assert tried > 40
    assert mine.get(f"/batches/{batch}").status_code == 200


def test_a_check_is_ended_and_changed_by_its_owner_alone(app: Flask) -> None:
    owner = tour.someone(app, Role.STREAMER)
    check = kept_id(app, tour.reports()[1], owner=f"person:{owner.id}")
    tried = set()
    for endpoint, method, address in addresses(app, check_id=check):
        if method == "GET" or endpoint not in ENDING:
            continue
        for name, browser in asking(app).items():
            answer = browser().open(address, method=method, data={"cma_no": "1"})
            assert answer.status_code in REFUSED, (name, endpoint)
        tried.add(endpoint)
    assert tried == ENDING
    mine = tour.browser_of(app, owner)
    assert mine.get(f"/checks/{check}").status_code == 200
    assert mine.post(f"/checks/{check}/delete").status_code == 200


def test_a_program_sees_its_own_alone(app: Flask) -> None:
    work: Work = app.extensions["work"]
    clients = Clients(work.engine)
    keys = {name: clients.add(name, now()) for name in ("shop", "mall")}
    own = {name: {"Authorization": f"Bearer {key}"} for name, key in keys.items()}
    browser = app.test_client()
    photo, part = parcels.jpeg(), {"files": (io.BytesIO(parcels.jpeg(9)), "a.jpg")}
    sent = browser.post(
        "/api/v1/checks", data={"photo": (io.BytesIO(photo), "a.jpg")}, headers=own["shop"]
    )
    many = browser.post("/api/v1/batches", data=part, headers=own["shop"])
    persons = kept_id(app, tour.reports()[0], owner=f"person:{tour.someone(app).id}")
    for address in (sent.location, many.location, f"/api/v1/checks/{persons}"):
        for method in ("GET", "DELETE"):
            assert browser.open(address, method=method).status_code == 401
            for wrong in ("Bearer x", f"Basic {keys['shop']}", f"Bearer {keys['shop']}x", "Bearer"):
                answer = browser.open(address, method=method, headers={"Authorization": wrong})
                assert answer.status_code == 401
            assert browser.open(address, method=method, headers=own["mall"]).status_code == 404
    assert browser.get(sent.location, headers=own["shop"]).status_code == 200


def test_addresses_cannot_be_guessed(app: Flask) -> None:
    """Nothing of one tells anything of the next; what is counted is for the roles of an office."""
    made = [kept_id(app, tour.told("") | {"id": f"{at:032x}"}, pictures=False) for at in range(8)]
    assert all(len(one) * 4 >= BITS and re.fullmatch("[0-9a-f]+", one) for one in made)
    assert len({one[:8] for one in made}) == len({one[-8:] for one in made}) == len(made)
    assert len(precheck.ALPHABET) ** precheck.LENGTH > 2**58
    counted = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if re.search(r"<int:(case_id|seq|number)>", rule.rule)
    }
    for endpoint in counted - {"places.show", "places.picture"}:
        assert not access.TABLE[endpoint] & {Role.VISITOR, Role.STREAMER, Role.CLIENT}, endpoint
