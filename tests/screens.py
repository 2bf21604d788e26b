"""Makes the pictures under docs/screens/: `python -m tests.screens`.

Every picture is of a real server with the demo registry that really read the sample photos,
on the screen of a phone or of a desk, in Debian's Chromium.
"""

from __future__ import annotations

import dataclasses as dc
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from certcheck.accounts.roles import Role
from samples import PHOTOS
from tests import screens_office as office
from tests.certcheck.keeping import packed
from tests.studio import Scene, Studio, said
from tests.web.browser.chrome import DESK, LONG, PHONE, PROGRAM, Device, Visitor, launch
from tests.web.conftest import Server

FOLDER = Path(__file__).parents[1] / "docs" / "screens"
EXPIRED = "item1-expired.jpg"
# What the streamer has on the table.
PIECES = (
    "honest-a5.jpg", EXPIRED, "item5-constants-impossible.jpg", "unknown-laboratory.jpg",
    "not-a-certificate.jpg",
)  # fmt: skip
# Of WebP: text stays sharp, a screen takes some 40 kB.
QUALITY = 72
# Pixels of a picture to a CSS pixel of the phone; a desk's screen is wide enough as it is.
PHONE_SCALE = 1.5
# CSS pixels of a long page that its picture shows.
TALLEST = {PHONE.name: 1400, DESK.name: 1100}


def start(studio: Studio, page: Page) -> None:
    page.goto("/")


def choose(page: Page, photo: str) -> None:
    page.goto("/")
    page.get_by_label(said("web.file")).set_input_files(PHOTOS / photo)
    page.locator(".chosen img").wait_for()


def chosen(studio: Studio, page: Page) -> None:
    choose(page, EXPIRED)


def waiting(studio: Studio, page: Page) -> None:
    page.route("**/state", lambda route: route.fulfill(json={"status": "running", "ahead": 0}))
    # Not read before this picture is taken, or its report would be there at once.
    choose(page, "not-a-certificate.jpg")
    page.get_by_role("button", name=said("web.go")).click()
    page.locator(".waiting").wait_for()


def offline(studio: Studio, page: Page) -> None:
    page.route("**/state", lambda route: route.abort())
    choose(page, "unknown-laboratory.jpg")
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


def letter(studio: Studio, page: Page) -> None:
    studio.report(page, EXPIRED)
    page.get_by_role("link", name=said("web.steps.link_complaint")).click()


def upload_many(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.STREAMER)
    page.goto("/batches")
    page.get_by_label(said("stock.page.name")).fill("周日晚场")
    page.get_by_label(said("stock.page.files")).set_input_files([PHOTOS / one for one in PIECES])


def batch(studio: Studio, page: Page) -> None:
    upload_many(studio, page)
    if "batch" in studio.held:
        page.goto(studio.held["batch"])
        return
    page.get_by_role("button", name=said("stock.page.go")).click()
    page.locator(".changing[data-done]").wait_for(timeout=LONG)
    studio.held["batch"] = page.url


def make_precheck(studio: Studio, page: Page) -> None:
    batch(studio, page)
    page.get_by_role("link", name=said("stock.page.to_precheck")).click()
    if not page.locator("p.code").count():
        page.get_by_role("button", name=said("precheck.create")).click()
    page.locator("p.code").first.wait_for()


def precheck(studio: Studio, page: Page) -> None:
    make_precheck(studio, page)
    code = page.locator("p.code").first.inner_text()
    page.get_by_role("button", name=said("account.sign_out")).click()
    page.goto(f"/p/{code}")


def case(studio: Studio, page: Page) -> None:
    """A case of what a report says, that the chief is asked to file."""
    studio.enter(page, Role.INSPECTOR)
    studio.report(page, EXPIRED)
    page.get_by_role("link", name=said("case.from_report")).click()
    page.get_by_label(said("case.need.market")).fill("示例市场")
    page.get_by_label(said("case.need.stall")).fill("3 排 12 号")
    page.get_by_role("button", name=said("case.do.open")).click()
    page.locator("#step-take summary").click()
    page.locator("#step-take button").click()
    page.locator("#step-file-ask summary").click()
    page.locator("#step-file-ask textarea").fill("签发日在资质认定到期以后，已向机构核实。")
    page.locator("#step-file-ask button").click()
    page.locator(".asked").wait_for()


def cases(studio: Studio, page: Page) -> None:
    case(studio, page)
    page.goto("/cases")


def gone(studio: Studio, page: Page) -> None:
    page.goto("/nowhere")


def privacy(studio: Studio, page: Page) -> None:
    page.goto("/privacy")


def market(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.INSPECTOR)
    page.goto("/market/")
    page.get_by_text(said("market.say.demo")).wait_for()
    page.locator("#front").set_input_files(PHOTOS / EXPIRED)
    page.locator("#sides img").wait_for()
    page.locator("#place-market").fill("石佛寺珠宝市场")
    page.locator("#stall").fill("A-12")


def market_list(studio: Studio, page: Page) -> None:
    market(studio, page)
    page.locator("#query").fill("https://cx.shili-yuan.example/q?no=1")
    page.locator("#pocket-title").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('pocket-title').scrollIntoView()")


def difference(studio: Studio, page: Page) -> None:
    """A list in which one signatory of a laboratory is gone and another ends earlier."""
    text = (PHOTOS.parent / "registry" / "signatories.csv").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("yuan,")]
    first = lines[0].split(",")
    lines[0] = ",".join([*first[:4], "2026-06-30", *first[5:]])
    studio.enter(page, Role.KEEPER)
    page.goto("/registry/import")
    data = {"name": "签字人名录.zip", "mimeType": "application/zip"}
    page.locator("#files").set_input_files({**data, "buffer": packed(signatories=lines[:-1])})  # type: ignore[arg-type]
    page.locator("#list_date").fill("2026-11-22")
    page.get_by_role("button", name=said("desk.import.send")).click()
    page.locator(".difference").wait_for(timeout=LONG)


def kept_lab(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.KEEPER)
    page.goto("/registry/labs/yuan")


def trail(studio: Studio, page: Page) -> None:
    studio.enter(page, Role.KEEPER)
    page.goto("/audit")


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
    Shot("letter", letter),
    Shot("sign-in", sign_in),
    Shot("many", upload_many),
    Shot("batch", batch, whole=True),
    Shot("batch", batch, DESK),
    Shot("batch", batch, DESK, dark=True),
    Shot("precheck-made", make_precheck),
    Shot("precheck", precheck),
    Shot("no-permission", forbidden),
    Shot("history", history),
    Shot("people", people, DESK),
    Shot("suspected", _report("item5-constants-impossible.jpg")),
    Shot("unverifiable", _report("unknown-laboratory.jpg")),
    Shot("consistent", _report("honest-a5.jpg")),
    Shot("not-a-certificate", _report("not-a-certificate.jpg")),
    Shot("cases", cases),
    Shot("case", case, whole=True),
    Shot("case", case, DESK, whole=True),
    Shot("registry-difference", difference, DESK),
    Shot("registry-difference", difference),
    Shot("registry-lab", kept_lab, DESK),
    Shot("audit", trail, DESK),
    Shot("office-figures", office.figures, DESK, whole=True),
    Shot("office-figures", office.figures, DESK, dark=True),
    Shot("office-figures", office.figures),
    Shot("office-inspection", office.inspection, whole=True),
    Shot("office-inspection", office.inspection, DESK, dark=True),
    Shot("office-search", office.search),
    Shot("office-search", office.search, DESK, dark=True),
    Shot("office-laboratory", office.laboratory, whole=True),
    Shot("office-laboratory", office.laboratory, DESK, dark=True, whole=True),
    Shot("office-findings", office.findings, DESK),
    Shot("office-findings", office.findings, dark=True),
    Shot("office-registry", office.registry_desk),
    Shot("office-registry", office.registry_desk, DESK, dark=True),
    Shot("gone", gone),
    Shot("privacy", privacy),
    Shot("market", market, whole=True),
    Shot("market-list", market_list),
)


def take(studio: Studio, shot: Shot) -> Image.Image:
    """One picture."""
    device = shot.device
    if device.touch:
        device = dc.replace(device, scale=PHONE_SCALE)
    visitor = Visitor(studio.browser, studio.server.url, device, dark=shot.dark, locale=shot.lang)
    shot.scene(studio, visitor.page)
    visitor.page.wait_for_load_state("networkidle")
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
        raise click.ClickException("no Chromium is installed (Debian: chromium-headless-shell)")
    into.mkdir(parents=True, exist_ok=True)
    with studio() as place:
        for shot in SHOTS:
            if only in shot.file:
                file = into / f"{shot.file}.{ending}"
                take(place, shot).convert("RGB").save(file, quality=QUALITY, method=6)
                click.echo(f"{file.name}  {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
