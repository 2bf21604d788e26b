"""Files for an import laid out in a folder: nothing of a ZIP archive's names is believed."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from certcheck.desk.asking import MAPPING, SOURCE
from certcheck.desk.tables import TaskFile
from certcheck.errors import RefusedError
from certcheck.runner.blobs import Stored
from certcheck.stock import archive as zips

# Bytes of one request: the contract's tables of a whole country, packed, are a tenth of it.
MOST_BYTES = 256 * 2**20
MOST_FILES = 200
# What a registry is loaded from (`registry.importing.opening`), and signatures' pictures.
TAKEN = (
    ".csv", ".xlsx", ".xls", ".html", ".htm", ".docx", ".pdf", ".toml", ".png", ".jpg", ".jpeg",
)  # fmt: skip
# Text shrinks more than photos do: tables that say the same in every row, to a fiftieth.
MOST_RATIO = 400
_ZIP = ".zip"
# What a file system, or a page, cannot show in a name.
_ODD = re.compile(r"[\x00-\x1f\x7f<>:\"|?*]")
_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST = 120


def safe_name(name: str) -> str:
    r"""A file's own name, without folders and what no file system takes.

    >>> safe_name("..\\C:\\lists\\2026 名录.xlsx"), safe_name("/")
    ('2026 名录.xlsx', 'file')
    """
    bare = PurePosixPath(name.replace("\\", "/")).name
    found = _ODD.sub("_", bare).strip(" .")
    stem, dot, suffix = found.rpartition(".")
    return (f"{stem[: _LONGEST - len(suffix)]}{dot}{suffix}" if dot else found[:_LONGEST]) or "file"


def check_names(files: Sequence[tuple[str, str]]) -> None:
    """Whether files can be for an import, by their names.

    Args:
        files: role and name of each.

    Raises:
        RefusedError: there is none, there are too many, or one is of no kind that is read.
    """
    sources = [name for role, name in files if role == SOURCE]
    if not sources:
        raise RefusedError("desk.no_file")
    if len(files) > MOST_FILES:
        raise RefusedError("desk.too_many_files", most=MOST_FILES)
    for name in sources:
        if not name.lower().endswith((*TAKEN, _ZIP)):
            raise RefusedError("desk.unknown_file", file=name)
        if name.lower().endswith(_ZIP) and len(sources) > 1:
            raise RefusedError("desk.zip_alone", file=name)


def lay_out(blobs: Stored, files: Sequence[TaskFile], folder: Path) -> tuple[Path, Path | None]:
    """Writes a task's files into a folder.

    Args:
        blobs: where they are kept.
        files: the task's.
        folder: empty.

    Returns:
        What is to be imported, a file or a folder; and the mapping file, or None.

    Raises:
        RefusedError: an archive is damaged, or holds what it may not.
        BlobDamagedError: a file is no longer what was sent.
    """
    mapping: Path | None = None
    sources = [one for one in files if one.role == SOURCE]
    inside = folder / "import"
    for one in files:
        name = safe_name(one.name)
        if one.role == MAPPING:
            mapping = folder / "mapping.toml"
            mapping.write_bytes(blobs.read(one.sha256))
        elif one.role == SOURCE and name.lower().endswith(_ZIP):
            inside = folder / (Path(name).stem or "import")
            _unpack(blobs.read(one.sha256), one.name, inside)
        elif one.role == SOURCE:
            inside.mkdir(exist_ok=True)
            (inside / name).write_bytes(blobs.read(one.sha256))
    alone = len(sources) == 1 and not sources[0].name.lower().endswith((_ZIP, ".csv"))
    return (inside / safe_name(sources[0].name) if alone else inside), mapping


def _unpack(packed: bytes, name: str, folder: Path) -> None:
    """Unpacks an archive's files into a folder, those of one folder at its head into it itself."""
    folder.mkdir()
    with io.BytesIO(packed) as stream, zips.opened(stream, name) as archive:
        for info in archive.infolist():
            _path(info.filename)
        found = [(_path(inner), info) for inner, info in zips.files(archive)]
        if len(found) > MOST_FILES:
            raise RefusedError("desk.too_many_files", most=MOST_FILES)
        heads = {path.parts[0] for path, _ in found if len(path.parts) > 1}
        nested = len(heads) == 1 and all(len(path.parts) > 1 for path, _ in found)
        for path, info in found:
            _check(str(path), info)
            parts = path.parts[1:] if nested else path.parts
            place = folder.joinpath(*(_ODD.sub("_", part) for part in parts))
            if not place.resolve().is_relative_to(folder.resolve()):
                raise RefusedError("desk.bad_path", file=str(path))
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(info) as source, place.open("xb") as target:
                    shutil.copyfileobj(source, target)
            except FileExistsError as error:
                raise RefusedError("desk.bad_path", file=str(path)) from error
            except zips.DAMAGED as error:
                raise RefusedError("stock.entry_damaged", file=str(path)) from error


def _path(name: str) -> PurePosixPath:
    """An entry's path; one that leads elsewhere is refused.

    Raises:
        RefusedError: it is absolute, names a drive or goes up.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts or _DRIVE.match(name):
        raise RefusedError("desk.bad_path", file=name)
    return path


def _check(name: str, info: zipfile.ZipInfo) -> None:
    if not name.lower().endswith(TAKEN):
        raise RefusedError("desk.unknown_file", file=name)
    told = zips.refusal(name, info, MOST_RATIO)
    if told is not None:
        raise told
