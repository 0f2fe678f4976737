"""Delivery of webhooks: credentials, retries, fallbacks, and failures of the application."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import encode_basic_auth, web
from support.application import Application
from support.emulator_http import CALL, place_call
from support.moved_clock import turns, until

from bandwidth_calls.emulator import Call, ClockHeldError, Emulator, FarEnd
from bandwidth_calls.emulator.simulation import scheduler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from aiohttp import ClientSession

    Place = Callable[..., Awaitable[Call]]

GOOD = "<Response><SpeakSentence>All is well</SpeakSentence></Response>"
LOGIN = {"username": "user", "password": "secret"}
FALLBACK_LOGIN = {"fallbackUsername": "other", "fallbackPassword": "hidden"}
NOBODY = "http://127.0.0.1:9/hook"


def guarded(event: dict[str, Any]) -> web.Response:
    """Return a challenge, as the documentation says a server must."""
    return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="hooks"'})


def headers_of(application: Application) -> list[str | None]:
    """Return the Authorization header of each request."""
    return [request.headers.get("Authorization") for request in application.requests]


async def played(http: ClientSession, application: Application, *, send_credentials: bool, **changes: Any) -> Call:
    """Place a call to an application with a public URL, play it to its end, and return it."""
    mapped = [f"https://app.example={application.url.removesuffix('/hook')}"]
    async with Emulator(moved_clock=True, map=mapped, send_credentials=send_credentials) as emulator:
        await place_call(http, emulator, **{**CALL, "answerUrl": "https://app.example/hook", **changes})
        await emulator.run_until_idle()
        return emulator.calls[0]


async def test_credentials_are_sent_when_they_are_asked_for(http: ClientSession) -> None:
    """The first request has none. After a challenge the second has them, and the body again."""
    tries: list[str] = []

    def answer(event: dict[str, Any]) -> str | web.Response:
        tries.append(event["callId"])
        return guarded(event) if len(tries) == 1 else GOOD

    async with Application(answer=answer) as application:
        call = await played(http, application, send_credentials=False, **LOGIN)

    assert headers_of(application) == [None, encode_basic_auth("user", "secret")]
    assert tries == [call.call_id, call.call_id]
    call.assert_heard("all is well")
    assert "secret" not in call.timeline()


async def test_credentials_are_sent_at_once_where_that_is_set(http: ClientSession) -> None:
    """With `send_credentials` there is only one request."""
    async with Application(answer=GOOD) as application:
        await played(http, application, send_credentials=True, **LOGIN)

    assert headers_of(application) == [encode_basic_auth("user", "secret")]


@pytest.mark.parametrize(
    ("refusal", "requests"), [(web.Response(status=401), 1), (guarded({}), 2)], ids=["no challenge", "wrong"]
)
async def test_credentials_that_are_not_taken(http: ClientSession, refusal: web.Response, requests: int) -> None:
    """A 401 without a challenge is final, and so is a second 401: the call ends with callback-error."""
    async with Application(answer=lambda _: web.Response(status=401, headers=refusal.headers)) as application:
        call = await played(http, application, send_credentials=False, **LOGIN)

    assert (call.disconnect_cause, len(application.requests)) == ("callback-error", requests)


@pytest.mark.parametrize("send_credentials", [False, True])
async def test_a_url_without_a_login_sends_no_credentials(http: ClientSession, send_credentials: bool) -> None:
    """A challenge changes nothing: there is nothing to send, and no second request."""
    async with Application(answer=guarded) as application:
        call = await played(http, application, send_credentials=send_credentials)

    assert (call.disconnect_cause, headers_of(application)) == ("callback-error", [None])


async def test_credentials_that_were_sent_at_once_are_not_sent_again(http: ClientSession) -> None:
    """A challenge after them means that they are wrong."""
    async with Application(answer=guarded) as application:
        call = await played(http, application, send_credentials=True, **LOGIN)

    assert (call.disconnect_cause, len(application.requests)) == ("callback-error", 1)


async def test_the_fallback_has_credentials_of_its_own(http: ClientSession) -> None:
    """The credentials of the first URL are not sent to the fallback."""
    async with Application(answer=lambda _: web.Response(status=500)) as application:
        fallback = {"answerFallbackUrl": "https://app.example/other", **FALLBACK_LOGIN}
        await played(http, application, send_credentials=True, **LOGIN, **fallback)

    expected = [encode_basic_auth("user", "secret"), encode_basic_auth("other", "hidden")]
    assert (headers_of(application), [request.path for request in application.requests]) == (
        expected,
        ["/hook", "/other"],
    )


async def test_a_get_has_the_event_in_its_query(bandwidth: Emulator, place: Place) -> None:
    """Objects are sent as JSON, and the URL's own query stays."""
    async with Application(answer=GOOD) as application:
        detection = {"mode": "sync"}
        url = f"{application.url}?a=b#fragment"
        call = await place(application, answerUrl=url, answerMethod="GET", machineDetection=detection)
        await bandwidth.run_until_idle()

    answer = application.events[0]
    assert (application.requests[0].method, answer["callId"], answer["a"]) == ("GET", call.call_id, "b")
    assert answer["machineDetectionResult"] == '{"value": "human", "duration": "PT6.5S"}'


async def test_a_post_has_the_event_as_json(bandwidth: Emulator, place: Place) -> None:
    """The type of its content is application/json, without parameters."""
    async with Application(answer=GOOD) as application:
        await place(application)
        await bandwidth.run_until_idle()

    sent = [(request.method, request.headers.getall("Content-Type")) for request in application.requests]
    assert sent == [("POST", ["application/json"])] * 2


async def test_a_connection_that_fails_is_tried_again(bandwidth: Emulator, place: Place) -> None:
    """There is one retry at the same URL. Then the call ends with callback-error."""
    async with Application() as application:
        call = await place(application, answerUrl=NOBODY)
        await bandwidth.run_until_idle()

    assert call.timeline().count("webhook answer: POST http://127.0.0.1:*/hook -> nothing listens on") == 2
    assert (call.disconnect_cause, application.types) == ("callback-error", ["disconnect"])
    assert application.events[0]["cause"] == "callback-error"
    (problem,) = bandwidth.expect_problems()
    assert "nothing listens on 127.0.0.1:9: is your application running?" in problem


async def test_an_application_that_does_not_run_is_one_problem(bandwidth: Emulator, place: Place) -> None:
    """However many calls and events find nobody at an address, until the problems are forgotten."""
    async with Application() as application:
        for _ in range(3):
            await place(application, answerUrl=NOBODY, disconnectUrl=NOBODY)
        await bandwidth.run_until_idle()
        counts = [len(bandwidth.expect_problems())]
        await place(application, answerUrl=NOBODY)
        await bandwidth.run_until_idle()
        counts.append(len(bandwidth.expect_problems()))

    assert counts == [1, 1]


@pytest.mark.parametrize("media_type", ["application/json", "application/problem+json"])
async def test_a_reply_of_json_is_told_what_to_send(bandwidth: Emulator, place: Place, media_type: str) -> None:
    """Frameworks send `null` as JSON where a function returns nothing; the problem names the remedy."""
    reply = web.Response(text="null", content_type=media_type)
    async with Application(answer=lambda _: reply) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert call.disconnect_cause == "invalid-bxml"
    (problem,) = bandwidth.expect_problems()
    assert f"the reply is {media_type}: send BXML as application/xml" in problem


@pytest.mark.parametrize("status", [300, 301, 400, 404, 500, 503])
async def test_an_error_of_the_application_leads_to_the_fallback(
    bandwidth: Emulator, place: Place, status: int
) -> None:
    """Any status but 2xx does, also a redirect, since it is not followed."""
    replies: Iterator[web.Response | str] = iter([web.Response(status=status, headers={"Location": "/other"}), GOOD])
    async with Application(answer=lambda _: next(replies)) as application:
        call = await place(application, answerFallbackUrl=application.url)
        await bandwidth.run_until_idle()

    call.assert_heard("all is well")
    assert application.types == ["answer", "answer", "disconnect"]


async def test_an_error_leads_to_no_fallback_where_that_is_set(http: ClientSession) -> None:
    """With `no_fallback_on_error` only a URL that does not respond leads to the fallback."""
    async with (
        Application(answer=500) as application,
        Emulator(moved_clock=True, no_fallback_on_error=True) as emulator,
    ):
        fallback = f"{application.url}/fallback"
        await place_call(http, emulator, answerUrl=application.url, answerFallbackUrl=fallback)
        silent = await place_call(http, emulator, answerUrl=NOBODY, answerFallbackUrl=fallback)
        await emulator.run_until_idle()

    assert [call.disconnect_cause for call in emulator.calls] == ["callback-error", "callback-error"]
    assert [request.path for request in application.requests] == ["/hook", "/hook/fallback"]
    assert application.events[1]["callId"] == silent


async def test_a_fallback_that_fails_too(bandwidth: Emulator, place: Place) -> None:
    """There is no third URL."""
    async with Application(answer=500) as application:
        call = await place(application, answerFallbackUrl=application.url)
        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, application.types) == ("callback-error", ["answer", "answer", "disconnect"])
    assert call.error_message is not None
    assert "500" in call.error_message


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("Hello", "not well-formed XML: syntax error: line 1, column 0"),
        ("<Response><Speak/></Response>", "Response > Speak: unknown element, did you mean SpeakSentence?"),
        ('<Response><Pause duration="0"/></Response>', "Response > Pause[0]: duration: must be between 0.1 and 86400"),
    ],
)
async def test_invalid_bxml_ends_the_call(bandwidth: Emulator, place: Place, reply: str, reason: str) -> None:
    """The fallback is not asked, and the reason is a problem."""
    async with Application(answer=reply) as application:
        call = await place(application, answerFallbackUrl=application.url)
        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, call.error_message) == ("invalid-bxml", reason)
    assert application.types == ["answer", "disconnect"]
    assert bandwidth.problems == [
        f"{application.url} answered answer with invalid BXML: {reason} (call {call.call_id})"
    ]


async def test_an_empty_reply_hangs_up(bandwidth: Emulator, place: Place) -> None:
    """A 204 is an empty document, and no error."""
    async with Application() as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, bandwidth.problems) == ("hangup", [])


async def test_a_verb_that_is_not_emulated_is_told(bandwidth: Emulator, place: Place) -> None:
    """The call ends, and the problem says why."""
    async with Application(answer="<Response><Connect><Endpoint>e-1</Endpoint></Connect></Response>") as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, call.error_message) == ("application-error", "<Connect> is not emulated")
    assert bandwidth.problems == [f"<Connect> is not emulated (call {call.call_id})"]


async def test_documents_that_lead_to_each_other_for_ever(bandwidth: Emulator, place: Place) -> None:
    """A loop of redirects ends the call."""
    reply = '<Response><Redirect redirectUrl="/hook"/></Response>'
    async with Application(answer=reply, redirect=reply) as application:
        call = await place(application)
        await bandwidth.run_until_idle()

    assert (call.disconnect_cause, call.error_message) == ("application-error", "1000 documents followed each other")


@pytest.mark.parametrize(
    ("barrier", "limit", "arrived", "expected"),
    [
        (False, 1_000, [1, 2, 3, 4], [1, 1, 1, 1]),
        (True, 1_000, [1, 4, 4, 4], [1, 1, 2, 3]),
        (True, 2, [1, 3, 3, 4], [1, 1, 2, 1]),
    ],
)
async def test_webhooks_go_one_by_one_or_together(
    http: ClientSession,
    barrier: bool,
    limit: int,
    arrived: list[int],
    expected: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Webhooks of one moment wait for each other, unless there is a barrier; its batches have a limit."""
    monkeypatch.setattr(scheduler, "MOST_TOGETHER", limit)
    under_way: list[int] = [0]
    seen: list[int] = []
    legs = "".join(f'<PhoneNumber transferDisconnectUrl="/">+1415555123{key}</PhoneNumber>' for key in range(3))

    async def slow(_: web.BaseRequest) -> web.Response:
        under_way[0] += 1
        seen.append(under_way[0])
        enough = arrived[len(seen) - 1]  # webhooks, before this one is answered
        await until(lambda: len(seen) >= enough)
        await turns(50)
        under_way[0] -= 1
        return web.Response(text=f"<Response><Transfer>{legs}</Transfer></Response>")

    runner = web.ServerRunner(web.Server(slow))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Emulator(moved_clock=True, barrier=barrier) as emulator:
        emulator.far_end("+1415*", FarEnd().no_answer())
        await place_call(http, emulator, answerUrl=f"http://127.0.0.1:{runner.addresses[0][1]}/", to="+12015550141")
        await emulator.run_until_idle()
    await runner.cleanup()

    assert seen == expected


async def test_hosts_elsewhere_are_not_called(bandwidth: Emulator, place: Place) -> None:
    """An application must be on this machine, or mapped to it."""
    async with Application() as application:
        call = await place(application, answerUrl="https://app.example/hook")
        await bandwidth.run_until_idle()

    assert call.disconnect_cause == "callback-error"
    assert "host app.example is not mapped to this machine" in call.timeline()


@pytest.mark.parametrize(
    "pair", ["https://app.example", "a=b", "https://a.example/x=http://127.0.0.1:1", "https://=http://b"]
)
def test_a_map_must_join_two_origins(pair: str) -> None:
    """Paths, other schemes and halves are refused."""
    with pytest.raises(ValueError, match="map: must be like"):
        Emulator(map=[pair])


async def test_an_application_that_never_replies_is_named(http: ClientSession) -> None:
    """The moved clock waits for `patience` real seconds, and the error names the webhook."""
    never = asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.StreamResponse:
        await never.wait()
        raise AssertionError

    runner = web.ServerRunner(web.Server(hang), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/answer"
    async with Emulator(moved_clock=True, patience=0.05) as emulator:
        await place_call(http, emulator, answerUrl=url)

        with pytest.raises(ClockHeldError) as caught:
            await emulator.run_until_idle()

    await runner.cleanup()
    held = f"held for 0.05 real seconds by POST {url} (answer, call {emulator.calls[0].call_id})"
    assert held in str(caught.value)


async def test_the_clock_stands_still_while_it_is_held(bandwidth: Emulator, place: Place) -> None:
    """Work outside ends before the clock moves."""
    states: list[str] = []

    async def work(call: Call) -> None:
        async with bandwidth.hold("work of the test"):
            for _ in range(100):
                await asyncio.sleep(0)
                states.append(call.state)

    async with Application(answer=GOOD) as application:
        call = await place(application)
        task = asyncio.create_task(work(call))
        await asyncio.sleep(0)
        await bandwidth.run_until(call.ended)

    await task
    assert states == ["queued"] * 100


async def test_of_many_problems_the_first_are_told(bandwidth: Emulator, place: Place) -> None:
    """The message shows the first 20 problems, and the number of the others."""
    async with Application(answer=500) as application:
        for _ in range(23):
            await place(application)
        await bandwidth.run_until_idle()

    with pytest.raises(AssertionError) as caught:
        bandwidth.assert_no_problems()

    lines = str(caught.value).splitlines()
    assert (len(lines), lines[-1]) == (22, "and 3 more")
