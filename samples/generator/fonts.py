"""Font faces for certificates, found through fontconfig among Debian's packages."""

from __future__ import annotations

import dataclasses as dc
import functools
import subprocess

from PIL import ImageFont

# What the set-up installs so that every face below is there.
PACKAGES = (
    "fontconfig",
    "fonts-noto-cjk",
    "fonts-noto-cjk-extra",
    "fonts-wqy-zenhei",
    "fonts-wqy-microhei",
    "fonts-arphic-uming",
    "fonts-arphic-ukai",
    "fonts-arphic-gbsn00lp",
    "fonts-arphic-gkai00mp",
)

# face -> (family, style) as fontconfig names them, simplified Chinese cut.
FACES: dict[str, tuple[str, str]] = {
    "sans": ("Noto Sans CJK SC", "Regular"),
    "sans-medium": ("Noto Sans CJK SC", "Medium"),
    "sans-bold": ("Noto Sans CJK SC", "Bold"),
    "serif": ("Noto Serif CJK SC", "Regular"),
    "serif-semibold": ("Noto Serif CJK SC", "SemiBold"),
    "serif-bold": ("Noto Serif CJK SC", "Bold"),
    "zenhei": ("WenQuanYi Zen Hei", "Regular"),
    "microhei": ("WenQuanYi Micro Hei", "Regular"),
    "uming": ("AR PL UMing CN", "Light"),
    "song": ("AR PL SungtiL GB", "Regular"),
    "ukai": ("AR PL UKai CN", "Book"),
    "kai": ("AR PL KaitiM GB", "Regular"),
    "sans-demilight": ("Noto Sans CJK SC", "DemiLight"),
    "serif-medium": ("Noto Serif CJK SC", "Medium"),
    "wenkai": ("LXGW WenKai", "Regular"),
}

BODY_FACES = (
    "sans",
    "sans-medium",
    "serif",
    "serif-semibold",
    "zenhei",
    "microhei",
    "uming",
    "song",
    "ukai",
)
# For tests/benchmarks only. `wenkai` needs the package fonts-lxgw-wenkai, which ./run does
# not install.
BENCHMARK_FACES = ("sans-demilight", "serif-medium", "wenkai")
# First choice first; the next stands in where a package is not installed.
TITLE_FACES = ("serif-bold", "sans-bold", "serif-semibold", "zenhei", "uming")
HAND_FACES = ("kai", "ukai", "serif", "uming", "sans")


class FontsMissingError(RuntimeError):
    """No Chinese font of the list is installed; `packages` are what to install."""

    def __init__(self) -> None:
        super().__init__(f"no Chinese font found; apt-get install {' '.join(PACKAGES)}")
        self.packages = PACKAGES


@dc.dataclass(frozen=True, slots=True)
class FaceFile:
    """Where a face lies.

    Attributes:
        path: of the font file.
        index: of the face in a collection.
    """

    path: str
    index: int


@functools.cache
def installed() -> dict[str, FaceFile]:
    """Faces of FACES that fontconfig knows here, by their short names.

    Raises:
        FontsMissingError: none is installed, or fontconfig is not.
    """
    try:
        listing = subprocess.run(
            ["fc-list", "--format", "%{file}|%{index}|%{family}|%{style}\n"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise FontsMissingError from error
    wanted = {names: face for face, names in FACES.items()}
    found: dict[str, FaceFile] = {}
    for line in sorted(listing.splitlines()):
        path, index, families, styles = line.split("|", 3)
        names = (families.split(",")[0], styles.split(",")[0])
        if names in wanted:
            found.setdefault(wanted[names], FaceFile(path, int(index) & 0xFFFF))
    if not found:
        raise FontsMissingError
    return {face: found[face] for face in FACES if face in found}


def body_faces() -> tuple[str, ...]:
    """Installed faces that a certificate's text may be set in."""
    here = installed()
    return tuple(face for face in BODY_FACES if face in here) or (next(iter(here)),)


def first_of(faces: tuple[str, ...]) -> str:
    """The first of the faces that is installed, or any that is."""
    here = installed()
    return next((face for face in faces if face in here), next(iter(here)))


@functools.cache
def covers(face: str, char: str) -> bool:
    """Whether the face has a glyph for the character, and not its empty box."""
    font = load(face, 40)
    unassigned = "\U0010fffd"
    return bytes(font.getmask(char)) != bytes(font.getmask(unassigned))


@functools.lru_cache(maxsize=256)
def load(face: str, size: int) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels.

    Raises:
        FontsMissingError: nothing is installed.
        KeyError: this face is not installed.
    """
    file = installed()[face]
    return ImageFont.truetype(file.path, size, index=file.index)
