"""A real Chromium and a real server with the demo registry, one of each for a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry.lookup import Registry
from samples import PHOTOS
from tests.web.browser import chrome
from tests.web.browser.chrome import DEVICES, Device, Visitor
from tests.web.conftest import Server
from tests.web.staff import quick
from tests.web.test_server import listening
from web import create_app

Enter = Callable[..., Visitor]
PHOTO = PHOTOS / "item1-expired.jpg"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Tests of it are left out where no Chromium is installed."""
    if chrome.PROGRAM is None:
        pytest.skip("no Chromium is installed (Debian: chromium-headless-shell)")
    with sync_playwright() as one:
        yield one


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for a session."""
    one = chrome.launch(playwright)
    yield one
    one.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`certcheck serve`, which reads photos. `home` is its data."""
    one = Server(tmp_path_factory.mktemp("browser"))
    yield one
    one.stop()


@pytest.fixture
def enter(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Enter]:
    """Opens a browser: `enter(DESK, script=False)`, see `Visitor`.

    By default at the server that reads; `site=` names another. Whatever a page did wrong
    (other hosts, errors of scripts, what its policy forbids) fails the test at its end.
    """
    visitors: list[Visitor] = []

    def come(device: Device = chrome.PHONE, *, site: str = "", **more: Any) -> Visitor:
        address = site or request.getfixturevalue("server").url
        visitors.append(Visitor(browser, address, device, **more))
        return visitors[-1]

    yield come
    wrong = [fault for one in visitors for fault in one.close()]
    assert not wrong, "\n".join(wrong)


@pytest.fixture(params=DEVICES, ids=lambda one: one.name)
def device(request: pytest.FixtureRequest) -> Device:
    """A phone and a desk."""
    one: Device = request.param
    return one


@pytest.fixture
def desk(enter: Enter) -> Page:
    """A desk's page at the server that reads."""
    return enter(chrome.DESK).page


@pytest.fixture(scope="module")
def still_app(tmp_path_factory: pytest.TempPathFactory, demo_registry: Registry) -> Iterator[Flask]:
    """An app that does no work: what is kept in it (`tests.web.kept`) stays as it is."""
    folder: Path = tmp_path_factory.mktemp("still")
    work = Work(Settings(folder, workers=1, most_queued=50))
    yield create_app({"REGISTRY": demo_registry, "WORK": work, "PASSWORDS": quick()})
    work.close()


@pytest.fixture(scope="module")
def still(still_app: Flask) -> Iterator[str]:
    """Its address."""
    with listening(still_app) as address:
        yield address
