"""Pictures that Excel 365 keeps as the value of a cell ("place in cell", `IMAGE()`).

Such a cell is an error to older programs; its `vm` leads through four parts to the picture:
the value metadata, the rich value that it means ([MS-XLSX] 2.4.77 `rvData`), the structure that
says what the value's numbers are, and the list of relations (`richValueRel`), or, for `IMAGE()`,
the list of pictures of the web with the copy that Excel made of each. Nothing is fetched.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from openpyxl.utils import coordinate_to_tuple

from certcheck.stock.drawings import RELATION, related, xml

_WORKBOOK = "xl/workbook.xml"
# The parts, by the end of their names in small letters.
_METADATA, _VALUES, _STRUCTURES = "metadata.xml", "rdrichvalue.xml", "rdrichvaluestructure.xml"
_RELATIONS, _OF_THE_WEB = "richvaluerel.xml", "rdrichvaluewebimage.xml"
_RICH = "XLRICHVALUE"
# What a structure calls the number of a picture in either list.
_LOCAL_KEY, _WEB_KEY = "_rvRel:LocalImageIdentifier", "WebImageIdentifier"


def of_values(archive: zipfile.ZipFile) -> dict[int, str]:
    """Pictures of a workbook's rich values: the `vm` of a cell to the picture's path.

    Raises:
        ValueError: a part is too large, or holds no number where one belongs.
        etree.XMLSyntaxError: a part is no XML.
    """
    parts = {PurePosixPath(one).name.lower(): one for one in related(archive, _WORKBOOK).values()}
    told = {name: xml(archive, path) for name, path in parts.items() if name in _WANTED}
    if any(told.get(one) is None for one in (_METADATA, _VALUES, _STRUCTURES)):
        return {}
    lists = {
        _LOCAL_KEY: _local(archive, parts.get(_RELATIONS, ""), told.get(_RELATIONS)),
        _WEB_KEY: _of_the_web(archive, parts.get(_OF_THE_WEB, ""), told.get(_OF_THE_WEB)),
    }
    keys = [
        [str(key.get("n")) for key in one.iter("{*}k")] for one in told[_STRUCTURES].iter("{*}s")
    ]
    values = [_picture(one, keys, lists) for one in told[_VALUES].iter("{*}rv")]
    return {
        number: path
        for number, at in _meant(told[_METADATA]).items()
        if at < len(values) and (path := values[at])
    }


_WANTED = (_METADATA, _VALUES, _STRUCTURES, _RELATIONS, _OF_THE_WEB)


def in_sheet(
    archive: zipfile.ZipFile, sheet: str, pictures: Mapping[int, str]
) -> dict[tuple[int, int], str]:
    """Cells of a sheet whose value is a picture: row and column, from 1, to its path."""
    told = xml(archive, sheet) if pictures else None
    found: dict[tuple[int, int], str] = {}
    for cell in () if told is None else told.iter("{*}c"):
        number = cell.get("vm")
        if number is not None and cell.get("r") and int(number) in pictures:
            found[coordinate_to_tuple(cell.get("r"))] = pictures[int(number)]
    return found


def _meant(metadata: Any) -> dict[int, int]:  # noqa: ANN401 - lxml has no types
    """`vm`, from 1, to the number of the rich value, from 0."""
    kinds = [str(one.get("name")) for one in metadata.iter("{*}metadataType")]
    rich: list[int | None] = []
    for block in metadata.iter("{*}futureMetadata"):
        if block.get("name") == _RICH:
            rich = [_number(one.find(".//{*}rvb"), "i") for one in block.findall("{*}bk")]
    found: dict[int, int] = {}
    for values in metadata.iter("{*}valueMetadata"):
        for number, block in enumerate(values.findall("{*}bk"), start=1):
            for record in block.iter("{*}rc"):
                kind, at = _number(record, "t"), _number(record, "v")
                known = kind is not None and 1 <= kind <= len(kinds) and kinds[kind - 1] == _RICH
                if known and at is not None and at < len(rich):
                    meant = rich[at]
                    if meant is not None:
                        found[number] = meant
    return found


def _picture(
    value: Any,  # noqa: ANN401
    keys: Sequence[Sequence[str]],
    lists: Mapping[str, Sequence[str]],
) -> str:
    """The path of a rich value's picture, "" where it is something else."""
    structure = _number(value, "s")
    names = keys[structure] if structure is not None and structure < len(keys) else ()
    for name, one in zip(names, value.findall("{*}v"), strict=False):
        paths = lists.get(name, ())
        text = str(one.text or "").strip()
        if text.isdecimal() and int(text) < len(paths):
            return paths[int(text)]
    return ""


def _local(archive: zipfile.ZipFile, path: str, told: Any) -> list[str]:  # noqa: ANN401
    """Pictures that lie in the workbook, in the order in which values number them."""
    if told is None:
        return []
    paths = related(archive, path)
    return [paths.get(str(one.get(f"{RELATION}id")), "") for one in told.iter("{*}rel")]


def _of_the_web(archive: zipfile.ZipFile, path: str, told: Any) -> list[str]:  # noqa: ANN401
    """Likewise those that `IMAGE()` fetched: the copy in the workbook, where there is one."""
    if told is None:
        return []
    paths = related(archive, path)
    copies = [one.find("{*}blip") for one in told.iter("{*}webImageSrd")]
    return ["" if one is None else paths.get(str(one.get(f"{RELATION}id")), "") for one in copies]


def _number(told: Any, name: str) -> int | None:  # noqa: ANN401
    """An attribute that is a whole number; None where there is none."""
    text = "" if told is None else str(told.get(name, ""))
    return int(text) if text.isdecimal() and text.isascii() else None
