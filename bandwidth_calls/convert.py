"""The cattrs converter between models and JSON.

One rule turns names into camelCase for the wire. Types are strict: a number is never read as text. Words are open: any
text is allowed. Unknown fields of an answer are kept in `extra`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_origin

import attrs
import msgspec
from cattrs import BaseConverter, ClassValidationError, Converter, IterableValidationError
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from bandwidth_calls.wire import Answer

T = TypeVar("T")

AWARE = Annotated[datetime, msgspec.Meta(tz=True)]


@cache
def wire_name(field: str) -> str:
    """Return the name of a field in JSON: `answerUrl` for `answer_url`, `from` for `from_`."""
    first, *rest = field.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def dump(model: Any) -> bytes:
    """Return a request as JSON, without the fields that are None."""
    return msgspec.json.encode(converter.unstructure(model), enc_hook=_exact)


def _exact(value: object) -> str | int | float:
    """Return the plain value of a subclass of str, int or float, such as a NumPy number or a template's safe text."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) else float.__float__(cast(float, value))


def load(answer: Answer, kind: type[T], *, first: int = 0) -> T:
    """Read an answer as a model, or as `list[model]`.

    An answer that is not in the documented shape is a BadAnswerError with the place. `first` is the index of the first
    item, for a list that is the end of a longer list.
    """
    payload = answer.json()
    try:
        return converter.structure(payload, kind)
    except (ClassValidationError, IterableValidationError, TypeError) as error:
        where, why = _first_fault(error, first=first)
    raise answer.bad(where, why)


def _first_fault(error: BaseException, place: str = "$", first: int = 0) -> tuple[str, str]:
    """Return the first fault in a tree of cattrs errors: its place in the JSON, and the reason."""
    if isinstance(error, ClassValidationError) and error.group_exceptions()[0]:
        inner, note = error.group_exceptions()[0][0]
        return _first_fault(inner, f"{place}.{wire_name(note.name)}")
    if isinstance(error, IterableValidationError) and error.group_exceptions()[0]:
        item, index = error.group_exceptions()[0][0]
        return _first_fault(item, f"{place}[{first + int(index.index)}]")
    return place, "missing" if isinstance(error, KeyError) else str(error)


def _strict(kind: type, name: str) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{_json_name(value)}, where {name} was expected")
        return value

    return structure


def _json_name(value: object) -> str:
    names = {dict: "an object", list: "an array", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _number(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError(f"{_json_name(value)}, where a number was expected")
    return float(value)


def _time(value: Any, _: Any) -> datetime:
    if type(value) is not str:
        raise TypeError(f"{_json_name(value)}, where a time was expected")
    try:
        return msgspec.convert(value, AWARE)
    except msgspec.ValidationError:
        raise ValueError(f"{value[:50]!r}, where a time in ISO 8601 with a zone was expected") from None


def _texts(value: Any, _: Any) -> Mapping[str, str]:
    if type(value) is not dict or not all(type(word) is str for word in value.values()):
        raise TypeError("not an object of texts")
    return cast(Mapping[str, str], value)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _list_hook(kind: Any, converter: BaseConverter) -> Callable[[Any, Any], Any]:
    structure_items = list_structure_factory(kind, converter)

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise TypeError(f"{_json_name(value)}, where an array was expected")
        return structure_items(value, kind)

    return structure


def _take_scalars(converter: Converter) -> None:
    """Register strict hooks, because cattrs itself converts a number to text, and an object to a list."""
    converter.register_structure_hook(str, _strict(str, "text"))
    converter.register_structure_hook(bool, _strict(bool, "a boolean"))
    converter.register_structure_hook(int, _strict(int, "a whole number"))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(datetime, _time)
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, str], _texts)
    converter.register_structure_hook_factory(_is_list, _list_hook)


def _answer_hook(kind: Any, converter: BaseConverter) -> Callable[[Any, Any], Any]:
    """Return a hook that renames the fields of an answer, and keeps unknown fields in `extra`."""
    fields = {field.name: wire_name(field.name) for field in attrs.fields(kind) if field.name != "extra"}
    known = frozenset(fields.values())
    # The empty name stands for `extra`, because the service has no such field; a field "extra" is an unknown field.
    renamed = {name: override(rename=wire) for name, wire in fields.items()}
    renamed["extra"] = override(rename="", struct_hook=lambda value, _: value)
    structure_known: Callable[[Any, Any], Any] = make_dict_structure_fn(kind, converter, **renamed)  # type: ignore[arg-type]  # its flags come first

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise TypeError(f"{_json_name(value)}, where an object was expected")
        extra = {name: value[name] for name in value.keys() - known}
        return structure_known({**value, "": extra}, kind)

    return structure


def _request_hook(kind: Any, converter: Converter) -> Callable[[Any], dict[str, Any]]:
    """Return a hook that renames the fields of a request, and omits fields that are None."""
    renamed = {
        field.name: override(rename=wire_name(field.name), omit_if_default=field.default is None)
        for field in attrs.fields(kind)
    }
    return make_dict_unstructure_fn(kind, converter, **renamed)  # type: ignore[arg-type]  # its flags come first


converter = Converter()
_take_scalars(converter)
# A model's hook is made on first use, so that a reader of webhooks does not wait for the hooks of calls.
converter.register_structure_hook_factory(attrs.has, _answer_hook)
converter.register_unstructure_hook_factory(attrs.has, _request_hook)
