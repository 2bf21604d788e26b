"""Names beside the labels of people, looked at alone where they are not read surely.

Cut out by itself a name is read better than behind its label, and under a seal better where
the seal's ink was left as it is: taking it off takes off strokes. Of seven names on generated
photographs that were cut short or lost, looks at the line read none, these five.
"""

from __future__ import annotations

import dataclasses as dc
import functools
from collections.abc import Sequence

import cv2
import numpy as np

from ocr import geometry
from ocr.fields import people, values
from ocr.fields.doubt import SOFT
from ocr.fields.extract import Extract
from ocr.geometry import Picture, quad_size
from ocr.page import Page
from ocr.reading import FIELD_KEYS, Field, Quad
from ocr.seal.read import known_kinds
from ocr.second_look import CUTS, Cut, looks_at
from ocr.text.combine import combine, plain
from ocr.text.engine import Recognition
from ocr.text.rapid import RapidEngine

# Names of so many characters are looked at under a seal, which may hide a third.
SHORT = 2
# Ways of cutting out a name where three pictures of it are read.
FEW_CUTS = (CUTS[0], CUTS[2])
# From this on a look without the seal tells where a name begins.
SURE = 0.97
# Characters of seals' words that are surnames too, or begin one.
_ALSO_SURNAMES = ("章", "公", "司", "计")


@dc.dataclass(frozen=True, eq=False)
class NameLook:
    """A page whose names can be looked at.

    Attributes:
        page: upright.
        clean: its picture with the seals' ink taken off.
        seals: boxes of the seals in the page.
        engine: reads and scores.
    """

    page: Page
    clean: Picture
    seals: tuple[Quad, ...]
    engine: RapidEngine

    def again(self, extracted: Extract) -> dict[str, Field]:
        """The fields, names that are not sure read again by themselves.

        Args:
            extracted: fields and the places of names.

        Raises:
            EngineFailedError: the recogniser broke.
        """
        fields = dict(extracted.fields)
        for key, box in extracted.people.items():
            if self._unsure(fields.get(key), box):
                found = self._read(key, box, extracted)
                if found is not None:
                    fields[key] = found
        return {key: fields[key] for key in FIELD_KEYS if key in fields}

    def _unsure(self, field: Field | None, box: Quad) -> bool:
        if field is None or field.weakest < SOFT:
            return True
        return len(field.text) <= SHORT and self._under_seal(box)

    def _under_seal(self, box: Quad) -> bool:
        return any(geometry.overlap(box, seal) > 0 for seal in self.seals)

    def _read(self, key: str, box: Quad, extracted: Extract) -> Field | None:
        if self._under_seal(box):
            pictures = (self.clean, self.page.image, self._red)
            looks = [one for picture in pictures for one in self._looks(picture, box, FEW_CUTS)]
            read = without_stamp(combine(looks, self.engine), looks[: len(FEW_CUTS)])
            looks = looks[: len(FEW_CUTS)] + looks[-len(FEW_CUTS) :]
        else:
            looks = self._looks(self.clean, box, CUTS)
            read = combine(looks, self.engine)
        value = values.person(plain(read.text))
        old = extracted.fields.get(key)
        if value is None:
            return old
        weakest = min(glyph.confidence for glyph in read.glyphs)
        whole = people.plausible(value) and _fills(value, read, box)
        if not whole or people.misread(value, weakest):
            weakest = 0.0
        lost = old is not None and passed_over(old.text, value, looks)
        if old is not None and weakest < old.weakest and not lost:
            # The looks did not bear out what was read first, nor anything else better.
            return old if old.value == value else dc.replace(old, weakest=weakest)
        place = self.page.to_photo_quad(box)
        label = old.label if old is not None else ""
        return Field(
            key=key,
            value=value,
            raw=read.text,
            confidence=read.confidence,
            box=place,
            reader=self.engine.name,
            label=label,
            parts=(place,),
            weakest=weakest,
        )

    def _looks(self, picture: Picture, box: Quad, cuts: Sequence[Cut]) -> list[Recognition]:
        (looks,) = looks_at(picture, [box], self.engine, cuts)
        return looks

    @functools.cached_property
    def _red(self) -> Picture:
        """The page by its red light alone, in which a red seal is paper."""
        return np.asarray(cv2.merge([self.page.image[:, :, 2]] * 3), dtype=np.uint8)


def without_stamp(read: Recognition, clean: Sequence[Recognition]) -> Recognition:
    """A name without the characters of a seal that stand before it.

    Args:
        read: the name, from pictures in which the seal's ink is print too.
        clean: looks at the same place with that ink taken off; it may have taken a name's
            first character with it (程远志), which is no word of a seal.
    """
    value = plain(read.text)
    if len(value) != len(read.glyphs):
        return read
    stamped = {char for word in known_kinds() for char in word}
    for look in clean:
        rest = plain(look.text)
        before = value.removesuffix(rest)
        if not 1 <= len(before) < len(value) or len(rest) < SHORT or look.confidence < SURE:
            continue
        of_seal = stamped.issuperset(before) and not before.startswith(_ALSO_SURNAMES)
        if people.plausible(rest) and (of_seal or not people.plausible(value)):
            return look
    if people.plausible(value) or value[0] not in stamped or not people.plausible(value[1:]):
        return read
    glyphs = read.glyphs[1:]
    return dc.replace(read, text=value[1:], glyphs=glyphs)


def passed_over(old: str, new: str, looks: Sequence[Recognition]) -> bool:
    """Whether a reading is another with a character inside that was passed over before.

    Args:
        old: as read first: 唐宁.
        new: as several looks together have it: 唐以宁.
        looks: at the name without the seal's ink; most of them must say the same.
    """
    within = len(old) == len(new) - 1 and old[:1] == new[:1] and old[-1:] == new[-1:]
    lost = within and any(new[:at] + new[at + 1 :] == old for at in range(1, len(new) - 1))
    same = sum(plain(look.text) == new and look.confidence >= SOFT for look in looks)
    return lost and 2 * same >= len(looks)


def _fills(value: str, read: Recognition, box: Quad) -> bool:
    """Whether the characters of a reading fill their box as those of a whole name do."""
    width, height = quad_size(box)
    middles = [(g.start + g.end) / 2 * width / height for g in read.glyphs if g.char.strip()]
    steps = [b - a for a, b in zip(middles, middles[1:], strict=False)]
    return bool(middles) and people.whole_line(value, width / height - middles[-1], steps)
