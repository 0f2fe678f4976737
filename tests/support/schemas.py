"""The schemas of Bandwidth's OpenAPI file; the environment variable BANDWIDTH_OPENAPI is its path."""

from __future__ import annotations

import json
import os
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

FORMATS = jsonschema.FormatChecker(())


def is_date_time(value: object) -> bool:
    """Whether a text is a time in UTC with milliseconds and Z, as Bandwidth writes it."""
    return not isinstance(value, str) or bool(datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ") and len(value) == 24)


def is_uri(value: object) -> bool:
    """Whether a text is an absolute URL."""
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


FORMATS.checks("date-time", raises=ValueError)(is_date_time)
FORMATS.checks("uri", raises=ValueError)(is_uri)


def validate(name: str, value: object) -> None:
    """Validate a value against a schema of the file, without undeclared fields; skip the test if there is no file."""
    if "BANDWIDTH_OPENAPI" not in os.environ:
        pytest.skip("BANDWIDTH_OPENAPI does not say where Bandwidth's OpenAPI file is")
    _validator(name, os.environ["BANDWIDTH_OPENAPI"]).validate(value)


@cache
def _validator(name: str, file: str) -> Any:
    spec = json.loads(Path(file).read_text())
    schema = {**_resolve(spec, spec["components"]["schemas"][name]), "additionalProperties": False}
    return jsonschema.Draft202012Validator(schema, format_checker=FORMATS)


def _resolve(spec: Any, node: Any) -> Any:
    """Return the node without references, and with `nullable` as a JSON Schema type."""
    if isinstance(node, list):
        return [_resolve(spec, item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _resolve(spec, target)
    schema = {key: _resolve(spec, value) for key, value in node.items()}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema
