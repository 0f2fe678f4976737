"""Writes a call of the page as a test for pytest: its far end does what was clicked, and hears what was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.calls.timeline import CUT_OFF
from bandwidth_calls.emulator.far_end.script import FarEnd
from bandwidth_calls.emulator.simulation.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.calls.timeline import Entry

# The greeting of a callee is over so many seconds after the answer, and then its steps begin.
_GREETING = FarEnd().greeting_after + FarEnd().greeting
_BETWEEN_KEYS = 0.3
_FIELDS = {
    "applicationId": "application_id",
    "answerUrl": "answer_url",
    "disconnectUrl": "disconnect_url",
    "tag": "tag",
}


class NotExportedError(ValueError):
    """Raised for a call that no test can repeat."""


def as_test(call: Call, application: str | None, options: dict[str, object], characters_per_second: float) -> str:
    """Return the test. `application` is the URL that took an inbound call, `options` are those of the emulator."""
    if call.parent_call_id is not None:
        raise NotExportedError(f"the call is a leg: export {call.parent_call_id}, to which it belongs")
    if call.answer_time is None or (call.direction == "inbound" and application is None):
        raise NotExportedError("the call was not answered, so there is nothing that a test could repeat")
    far_end = _far_end(call, characters_per_second)
    body = _inbound(call, far_end, str(application)) if call.direction == "inbound" else _outbound(call, far_end)
    marker = [f"@pytest.mark.bandwidth_emulator({', '.join(f'{k}={v!r}' for k, v in options.items())})"]
    return "\n".join(
        [
            f'"""A call that was played on the emulator\'s page: {call.from_} to {call.to}."""',
            "",
            "import pytest",
            "",
            *(["from bandwidth_calls import CreateCall"] if call.direction == "outbound" else []),
            "from bandwidth_calls.emulator import FarEnd",
            "",
            "",
            "@pytest.mark.asyncio",
            *(marker if options else []),
            *body,
            "    await bandwidth_emulator.run_until(call.ended)",
            *(f"    call.assert_heard({text!r})" for text in _said(call.entries)),
            *([f"    assert call.disconnect_cause == {call.disconnect_cause!r}"] if call.ended() else []),
            "",
        ]
    )


def _inbound(call: Call, far_end: list[str], application: str) -> list[str]:
    return [
        "async def test_call(bandwidth_emulator):",
        *far_end,
        "    call = await bandwidth_emulator.inbound(",
        f"        to={call.to!r}, from_={call.from_!r}, url={application!r}, far_end=far_end",
        "    )",
    ]


def _outbound(call: Call, far_end: list[str]) -> list[str]:
    given = {name: call.request.get(field) for field, name in _FIELDS.items()}
    fields = [f"        {name}={value!r}," for name, value in given.items() if value]
    return [
        "async def test_call(bandwidth_client, bandwidth_emulator):",
        *far_end,
        f"    bandwidth_emulator.far_end({call.to!r}, far_end)",
        "    request = CreateCall(",
        f"        to={call.to!r},",
        f"        from_={call.from_!r},",
        *fields,
        "    )",
        "    await bandwidth_client.calls.create_call(request)",
        f"    call = bandwidth_emulator.assert_dialled_once({call.to!r})",
    ]


def _far_end(call: Call, characters_per_second: float) -> list[str]:
    steps = list(_steps(call, characters_per_second))
    if not steps:
        return ["    far_end = FarEnd()"]
    return ["    far_end = (", "        FarEnd()", *(f"        {step}" for step in steps), "    )"]


def _steps(call: Call, characters_per_second: float) -> Iterator[str]:
    """Yield each step as it is written. One that follows words waits for them, any other one for a time."""
    heard = ""
    done = (call.answer_time or 0) + (_GREETING * SECOND if call.direction == "outbound" else 0)
    for kind, text, start, end in _acts(call.entries, characters_per_second):
        if kind == "said":
            heard = text
            continue
        after = max(0.0, round((start - done) / SECOND, 3))
        if heard:
            yield f".hear({heard!r})"
        delay = "" if heard or not after else f"after={after:g}"
        if kind == "hang_up":
            yield f".hang_up({delay})"
        else:
            yield f".{kind}({', '.join(filter(None, [repr(text), delay]))})"
        heard, done = "", end
    if not call.ended():  # else the test would wait for its end
        yield ".hang_up(after=1)" if not heard else f".hear({heard!r}).hang_up()"


def _acts(entries: Sequence[Entry], characters_per_second: float) -> Iterator[tuple[str, str, float, float]]:
    """Yield what was heard and what the far end did: its kind, its text, and when it began and ended."""
    keys, first, last = "", 0.0, 0.0
    for entry in entries:
        if entry.kind == "pressed" and (not keys or entry.time - last <= _BETWEEN_KEYS * SECOND):
            keys, first, last = keys + entry.text, first if keys else entry.time, entry.time
            continue
        if entry.kind not in ("pressed", "said", "far end said", "far end"):
            continue
        if keys:
            yield "press", keys, first, last
            keys = ""
        if entry.kind == "pressed":
            keys, first, last = entry.text, entry.time, entry.time
        elif entry.kind == "said" and not entry.text.endswith(CUT_OFF):
            yield "said", entry.text, entry.time, entry.time
        elif entry.kind == "far end said" and entry.text != "Hello?":
            words = entry.text.removesuffix(CUT_OFF)
            yield "say", words, entry.time - len(words) / characters_per_second * SECOND, entry.time
        elif entry.kind == "far end" and entry.text == "hung up":
            yield "hang_up", "", entry.time, entry.time
    if keys:
        yield "press", keys, first, last


def _said(entries: Sequence[Entry]) -> list[str]:
    """Return what was said to its end, each once."""
    said = [entry.text for entry in entries if entry.kind == "said" and not entry.text.endswith(CUT_OFF)]
    return list(dict.fromkeys(said))
