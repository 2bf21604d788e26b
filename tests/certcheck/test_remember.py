"""What would break: a check that reads the same crop a dozen times, or an answer mixed up."""

import dataclasses as dc
import datetime as dt
from collections import Counter
from collections.abc import Sequence

import pytest

from certcheck.remember import RememberingWitness
from certcheck.rules.framework import judge
from ocr.errors import EngineFailedError
from ocr.reading import Field
from ocr.witness import Support
from registry.lookup import Named, Registry, Revision
from registry.models import Accreditation, Signatory
from registry.remembering import RememberingRegistry
from tests.certcheck.house import NAME, OTHER, Broken, Ink, case, paper, seal


class Counting(Ink):
    """Counts the questions."""

    asked: Counter[str] = Counter()

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        self.asked[f"field {key} {texts}"] += 1
        return super().ask_field(key, texts)

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        self.asked[f"seal {index} {names}"] += 1
        return super().ask_seal(index, names)

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        self.asked[f"page {texts}"] += 1
        return super().ask_anywhere(texts)

    def reread(self, key: str) -> Field | None:
        self.asked[f"again {key}"] += 1
        return super().reread(key)

    def reread_seal(self, index: int) -> str | None:
        self.asked[f"ring {index}"] += 1
        return super().reread_seal(index)


def test_no_question_is_put_twice_in_one_check() -> None:
    changes = {"cma_no": "221620110999", "approver": "路人丙", "standards": "DB41/T 1436-2017"}
    rings = [seal(OTHER, "鉴定专用章")]
    witness = Counting(paper(changes), [OTHER])
    judge(case(changes, seals=rings, witness=witness))
    assert len(witness.asked) > 5
    assert set(witness.asked.values()) == {1}


def test_answers_are_those_of_the_witness() -> None:
    ink = Ink(paper(), [NAME], lines=["批准"])
    once = RememberingWitness(ink)
    for _ in range(2):
        assert once.ask_field("lab_name", [NAME, OTHER]) == ink.ask_field("lab_name", [NAME, OTHER])
        assert once.ask_field("lab_name", [OTHER]) == ink.ask_field("lab_name", [OTHER])
        assert once.ask_seal(0, [NAME]) == ink.ask_seal(0, [NAME])
        assert once.ask_anywhere(["批准", "x"]) == ink.ask_anywhere(["批准", "x"])
        assert once.reread("cma_no") == ink.reread("cma_no")
        assert once.reread("phone") is None


def test_a_failure_is_raised_again() -> None:
    once = RememberingWitness(Broken())
    for _ in range(2):
        with pytest.raises(EngineFailedError):
            once.reread("cma_no")


class Asked(Registry):
    """Counts the questions, and answers them as the registry does."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry._bind, registry.standards)
        self.asked: Counter[str] = Counter()

    @property
    def revision(self) -> Revision:
        self.asked["revision"] += 1
        return super().revision

    def holders(self, number: str) -> list[Accreditation]:
        self.asked[f"holders {number}"] += 1
        return super().holders(number)

    def similar_names(self, name: str, limit: int = 8) -> list[Named]:
        self.asked[f"similar {name} {limit}"] += 1
        return super().similar_names(name, limit)

    def covers(self, authority_code: str, kind: str, day: dt.date) -> bool:
        self.asked[f"covers {authority_code} {kind} {day}"] += 1
        return super().covers(authority_code, kind, day)

    def signatory_labs(self, name: str) -> list[Signatory]:
        self.asked[f"signatory {name}"] += 1
        return super().signatory_labs(name)


def test_the_registry_is_asked_once_for_a_judgement() -> None:
    """A dozen rules look for the holder of one number; each asking costs a millisecond."""
    changes = {"cma_no": "221620110999", "approver": "路人丙"}
    given = case(changes, seals=[seal(OTHER, "鉴定专用章")])
    asked = Asked(given.registry)
    found = judge(dc.replace(given, registry=asked))
    assert {"holders", "similar", "signatory"} <= {each.split()[0] for each in asked.asked}
    assert set(asked.asked.values()) == {1}
    assert found == judge(given)


def test_answers_are_those_of_the_registry_and_stay_so() -> None:
    """One rule that adds to its list would change another's."""
    given = case()
    once = RememberingRegistry(given.registry)
    for _ in range(2):
        near = once.similar_names(NAME)
        assert near == given.registry.similar_names(NAME) != []
        near.clear()
        held = once.holders(str(given.reading.fields["cma_no"].text))
        assert held == given.registry.holders(str(given.reading.fields["cma_no"].text)) != []
        held.clear()
        assert once.holders("221620110999") == []
        assert once.revision == given.registry.revision
        assert once.similar_names(NAME, 1) == given.registry.similar_names(NAME, 1)
