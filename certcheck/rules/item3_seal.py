"""Item 3: seal, printed name and printed address against licence and accreditation.

检验检测专用章使用要求 3 and 7: the seal shows the body's complete, exact name. 39号令 art 11
allows a 公章 in its place. 163号令 art 14: a change of name or address is registered. Branch
sites of the accreditation count.
"""

from __future__ import annotations

from collections.abc import Iterator

from certcheck.case import Case
from certcheck.confirm import LOW_CONFIDENCE, Weighed, Weight, plain, weigh
from certcheck.confirm_seal import (
    KIND_SLIP,
    OFFICIAL_SEAL,
    TESTING_SEAL,
    half_read,
    weigh_seal,
)
from certcheck.finding import Evidence, Finding
from certcheck.rules.common import accuse, has, holding, lacks
from certcheck.rules.framework import advise, agree, cannot, rule, seen, suspect
from certcheck.rules.since import MEASURES_163, REGISTRY
from certcheck.unread import borne_out
from ocr.errors import OcrError
from ocr.witness import Answer
from registry import names, spoken
from registry.lookup import LabRecord
from registry.models import Accreditation

SEAL_LAW = ("plan.3.4.3", "seal_use.3", "39.11")
KIND_LAW = ("plan.3.4.3", "seal_use.7", "39.11")
NAME_LAW = ("plan.3.4.3", "163.14")

# Names of other laboratories that a seal is asked about, nearest first: to the laboratory's
# own name, and to what each seal was read as.
RIVALS, READ_RIVALS = 12, 3
# Characters of a name written out: few seals carry a shorter one.
FULL_NAME = 8
# A ring is read nearly as a short name where no more than one in four characters differs.
NEARLY = 0.75


def held(case: Case) -> list[Accreditation]:
    """Accreditations of the day, of any kind; those of any day where the day is not known."""
    rows = list(case.lab.accreditations) if case.lab else []
    return holding(rows, case.issued_on) if case.issued_on else rows


def lab_names(case: Case) -> list[str]:
    """Names the laboratory may print: licence, accreditation of the day, aliases."""
    if case.lab is None:
        return []
    lab = case.lab.lab
    holders = [row.holder_name for row in held(case)]
    return list(dict.fromkeys(name for name in [lab.name, *holders, *lab.alias_names] if name))


def _seal_texts(lab: LabRecord, case: Case) -> list[str]:
    """Texts the ring may carry: the registered ones and the full names, former ones too.

    A short second name only where a ring was read nearly so: the ink of a longer ring agrees
    with many a short text.
    """
    holders = [row.holder_name for row in held(case) if row.holder_name]
    rings = [plain(seal.name) for seal in case.reading.seals if seal.name]
    former = [
        name
        for name in lab.lab.alias_names
        if len(name) >= FULL_NAME
        or any(names.similarity(ring, plain(name)) >= NEARLY for ring in rings)
    ]
    return list(dict.fromkeys([*(row.text for row in lab.seals), lab.name, *former, *holders]))


def _rivals(case: Case, lab: LabRecord) -> list[str]:
    """Names of other laboratories: those like the laboratory's, and like what seals say."""
    near = case.registry.similar_names(lab.name, RIVALS)
    asked = {names.name_key(lab.name)}
    for text in filter(None, (seal.name for seal in case.reading.seals)):
        if names.name_key(text) not in asked:
            near += case.registry.similar_names(text, READ_RIVALS)
        asked.add(names.name_key(text))
    return list(dict.fromkeys(one.name for one in near if one.lab_id != lab.lab_id))


def _seal_seen(case: Case, index: int, expected: str, source: str) -> Evidence:
    seal = case.reading.seals[index]
    return Evidence("seal", seal.name, expected, seal.box, source)


def _has_seal(case: Case) -> bool:
    return bool(case.reading.seals)


def _has_lab_and_seal(case: Case) -> bool:
    return case.lab is not None and _has_seal(case)


@rule(
    "item3.seal_missing",
    law=SEAL_LAW,
    since=MEASURES_163,
    applies=lambda case: not _has_seal(case),
)
def seal_missing(case: Case) -> Iterator[Finding]:
    """No seal was found in the photo."""
    yield cannot(Evidence("seal", "", "", None, ""))


@rule("item3.lab_unknown", law=NAME_LAW, since=REGISTRY, applies=lambda case: case.lab is None)
def lab_unknown(case: Case) -> Iterator[Finding]:
    """The registry does not know the laboratory: nothing to compare seal and address with."""
    yield cannot(seen(case, "lab_name"))


@rule(
    "item3.seal_name",
    law=SEAL_LAW,
    since=MEASURES_163,
    told_from=REGISTRY,
    applies=_has_lab_and_seal,
    messages=("", ".agrees", ".no_rows", ".another", ".beside", "rule.unclear", "rule.illegible"),
)
def seal_name(case: Case) -> Iterator[Finding]:
    """The seal's ring against the laboratory's registered seals and names.

    One seal that agrees is enough; a further seal that does not may be a dealer's, and is
    told; only where it is another laboratory's is it a sign. With no registered seal the
    registry says nothing, unless the ring is another laboratory's.
    """
    if case.lab is None:
        return
    lab, allowed = case.lab, _seal_texts(case.lab, case)
    rivals = _rivals(case, lab)
    weighed = [weigh_seal(case, index, allowed, rivals) for index in range(len(case.reading.seals))]
    agreed = [index for index, one in enumerate(weighed) if one.weight is Weight.MISREAD]
    source = lab.seals[0].source if lab.seals else lab.lab.source
    if agreed:
        text = weighed[agreed[0]].text
        evidence = _seal_seen(case, agreed[0], text, source)
        if lab.seals:
            yield agree(evidence, message=".agrees", text=text)
        else:
            yield cannot(evidence, message=".no_rows", read=text, lab=lab.name)
        yield from _further(case, weighed, rivals, allowed[0], source)
    else:
        yield _no_seal_agrees(case, weighed, allowed, source)


def _further(
    case: Case, weighed: list[Weighed], rivals: list[str], expected: str, source: str
) -> Iterator[Finding]:
    for index, one in enumerate(weighed):
        if one.weight < Weight.DOUBTFUL or not one.text:
            continue
        evidence = _seal_seen(case, index, expected, source)
        if one.text not in rivals:
            yield advise(evidence, message=".beside", read=evidence.read)
        elif one.weight is Weight.CERTAIN:
            yield suspect(evidence, message=".another", read=evidence.read, expected=expected)


def _no_seal_agrees(case: Case, weighed: list[Weighed], allowed: list[str], source: str) -> Finding:
    """What is left unread might be the right seal: certain only where all seals are."""
    weights = [one.weight for one in weighed]
    weight = min(weights)
    if weight is not Weight.CERTAIN and max(weights) >= Weight.DOUBTFUL:
        weight = Weight.DOUBTFUL
    index = weights.index(max(weights))
    evidence = _seal_seen(case, index, allowed[0], source)
    if case.lab is not None and not case.lab.seals:
        if weight is not Weight.CERTAIN:
            return cannot(evidence, message=".no_rows", read=evidence.read, lab=case.lab.name)
        weight = Weight.DOUBTFUL
    return accuse(weight, evidence, read=evidence.read, expected=allowed[0])


@rule(
    "item3.seal_kind",
    law=KIND_LAW,
    since=MEASURES_163,
    applies=_has_lab_and_seal,
    messages=("", ".unusual", "rule.unclear", "rule.illegible"),
)
def seal_kind(case: Case) -> Iterator[Finding]:
    """The straight line of a seal of the laboratory's own names a kind that may not be used.

    Own is a seal whose ring agrees; dealers stamp 业务专用章 beside it, and what a strange ring
    means is `seal_name`'s to say.

    With registered seals, a kind that is not among them is not allowed; without, a kind
    that is neither 检验检测专用章 nor 公章 is suspected. No line at all is a 公章's way.
    """
    if case.lab is None:
        return
    registered = [row.kind for row in case.lab.seals if row.kind]
    allowed = list(dict.fromkeys(registered)) or [TESTING_SEAL, OFFICIAL_SEAL]
    source = case.lab.seals[0].source if case.lab.seals else ""
    texts = _seal_texts(case.lab, case)
    for index, seal in enumerate(case.reading.seals):
        if not seal.kind or any(_near(seal.kind, kind) for kind in allowed):
            continue
        if not _own(case, index, texts, _rivals(case, case.lab)):
            continue
        evidence = Evidence("seal", seal.kind, "、".join(allowed), seal.box, source)
        params = {"kind": seal.kind, "allowed": "、".join(allowed)}
        weight = _kind_weight(case, index, allowed)
        if registered:
            yield accuse(weight, evidence, **params)
        else:
            weight = min(weight, Weight.DOUBTFUL)
            yield accuse(weight, evidence, message=".unusual", **params)


def _own(case: Case, index: int, texts: list[str], rivals: list[str]) -> bool:
    """Whether a seal's ring is read as the laboratory's, or the ink bears out that it is."""
    read = plain(case.reading.seals[index].name)
    if any(read == plain(text) for text in texts):
        return True
    return weigh_seal(case, index, texts, rivals).weight is Weight.MISREAD


def _near(read: str, kind: str) -> bool:
    return names.distance(plain(read), plain(kind)).cost <= KIND_SLIP


def _kind_weight(case: Case, index: int, allowed: list[str]) -> Weight:
    """Certain where a line of the page agrees with the kind and none with an allowed one.

    A kind that only lacks characters of an allowed one (检测专用章) is that one half read.
    """
    seal = case.reading.seals[index]
    if any(half_read(seal.kind, kind) for kind in allowed):
        return Weight.UNREAD
    if len(case.reading.seals) > 1 or seal.confidence < LOW_CONFIDENCE:
        return Weight.DOUBTFUL
    try:
        supports = case.witness.ask_anywhere([seal.kind, *allowed])
    except OcrError:
        return Weight.DOUBTFUL
    answers = [one.answer for one in supports]
    told = answers[0] is Answer.AGREES and all(one is Answer.DIFFERS for one in answers[1:])
    return Weight.CERTAIN if told else Weight.DOUBTFUL


@rule("item3.seal_shape", law=KIND_LAW, since=MEASURES_163, applies=_has_lab_and_seal)
def seal_shape(case: Case) -> Iterator[Finding]:
    """The seal is oval; the requirements say usually round, so this is only told."""
    for index, seal in enumerate(case.reading.seals):
        if seal.shape == "oval":
            yield advise(_seal_seen(case, index, "", ""))


@rule(
    "item3.name_missing",
    law=NAME_LAW,
    since=MEASURES_163,
    applies=lambda case: case.lab is not None and lacks("lab_name")(case),
    messages=("", "item3.name.agrees"),
)
def name_missing(case: Case) -> Iterator[Finding]:
    """The laboratory's printed name could not be stated, nor is a registered one borne out."""
    told = borne_out(case, "lab_name", lab_names(case))
    if told:
        source = case.lab.lab.source if case.lab else ""
        evidence = seen(case, "lab_name", expected=told, source=source)
        yield agree(evidence, message="item3.name.agrees", name=told)
        return
    yield cannot(seen(case, "lab_name", expected=case.lab.name if case.lab else ""))


@rule(
    "item3.name",
    law=NAME_LAW,
    since=MEASURES_163,
    told_from=REGISTRY,
    applies=has("lab_name"),
    messages=("", ".agrees", "rule.unclear", "rule.illegible"),
)
def name(case: Case) -> Iterator[Finding]:
    """The printed name against licence, accreditation and aliases.

    A name that only adds to a registered one (…检测部) is never more than suspected; one that
    is a registered one's end was half read.
    """
    field, allowed = case.field("lab_name"), lab_names(case)
    if field is None or case.lab is None:
        return
    same = next((one for one in allowed if plain(one) == plain(field.text)), "")
    weighed = Weighed(Weight.MISREAD, same) if same else weigh(case, "lab_name", allowed)
    expected = weighed.text or allowed[0]
    evidence = seen(case, "lab_name", expected=expected, source=case.lab.lab.source)
    if weighed.weight is Weight.MISREAD:
        yield agree(evidence, message=".agrees", name=expected)
        return
    weight = weighed.weight
    # A hand, a fold or the photo's rim takes the head of a name; forgers add or change.
    if any(plain(one).endswith(plain(field.text)) for one in allowed):
        weight = Weight.UNREAD
    # A cell may hold a former or a second name beside the one printed.
    told = {plain(each) for one in allowed for each in spoken.every(one)}
    if any(plain(one) in plain(field.text) for one in allowed) or plain(field.text) in told:
        weight = min(weight, Weight.DOUBTFUL)
    yield accuse(weight, evidence, read=field.text, expected=expected)
