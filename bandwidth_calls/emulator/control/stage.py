"""Control requests that are about no single call: the clock, far ends, inbound calls, faults, requests and problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.faults import Fault
from bandwidth_calls.emulator.api.messages import ApiError, HttpResponse, json_response
from bandwidth_calls.emulator.control.messages import call_json
from bandwidth_calls.emulator.delivery.faults import WebhookFault
from bandwidth_calls.emulator.far_end.json import read_far_end
from bandwidth_calls.emulator.stage import A_DAY

if TYPE_CHECKING:
    from bandwidth_calls.emulator.control.messages import ControlRequest
    from bandwidth_calls.emulator.stage import Stage

_STATES = ("queued", "initiated", "answered", "disconnected")


class StageControl:
    """Answers control requests by the method of `Stage` with the same name."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.gets = {"requests": self._requests, "problems": self._problems}
        self.posts = {
            "faults": self._faults,
            "revoke": self._revoke,
            "reset": self._reset,
            "advance": self._advance,
            "run_until_idle": self._run_until_idle,
            "run_until": self._run_until,
            "inbound": self._inbound,
            "far_ends": self._far_ends,
            "webhook_faults": self._webhook_faults,
            "expect_problems": self._expect_problems,
        }

    async def _requests(self, _: ControlRequest) -> HttpResponse:
        requests = [request.as_json() for request in self._stage.requests]
        return json_response(requests, headers={"Emulator-Dropped": str(self._stage.requests_dropped)})

    async def _faults(self, asked: ControlRequest) -> HttpResponse:
        # Without an operation the error must name it, as that of an unknown one does.
        self._stage.fault(**{"operation": None, **asked.keywords(Fault)})
        return json_response({})

    async def _revoke(self, _: ControlRequest) -> HttpResponse:
        self._stage.revoke()
        return json_response({})

    async def _reset(self, _: ControlRequest) -> HttpResponse:
        self._stage.reset()
        return json_response({})

    async def _advance(self, asked: ControlRequest) -> HttpResponse:
        await self._stage.advance(rules.read_named("seconds", rules.number(), asked.body.get("seconds")))
        return json_response({})

    async def _run_until_idle(self, asked: ControlRequest) -> HttpResponse:
        asked.need_known("within")
        await self._stage.run_until_idle(within=_within(asked))
        return json_response({})

    async def _run_until(self, asked: ControlRequest) -> HttpResponse:
        """Move the clock until a call is in a state, or has ended without it."""
        asked.need_known("call_id", "state", "within")
        call = self._stage.find_call(asked.text("call_id"))
        state = rules.read_named("state", rules.word(*_STATES), asked.body.get("state"))
        await self._stage.run_until(lambda: call.state == state or call.ended(), within=_within(asked))
        if call.state != state:
            raise ApiError(409, f"the call is over, and was waited for until it is {state}\n{call.timeline()}")
        return json_response(call_json(call))

    async def _inbound(self, asked: ControlRequest) -> HttpResponse:
        asked.need_known("to", "from", "url", "application_id", "far_end")
        url = asked.body.get("url")
        far_end = asked.body.get("far_end")
        call = await self._stage.inbound(
            to=asked.text("to"),
            from_=asked.text("from"),
            url=None if url is None else str(rules.read_named("url", rules.url(), url)),
            application_id=asked.text("application_id", "inbound"),
            far_end=None if far_end is None else read_far_end(far_end),
        )
        return json_response(call_json(call))

    async def _far_ends(self, asked: ControlRequest) -> HttpResponse:
        asked.need_known("number", "far_end")
        self._stage.far_end(asked.text("number"), read_far_end(asked.body.get("far_end")))
        return json_response({})

    async def _webhook_faults(self, asked: ControlRequest) -> HttpResponse:
        self._stage.webhook_fault(**asked.keywords(WebhookFault))
        return json_response({})

    async def _problems(self, _: ControlRequest) -> HttpResponse:
        return json_response(self._stage.problems)

    async def _expect_problems(self, asked: ControlRequest) -> HttpResponse:
        asked.need_known()
        return json_response(self._stage.expect_problems())


def _within(asked: ControlRequest) -> float:
    return rules.read_named("within", rules.number(0), asked.body.get("within", A_DAY))
