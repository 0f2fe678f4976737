"""Control requests that move the clock, and that say who calls and what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.messages import ApiError, HttpResponse, json_response
from bandwidth_calls.emulator.control.calls import find_call, listed
from bandwidth_calls.emulator.far_end.json import read_far_end

if TYPE_CHECKING:
    from bandwidth_calls.emulator.calls.calls import Calls
    from bandwidth_calls.emulator.control.calls import Ask
    from bandwidth_calls.emulator.stage import Stage

_A_DAY = 86_400.0
_MOST_TIMES = 1_000_000
_STATES = ("queued", "initiated", "answered", "disconnected")
_MISHAP: dict[str, rules.Rule] = {
    "event": rules.not_blank,
    "delay": rules.number(0, _A_DAY),
    "late": rules.number(0, _A_DAY),
    "drop": rules.flag,
    "duplicate": rules.flag,
    "url": rules.not_blank,
    "call_id": rules.not_blank,
    "nth": rules.whole(1, _MOST_TIMES),
    "times": rules.whole(1, _MOST_TIMES),
}


class StageControl:
    """Answers what is asked of the calls that are played."""

    def __init__(self, stage: Stage, calls: Calls) -> None:
        self._stage = stage
        self._calls = calls
        self.gets = {"problems": self._problems}
        self.posts = {
            "advance": self._advance,
            "run_until_idle": self._run_until_idle,
            "run_until": self._run_until,
            "inbound": self._inbound,
            "far_ends": self._far_ends,
            "webhook_faults": self._webhook_faults,
            "expect_problems": self._expect_problems,
        }

    async def _advance(self, ask: Ask) -> HttpResponse:
        await self._stage.advance(rules.read_named("seconds", rules.number(), ask.body.get("seconds")))
        return json_response({})

    async def _run_until_idle(self, ask: Ask) -> HttpResponse:
        ask.need_known("within")
        await self._stage.run_until_idle(within=_within(ask))
        return json_response({})

    async def _run_until(self, ask: Ask) -> HttpResponse:
        """Move the clock until a call is in a state, or can no longer be."""
        ask.need_known("call_id", "state", "within")
        call = find_call(self._calls, ask.text("call_id"))
        state = rules.read_named("state", rules.word(*_STATES), ask.body.get("state"))
        await self._stage.run_until(lambda: call.state == state or call.ended(), within=_within(ask))
        if call.state != state:
            raise ApiError(409, f"the call is over, and was waited for until it is {state}\n{call.timeline()}")
        return json_response(listed(call))

    async def _inbound(self, ask: Ask) -> HttpResponse:
        ask.need_known("to", "from", "url", "application_id", "far_end")
        url = ask.body.get("url")
        far_end = ask.body.get("far_end")
        call = await self._stage.inbound(
            to=ask.text("to"),
            from_=ask.text("from"),
            url=None if url is None else str(rules.read_named("url", rules.url(), url)),
            application_id=ask.text("application_id", "inbound"),
            far_end=None if far_end is None else read_far_end(far_end),
        )
        return json_response(listed(call))

    async def _far_ends(self, ask: Ask) -> HttpResponse:
        ask.need_known("number", "far_end")
        self._stage.far_end(ask.text("number"), read_far_end(ask.body.get("far_end")))
        return json_response({})

    async def _webhook_faults(self, ask: Ask) -> HttpResponse:
        ask.need_known(*_MISHAP)
        given = {name: value for name, value in ask.body.items() if value is not None}
        what = {name: rules.read_named(name, _MISHAP[name], value) for name, value in given.items()}
        self._stage.webhook_fault(**what)  # type: ignore[arg-type]  # each rule returns its argument's type
        return json_response({})

    async def _problems(self, _: Ask) -> HttpResponse:
        return json_response(self._stage.problems)

    async def _expect_problems(self, ask: Ask) -> HttpResponse:
        ask.need_known()
        return json_response(self._stage.expect_problems())


def _within(ask: Ask) -> float:
    return rules.read_named("within", rules.number(0), ask.body.get("within", _A_DAY))
