"""Control requests that look at the calls, and that let the far end of one do something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.messages import ApiError, HttpResponse, json_response
from bandwidth_calls.emulator.engine import person
from bandwidth_calls.emulator.far_end.script import FarEnd, HangUp
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.calls.calls import Call, Calls
    from bandwidth_calls.emulator.calls.timeline import Entry
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.far_end.script import Step

_WHOLE = re.compile(r"[1-9][0-9]{0,8}")


@attrs.frozen
class Ask:
    """What a control request asks: its body, its query, and the id of the call in its path."""

    body: Mapping[str, object]
    query: Mapping[str, str]
    call_id: str = ""

    def need_known(self, *names: str) -> None:
        """Raise `ValueError` where the body has other fields than these."""
        unknown = [name for name in self.body if name not in names]
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}")

    def text(self, name: str, default: str | None = None) -> str:
        """A field that is text; a `ValueError` names it."""
        return rules.read_named(name, rules.not_blank, self.body.get(name, default))


def listed(call: Call) -> dict[str, object]:
    """A call as the list has it."""
    return {**call.as_state(), "tag": call.tag, "request": call.request}


def find_call(calls: Calls, call_id: str) -> Call:
    """The call with this id; raises 404."""
    call = calls.get(call_id)
    if call is None:
        raise ApiError(404, call_id=call_id)
    return call


class CallsControl:
    """Answers what is asked about calls."""

    def __init__(self, calls: Calls, engine: Engine) -> None:
        self._calls = calls
        self._engine = engine
        self.gets = {
            "calls": self._list,
            "calls/{call_id}": self._show,
            "calls/{call_id}/timeline": self._timeline,
            "calls/{call_id}/transcript": self._transcript,
        }
        self.posts = {
            "calls/{call_id}/press": self._press,
            "calls/{call_id}/say": self._say,
            "calls/{call_id}/hang_up": self._hang_up,
        }

    async def _list(self, _: Ask) -> HttpResponse:
        return json_response([listed(call) for call in self._calls])

    async def _show(self, ask: Ask) -> HttpResponse:
        call = find_call(self._calls, ask.call_id)
        newest = ask.query.get("newest", "999999999")
        if not _WHOLE.fullmatch(newest):
            raise ValueError("newest: must be a whole number from 1 to 999999999")
        entries = [_entry(entry) for entry in call.entries[-int(newest) :]]
        return json_response({**listed(call), "entryCount": len(call.entries), "entries": entries})

    async def _timeline(self, ask: Ask) -> HttpResponse:
        return _text_answer(find_call(self._calls, ask.call_id).timeline())

    async def _transcript(self, ask: Ask) -> HttpResponse:
        return _text_answer(find_call(self._calls, ask.call_id).transcript())

    async def _press(self, ask: Ask) -> HttpResponse:
        ask.need_known("keys")
        return self._act(ask, FarEnd().press(ask.text("keys")).steps[0])

    async def _say(self, ask: Ask) -> HttpResponse:
        ask.need_known("words")
        return self._act(ask, FarEnd().say(ask.text("words")).steps[0])

    async def _hang_up(self, ask: Ask) -> HttpResponse:
        ask.need_known()
        return self._act(ask, HangUp(0))

    def _act(self, ask: Ask, step: Step) -> HttpResponse:
        """Let the far end do it now; somebody who calls may give up before there is an answer."""
        call = find_call(self._calls, ask.call_id)
        line = self._engine.lines.find(ask.call_id)
        gives_up = isinstance(step, HangUp) and call.direction == "inbound"
        if line is None or (call.answer_time is None and not gives_up):
            raise ApiError(409, f"the far end of call [{ask.call_id}] is not on the line")
        person.act(line, step)
        return json_response({})


def _entry(entry: Entry) -> dict[str, object]:
    return {"time": utc_text(entry.time), "kind": entry.kind, "text": entry.text, "detail": entry.detail}


def _text_answer(text: str) -> HttpResponse:
    return HttpResponse(200, text.encode("utf-8", "replace"), {"Content-Type": "text/plain;charset=UTF-8"})
