"""Requests as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import attrs
import msgspec
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from bandwidth_calls.wire import wire_name

JSON_TYPE = "application/json"


def dump(model: Any) -> bytes:
    """Return a request as JSON, without the fields that are None."""
    return msgspec.json.encode(converter.unstructure(model), enc_hook=_exact)


def _exact(value: object) -> str | int | float:
    """Return the plain value of a subclass of str, int or float, such as a NumPy number or a template's safe text."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(cast(float, value))


def _request_hook(kind: Any, converter: Converter) -> Callable[[Any], dict[str, Any]]:
    """Return a hook that renames the fields of a request, and omits fields that are None."""
    renamed = {
        field.name: override(rename=wire_name(field.name), omit_if_default=field.default is None)
        for field in attrs.fields(kind)
    }
    return make_dict_unstructure_fn(kind, converter, **renamed)  # type: ignore[arg-type]  # its flags come first


converter = Converter()
converter.register_unstructure_hook_factory(attrs.has, _request_hook)
