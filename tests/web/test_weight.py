"""What would break: a page that takes long over a weak connection in a shop."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from tests.web import tour

# Bytes of a page with its style, scripts and drawings, before any photo.
HEAVIEST = 150_000


def test_no_page_is_heavy_before_its_photo(app: Flask) -> None:
    room = Path(app.root_path)
    for client, stop in tour.walk(app):
        for lang in ("zh", "en"):
            html = client.get(f"{stop.address}?lang={lang}").data
            loaded = set(re.findall(r'(?:src|href)="/(static/[^"?]+)', html.decode()))
            assert loaded
            weight = len(html) + sum((room / one).stat().st_size for one in loaded)
            assert weight <= HEAVIEST, f"{stop.address}: {weight}"
