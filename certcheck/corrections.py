"""Values that a person entered where a reading was wrong or missing.

A correction is what somebody says stands on the paper; the photo stays what it is. So every
value is parsed as print would be, its place is the one where the value was read or should
stand, and what was read before is kept beside it. What a judgement may rest on it for is
decided in `certcheck.corrected`.

Besides the fields, what a seal that was found says, and what a code says that could not be
decoded (`certcheck.restated`).
"""

from __future__ import annotations

import dataclasses as dc
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from certcheck import restated
from certcheck.errors import CertcheckError
from certcheck.finding import Finding
from certcheck.numbers import cma, cnas
from certcheck.numbers.errors import NumberError
from certcheck.report_parts import box_json
from certcheck.restated import Restated
from ocr.fields import values
from ocr.reading import FIELD_KEYS, Field, Quad, Reading

# Who read a value that was entered.
HAND = restated.HAND
# The longest remark on generated and real certificates has some 200 characters.
LONGEST = 400
# A place that is not known.
NOWHERE: Quad = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0))

# The forms that numbers must have; a certificate's own number has as many as laboratories.
_NUMBERS: Mapping[str, ModuleType] = {"cma_no": cma, "cnas_no": cnas}


class CorrectionError(CertcheckError):
    """A value was entered that its field cannot hold; `details` name the field and the value."""

    code = "correction.not_a_value"


class NoSuchFieldError(CorrectionError):
    """The contract knows no such field."""

    code = "correction.no_such_field"


class MalformedError(CorrectionError):
    """A number without the form that its issuer gives; the paper may bear it all the same."""

    code = "correction.malformed"


@dc.dataclass(frozen=True, slots=True)
class Correction:
    """One value as entered.

    Attributes:
        key: contract field key, or a seal's or a code's (see `restated`).
        text: as entered.
        page: of the file, from 1.
        part: certificate on that page, from 1.
    """

    key: str
    text: str
    page: int = 1
    part: int = 1


@dc.dataclass(frozen=True, slots=True)
class Corrected:
    """A correction beside what it takes the place of.

    Attributes:
        key: contract field key.
        field: as entered.
        before: as read, stated or doubted; None where nothing was.
        stated: whether what was read was sure enough to be stated.
        borne_out: whether the ink of the photo agrees with what was entered.
    """

    key: str
    field: Field
    before: Field | None
    stated: bool
    borne_out: bool = False

    @property
    def read(self) -> str:
        """What was read and stated, "" for nothing."""
        return self.before.text if self.before and self.stated else ""

    @property
    def text(self) -> str:
        """As entered, in its normal form."""
        return self.field.text

    def shown_by(self, finding: Finding) -> bool:
        """Whether a finding shows the value."""
        return any(one.field == self.key for one in finding.evidence)

    def to_json(self) -> dict[str, Any]:
        """As reports have it."""
        return {
            "field": self.key,
            "read": _plain(self.before) if self.before and self.stated else None,
            "value": _plain(self.field),
            "borne_out": self.borne_out,
            "box": box_json(self.field.box),
        }


# Whatever was entered by hand, beside what it takes the place of.
ByHand = Corrected | Restated


def parse(key: str, text: str, *, as_printed: bool = False) -> str | tuple[str, ...]:
    """A value in its field's normal form.

    Args:
        key: contract field key, or a seal's or a code's.
        text: as entered.
        as_printed: whether whoever entered it says that the paper bears it in just this
            form, well formed or not.

    Raises:
        CorrectionError: the field cannot hold the text.
        NoSuchFieldError: there is no such field.
        MalformedError: a number that its issuer cannot have given.
    """
    text = entered(text)
    mark = restated.mark_of(key)
    if mark is None and key not in FIELD_KEYS:
        raise NoSuchFieldError(field=key[:LONGEST])
    value: str | tuple[str, ...] | None = None
    if len(text) <= LONGEST:
        value = restated.parse(mark, text) if mark else values.parse(key, text)
    if not value:
        raise CorrectionError(field=key, value=text[:LONGEST])
    if key in _NUMBERS and not as_printed:
        try:
            _NUMBERS[key].validate(str(value))
        except NumberError as error:
            raise MalformedError(field=key, value=text) from error
    return value


def entered(text: str) -> str:
    """A text on one line, without characters that no paper shows."""
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if unicodedata.category(char)[0] != "C")


def of(corrections: Iterable[Correction], reading: Reading) -> tuple[ByHand, ...]:
    """The corrections of one certificate that say something else than what was read.

    Raises:
        CorrectionError: a field cannot hold what was entered for it.
    """
    found: dict[str, ByHand] = {}
    for one in corrections:
        if (one.page, one.part) != (reading.page, reading.part):
            continue
        mark = restated.mark_of(one.key)
        if mark is not None:
            said = restated.of(mark, str(parse(one.key, one.text)), reading)
            if said is not None:
                found[one.key] = said
            continue
        field = _field(one, reading)
        before = reading.fields.get(one.key)
        if before is None or before.value != field.value:
            soft = reading.doubted.get(one.key)
            found[one.key] = Corrected(one.key, field, before or soft, before is not None)
    return tuple(found.values())


def applied(reading: Reading, by_hand: Sequence[ByHand]) -> Reading:
    """The reading with what was entered in the place of what was read."""
    if not by_hand:
        return reading
    reading = restated.applied(reading, [one for one in by_hand if isinstance(one, Restated)])
    corrected = [one for one in by_hand if isinstance(one, Corrected)]
    fields = {one.key: one.field for one in corrected}
    marks = reading.marks
    number = next((one for one in corrected if one.key == "cma_no" and one.before), None)
    if number is not None and number.before is not None:
        # The same print was read as the number beneath the mark.
        misread = number.before.text
        marks = tuple(
            dc.replace(mark, number=number.field.text) if mark.number == misread else mark
            for mark in marks
        )
    return dc.replace(
        reading,
        fields={**reading.fields, **fields},
        doubted=_without(reading.doubted, fields),
        unread=_without(reading.unread, fields),
        marks=marks,
    )


def packed(corrections: Sequence[Correction]) -> str:
    """Corrections as JSON, in one order whatever order they were entered in."""
    rows = sorted({(one.page, one.part, one.key): one.text for one in corrections}.items())
    return json.dumps([[*place, text] for place, text in rows], ensure_ascii=False)


def unpacked(text: str) -> tuple[Correction, ...]:
    """The corrections that a text holds; see `packed`."""
    return tuple(Correction(key, text, page, part) for page, part, key, text in json.loads(text))


def _without(held: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in held.items() if key not in keys}


def _field(one: Correction, reading: Reading) -> Field:
    value = parse(one.key, one.text, as_printed=True)
    before = reading.fields.get(one.key) or reading.doubted.get(one.key)
    place = before.box if before else reading.unread.get(one.key, NOWHERE)
    return Field(
        one.key, value, entered(one.text), 1.0, place, HAND,
        label=before.label if before else "", parts=before.parts if before else (),
    )  # fmt: skip


def _plain(field: Field) -> str | list[str]:
    return field.value if isinstance(field.value, str) else list(field.value)
