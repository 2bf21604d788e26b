"""What a judgement is worth that rests on a value somebody entered.

A hand is no witness: it may slip, and it may want a result. So it neither accuses nor clears
by itself. The same certificate is judged as it was read and as it was corrected, and what is
found only with the corrections rests on them:

* a contradiction is no more than suspected;
* agreement counts where the ink of the photo bears out what was entered, else it is
  unverifiable;
* a contradiction that goes away with a correction goes away for good only where the ink bears
  it out.
"""

from __future__ import annotations

import dataclasses as dc
import logging
from collections.abc import Iterable, Sequence

from certcheck import restated
from certcheck.corrections import ByHand, Corrected
from certcheck.finding import Finding, Status, worst
from certcheck.rules.framework import ItemResult, advise, cannot
from ocr.errors import OcrError
from ocr.reading import Field, Reading
from ocr.witness import Answer, Support, Witness

log = logging.getLogger(__name__)

NOT_BORNE_OUT = "correction.not_borne_out"
WAS_READ = "correction.was_read"

# Items 7 and 8 are encouragements in the plan: nothing can be lacking there.
_FIRST_ENCOURAGED = 7
_ACCUSES = (Status.INCONSISTENT, Status.SUSPECTED)
# Values that tell themselves wherever they stand on the paper; a name or a single figure may
# be another's.
_ANYWHERE = frozenset(
    {"certificate_no", "security_code", "lab_name", "cma_no", "cnas_no", "standards", "address",
     "phone", "website", "issue_date"}
)  # fmt: skip
# Shorter texts stand on a page by chance.
_SHORTEST_ANYWHERE = 6


def asked(by_hand: Sequence[ByHand], reading: Reading, witness: Witness) -> tuple[ByHand, ...]:
    """The corrections, each with what the ink says of it.

    Args:
        by_hand: see `corrections.of`.
        reading: as read.
        witness: the photo.
    """
    return tuple(dc.replace(one, borne_out=_asked_of_ink(one, reading, witness)) for one in by_hand)


def tempered(
    items: Sequence[ItemResult], before: Sequence[ItemResult], corrected: Sequence[ByHand]
) -> tuple[ItemResult, ...]:
    """The items as they may be told.

    Args:
        items: judged with the corrections.
        before: judged as read.
        corrected: the corrections, the ink asked.
    """
    return tuple(
        _item(item, earlier, corrected) for item, earlier in zip(items, before, strict=True)
    )


def _item(item: ItemResult, before: ItemResult, corrected: Sequence[ByHand]) -> ItemResult:
    known = {_form(one) for one in before.findings}
    findings = [
        one
        if _form(one) in known and not any(each.shown_by(one) for each in corrected)
        else _resting(one, _concerned(one, corrected))
        for one in item.findings
    ]
    findings += _gone(item, before, corrected)
    return ItemResult(item.item, worst(one.status for one in findings), tuple(findings))


def _resting(finding: Finding, concerned: Sequence[ByHand]) -> Finding:
    """A finding that rests on corrections, no stronger than it may be."""
    keys = _keys(concerned)
    if finding.status is Status.INCONSISTENT:
        return dc.replace(finding, status=Status.SUSPECTED, by_hand=keys)
    if finding.status is Status.CONSISTENT and not all(one.borne_out for one in concerned):
        return _instead(finding, NOT_BORNE_OUT, keys)
    return dc.replace(finding, by_hand=keys)


def _gone(item: ItemResult, before: ItemResult, corrected: Sequence[ByHand]) -> Iterable[Finding]:
    """What contradicted as it was read and no longer does, where only the hand says so."""
    still = {one.rule for one in item.findings if one.status in _ACCUSES}
    for one in before.findings:
        concerned = _concerned(one, corrected)
        cleared = all(each.borne_out for each in concerned)
        if one.status in _ACCUSES and one.rule not in still and not cleared:
            yield _instead(one, WAS_READ, _keys(concerned))


def _instead(finding: Finding, message: str, keys: tuple[str, ...]) -> Finding:
    """The finding as one that could not be verified."""
    encouraged = _item_of(finding) >= _FIRST_ENCOURAGED
    other = (advise if encouraged else cannot)(*finding.evidence, message=message)
    return dc.replace(other, rule=finding.rule, law=finding.law, by_hand=keys)


def _concerned(finding: Finding, corrected: Sequence[ByHand]) -> list[ByHand]:
    """The corrections that a finding rests on; all where it shows none of them."""
    return [one for one in corrected if one.shown_by(finding)] or list(corrected)


def _keys(corrected: Sequence[ByHand]) -> tuple[str, ...]:
    """Each key once: two seals are one in words."""
    return tuple(dict.fromkeys(one.key for one in corrected))


def _item_of(finding: Finding) -> int:
    return int(finding.rule.removeprefix("item")[:1])


def _form(finding: Finding) -> tuple[object, ...]:
    """What makes two findings the same."""
    evidence = tuple((one.field, one.read, one.expected, one.source) for one in finding.evidence)
    params = tuple(sorted(finding.params.items()))
    return finding.rule, finding.status, finding.message, params, evidence


def _asked_of_ink(one: ByHand, reading: Reading, witness: Witness) -> bool:
    """Whether the ink agrees with what was entered; a witness who is out of order does not."""
    try:
        if isinstance(one, Corrected):
            return _borne_out(one.field, witness)
        return restated.borne_out(one, reading, witness)
    except OcrError:
        log.warning("the witness could not be asked about %s", one.key, exc_info=True)
        return False


def _borne_out(field: Field, witness: Witness) -> bool:
    """Whether the ink agrees with a value: at its place, or wherever it tells itself."""
    at_place = _agree(witness.ask_field(field.key, prints(field)))
    if at_place or field.key not in _ANYWHERE:
        return at_place
    parts = [field.value] if isinstance(field.value, str) else field.value
    return all(_stands_somewhere(part, field, witness) for part in parts)


def _stands_somewhere(part: str, field: Field, witness: Witness) -> bool:
    texts = [part] if not isinstance(field.value, str) else prints(field)
    texts = [text for text in texts if len(text) >= _SHORTEST_ANYWHERE]
    return bool(texts) and _agree(witness.ask_anywhere(texts))


def _agree(supports: Iterable[Support]) -> bool:
    return any(one.answer is Answer.AGREES for one in supports)


def prints(field: Field) -> list[str]:
    """How a value may be printed, as entered first."""
    texts = [field.raw, field.text]
    if field.key == "issue_date":
        year, month, day = field.text.split("-")
        bare = (year, str(int(month)), str(int(day)))
        for one in ((year, month, day), bare):
            texts += ["{}年{}月{}日".format(*one), "-".join(one), ".".join(one), "/".join(one)]
        texts.append(year + month + day)
    if field.key == "mass":
        texts += [f"{field.text}{unit}" for unit in ("g", "克", " g")]
    if field.key == "density":
        texts += [f"{field.text}g/cm3", f"{field.text}g/cm³"]
    return list(dict.fromkeys(texts))
