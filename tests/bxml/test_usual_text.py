"""Text without control characters takes a shorter way; a subclass of `str` takes the way that checks all."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwidth_calls import bxml


class Plain(str):
    """The same characters, of another type."""

    __slots__ = ()


KINDS = [kind for kind in vars(bxml).values() if isinstance(kind, type) and issubclass(kind, bxml.Verb)]
FIELDS = [
    (kind, field.name)
    for kind in KINDS
    if kind is not bxml.Verb
    for field in attrs.fields(kind)  # type: ignore[arg-type]  # mypy does not see that each is an attrs class
    if "str" in str(field.type)
]
TEXTS = st.text(max_size=300) | st.text(alphabet=" \t\r\n&<>\"'a1,;=\x00\ud800\u2028", max_size=8)


def outcome(kind: Any, name: str, value: str) -> tuple[str, str]:
    """Return the document, or what is raised, when one field is set."""
    try:
        return "written", bxml.Response([kind(**{name: value})]).to_bxml()
    except (TypeError, ValueError) as error:
        return type(error).__name__, str(error)


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[f"{kind.__name__}.{name}" for kind, name in FIELDS])
@given(text=TEXTS)
def test_the_shorter_way_of_text_ends_like_the_longer_one(kind: Any, name: str, text: str) -> None:
    """A text is written, or refused, like a text of a subclass, which takes the longer way."""
    assert outcome(kind, name, text) == outcome(kind, name, Plain(text))
