import asyncio
import base64
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from multidict import MultiDict
from starlette.datastructures import QueryParams

from bandwidth_calls.bxml import Bxml, Forward, Hangup, Pause, PlayAudio, Response, SpeakSentence, Transfer, parse
from bandwidth_calls.bxml import PhoneNumber as Number
from bandwidth_calls.webhooks import (
    AnswerEvent,
    CallEvent,
    ConferenceEvent,
    Event,
    InitiateEvent,
    RecordingEvent,
    RedirectEvent,
    Reply,
    TransferAnswerEvent,
    UnknownEvent,
    Webhooks,
)

GREETING = Response([SpeakSentence("Hello")])
XML = {"Content-Type": "application/xml; charset=utf-8"}


async def post(webhooks: Webhooks, event_type: str, headers: Mapping[str, str] = {}, **fields: object) -> Reply:
    """Deliver an event by POST."""
    body = json.dumps({"eventType": event_type, **fields}).encode()
    return await webhooks.handle("POST", {}, headers, body)


def returning(kind: type[Event], document: Any, **options: Any) -> Webhooks:
    """Return webhooks with one handler, which returns or raises the document."""
    webhooks = Webhooks(**options)

    @webhooks.on(kind)
    async def handler(event: Event) -> Any:
        if isinstance(document, BaseException):
            raise document
        return document

    return webhooks


@pytest.mark.parametrize("document", [GREETING, Bxml([Hangup()])], ids=["Response", "Bxml"])
async def test_a_document_is_rendered(document: Response | Bxml) -> None:
    """A document becomes 200 with BXML that reads back as it was."""
    reply = await post(returning(AnswerEvent, document), "answer")

    assert (reply.status, reply.headers) == (200, XML)
    assert parse(reply.body) == document


async def test_text_is_sent_as_it_is() -> None:
    """A str is sent unchanged in UTF-8, whatever is in it."""
    reply = await post(returning(AnswerEvent, "<Response><Future>ü</Future></Response>"), "answer")

    assert reply == Reply(200, XML, "<Response><Future>ü</Future></Response>".encode())


async def test_none_is_an_empty_reply() -> None:
    """None is a 204."""
    assert await post(returning(AnswerEvent, None), "answer") == Reply(204)


@pytest.mark.parametrize("event_type", ["disconnect", "moonPhase"])
async def test_no_handler_is_an_empty_reply(event_type: str) -> None:
    """An event without a handler and an unknown event get a 204."""
    assert await post(returning(AnswerEvent, GREETING), event_type) == Reply(204)


async def test_the_handler_gets_the_event() -> None:
    """The handler sees the typed event."""
    webhooks = Webhooks()
    seen: list[AnswerEvent] = []

    @webhooks.on(AnswerEvent)
    async def answer(event: AnswerEvent) -> None:
        seen.append(event)

    await post(webhooks, "answer", callId="c-1")
    assert [event.call_id for event in seen] == ["c-1"]


async def test_get_webhooks_come_in_the_query() -> None:
    """A GET has its event in the query, and its body is ignored."""
    webhooks = returning(AnswerEvent, "<Response/>")

    reply = await webhooks.handle("GET", {"eventType": "answer"}, {}, b"not looked at")

    assert reply.status == 200


class LastOfList(dict[str, Any]):
    """A query as Django keeps it: a dict of lists, whose items are the last of each."""

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)[-1]

    def getlist(self, name: str) -> list[str]:
        """Return every value of a name."""
        return list(super().__getitem__(name))


NAMES = "eventType=answer&tag=first&tag=last&eventType=disconnect&callId="


@pytest.mark.parametrize(
    "query",
    [
        parse_qs(NAMES, keep_blank_values=True),
        MultiDict(parse_qsl(NAMES, keep_blank_values=True)),
        QueryParams(NAMES),
        LastOfList(parse_qs(NAMES, keep_blank_values=True)),
    ],
    ids=["parse_qs", "aiohttp", "Starlette", "Django"],
)
async def test_the_first_of_a_repeated_name_counts(query: Mapping[str, Any]) -> None:
    """The mappings of all frameworks give the same event."""
    webhooks = Webhooks()
    seen: list[Event] = []

    @webhooks.on(Event)
    async def handler(event: Event) -> None:
        seen.append(event)

    await webhooks.handle("GET", query, {}, b"")

    assert [event.raw for event in seen] == [{"eventType": "answer", "tag": "first", "callId": ""}]


@pytest.mark.parametrize(
    ("event_type", "expected"),
    [
        ("answer", "AnswerEvent"),
        ("redirect", "CallEvent"),
        ("recordingAvailable", "RecordingEvent"),
        ("conferenceRecordingAvailable", "RecordingEvent"),
        ("conferenceCreated", "ConferenceEvent"),
        ("moonPhase", "Event"),
    ],
)
async def test_the_most_specific_handler_wins(event_type: str, expected: str) -> None:
    """A handler of a family gets what no handler of the very class, or of a nearer family, does."""
    webhooks = Webhooks()
    for kind in (Event, CallEvent, AnswerEvent, ConferenceEvent, RecordingEvent):

        @webhooks.on(kind)
        async def handler(event: Event, name: str = kind.__name__) -> str:
            return name

    reply = await post(webhooks, event_type)

    assert reply.body.decode() == expected


async def test_unknown_events_may_have_a_handler() -> None:
    """An event of a new type can be handled before this package knows it."""
    assert (await post(returning(UnknownEvent, "<Response/>"), "moonPhase")).status == 200


def test_on_gives_the_handler_back() -> None:
    """A decorated handler can still be called, and may be registered for several classes."""
    webhooks = Webhooks()

    async def handler(event: Event) -> None: ...

    assert webhooks.on(RedirectEvent)(handler) is handler
    assert webhooks.on(AnswerEvent)(handler) is handler


def test_a_plain_function_is_no_handler() -> None:
    """A handler that is no `async def` is refused where it is registered."""
    with pytest.raises(TypeError, match="async def"):
        Webhooks().on(AnswerEvent)(lambda event: None)  # type: ignore[arg-type, return-value]  # the wrong use under test


@pytest.mark.parametrize("kind", [Response, "answer", None])
def test_handlers_are_for_events(kind: Any) -> None:
    """Anything but a class of events is a TypeError."""
    with pytest.raises(TypeError, match="not a class of events"):
        Webhooks().on(kind)


def test_a_class_has_one_handler() -> None:
    """A second handler for one class is refused, not preferred."""
    webhooks = returning(AnswerEvent, None)

    async def second(event: AnswerEvent) -> None: ...

    with pytest.raises(ValueError, match="AnswerEvent has a handler already"):
        webhooks.on(AnswerEvent)(second)


@pytest.mark.parametrize("deadline", [0, -1, float("nan")])
def test_a_deadline_is_positive(deadline: float) -> None:
    """A deadline that is not above 0 is a ValueError."""
    with pytest.raises(ValueError, match="deadline"):
        Webhooks(deadline=deadline)


@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE", "OPTIONS", "post"])
async def test_other_methods_are_refused(method: str) -> None:
    """Webhooks come by GET and POST, and the reply says so."""
    reply = await Webhooks().handle(method, {}, {}, b"")

    assert reply == Reply(405, {"Allow": "GET, POST"})


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"eventType": 1}', b"[" * 10_000])
async def test_no_event_is_a_bad_request(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A body that is no event gets an empty 400, and the reason is logged."""
    reply = await Webhooks().handle("POST", {"eventType": "answer"}, {}, body)

    assert reply == Reply(400)
    assert "refused a webhook" in caplog.text


async def test_a_query_that_is_no_event_is_a_bad_request() -> None:
    """A query that is no event gets a 400."""
    assert await Webhooks().handle("GET", {}, {}, b'{"eventType": "answer"}') == Reply(400)


async def test_an_oversized_body_is_refused() -> None:
    """A body over the cap gets a 413 before it is parsed."""
    reply = await Webhooks(max_body=10).handle("POST", {}, {}, b'{"eventType": "answer"}')

    assert reply == Reply(413)


async def test_a_cap_above_the_usual_one_holds() -> None:
    """A cap above the default applies."""
    body = b'{"eventType": "answer"}'.ljust(2**20 + 1)

    assert (await Webhooks(max_body=2**21).handle("POST", {}, {}, body)).status == 204


@pytest.mark.parametrize(("method", "body"), [("POST", b'{"eventType": "answer"}'), ("PUT", b""), ("POST", b"x" * 99)])
async def test_credentials_come_first(method: str, body: bytes) -> None:
    """A request without credentials gets a 401 with the scheme, and nothing else."""
    reply = await Webhooks("user", "password", max_body=50).handle(method, {}, {}, body)

    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith('Basic realm="')


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
async def test_credentials_are_found_in_any_case(name: str) -> None:
    """Header names may be in any case."""
    webhooks = returning(AnswerEvent, GREETING, username="user", password="password")
    header = "Basic " + base64.b64encode(b"user:password").decode()

    assert (await post(webhooks, "answer", headers={"Accept": "*/*", name: header})).status == 200


async def test_wrong_credentials_run_no_handler() -> None:
    """Wrong credentials run no handler."""
    webhooks = returning(AnswerEvent, SystemExit("ran"), username="user", password="password")

    assert (await post(webhooks, "answer", headers={"Authorization": "Basic dXNlcjp3cm9uZw=="})).status == 401


@pytest.mark.parametrize(
    "document",
    [
        RuntimeError("the secret of the handler"),
        TimeoutError("a timeout of the handler's own"),
        5,
        b"<Response/>",
        {"secret": 1},
        "\ud800",
        Response([SpeakSentence("x" * 70_000)]),
    ],
    ids=["raises", "TimeoutError", "int", "bytes", "dict", "surrogate", "too long"],
)
async def test_a_failing_handler_is_logged_and_answered_500(document: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The reply tells nothing; the log tells call, type and traceback."""
    reply = await post(returning(AnswerEvent, document), "answer", callId="c-1")

    assert reply == Reply(500)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("bandwidth_calls", logging.ERROR)
    assert record.getMessage() == "the handler of event 'answer' of call 'c-1' failed"
    assert record.exc_info


async def test_a_log_line_stays_short(caplog: pytest.LogCaptureFixture) -> None:
    """An id or a type of a sender may be as long as a body."""
    await post(returning(Event, RuntimeError()), "t" * 300_000, callId="c" * 300_000)

    assert len(caplog.records[0].getMessage()) < 300


async def test_the_log_stays_on_its_line(caplog: pytest.LogCaptureFixture) -> None:
    """A line feed in a request starts no new line in the log."""
    await post(returning(Event, RuntimeError()), "a\nb", callId="c\nd")

    assert "\n" not in caplog.records[0].getMessage()


async def test_a_slow_handler_is_cancelled_and_answered_503(caplog: pytest.LogCaptureFixture) -> None:
    """After the deadline the handler is cancelled, and the reply is 503."""
    webhooks = Webhooks(deadline=1e-9)
    ended: list[BaseException] = []

    @webhooks.on(AnswerEvent)
    async def slow(event: AnswerEvent) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            ended.append(error)
            raise

    reply = await post(webhooks, "answer", callId="c-1")
    assert (reply, len(ended)) == (Reply(503), 1)
    assert caplog.messages == ["the handler of event 'answer' of call 'c-1' took over 1e-09 s"]


async def test_no_deadline_waits() -> None:
    """With None a handler has no deadline."""
    webhooks = Webhooks(deadline=None)
    go = asyncio.Event()

    @webhooks.on(AnswerEvent)
    async def slow(event: AnswerEvent) -> str:
        await go.wait()
        return "<Response/>"

    waiting = asyncio.create_task(post(webhooks, "answer"))
    await asyncio.sleep(0)
    go.set()
    assert (await waiting).status == 200


async def test_cancelling_from_outside_passes() -> None:
    """A cancellation by the server passes on unchanged."""
    webhooks = Webhooks()
    started = asyncio.Event()

    @webhooks.on(AnswerEvent)
    async def slow(event: AnswerEvent) -> None:
        started.set()
        await asyncio.Event().wait()

    waiting = asyncio.create_task(post(webhooks, "answer"))
    await started.wait()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize(
    ("kind", "event_type", "document", "status"),
    [
        (ConferenceEvent, "conferenceMemberJoin", Response([Hangup()]), 500),
        (ConferenceEvent, "conferenceMemberJoin", Response([PlayAudio("gong.wav")]), 200),
        (TransferAnswerEvent, "transferAnswer", Response([Transfer([Number("+19195551234")])]), 500),
        (TransferAnswerEvent, "transferAnswer", GREETING, 200),
        (InitiateEvent, "initiate", Response([Forward(to="+19195551234")]), 200),
        (AnswerEvent, "answer", Response([Hangup()]), 200),
    ],
)
async def test_documents_are_checked_for_their_place(
    kind: type[Event], event_type: str, document: Response, status: int
) -> None:
    """A verb that the place does not allow is a 500, so that Bandwidth calls the fallback URL."""
    assert (await post(returning(kind, document), event_type)).status == status


@pytest.mark.parametrize(
    "event_type",
    [
        "conferenceCompleted",
        "conferenceRecordingAvailable",
        "disconnect",
        "dtmf",
        "machineDetectionComplete",
        "mediaStreamStopped",
        "realTimeTranscriptionAvailable",
        "recordingAvailable",
        "transcriptionAvailable",
        "transferDisconnect",
    ],
)
async def test_a_reply_that_is_ignored_is_not_checked(event_type: str) -> None:
    """Bandwidth ignores the reply to these events, so a document with any verb is sent."""
    document = Response([Forward(to="+19195551234"), Pause()])

    reply = await post(returning(Event, document), event_type)

    assert (reply.status, parse(reply.body)) == (200, document)
