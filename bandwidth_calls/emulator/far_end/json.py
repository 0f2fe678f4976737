"""Reads a far end from JSON, for other languages. Its schema is in control.openapi.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from bandwidth_calls.emulator.far_end.script import FarEnd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_RINGING = {"answer": FarEnd.answer, "busy": FarEnd.busy, "reject": FarEnd.reject}
_UNREACHED = {"no_answer": FarEnd.no_answer, "not_reachable": FarEnd.not_reachable, "fail": FarEnd.fail}
_OUTCOMES = (*_RINGING, *_UNREACHED)
_GREETINGS = ("person", "machine", "silence")
_STEPS: dict[str, tuple[Callable[..., FarEnd], set[str]]] = {
    "press": (FarEnd.press, {"keys", "after"}),
    "say": (FarEnd.say, {"words", "after"}),
    "hang_up": (FarEnd.hang_up, {"after"}),
    "hear": (FarEnd.hear, {"phrase"}),
    "hear_audio": (FarEnd.hear_audio, {"at_least"}),
}


def read_far_end(value: object) -> FarEnd:
    """Return the far end of a JSON value. Raise `ValueError`, with the name of the field, for a wrong value."""
    fields = _object("far_end", value, {"outcome", "after", "gives_up", "greeting", "greeting_seconds", "steps"})
    far_end = _named("far_end", lambda: _give_up(fields, _greeting(fields, _outcome(fields))))
    steps = fields.get("steps", [])
    if not isinstance(steps, list):
        raise ValueError("far_end.steps must be an array")
    for number, step in enumerate(steps):
        far_end = _read_step(f"far_end.steps[{number}]", step, far_end)
    return far_end


def _outcome(fields: Mapping[str, object]) -> FarEnd:
    name = _word("outcome", fields.get("outcome", "answer"), _OUTCOMES)
    if name in _RINGING:
        return _RINGING[name](FarEnd(), **_given(fields, "after"))
    if "after" in fields:
        raise ValueError(f"after does not go with {name}")
    return _UNREACHED[name](FarEnd())


def _give_up(fields: Mapping[str, object], far_end: FarEnd) -> FarEnd:
    gives_up = fields.get("gives_up")
    return far_end if gives_up is None else _named("gives_up", lambda: far_end.give_up(after=cast("float", gives_up)))


def _greeting(fields: Mapping[str, object], far_end: FarEnd) -> FarEnd:
    name = _word("greeting", fields.get("greeting", "person"), _GREETINGS)
    if name == "machine":
        seconds = cast("float", fields.get("greeting_seconds", 20.0))
        return _named("greeting_seconds", lambda: far_end.machine(greeting=seconds))
    if "greeting_seconds" in fields:
        raise ValueError(f"greeting_seconds does not go with {name}")
    return far_end.silence() if name == "silence" else far_end


def _read_step(path: str, value: object, far_end: FarEnd) -> FarEnd:
    fields = _object(path, value, {"do", "keys", "words", "phrase", "at_least", "after", "else_hang_up"})
    name = _named(path, lambda: _word("do", fields.get("do"), tuple(_STEPS)))
    method, wanted = _STEPS[name]
    patience = _given(fields, "else_hang_up") if name in ("hear", "hear_audio") else {}
    _refuse_unknown(path, fields, {"do", *wanted, *patience})
    needed = dict.fromkeys(wanted - {"after", "at_least"})
    further = _named(path, lambda: method(far_end, **needed | _given(fields, *wanted)))
    if not patience:
        return further
    return _named(f"{path}.else_hang_up", lambda: further.else_hang_up(after=patience["else_hang_up"]))


def _given(fields: Mapping[str, object], *names: str) -> dict[str, float]:
    """Return those of these fields that are given. Their types are checked by the methods of FarEnd."""
    return {name: cast("float", fields[name]) for name in names if name in fields}


def _object(path: str, value: object, known: set[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{path} must be an object")
    _refuse_unknown(path, value, known)
    return value


def _refuse_unknown(path: str, fields: Mapping[str, object], known: set[str]) -> None:
    unknown = [name for name in fields if name not in known]
    if unknown:
        raise ValueError(f"{path}: unknown: {', '.join(unknown)}")


def _word(name: str, value: object, words: tuple[str, ...]) -> str:
    if value not in words:
        raise ValueError(f"{name} must be one of {', '.join(words)}")
    return str(value)


def _named(path: str, read: Callable[[], T]) -> T:
    """Return what `read` returns. Its `ValueError` gets the name of the field in front."""
    try:
        return read()
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
