"""What the tests of checks share."""

from __future__ import annotations

from collections.abc import Callable

import pytest


def refused(check: Callable[..., object], value: object, *arguments: object, **options: object) -> str:
    """Check a wrong value of the field "field", and return the message."""
    with pytest.raises(ValueError, match=r"\Afield: ") as caught:
        check("field", value, *arguments, **options)
    assert type(caught.value) is ValueError
    return str(caught.value)
