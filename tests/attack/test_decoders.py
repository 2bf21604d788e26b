"""What would break: a crafted file that takes over, or brings down, the server of the pages."""

from __future__ import annotations

import concurrent.futures
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import cv2
import openpyxl
import pillow_heif
import pypdfium2
import pytest
from flask import Flask
from PIL import Image

from certcheck.accounts.roles import Role
from certcheck.errors import Problem, RefusedError
from certcheck.market import backs
from certcheck.runner import aside, limits
from certcheck.runner.pool import Pool, answer_of
from certcheck.stock import apart, sheet
from registry import store
from registry.lookup import Registry
from samples import PHOTOS
from tests.attack import files, hog, opening
from tests.certcheck import parcels
from tests.certcheck.bad_files import black_png
from tests.certcheck.work_store import LONGEST
from tests.web import tour
from tests.web.test_market import bring, told

# Of the process that opens them: what a crafted file may not exceed, whatever its header says.
MEMORY = 2 * 2**30
# No file of the set may make a process this much larger: the largest photo that is opened takes as
# much while it is turned.
MOST_MEGABYTES = 1_200


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """The processes that check photos, one of them, with its registry."""
    url = f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.sqlite'}"
    store.open_registry(url).dispose()
    with Pool(1, url, LONGEST, MEMORY) as made:
        yield made


def done(pool: Pool, work: Callable[[Any, Registry], Any], data: bytes) -> Any:
    future = pool.submit(work, data)
    concurrent.futures.wait([future])
    found = answer_of(future)
    assert not isinstance(found, Problem)
    return found


def test_the_processes_that_decode_are_limited(pool: Pool) -> None:
    told = done(pool, opening.held, b"")
    assert told == {"memory": MEMORY, "core": (0, 0), "oom": 500}
    assert limits.MEMORY_BYTES <= 4 * 2**30


def test_no_crafted_file_takes_more_than_its_share(pool: Pool) -> None:
    """Bombs, files that are several kinds at once, loops: an answer each, and the process lives."""
    for name, (make, wanted) in files.SET.items():
        told, peak = done(pool, opening.opened, make())
        assert told in wanted, name
        assert peak < MOST_MEGABYTES, name
    honest = (PHOTOS / "honest-card.jpg").read_bytes()
    assert done(pool, opening.opened, honest)[0] == "1"


def refuse(*_args: object, **_more: object) -> NoReturn:
    raise AssertionError("a page's thread decodes a file")


def test_no_page_decodes_what_somebody_sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault of one codec would be everybody's: uploads, batches and backs go elsewhere."""
    inspector = tour.entered(app, Role.INSPECTOR)
    streamer = tour.entered(app, Role.STREAMER)
    goods = parcels.book([["货号"], ["翡翠手镯"]], {"B2": parcels.jpeg(3)}).getvalue()
    for room, name in (
        (Image, "open"), (cv2, "imdecode"), (cv2, "imread"), (pypdfium2, "PdfDocument"),
        (pillow_heif, "open_heif"), (Image.Image, "load"), (openpyxl, "load_workbook"),
    ):  # fmt: skip
        monkeypatch.setattr(room, name, refuse)
    photo = parcels.jpeg()
    visitor = app.test_client()
    sent = visitor.post("/checks", data={"photo": (io.BytesIO(photo), "a.jpg")})
    assert sent.status_code == 303 and visitor.get(sent.location).status_code == 200
    sent = visitor.post("/api/v1/checks", data={"photo": (io.BytesIO(photo), "a.jpg")})
    assert sent.status_code == 202
    many = [(io.BytesIO(photo), "a.jpg"), (io.BytesIO(photo + b"x"), "b.jpg")]
    sent = streamer.post("/batches", data={"files": [*many, (io.BytesIO(goods), "goods.xlsx")]})
    assert sent.status_code == 303
    batch = app.extensions["batches"].look(sent.location.partition("?")[0].rpartition("/")[2])
    names = [(one.name, str(one.state)) for one in batch.items]
    assert names == [("翡翠手镯", "queued"), ("a", "queued"), ("b", "queued")]
    brought = bring(inspector, told(inspector), photo, back=photo)
    back = inspector.get(f"/market/checks/{brought.get_json()['check']}/back.jpg")
    assert back.status_code == 200 and back.mimetype == "image/jpeg"


def test_a_back_that_breaks_its_process_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = (PHOTOS / "honest-card.jpg").read_bytes()
    assert backs.apart(photo) == backs.small(photo)
    assert backs.apart(black_png(30_000)) is None and backs.apart(b"GIF89a") is None
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert backs.apart(photo) is None


def test_a_spreadsheet_that_breaks_its_process_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    goods = parcels.book([["货号", "图片"], ["翡翠手镯", "a.jpg"]], {"A2": parcels.jpeg()})
    assert apart.listed(goods, "a.xlsx") == sheet.listed(goods, "a.xlsx") != []
    with pytest.raises(RefusedError) as told:
        apart.listed(io.BytesIO(b"PK\x03\x04"), "b.xlsx")
    assert (told.value.code, told.value.details) == ("stock.archive_damaged", {"file": "b.xlsx"})
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RefusedError) as told:
        apart.listed(goods, "c.xlsx")
    assert (told.value.code, told.value.details) == ("stock.sheet_damaged", {"file": "c.xlsx"})


def test_what_a_page_waits_for_has_limits_of_the_kernel() -> None:
    """Asked of the process itself; and one that takes more than they allow gives no answer."""
    told = aside.answer(hog.__name__, io.BytesIO(b"limits"))
    assert told is not None and json.loads(told) == [hog.MEMORY, hog.CPU_SECONDS, 0]
    assert aside.answer(hog.__name__, io.BytesIO(b"memory")) is None
    assert aside.answer(hog.__name__, io.BytesIO(b"time")) is None
    assert apart.MEMORY_BYTES <= 2**30 and apart.CPU_SECONDS <= 20
