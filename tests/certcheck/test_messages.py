"""What would break: a code shown instead of a sentence, or a verdict that is a court's."""

import re
from pathlib import Path

import pytest

from certcheck import messages
from certcheck.errors import explain
from certcheck.finding import Status
from certcheck.rules.framework import FAILED, ITEMS, OLDER, SILENCE, all_rules
from certcheck.rules.listed import ENDED_SINCE, LATER
from ocr.reading import FIELD_KEYS
from registry.errors import (
    DatabaseUrlError,
    LabUnknownError,
    RegistryError,
    UnknownSourceError,
)

# Words that are a court's, not ours (facts 2.1).
FORBIDDEN = re.compile("[真假]|虚假|不实|伪造|genuine|fake|forged|counterfeit", re.IGNORECASE)
RULE_FILES = ("rules_1_4.toml", "rules_5_8.toml", "foreign.toml")


def used_codes() -> set[str]:
    silent = {code for _, code in SILENCE.values()}
    return {FAILED, OLDER, LATER, ENDED_SINCE, *silent} | {
        code for one in all_rules() for code in one.messages
    }


def test_every_code_of_a_rule_has_its_sentence() -> None:
    assert used_codes() - set(messages.catalogue()) == set()


def test_every_sentence_of_a_rule_is_used() -> None:
    written = {code for code, one in messages.catalogue().items() if one.file in RULE_FILES}
    assert written - used_codes() == set()


def test_no_sentence_says_genuine_or_fake() -> None:
    said = {
        code: one.text
        for code, one in messages.catalogue().items()
        if one.file in RULE_FILES and FORBIDDEN.search(" ".join(one.text + (one.next_step or ())))
    }
    assert said == {}


def test_both_languages_ask_for_the_same_parameters() -> None:
    def asked(sentence: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", sentence))

    for code, one in messages.catalogue().items():
        assert asked(one.text.zh) == asked(one.text.en), code


def test_an_unknown_code_raises_here_and_is_shown_to_a_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(messages.UnknownCodeError):
        messages.text("no.such.code")
    monkeypatch.delenv(messages.STRICT)
    assert messages.text("no.such.code") == ("no.such.code", "no.such.code")


def test_a_missing_parameter_raises_here_and_costs_no_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(messages.UnknownCodeError):
        messages.text(FAILED)
    monkeypatch.delenv(messages.STRICT)
    assert messages.text(FAILED).zh == FAILED


def test_sentences_are_filled() -> None:
    assert "KeyError" in messages.text(FAILED, exception="KeyError").zh


@pytest.mark.parametrize(
    "error",
    [
        UnknownSourceError(path="登记", reason="no_tables"),
        DatabaseUrlError(reason="unsupported", kind="mysql"),
    ],
)
def test_no_sentence_shows_a_reason_that_is_a_code(error: RegistryError) -> None:
    told = explain(error).message
    assert str(error.details["reason"]) not in told.zh + told.en


def test_a_code_in_two_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text('[x.y]\nzh = "一"\nen = "one"\n', encoding="utf-8")
    monkeypatch.setattr(messages, "FOLDER", tmp_path)
    messages.catalogue.cache_clear()
    try:
        with pytest.raises(ValueError, match="x.y stands in"):
            messages.catalogue()
    finally:
        messages.catalogue.cache_clear()


def test_every_field_status_and_item_has_its_label() -> None:
    wanted = {f"field.{key}" for key in (*FIELD_KEYS, "seal", "code")}
    wanted |= {f"status.{status}" for status in Status}
    wanted |= {f"item.{item}" for item in ITEMS}
    assert wanted - set(messages.catalogue()) == set()


def test_several_things_are_told_without_brackets() -> None:
    told = explain(LabUnknownError(key="x", similar=["yuan 甲", "zhai 乙"])).message
    assert "yuan 甲; zhai 乙" in told.zh and "[" not in told.zh + told.en
    assert "[" not in explain(LabUnknownError(key="x", similar=[])).message.zh
