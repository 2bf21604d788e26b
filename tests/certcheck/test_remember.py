"""What would break: a check that reads the same crop a dozen times, or an answer mixed up."""

from collections import Counter
from collections.abc import Sequence

import pytest

from certcheck.remember import RememberingWitness
from certcheck.rules.framework import judge
from ocr.errors import EngineFailedError
from ocr.reading import Field
from ocr.witness import Support
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
