"""Debian's Chromium, driven by Playwright, as a phone or a desk; nothing is downloaded."""

from __future__ import annotations

import dataclasses as dc
import shutil
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

# First the one that has no window of its own: two thirds of the processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
PROGRAM = next(filter(None, map(shutil.which, PROGRAMS)), None)
# The first two: it runs as root in a machine without a graphics card. The rest: it asks nobody.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Milliseconds: until an element is there, and until a photo is read on a busy machine.
SOON, LONG = 60_000, 120_000


@dc.dataclass(frozen=True, slots=True)
class Device:
    """What somebody holds.

    Attributes:
        name: in the names of tests and pictures.
        width: of the window, CSS pixels.
        height: likewise.
        touch: whether a finger points, not a mouse.
        scale: pixels of the screen to a CSS pixel.
    """

    name: str
    width: int
    height: int
    touch: bool
    scale: float = 1


PHONE = Device("phone", 390, 844, touch=True)
DESK = Device("desk", 1280, 800, touch=False)
DEVICES = (PHONE, DESK)
# What Chromium says of a page that our tests ask for although it is refused.
REFUSED = "Failed to load resource"


def launch(playwright: Playwright) -> Browser:
    """Chromium without a window."""
    expect.set_options(timeout=SOON)
    return playwright.chromium.launch(executable_path=PROGRAM, args=list(FLAGS))


class Visitor:
    """Somebody with a browser of his own: no cookie, no cache, and a list of what went wrong.

    Args:
        browser: that he uses.
        site: the only host that a page may ask.
        device: what he holds.
        script: whether JavaScript runs.
        dark: whether he likes pages dark.
        locale: that his browser asks for.
    """

    def __init__(
        self,
        browser: Browser,
        site: str,
        device: Device = PHONE,
        *,
        script: bool = True,
        dark: bool = False,
        locale: str = "zh-CN",
        **more: Any,
    ) -> None:
        self.site = site
        self.device = device
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=site,
            viewport={"width": device.width, "height": device.height},
            device_scale_factor=device.scale,
            has_touch=device.touch,
            is_mobile=device.touch,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale=locale,
            **more,
        )
        self.context.set_default_timeout(SOON)
        self.context.on("request", lambda request: self._asked(request.url))
        self.context.on("console", lambda message: self._said(message.type, message.text))
        self.context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self.page: Page = self.context.new_page()

    def become(self, client: FlaskClient) -> None:
        """Takes the cookies of a browser without a window: whoever is signed in there."""
        self.context.add_cookies(
            [
                {"name": one.key, "value": one.value, "url": self.site}
                for one in client._cookies.values()
            ]
        )

    def point(self, selector: str) -> None:
        """Taps or clicks, as one does on this device."""
        one = self.page.locator(selector).first
        one.tap() if self.device.touch else one.click()

    def close(self) -> list[str]:
        """Leaves; returns what went wrong: other hosts asked, errors of scripts and policies."""
        self.context.close()
        return self.faults

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("blob", "data") and parts.netloc != urlsplit(self.site).netloc:
            self.faults.append(f"asked {url}")

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(REFUSED):
            self.faults.append(f"{kind}: {text}")
