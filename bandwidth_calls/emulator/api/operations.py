"""The operations on calls, and the statistics, and the order in which any request is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.api import bodies, listing
from bandwidth_calls.emulator.api.conferences import CONFERENCE_OPERATIONS, ConferenceOperations, find_conference
from bandwidth_calls.emulator.api.messages import (
    JSON_TYPE,
    ApiError,
    HttpRequest,
    HttpResponse,
    json_response,
    need_type,
)
from bandwidth_calls.emulator.api.recordings import RECORDING_OPERATIONS, RecordingOperations, find_recording
from bandwidth_calls.emulator.api.transcriptions import (
    TRANSCRIPTION_OPERATIONS,
    TranscriptionOperations,
    find_transcription,
)
from bandwidth_calls.emulator.simulation.clock import DAY, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bandwidth_calls.emulator.api.credentials import Credentials
    from bandwidth_calls.emulator.api.limits import Limits
    from bandwidth_calls.emulator.calls.calls import Call, Calls
    from bandwidth_calls.emulator.calls.past import PastCalls
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.simulation.clock import Clock

TOKEN_PATH = "/api/v1/oauth2/token"  # noqa: S105 - a path, no password
BASE_PATH = "/api/v2"

OPERATIONS = (
    *("createCall", "listCalls", "getCallState", "updateCall", "updateCallBxml", "getStatistics"),
    *RECORDING_OPERATIONS,
    *CONFERENCE_OPERATIONS,
    *TRANSCRIPTION_OPERATIONS,
)

_KEPT = 7 * DAY
_MASK = "*****"
_ECHOED = (
    *("to", "from", "applicationId", "answerUrl", "answerMethod", "answerFallbackUrl", "answerFallbackMethod"),
    *("disconnectUrl", "disconnectMethod", "username", "password", "fallbackUsername", "fallbackPassword"),
    *("callTimeout", "callbackTimeout", "priority", "tag"),
)


@attrs.frozen
class Target:
    """Where a path leads; `methods` maps each method to its operation, and is empty where nothing is."""

    account_id: str | None = None
    call_id: str = ""
    recording_id: str = ""
    conference_id: str = ""
    member_id: str = ""
    transcription_id: str = ""
    methods: Mapping[str, str] = attrs.field(factory=dict)


def find_target(incoming: HttpRequest) -> Target:
    """Tell where the path leads."""
    match incoming.segments:
        case ["api", "v2", "accounts", account_id, "calls"]:
            return Target(account_id, methods={"GET": "listCalls", "POST": "createCall"})
        case ["api", "v2", "accounts", account_id, "calls", call_id] if call_id:
            return Target(account_id, call_id, methods={"GET": "getCallState", "POST": "updateCall"})
        case ["api", "v2", "accounts", account_id, "calls", call_id, "bxml"] if call_id:
            return Target(account_id, call_id, methods={"PUT": "updateCallBxml"})
        case ["api", "v2", "accounts", account_id, "statistics"]:
            return Target(account_id, methods={"GET": "getStatistics"})
        case ["api", "v2", "accounts", account_id, "conferences", *below]:
            conference_id, member_id, recording_id, methods = find_conference(below)
            return Target(account_id, "", recording_id, conference_id, member_id, methods=methods)
        case ["api", "v2", "accounts", account_id, "calls", _, "transcriptions", *_] as segments:
            call_id, transcription_id, methods = find_transcription(segments[4:])
            return Target(account_id, call_id, transcription_id=transcription_id, methods=methods)
        case ["api", "v2", "accounts", account_id, *below]:
            call_id, recording_id, methods = find_recording(below)
            return Target(account_id, call_id, recording_id, methods=methods)
    return Target()


if TYPE_CHECKING:
    Handler = Callable[[HttpRequest, Target], HttpResponse]


class Operations:
    """Answers requests to the API. Checks come in this order: 401, 403, 405, 415, 400, 404, 409, 429."""

    def __init__(
        self,
        *,
        account_id: str,
        lag: int,
        clock: Clock,
        credentials: Credentials,
        limits: Limits,
        past: PastCalls,
        calls: Calls,
        engine: Engine,
    ) -> None:
        self._account_id = account_id
        self._lag = lag
        self._clock = clock
        self._credentials = credentials
        self._limits = limits
        self._past = past
        self._calls = calls
        self._engine = engine
        self._handlers = self._make_handlers()

    def _make_handlers(self) -> dict[str, Handler]:
        engine, clock = self._engine, self._clock
        return {
            "createCall": self._create_call,
            "listCalls": self._list_calls,
            "getCallState": self._get_call_state,
            "updateCall": self._update_call,
            "updateCallBxml": self._update_call_bxml,
            "getStatistics": self._get_statistics,
            **RecordingOperations(engine, clock, self._calls_url).handlers,
            **TranscriptionOperations(engine, clock, self._calls_url).handlers,
            **ConferenceOperations(engine, clock, self._conferences_url).handlers,
        }

    def answer(self, incoming: HttpRequest) -> HttpResponse:
        """Answer a request, whatever it is."""
        try:
            return self._answer(incoming)
        except ApiError as error:
            return error.answer()

    def _answer(self, incoming: HttpRequest) -> HttpResponse:
        forbidden = self._credentials.is_forbidden(incoming.headers.get("Authorization", ""))
        target = find_target(incoming)
        if forbidden or target.account_id not in (None, self._account_id):
            raise ApiError(403)
        if not target.methods:
            raise ApiError(404, "Not Found")
        operation = target.methods.get(incoming.method)
        if operation is None:
            raise ApiError(405, headers={"Allow": ", ".join(target.methods)})
        return self._handlers[operation](incoming, target)

    def _create_call(self, incoming: HttpRequest, _: Target) -> HttpResponse:
        need_type(incoming, "application/json")
        request = bodies.create_call(incoming)
        calls_url = self._calls_url(incoming)
        self._limits.admit(self._calls)
        call = self._engine.place(request)
        call_url = f"{calls_url}/{call.call_id}"
        body = {
            "accountId": self._account_id,
            "callId": call.call_id,
            "callUrl": call_url,
            "enqueuedTime": utc_text(call.created),
            **{name: request[name] for name in _ECHOED},
        }
        for name in ("password", "fallbackPassword"):
            if body[name] is not None:
                body[name] = _MASK
        return json_response(body, 201, {"Location": call_url})

    def _list_calls(self, incoming: HttpRequest, _: Target) -> HttpResponse:
        query = listing.read_query(incoming.query)
        url = f"{incoming.origin}{incoming.path}"
        page, after = listing.read_page(query, self._past, self._calls, self._kept_since, self._readable_since)
        headers = {"Content-Type": JSON_TYPE}
        if after is not None:
            headers["Link"] = listing.link(url, query.given, after)
        return HttpResponse(200, page, headers)

    def _get_call_state(self, _: HttpRequest, target: Target) -> HttpResponse:
        past = self._past.find(target.call_id, self._kept_since)
        if past is not None:
            return HttpResponse(200, self._past.json(past).encode(), {"Content-Type": JSON_TYPE})
        call = self._calls.find(target.call_id, self._kept_since)
        if call is None or call.created > self._readable_since:
            raise ApiError(404, call_id=target.call_id)
        return json_response(call.as_state())

    def _update_call(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        need_type(incoming, "application/json")
        update = bodies.update_call(incoming)
        call = self._live_call(target.call_id)
        if update["state"] == "completed":
            self._engine.complete(call)
        elif call.answer_time is None:
            raise ApiError(409, call_id=call.call_id)
        else:
            self._engine.redirect(call, update)
        return HttpResponse(200)

    def _update_call_bxml(self, incoming: HttpRequest, target: Target) -> HttpResponse:
        need_type(incoming, "application/xml")
        document = bodies.read_bxml(incoming)
        call = self._live_call(target.call_id)
        if call.answer_time is None:
            raise ApiError(409, call_id=call.call_id)
        self._engine.replace(call, document)
        return HttpResponse(204)

    def _get_statistics(self, _: HttpRequest, __: Target) -> HttpResponse:
        queue = self._engine.queue
        return json_response({"currentCallQueueSize": len(queue), "maxCallQueueSize": queue.capacity})

    def _live_call(self, call_id: str) -> Call:
        """The call, to be changed; raises 404 where there is none, and 409 where it has ended or was given away."""
        call = self._calls.find(call_id, self._kept_since)
        if call is None and self._past.find(call_id, self._kept_since) is None:
            raise ApiError(404, call_id=call_id)
        if call is None or call.ended() or self._engine.lines.gave_away(call):
            raise ApiError(409, call_id=call_id)
        return call

    def _calls_url(self, incoming: HttpRequest) -> str:
        return f"{incoming.origin}{BASE_PATH}/accounts/{self._account_id}/calls"

    def _conferences_url(self, incoming: HttpRequest) -> str:
        return f"{incoming.origin}{BASE_PATH}/accounts/{self._account_id}/conferences"

    @property
    def _kept_since(self) -> int:
        return self._clock.now() - _KEPT

    @property
    def _readable_since(self) -> int:
        """A call that started later cannot be read yet."""
        return self._clock.now() - self._lag
