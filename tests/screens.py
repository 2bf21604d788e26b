"""Makes the pictures under docs/screens/: `python -m tests.screens`.

Every picture is of a real server with the demo registry that really read the sample photos,
on the screen of a phone or of a desk, in Debian's Chromium.
"""

from __future__ import annotations

import dataclasses as dc
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from certcheck import messages
from certcheck.accounts import demo
from certcheck.accounts.roles import Role
from samples import PHOTOS
from tests.web.browser.chrome import DESK, LONG, PHONE, PROGRAM, Device, Visitor, launch
from tests.web.conftest import Server, upload

FOLDER = Path(__file__).parents[1] / "docs" / "screens"
EXPIRED = "item1-expired.jpg"
# Of WebP: text stays sharp, a screen takes some 40 kB.
QUALITY = 72
# Pixels of a picture to a CSS pixel of the phone; a desk's screen is wide enough as it is.
PHONE_SCALE = 1.5
# CSS pixels of a long page that its picture shows.
TALLEST = {PHONE.name: 1400, DESK.name: 1100}


@dc.dataclass(frozen=True, slots=True)
class Studio:
    """Where pictures are taken.

    Attributes:
        server: that reads.
        browser: that shows.
        held: addresses of checks by the photo's name, so that each is read once.
    """

    server: Server
    browser: Browser
    held: dict[str, str]

    def enter(self, page: Page, role: Role) -> None:
        """Signs the demo's person of a role in."""
        (card,) = (one for one in demo.read(self.server.home / "work") if one.role is role)
        page.goto("/sign-in")
        page.get_by_label(said("account.name")).fill(card.name)
        page.get_by_label(said("account.password_label")).fill(card.password)
        with page.expect_navigation():
            page.get_by_role("button", name=said("account.sign_in")).click()

    def report(self, page: Page, photo: str, part: str = "") -> None:
        """Opens the report of a sample photo; `part` is what to bring into sight."""
        if photo not in self.held:
            with (PHOTOS / photo).open("rb") as file:
                sent = upload(self.server.url, file)
            address = self.server.url + sent.headers["Location"]
            self.held[photo] = address.partition("?")[0]
        page.goto(self.held[photo])
        page.locator("main .verdict").first.wait_for(timeout=LONG)
        if part:
            page.locator(part).first.scroll_into_view_if_needed()


Scene = Callable[[Studio, Page], None]


def said(code: str) -> str:
    """A sentence of the catalogue, in Chinese."""
    return messages.text(code).zh


def start(studio: Studio, page: Page) -> None:
    page.goto("/")


def chosen(studio: Studio, page: Page) -> None:
    page.goto("/")
    page.get_by_label(said("web.file")).set_input_files(PHOTOS / "item1-expired.jpg")
    page.locator(".chosen img").wait_for()


def waiting(studio: Studio, page: Page) -> None:
    page.route("**/state", lambda route: route.fulfill(json={"status": "running", "ahead": 0}))
    chosen(studio, page)
    page.get_by_role("button", name=said("web.go")).click()
    page.locator(".waiting").wait_for()


def offline(studio: Studio, page: Page) -> None:
    page.route("**/state", lambda route: route.abort())
    chosen(studio, page)
    page.get_by_role("button", name=said("web.go")).click()
    page.get_by_text(said("web.offline")).wait_for()


def _report(photo: str, part: str = "") -> Scene:
    return lambda studio, page: studio.report(page, photo, part)


def sign_in(studio: Studio, page: Page) -> None:
    page.goto("/sign-in")


def forbidden(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.STREAMER)
    page.goto("/people")


def people(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.ADMIN)
    page.goto("/people")


def history(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.STREAMER)
    for photo in (EXPIRED, "honest-a5.jpg"):
        page.goto("/")
        page.get_by_label(said("web.file")).set_input_files(PHOTOS / photo)
        page.get_by_role("button", name=said("web.go")).click()
        page.locator("main .verdict").first.wait_for(timeout=LONG)
    page.goto("/history")


def enlarged(studio: Studio, page: Page) -> None:
    studio.report(page, EXPIRED)
    page.locator(".item.inconsistent .place").first.click()


def correcting(studio: Studio, page: Page) -> None:
    studio.report(page, EXPIRED)
    page.goto(page.url.partition("?")[0].partition("#")[0] + "/1/correct")


def gone(studio: Studio, page: Page) -> None:
    page.goto("/nowhere")


def privacy(studio: Studio, page: Page) -> None:
    page.goto("/privacy")


@dc.dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take.

    Attributes:
        name: of its file, without device and ending.
        scene: brings the page there.
        device: that shows it.
        dark: whether the page is dark.
        whole: whether more than one screen of the page is shown.
        lang: of the page.
    """

    name: str
    scene: Scene
    device: Device = PHONE
    dark: bool = False
    whole: bool = False
    lang: str = "zh-CN"

    @property
    def file(self) -> str:
        """The picture's name."""
        parts = [self.name, self.device.name]
        parts += ["dark"] * self.dark + ["en"] * (self.lang == "en")
        return "-".join(parts)


SHOTS = (
    Shot("start", start),
    Shot("start", start, dark=True),
    Shot("start", start, DESK),
    Shot("start", start, lang="en"),
    Shot("chosen", chosen),
    Shot("waiting", waiting),
    Shot("offline", offline),
    Shot("inconsistent", _report(EXPIRED)),
    Shot("inconsistent", _report(EXPIRED), dark=True),
    Shot("inconsistent", _report(EXPIRED), DESK, whole=True),
    Shot("inconsistent", _report(EXPIRED), DESK, dark=True),
    Shot("photo", _report(EXPIRED, ".photo")),
    Shot("item", _report(EXPIRED, ".item")),
    Shot("place", enlarged),
    Shot("correcting", correcting),
    Shot("sign-in", sign_in),
    Shot("no-permission", forbidden),
    Shot("history", history),
    Shot("people", people, DESK),
    Shot("suspected", _report("item5-constants-impossible.jpg")),
    Shot("unverifiable", _report("unknown-laboratory.jpg")),
    Shot("consistent", _report("honest-a5.jpg")),
    Shot("not-a-certificate", _report("not-a-certificate.jpg")),
    Shot("gone", gone),
    Shot("privacy", privacy),
)


def take(studio: Studio, shot: Shot) -> Image.Image:
    """One picture."""
    device = shot.device
    if device.touch:
        device = dc.replace(device, scale=PHONE_SCALE)
    visitor = Visitor(studio.browser, studio.server.url, device, dark=shot.dark, locale=shot.lang)
    shot.scene(studio, visitor.page)
    picture = Image.open(io.BytesIO(visitor.page.screenshot(full_page=shot.whole)))
    tallest = round(TALLEST[device.name] * device.scale)
    visitor.close()
    return picture.crop((0, 0, picture.width, min(picture.height, tallest)))


@contextmanager
def studio() -> Iterator[Studio]:
    """A server and a browser, for as long as pictures are taken."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home))
        browser = launch(playwright)
        try:
            yield Studio(server, browser, {})
        finally:
            browser.close()
            server.stop()


@click.command()
@click.option("--into", type=click.Path(path_type=Path), default=FOLDER, help="The folder.")
@click.option("--only", default="", help="Those whose file name holds this.")
@click.option("--ending", type=click.Choice(["webp", "png"]), default="webp")
def main(into: Path, only: str, ending: str) -> None:
    """Makes the pictures."""
    if PROGRAM is None:
        raise click.ClickException("no Chromium is installed (Debian: chromium)")
    into.mkdir(parents=True, exist_ok=True)
    with studio() as place:
        for shot in SHOTS:
            if only in shot.file:
                file = into / f"{shot.file}.{ending}"
                take(place, shot).convert("RGB").save(file, quality=QUALITY, method=6)
                click.echo(f"{file.name}  {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
