"""Archives and spreadsheets as sellers' programs write them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import openpyxl
import xlsxwriter
from openpyxl.drawing.image import Image

UTF8 = 0x800


def jpeg(shade: int = 200) -> bytes:
    """A small picture, another one for each shade."""
    done, encoded = cv2.imencode(".jpg", np.full((40, 60, 3), shade, np.uint8))
    assert done
    return bytes(encoded)


def archive(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return made


def named(raw: bytes, data: bytes, flag: int = 0, extra: bytes = b"") -> io.BytesIO:
    """An archive of one file whose name stands there as these bytes."""
    crc = zlib.crc32(data)
    sizes = struct.pack("<LLLHH", crc, len(data), len(data), len(raw), len(extra))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, flag, 0, 0, 0x21) + sizes + raw + extra
    listed = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, flag, 0, 0, 0x21) + sizes
    listed += struct.pack("<HHHLL", 0, 0, 0, 0, 0) + raw + extra
    start = len(local) + len(data)
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(listed), start, 0)
    return io.BytesIO(local + data + listed + end)


def unicode_path(raw: bytes, name: str) -> bytes:
    """The extra field of Info-ZIP with the name in UTF-8."""
    told = struct.pack("<BL", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(told)) + told


def book(
    rows: Sequence[Sequence[object]], pictures: Mapping[str, bytes], height: float = 80
) -> io.BytesIO:
    """A workbook; pictures stand over the cells they are named by."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cell, data in pictures.items():
        sheet.row_dimensions[int("".join(filter(str.isdigit, cell)))].height = height
        sheet.add_image(Image(io.BytesIO(data)), cell)
    written = io.BytesIO()
    made.save(written)
    return written


def wps(rows: Sequence[Sequence[object]], pictures: Mapping[str, bytes]) -> io.BytesIO:
    """A workbook of WPS: pictures inside cells, by the ids that their formulas name."""
    plain = book(rows, {})
    kinds = "http://schemas.openxmlformats.org"
    inside = "".join(
        f'<etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="{at}" name="{name}"/></xdr:nvPicPr>'
        f'<xdr:blipFill><a:blip r:embed="rId{at}"/></xdr:blipFill></xdr:pic></etc:cellImage>'
        for at, name in enumerate(pictures, start=1)
    )
    images = (
        '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" '
        f'xmlns:xdr="{kinds}/drawingml/2006/spreadsheetDrawing" '
        f'xmlns:a="{kinds}/drawingml/2006/main" '
        f'xmlns:r="{kinds}/officeDocument/2006/relationships">{inside}</etc:cellImages>'
    )
    rels = "".join(
        f'<Relationship Id="rId{at}" Type="{kinds}/officeDocument/2006/relationships/image" '
        f'Target="media/image{at}.jpeg"/>'
        for at in range(1, len(pictures) + 1)
    )
    with zipfile.ZipFile(plain, "a") as packed:
        packed.writestr("xl/cellimages.xml", images)
        packed.writestr(
            "xl/_rels/cellimages.xml.rels",
            f'<Relationships xmlns="{kinds}/package/2006/relationships">{rels}</Relationships>',
        )
        for at, data in enumerate(pictures.values(), start=1):
            packed.writestr(f"xl/media/image{at}.jpeg", data)
    return plain


def placed(rows: Sequence[Sequence[object]], pictures: Mapping[str, bytes]) -> io.BytesIO:
    """A workbook as Excel 365 writes one: pictures are values of the cells they are named by."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as made:
        sheet = made.add_worksheet("货")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for cell, data in pictures.items():
            sheet.embed_image(cell, "a.jpg", {"image_data": io.BytesIO(data)})
    return written


def fetched(rows: Sequence[Sequence[object]], cell: str, data: bytes) -> io.BytesIO:
    """Likewise with a picture of the web, of which Excel keeps a copy ([MS-XLSX] 2.4.156)."""
    made = changed(
        placed(rows, {cell: data}), "xl/richData/rdrichvaluestructure.xml",
        b'n="_rvRel:LocalImageIdentifier"', b'n="WebImageIdentifier"',
    )  # fmt: skip
    kinds = b"http://schemas.openxmlformats.org"
    made = changed(
        made, "xl/richData/richValueRel.xml", b'<rel r:id="rId1"/>',
        b'<webImageSrd><address r:id="rId2"/><blip r:id="rId1"/></webImageSrd>',
    )  # fmt: skip
    made = changed(
        made, "/xl/richData/_rels/richValueRel.xml.rels", b"</Relationships>",
        b'<Relationship Id="rId2" Type="' + kinds + b'/officeDocument/2006/relationships/image" '
        b'Target="https://shop.example/a.jpg" TargetMode="External"/></Relationships>',
    )  # fmt: skip
    with zipfile.ZipFile(made) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    renamed = {
        name.replace("richValueRel", "rdRichValueWebImage"): part.replace(
            b"richValueRel.xml", b"rdRichValueWebImage.xml"
        )
        for name, part in parts.items()
    }
    return archive(renamed)


def changed(book: io.BytesIO, part: str, old: bytes, new: bytes) -> io.BytesIO:
    """A workbook with other words in one of its parts."""
    with zipfile.ZipFile(book) as packed:
        parts = {one: packed.read(one) for one in packed.namelist()}
    assert old in parts[part]
    return archive(parts | {part: parts[part].replace(old, new)})
