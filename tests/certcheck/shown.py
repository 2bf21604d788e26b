"""Reports held to their schema, and as the one error that bad input is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from certcheck import messages, report, report_text
from certcheck.check import exit_status
from certcheck.report import Report

SCHEMA = json.loads(
    (Path(report.__file__).parent / "data" / "report.schema.json").read_text(encoding="utf-8")
)


def valid(one: Report) -> dict[str, Any]:
    """A report as programs see it, held to the schema; its text for people comes out too."""
    entry = json.loads(json.dumps(one.to_json(), ensure_ascii=False))
    jsonschema.validate(entry, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert report_text.render(one, lang="both")
    assert isinstance(entry, dict)
    return entry


def assert_error(found: list[Report], code: str) -> None:
    (one,) = found
    entry = valid(one)
    assert entry["error"]["code"] == code
    for told in (entry["error"]["message"], entry["error"]["next_step"]):
        assert told["zh"] and told["en"] and told["zh"] != told["en"]
    assert messages.exit_status(code) == 3 == exit_status(found)
