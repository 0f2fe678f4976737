"""The voice API and its token endpoint, from the reference. It shares no code with the client or the emulator."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from random import Random
from urllib.parse import parse_qs, urlsplit

import attrs

from .media import Media
from .messages import Message, Reply
from .troubles import Troubles

ACCOUNT = "9900000"
CLIENT_ID, CLIENT_SECRET = "client-id", "client-SECRET-1"
USERNAME, PASSWORD = "user", "basic-SECRET-2"
_ACCOUNT_PATH = f"/api/v2/accounts/{ACCOUNT}"
_CALLS = f"{_ACCOUNT_PATH}/calls"
_STATES = ("queued", "initiated", "answered", "disconnected")


@attrs.define(eq=False)
class Placed:
    """A call that was placed."""

    call_id: str
    tag: str
    at: float


class Service:
    """Tokens, calls and pages. What is listed are `records` past calls; placed calls are kept apart from them."""

    def __init__(self, time: Callable[[], float], now: Callable[[], datetime], troubles: Troubles, random: Random):
        self._time, self._now, self._troubles = time, now, troubles
        self.records = [f"c-past-{number:04}" for number in range(random.choice((0, 1, 7, 30, 30)))]
        self.placed: list[Placed] = []
        self.changes: list[str] = []
        self.tokens: dict[str, float] = {}
        self.issued: list[str] = []
        self._padding = "x" * random.choice((0, 12_000))  # so that pages are sometimes larger than any buffer
        self._lag = random.choice((0.0, 2.0, 60.0))  # how long a new call stays unreadable
        self.media = Media(random)
        self._relative = random.random() < 0.3  # whether a link is relative: the reference leaves it open

    def handle(self, request: Message, random: Random) -> Reply:
        """Process a request."""
        url = urlsplit(request.target)
        if url.path.endswith("/oauth2/token"):
            return self._issue(request, random)
        if not self._admitted(request, random):
            return self._refuse(401, "authentication-error", request)
        if url.path == f"{_ACCOUNT_PATH}/recordings":
            return self.media.page(parse_qs(url.query))
        body = request.body.decode("latin-1")
        match request.method, url.path.removeprefix(_CALLS).split("/"):
            case "POST", [""]:
                return self._place(json.loads(body))
            case "GET", [""]:
                return self._page(parse_qs(url.query), request)
            case "GET", ["", call_id]:
                return self._state(call_id, request)
            case "GET", ["", _, "recordings", recording_id, "media"]:
                return self.media.download(recording_id, request) or self._refuse(404, "validation", request)
            case ("POST", ["", call_id]) | ("PUT", ["", call_id, "bxml"]):
                self.changes.append(call_id)
                return Reply(200 if request.method == "POST" else 204)
        return self._refuse(404, "validation", request)

    def refuse(self, status: int, request: Message, random: Random) -> Reply:
        """Refuse a request with a status, with any Retry-After, and perhaps with its credentials in the text."""
        after = random.choice(("", "", "0", "1", "3", "100", "86400", "-1", "soon", "Thu, 01 Jan 2026 00:30:00 GMT"))
        reply = self._refuse(status, "validation", request if self._troubles.happens("echo", random) else None)
        return reply.with_header("Retry-After", after) if after else reply

    def _refuse(self, status: int, kind: str, request: Message | None) -> Reply:
        echoed = request.headers.get("authorization", "") if request and self._troubles.met("echo") else ""
        return Reply.of(status, {"type": kind, "description": f"Refused {echoed}"})

    def _issue(self, request: Message, random: Random) -> Reply:
        login = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return Reply.of(401, {"error": "invalid_client"})
        lifetime = random.choice((1, 5, 40)) if self._troubles.happens("short_tokens", random) else 3600
        token = f"token-SECRET-{len(self.issued)}-{random.getrandbits(64):x}"
        self.issued.append(token)
        self.tokens[token] = self._time() + lifetime
        return Reply.of(200, {"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    def _admitted(self, request: Message, random: Random) -> bool:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            return base64.b64decode(value).decode() == f"{USERNAME}:{PASSWORD}"
        if self._troubles.happens("revoked_tokens", random):
            self.tokens.pop(value, None)
        return self.tokens.get(value, 0.0) > self._time()

    def _place(self, wanted: dict[str, str]) -> Reply:
        call = Placed(f"c-new-{len(self.placed):04}", wanted["tag"], self._time())
        self.placed.append(call)
        fields = ("to", "from", "applicationId", "answerUrl", "tag")
        answer = {name: wanted.get(name) for name in fields} | {"accountId": ACCOUNT, "callId": call.call_id}
        answer |= {"answerMethod": "POST", "disconnectMethod": "POST", "callUrl": f"https://x/{call.call_id}"}
        return Reply.of(201, answer, ("Location", f"https://x/{call.call_id}"))

    def _state(self, call_id: str, request: Message) -> Reply:
        for call in self.placed:
            age = self._time() - call.at
            if call.call_id == call_id and age >= self._lag:
                return Reply.of(200, self._record(call_id, _STATES[min(3, int(age / 15))]))
        return self._refuse(404, "validation", request)

    def _page(self, query: dict[str, list[str]], request: Message) -> Reply:
        size, start = int(query["pageSize"][0]), int(query.get("pageToken", ["0"])[0])
        reply = Reply.of(200, [self._record(one, "disconnected") for one in self.records[start : start + size]])
        if start + size >= len(self.records):
            return reply
        query = {"pageSize": [str(size)], "pageToken": [str(start + size)]}
        path = f"{_CALLS}?pageSize={size}&pageToken={query['pageToken'][0]}"
        origin = "" if self._relative else f"{request.headers['x-scheme']}://{request.headers['host']}"
        return reply.with_header("Link", f'<{origin}{path}>; rel="next"')

    def _record(self, call_id: str, state: str) -> dict[str, str]:
        start = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"callId": call_id, "state": state, "startTime": start, "identity": self._padding}
