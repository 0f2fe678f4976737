"""What the page asks of the emulator beside the control endpoints. These requests are the page's own, no promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.messages import ApiError, HttpResponse, json_response, read_json
from bandwidth_calls.emulator.api.recordings import media_response
from bandwidth_calls.emulator.calls.timeline import WebhookEntry
from bandwidth_calls.emulator.control.messages import call_json
from bandwidth_calls.emulator.control.page.export import as_test
from bandwidth_calls.emulator.control.page.files import file_response
from bandwidth_calls.emulator.control.page.search import Search
from bandwidth_calls.emulator.delivery.courier import Endpoint
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.api.faults import Faults
    from bandwidth_calls.emulator.api.messages import HttpRequest
    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.calls.past import PastCalls
    from bandwidth_calls.emulator.calls.recordings import Recording
    from bandwidth_calls.emulator.calls.timeline import Entry
    from bandwidth_calls.emulator.engine.world import World

PREFIX = "/_emulator/page/"
# Rows that a browser draws in a moment.
_MOST_STEPS = 300


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PageRequests:
    """Answers requests under `/_emulator/page/`. `start` is what a person needs to begin; `options` go into tests."""

    world: World
    faults: Faults
    past: PastCalls
    start: Callable[[], Mapping[str, str]]
    options: Callable[[], dict[str, object]]

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        try:
            return await self._answer(request)
        except ApiError as error:
            return error.response()
        except ValueError as error:
            return ApiError(400, str(error)).response()

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        match (request.method, *request.segments[2:]):
            case ("GET", "start"):
                return json_response(self.start())
            case ("GET", "search"):
                return json_response(Search(self.world, self.past).find(request.query))
            case ("GET", "calls", call_id):
                return json_response(self._show(self._find(call_id)))
            case ("GET", "calls", call_id, "pytest"):
                return self._export(self._find(call_id))
            case ("POST", "calls", call_id, "resend"):
                return json_response(await self._resend(self._find(call_id), _body(request)))
            case ("GET", "calls", call_id, "recordings", recording_id):
                return media_response(request, self._recording(call_id, recording_id).audio)
            case ("POST", "faults", "cancel"):
                return self._cancel(_body(request))
            case ("GET", name):
                return file_response(name)
        raise ApiError(404, "Not Found")

    def _find(self, call_id: str) -> Call:
        call = self.world.calls.get(call_id)
        if call is None:
            raise ApiError(404, call_id=call_id)
        return call

    def _recording(self, call_id: str, recording_id: str) -> Recording:
        found = self.world.recordings.find(call_id, recording_id, self.world.clock.now())
        if found is None:
            raise ApiError(404, f"Recording [{recording_id}] not found")
        return found

    def _show(self, call: Call) -> dict[str, object]:
        """Return a call with its newest steps. Older ones would only slow the page down."""
        first = max(0, len(call.entries) - _MOST_STEPS)
        recordings = [
            self._describe(recording)
            for recording in self.world.recordings.kept(self.world.clock.now())
            if recording.call is call
        ]
        return {
            **call_json(call),
            "entryCount": len(call.entries),
            "entries": [_step(number, entry) for number, entry in enumerate(call.entries[first:], first)],
            "recordings": recordings,
        }

    def _describe(self, recording: Recording) -> dict[str, object]:
        audio = recording.audio
        return {
            "recordingId": audio.recording_id,
            "name": audio.name,
            "status": audio.status,
            "seconds": audio.micros / 1_000_000,
            "fileFormat": audio.file_format,
            "transcripts": self._transcripts(recording),
        }

    def _transcripts(self, recording: Recording) -> object:
        if not recording.is_transcribed:
            return []
        return recording.transcript(self.world.settings.characters_per_second)["transcripts"]

    def _export(self, call: Call) -> HttpResponse:
        urls = [entry.url for entry in call.entries if isinstance(entry, WebhookEntry)]
        application = urls[0] if urls else None
        text = as_test(call, application, self.options(), self.world.settings.characters_per_second)
        headers = {"Content-Type": "text/plain;charset=UTF-8"}
        return HttpResponse(200, text.encode("utf-8", "replace"), headers)

    async def _resend(self, call: Call, body: Mapping[str, object]) -> dict[str, object]:
        """Send a webhook of a call again, as it was or with another body. The call takes no notice of the reply."""
        number = rules.read_named("number", rules.whole(0, len(call.entries) - 1), body.get("number"))
        event = body.get("event")
        entry = call.entries[number]
        if not isinstance(event, dict) or not event.get("eventType"):
            raise ValueError("event: must be an object with an eventType")
        if not isinstance(entry, WebhookEntry):
            raise ValueError("number: is not a step that sent a webhook")
        endpoint = Endpoint(entry.url, entry.method, entry.username, entry.password)
        exchange = await self.world.outbox.courier.send_again(event, endpoint)
        now = self.world.clock.now()
        call.note(now, "resent", f"{event['eventType']}: {exchange} (no part of the call)")
        return {**_delivery(exchange.entry(now, "resent", {})), "reply": exchange.body.decode("utf-8", "replace")}

    def _cancel(self, body: Mapping[str, object]) -> HttpResponse:
        kind = rules.read_named("kind", rules.word("api", "webhook"), body.get("kind"))
        fault_id = rules.read_named("id", rules.whole(0, 10**9), body.get("id"))
        (self.faults if kind == "api" else self.world.outbox.faults).cancel(fault_id)
        return json_response({})


def _step(number: int, entry: Entry) -> dict[str, object]:
    step = {"number": number, "time": utc_text(entry.time), "kind": entry.kind, "text": entry.text}
    if entry.detail is not None:
        step["detail"] = entry.detail
    if isinstance(entry, WebhookEntry):
        step["delivery"] = _delivery(entry)
    return step


def _delivery(sent: WebhookEntry) -> dict[str, object]:
    return {
        "method": sent.method,
        "url": sent.url,
        "status": sent.status,
        "failure": sent.failure,
        "milliseconds": sent.milliseconds,
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in sent.headers],
    }


def _body(request: HttpRequest) -> dict[str, object]:
    body = read_json(request.body or b"{}")
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body
