"""Events against the callback schemas of Bandwidth's OpenAPI file: every property has its field."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import attrs
import pytest

from bandwidth_calls import webhooks
from bandwidth_calls.wire import wire_name

SPEC_FILE = os.environ.get("BANDWIDTH_OPENAPI", "")
SPEC: dict[str, Any] = json.loads(Path(SPEC_FILE).read_text()) if SPEC_FILE else {}
SCHEMAS = {
    name: node for name, node in SPEC.get("components", {}).get("schemas", {}).items() if name.endswith("Callback")
}
pytestmark = pytest.mark.skipif(
    not SPEC, reason="set BANDWIDTH_OPENAPI to Bandwidth's OpenAPI file, which is not ours to distribute"
)


def event_class(schema: str) -> Any:
    """Return the class for a schema; the file's recordingComplete is the documentation's recordComplete."""
    word = schema.removesuffix("Callback").replace("recordingComplete", "recordComplete")
    return getattr(webhooks, f"{word[0].upper()}{word[1:]}Event", None)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_property_of_a_callback_has_its_field(schema: str) -> None:
    """A class has at least the fields that the file gives its event."""
    kind = event_class(schema)

    fields = {wire_name(field.name) for field in attrs.fields(kind)}

    assert set(SCHEMAS[schema]["properties"]) - fields == set()


def test_the_file_has_callbacks() -> None:
    """The comparison compares something."""
    assert len(SCHEMAS) >= 18
