"""Control requests about one call, or the list of calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api.messages import HttpResponse, json_response
from bandwidth_calls.emulator.control.messages import ControlRequest, call_json
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from bandwidth_calls.emulator.calls.timeline import Entry
    from bandwidth_calls.emulator.stage import Stage

# At most nine digits: Python refuses to read a number of thousands of digits.
_WHOLE = re.compile(r"[1-9][0-9]{0,8}")


class CallsControl:
    """Answers control requests about calls, and makes the far end of a call act."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
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

    async def _list(self, _: ControlRequest) -> HttpResponse:
        return json_response([call_json(call) for call in self._stage.calls])

    async def _show(self, asked: ControlRequest) -> HttpResponse:
        call = self._stage.find_call(asked.call_id)
        newest = asked.query.get("newest", "999999999")
        if not _WHOLE.fullmatch(newest):
            raise ValueError("newest: must be a whole number from 1 to 999999999")
        entries = [_entry(entry) for entry in call.entries[-int(newest) :]]
        return json_response({**call_json(call), "entryCount": len(call.entries), "entries": entries})

    async def _timeline(self, asked: ControlRequest) -> HttpResponse:
        return _text_response(self._stage.find_call(asked.call_id).timeline())

    async def _transcript(self, asked: ControlRequest) -> HttpResponse:
        return _text_response(self._stage.find_call(asked.call_id).transcript())

    async def _press(self, asked: ControlRequest) -> HttpResponse:
        asked.need_known("keys")
        self._stage.press(asked.call_id, asked.text("keys"))
        return json_response({})

    async def _say(self, asked: ControlRequest) -> HttpResponse:
        asked.need_known("words")
        self._stage.say(asked.call_id, asked.text("words"))
        return json_response({})

    async def _hang_up(self, asked: ControlRequest) -> HttpResponse:
        asked.need_known()
        self._stage.hang_up(asked.call_id)
        return json_response({})


def _entry(entry: Entry) -> dict[str, object]:
    return {"time": utc_text(entry.time), "kind": entry.kind, "text": entry.text, "detail": entry.detail}


def _text_response(text: str) -> HttpResponse:
    return HttpResponse(200, text.encode("utf-8", "replace"), {"Content-Type": "text/plain;charset=UTF-8"})
