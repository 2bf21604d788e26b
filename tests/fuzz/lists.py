"""What is fuzzed of spreadsheets and other lists: the registry's, and those of goods."""

from __future__ import annotations

import functools
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session, SQLModel, create_engine

from certcheck.errors import RefusedError
from certcheck.stock.intake import intake
from registry.errors import RegistryError
from registry.importing.plan import plan_import
from tests.certcheck import parcels
from tests.registry import official, official_formats

_GOODS = [["货号", "图片"], ["翡翠手镯", "a.jpg"], ["挂件", ""]]


def _pages() -> list[official.Page]:
    return [official.institutions(), official.capability(), official.signatories()]


def list_seeds() -> Iterator[tuple[str, bytes]]:
    """An authority's lists in every format, tables of our own, and sellers' lists."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = {
            ".xlsx": official.xlsx(folder / "a.xlsx", _pages()),
            ".xls": official_formats.xls(folder / "a.xls", _pages()),
            ".html": official_formats.html(folder / "a.html", _pages(), "utf-8"),
            ".docx": official_formats.word(folder / "a.docx", _pages()),
            ".pdf": official_formats.pdf(folder / "a.pdf", _pages()[:1]),
        }
        for suffix, path in made.items():
            yield suffix[1:], path.read_bytes()
    rows = 'lab_id,name,uscc,licence_address,aliases\na,示例一,,某路1号,\nb,=1+1,x,,"p;q"\n'
    yield "csv", b"\xef\xbb\xbf" + rows.encode()
    yield "csv-gbk", rows.encode("gb18030")
    picture = parcels.jpeg()
    for kind, book in (
        ("over", parcels.book(_GOODS, {"B2": picture})),
        ("wps", parcels.wps([*_GOODS, ["x", '=DISPIMG("ID_1",1)']], {"ID_1": picture})),
        ("placed", parcels.placed(_GOODS, {"B2": picture})),
        ("fetched", parcels.fetched(_GOODS, "B2", picture)),
        ("zip", parcels.archive({"一.jpg": picture, "b/../二.jpg": picture, "c.txt": b"x"})),
    ):
        yield f"goods-{kind}", book.getvalue()


@functools.cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="certcheck-fuzz-"))


def lists(data: bytes) -> None:
    """Reads a list as the registry's desk does, and as sellers' goods."""
    for suffix in _kinds(data):
        place = _folder() / suffix[1:]
        place.mkdir(exist_ok=True)
        path = place / ("labs.csv" if suffix == ".csv" else f"a{suffix}")
        path.write_bytes(data)
        engine = create_engine("sqlite://")
        SQLModel.metadata.create_all(engine)
        try:
            with Session(engine) as session:
                plan_import(session, place if suffix == ".csv" else path)
        except RegistryError as error:
            assert error.code
        finally:
            engine.dispose()
            path.unlink()
    try:
        items = intake([("a.zip", io.BytesIO(data))])
    except RefusedError as error:
        assert error.code
        return
    for one in items:
        assert ".." not in one.file.split("/") and one.file.isprintable()
        if one.open is not None:
            try:
                one.open().read()
            except RefusedError as error:
                assert error.code


def _kinds(data: bytes) -> tuple[str, ...]:
    """The names under which somebody might send this."""
    if data.startswith(b"PK"):
        return (".docx",) if b"word/" in data else (".xlsx",)
    if data.startswith(b"\xd0\xcf"):
        return (".xls",)
    if b"%PDF-" in data[:1024]:
        return (".pdf",)
    return (".html",) if b"<" in data[:512] else (".csv", ".html")
