"""The live page and its events, as any HTTP client sees them."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web
from support.application import Application
from support.emulator_http import ask, calls_url, control_url, place, place_call
from support.moved_clock import PATIENCE

from bandwidth_calls.emulator import Emulator
from bandwidth_calls.emulator.calls.calls import Changes
from bandwidth_calls.emulator.control.page.page import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import ClientResponse


async def read(stream: ClientResponse) -> dict[str, Any]:
    """Return the next snapshot of a stream."""
    line = await stream.content.readline()
    assert line.startswith(b"data: "), line
    assert await stream.content.readline() == b"\n"
    snapshot: dict[str, Any] = json.loads(line[6:])
    return snapshot


async def read_until(stream: ClientResponse, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the first snapshot of a stream that shows something; those before it may come early."""
    async with asyncio.timeout(PATIENCE):
        while not is_there(snapshot := await read(stream)):
            pass
    return snapshot


FILES = resources.files("bandwidth_calls.emulator.control.page").joinpath("static")
NAMES = sorted(file.name for file in FILES.iterdir())


async def test_the_page_runs_nothing_but_its_own(emulator: Emulator, http: ClientSession) -> None:
    """The page's policy allows its own files, and neither another origin nor anything that is written into the page."""
    reply = await ask(http, "GET", emulator.page_url)

    policy = dict(rule.split(" ", 1) for rule in reply.headers["Content-Security-Policy"].split("; "))
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")
    assert policy.pop("img-src") == "data:"
    assert set(policy.values()) == {"'none'", "'self'"}
    own = {"style-src", "script-src", "connect-src", "media-src"}
    assert {name for name, allowed in policy.items() if allowed == "'self'"} == own
    assert {"default-src", "frame-ancestors", "base-uri", "form-action"} == policy.keys() - own
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", NAMES)
async def test_each_file_is_served(name: str, emulator: Emulator, http: ClientSession) -> None:
    """It is short, loads nothing from elsewhere, and makes no markup of text."""
    reply = await ask(http, "GET", control_url(emulator, f"page/{name}"))

    text = reply.body.decode()
    kind = {"html": "text/html", "css": "text/css", "js": "text/javascript"}[name.rpartition(".")[2]]
    assert (reply.status, reply.headers["Content-Type"]) == (200, f"{kind};charset=UTF-8")
    assert len(text.splitlines()) < 300
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|@import|url\(|<style|onclick=", text)
    places = re.findall(r'(?:src|href)="([^"#]+)"|^import .*from "([^"]+)"', text, re.MULTILINE)
    assert all(re.match(r"/_emulator/page/|\./|data:,", place[0] or place[1]) for place in places)


@pytest.mark.parametrize("path", ["page/", "page/nothing.js", "page/..%2fpage.py", "page/search/x", "page/calls/c-1"])
async def test_nothing_else_is_served(path: str, emulator: Emulator, http: ClientSession) -> None:
    """Any other name is 404."""
    reply = await ask(http, "GET", control_url(emulator, path))

    assert reply.status == 404


async def test_the_page_is_no_request_to_the_api(emulator: Emulator, http: ClientSession) -> None:
    """Requests for the page and its events are not recorded."""
    await ask(http, "GET", emulator.page_url)
    async with http.get(control_url(emulator, "events")) as stream:
        await read(stream)

    assert emulator.requests == []


@pytest.mark.parametrize("path", ["/", "/_emulator/events"])
@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "evil.example:8080"}, {"Origin": "http://evil.example"}]
)
async def test_a_foreign_page_may_not_look(
    path: str, headers: dict[str, str], emulator: Emulator, http: ClientSession
) -> None:
    """Another origin and another name for this machine are refused."""
    reply = await ask(http, "GET", emulator.page_url.removesuffix("/") + path, headers=headers)

    assert (reply.status, reply.json()["type"]) == (403, "authorization-error")


async def test_events_are_only_read(emulator: Emulator, http: ClientSession) -> None:
    """A POST to the events is 405."""
    reply = await ask(http, "POST", control_url(emulator, "events"))

    assert (reply.status, reply.headers["Allow"]) == (405, "GET")


async def test_changes_are_told(emulator: Emulator, http: ClientSession) -> None:
    """A snapshot comes at once, and again when a call is placed, with the request that placed it."""
    emulator.fault("listCalls", drop="before")
    async with http.get(control_url(emulator, "events")) as stream:
        before = await read(stream)

        call_id = await place_call(http, emulator)

        after = await read(stream)
    assert (before["calls"], before["clock"]["moved"]) == ({"total": 0, "newest": []}, False)
    assert [(call["callId"], call["state"]) for call in after["calls"]["newest"]] == [(call_id, "answered")]
    assert [(request["number"], request["status"]) for request in after["requests"]["newest"]] == [(1, 201)]


async def test_a_fault_is_told_with_the_request_it_hit(emulator: Emulator, http: ClientSession) -> None:
    """The request shows its fault in a line."""
    emulator.fault("createCall", status=503, headers={"Retry-After": "1"}, process=True)
    await place(http, emulator)

    async with http.get(control_url(emulator, "events")) as stream:
        snapshot = await read(stream)

    assert snapshot["requests"]["newest"][0]["fault"] == "status 503, process True"


@pytest.mark.parametrize("change", ["end", "problem", "advance", "expect", "reset"])
async def test_every_kind_of_change_is_told(change: str, emulator: Emulator, http: ClientSession) -> None:
    """Changes that are no step of a call lead to a snapshot too."""
    call_id = await place_call(http, emulator)
    async with http.get(control_url(emulator, "events")) as stream:
        await read(stream)

        match change:
            case "end":
                await ask(http, "POST", calls_url(emulator, call_id), json={"state": "completed"})
            case "problem":
                await emulator.inbound(to="+19195554321", from_="+19195551234", url="http://localhost:1/trouble")
            case "advance":
                await emulator.advance(1)
            case "expect":
                emulator.expect_problems()
            case "reset":
                emulator.reset()

        after = await read_until(stream, lambda after: change != "problem" or after["problems"]["total"] > 0)
    told = {
        "end": after["calls"]["newest"][:1] != [] and after["calls"]["newest"][0]["state"] == "disconnected",
        "problem": "http://localhost:1/trouble" in "".join(after["problems"]["newest"]),
        "advance": after["clock"]["now"] == "2026-09-21T14:13:21.000Z",
        "expect": after["problems"]["total"] == 0,
        "reset": after["calls"]["total"] == after["requests"]["total"] == 0,
    }
    assert told[change]


async def test_the_newest_two_hundred_are_told(bandwidth: Emulator, http: ClientSession) -> None:
    """A snapshot has the newest 200 calls, requests and problems, and how many there are of each."""
    async with Application(answer=500) as application:
        ids = [await place_call(http, bandwidth, answerUrl=application.url) for _ in range(203)]
        await bandwidth.run_until_idle()

    async with http.get(control_url(bandwidth, "events")) as stream:
        snapshot = await read(stream)

    assert [call["callId"] for call in snapshot["calls"]["newest"]] == ids[3:]
    assert [request["number"] for request in snapshot["requests"]["newest"]] == list(range(4, 204))
    assert snapshot["problems"]["newest"][0].endswith(f"-> 500 (call {ids[3]})")
    assert {snapshot[name]["total"] for name in ("calls", "requests", "problems")} == {203}


async def test_a_burst_is_told_at_most_ten_times_a_second(emulator: Emulator, http: ClientSession) -> None:
    """The changes between two messages go into one."""
    clock = asyncio.get_running_loop().time
    async with http.get(control_url(emulator, "events")) as stream:
        await read(stream)
        start = clock()
        totals: list[int] = []

        while len(totals) < 3:
            for _ in range(10):
                await place_call(http, emulator)
            totals.append((await read(stream))["calls"]["total"])

        assert clock() - start >= 0.19
    assert totals[0] < totals[1] < totals[2]


async def test_streams_end_with_the_emulator(http: ClientSession) -> None:
    """A reader reaches the end of the stream, and no task is left."""
    before = asyncio.all_tasks()
    async with Emulator(no_webhooks=True) as emulator:
        stream = await http.get(control_url(emulator, "events"))
        await read(stream)

    assert await stream.content.read() == b""
    assert asyncio.all_tasks() <= before


async def test_a_reader_who_does_not_read_keeps_nothing_up(http: ClientSession) -> None:
    """The emulator does not wait for the reader, and keeps nothing that the reader has missed."""
    before = asyncio.all_tasks()
    async with Emulator(no_webhooks=True) as emulator:
        host, _, port = emulator.page_url.removeprefix("http://").removesuffix("/").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(b"GET /_emulator/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readline()

        async with asyncio.timeout(PATIENCE):
            for _ in range(300):
                await place_call(http, emulator)

    assert asyncio.all_tasks() <= before
    writer.close()


async def test_a_reader_who_has_gone_is_forgotten(emulator: Emulator, http: ClientSession) -> None:
    """The emulator notices it when it writes the next snapshot."""
    await ask(http, "GET", calls_url(emulator))  # a connection that is kept for the requests below
    before = asyncio.all_tasks()
    async with ClientSession() as reader, reader.get(control_url(emulator, "events")) as stream:
        await read(stream)
        assert asyncio.all_tasks() > before

    async with asyncio.timeout(PATIENCE):
        while asyncio.all_tasks() > before:
            await ask(http, "GET", calls_url(emulator))

    assert asyncio.all_tasks() <= before


async def test_a_stream_that_has_ended_listens_no_more(http: ClientSession) -> None:
    """Only the streams that are open are told about changes."""
    changes = Changes()
    page = Page(dict, changes)
    async with serve(page.stream) as url:
        listeners = [len(changes.listeners)]
        async with http.get(url) as stream:
            await read(stream)
            listeners.append(len(changes.listeners))

            page.close()

            await stream.content.read()
            listeners.append(len(changes.listeners))

    assert listeners == [0, 1, 0]


@asynccontextmanager
async def serve(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Serve one handler on loopback, and give its URL."""
    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_a_silent_stream_is_kept_alive(
    emulator: Emulator, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment is sent now and then: only a write shows that a reader has gone."""
    monkeypatch.setattr("bandwidth_calls.emulator.control.page.page.HEARTBEAT", 0.01)
    async with http.get(control_url(emulator, "events")) as stream:
        await read(stream)

        assert await stream.content.readline() == b":\n"


async def test_a_change_is_told_once(emulator: Emulator, http: ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change leads to one snapshot; the next message is a comment."""
    monkeypatch.setattr("bandwidth_calls.emulator.control.page.page.HEARTBEAT", 0.01)
    async with http.get(control_url(emulator, "events")) as stream:
        await read(stream)
        emulator.expect_problems()

        while (line := await stream.content.readline()) in (b":\n", b"\n"):
            pass  # a busy machine may make comments before the change

        assert line.startswith(b"data: ")
        assert await stream.content.readline() == b"\n"
        assert await stream.content.readline() == b":\n"


async def test_each_step_can_be_watched(emulator: Emulator) -> None:
    """The listener gets the call and the step, and is not called for other changes."""
    steps: list[tuple[str, str]] = []
    emulator.watch(lambda call, entry: steps.append((call.call_id, entry.kind)))

    call = await emulator.inbound(to="+19195554321", from_="+19195551234", url="http://localhost:1")

    assert steps == [(call.call_id, "initiated")]
