"""Pictures that stand in a worksheet, and the row each belongs to.

Three ways are in use: pictures laid over the cells (ECMA-376 part 1, 20.5 DrawingML
spreadsheet drawing), pictures of WPS inside a cell (`=DISPIMG("ID_…",1)` and
`xl/cellimages.xml`), and those of Excel 365, see `cell_pictures`.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CELL_IMAGES = "xl/cellimages.xml"
# Excel's row height where a sheet says none, and units (EMU) in a point.
_ROW_POINTS, _EMU = 15.0, 12700
# A picture that is higher belongs to one of its first rows.
_ROWS_LOOKED_AT = 500
_DISPIMG = re.compile(r'DISPIMG\("([^"]+)"')
# XML of a list of some hundred goods has a few hundred kilobytes; read, it takes ten times that.
MOST_XML = 16 * 2**20


def xml(archive: zipfile.ZipFile, path: str) -> Any:  # noqa: ANN401 - lxml has no types
    """A part of the workbook, None where there is none; no entities, nothing fetched.

    Raises:
        ValueError: it is too large.
        etree.XMLSyntaxError: it is no XML.
    """
    # Some programs write a part's name as the standard spells it, with a slash before it.
    info = archive.NameToInfo.get(path) or archive.NameToInfo.get(f"/{path}")
    if info is None:
        return None
    if info.file_size > MOST_XML:
        raise ValueError(path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(info), parser)


def related(archive: zipfile.ZipFile, path: str) -> dict[str, str]:
    """What a part refers to: relationship ids to paths in the archive."""
    place = PurePosixPath(path)
    told = xml(archive, str(place.parent / "_rels" / f"{place.name}.rels"))
    if told is None:
        return {}
    return {
        str(one.get("Id")): _joined(place.parent, str(one.get("Target")))
        for one in told
        if one.get("TargetMode") != "External"
    }


def _joined(folder: PurePosixPath, target: str) -> str:
    """A path relative to a part's folder, its `..` taken away."""
    parts: list[str] = []
    for part in (
        target.split("/") if target.startswith("/") else [*folder.parts, *target.split("/")]
    ):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def floating(archive: zipfile.ZipFile, sheet: str) -> list[tuple[int, str]]:
    """Pictures over a sheet's cells: the row that each covers most, and its path."""
    found: list[tuple[int, str]] = []
    drawings = [one for one in related(archive, sheet).values() if "/drawings/drawing" in f"/{one}"]
    heights = _heights(archive, sheet) if drawings else {}
    for drawing in drawings:
        pictures = related(archive, drawing)
        for anchor in _children(xml(archive, drawing)):
            row = _row(anchor, heights)
            for blip in anchor.iter("{*}blip"):
                path = pictures.get(str(blip.get(f"{RELATION}embed")))
                if path and row is not None:
                    found.append((row, path))
    return found


def _children(told: Any) -> Iterator[Any]:  # noqa: ANN401
    yield from () if told is None else told


def _heights(archive: zipfile.ZipFile, sheet: str) -> dict[int, float]:
    """Heights that a sheet gives its rows, in points."""
    told = xml(archive, sheet)
    return {
        int(row.get("r")): float(row.get("ht"))
        for row in (() if told is None else told.iter("{*}row"))
        if row.get("r") and row.get("ht")
    }


def _row(anchor: Any, heights: Mapping[int, float]) -> int | None:  # noqa: ANN401
    """The row, from 1, that most of an anchored picture lies in."""
    first = _corner(anchor.find("{*}from"))
    if first is None:
        return None
    last = _corner(anchor.find("{*}to")) or first
    best, most = first[0], -1.0
    for row in range(first[0], min(last[0], first[0] + _ROWS_LOOKED_AT) + 1):
        height = heights.get(row, _ROW_POINTS) * _EMU
        top = min(first[1], height) if row == first[0] else 0.0
        bottom = min(last[1], height) if row == last[0] else height
        if bottom - top > most:
            best, most = row, bottom - top
    return best


def _corner(told: Any) -> tuple[int, float] | None:  # noqa: ANN401
    """Row from 1 and how far down in it, in EMU."""
    row = None if told is None else told.findtext("{*}row")
    if row is None:
        return None
    return int(row) + 1, float(told.findtext("{*}rowOff") or 0)


def in_cells(archive: zipfile.ZipFile) -> dict[str, str]:
    """Pictures that WPS keeps inside cells: their ids to their paths."""
    told = xml(archive, _CELL_IMAGES)
    if told is None:
        return {}
    paths = related(archive, _CELL_IMAGES)
    found: dict[str, str] = {}
    for picture in told.iter("{*}pic"):
        name = next((str(one.get("name")) for one in picture.iter("{*}cNvPr")), "")
        for blip in picture.iter("{*}blip"):
            path = paths.get(str(blip.get(f"{RELATION}embed")))
            if path:
                found[name] = path
    return found


def picture_id(cell: str) -> str:
    """The id that a cell of WPS shows a picture by, "" where it shows none."""
    told = _DISPIMG.search(cell)
    return told[1] if told else ""
