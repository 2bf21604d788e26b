"""The OpenAPI document: what `openapi.json` says, with the report's own schema put in."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any

from certcheck.report import VERSION

_INSIDE, _OUTSIDE = "#/$defs/", "#/components/schemas/report_"


@functools.cache
def document() -> dict[str, Any]:
    """The document, ready for `jsonify`."""
    told = _read("web", "openapi.json")
    schema = _moved(_read("certcheck", "data/report.schema.json"))
    for key in ("$schema", "$id"):
        schema.pop(key)
    schemas = told["components"]["schemas"]
    schemas |= {f"report_{name}": one for name, one in schema.pop("$defs").items()}
    schemas["Report"] = schema
    told["info"]["version"] = VERSION
    return told


def _read(package: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(package) / path).read_text(encoding="utf-8"))
    return found


def _moved(schema: Any) -> Any:
    """References to parts of the report's schema, as they are called in the document."""
    if isinstance(schema, dict):
        return {
            key: one.replace(_INSIDE, _OUTSIDE) if key == "$ref" else _moved(one)
            for key, one in schema.items()
        }
    return [_moved(one) for one in schema] if isinstance(schema, list) else schema
