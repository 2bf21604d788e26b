"""What would break: pictures of the pages that are missing, left over, or too heavy to clone."""

from __future__ import annotations

import re

from tests.screens import FOLDER, SHOTS
from tests.test_docs import README

# Bytes of all pictures together.
HEAVIEST = 2_500_000


def test_every_picture_is_there_and_no_other() -> None:
    assert {one.name for one in FOLDER.iterdir()} == {f"{one.file}.webp" for one in SHOTS}


def test_the_pictures_are_small() -> None:
    assert sum(one.stat().st_size for one in FOLDER.iterdir()) <= HEAVIEST


def test_pictures_in_the_readme_say_what_they_show() -> None:
    shown = re.findall(r'<img src="docs/screens/([^"]+)"([^>]*)>', README.read_text("utf-8"))
    assert shown
    for name, rest in shown:
        assert (FOLDER / name).is_file(), name
        assert re.search(r'alt="[^"]{4,}"', rest), name
