"""BlockingEmulator: tests without asyncio, with an application of the standard library's server."""

from __future__ import annotations

import inspect
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.emulator_http import CALL, USER

from bandwidth_calls.emulator import BlockingEmulator, ClockHeldError, Emulator, FarEnd

HELLO = b"<Response><SpeakSentence>Hello from WSGI</SpeakSentence></Response>"


class Handler(BaseHTTPRequestHandler):
    """Answers each event with the same document, and disconnect with a 500."""

    def do_POST(self) -> None:
        """Answer an event."""
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(500 if event["eventType"] == "disconnect" else 200)
        self.send_header("Content-Length", str(len(HELLO)))
        self.end_headers()
        self.wfile.write(HELLO)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the library
        """Write no log."""


@pytest.fixture
def url() -> Iterator[str]:
    """Return the URL of an application on a thread of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def emulator() -> Iterator[BlockingEmulator]:
    """Return an emulator on a thread of its own."""
    with BlockingEmulator() as emulator:
        yield emulator


def place(emulator: BlockingEmulator, **changes: object) -> None:
    """Place a call with the standard library."""
    body = json.dumps({**CALL, **changes}).encode()
    headers = {**USER, "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{emulator.base_url}/accounts/{emulator.account_id}/calls", body, headers, method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201


def test_a_call_is_played(emulator: BlockingEmulator, url: str) -> None:
    """An outbound and an inbound call are played, with a far end that listens."""
    emulator.far_end(str(CALL["to"]), FarEnd().hear("hello from WSGI").hang_up())
    place(emulator, answerUrl=url)

    emulator.run_until_idle()
    inbound = emulator.inbound(to="+19195554321", from_="+19195551234", url=url)
    emulator.run_until(inbound.ended)

    emulator.assert_dialled_once(str(CALL["to"])).assert_heard("hello from wsgi")
    assert [call.direction for call in emulator.calls] == ["outbound", "inbound"]
    emulator.assert_no_problems()


def test_faults_and_problems_are_those_of_the_emulator(emulator: BlockingEmulator, url: str) -> None:
    """A webhook fault becomes a problem, and a failed assertion raises in the test's thread."""
    emulator.webhook_fault("answer", delay=1)
    place(emulator, answerUrl=url, disconnectUrl=url)
    emulator.advance(60)

    with pytest.raises(AssertionError, match="the application had problems"):
        emulator.assert_no_problems()
    assert emulator.problems == emulator.expect_problems()
    assert emulator.problems == []
    with pytest.raises(AssertionError, match="there were calls"):
        emulator.assert_no_calls()


def test_the_api_fails_as_it_is_told(emulator: BlockingEmulator) -> None:
    """A fault of an operation reaches the client."""
    emulator.fault("createCall", status=403)

    with pytest.raises(urllib.error.HTTPError, match="403"):
        place(emulator)
    emulator.assert_no_calls()
    assert emulator.token_url.startswith("http://127.0.0.1:")


def test_what_arrived_can_be_read_and_forgotten(emulator: BlockingEmulator, url: str) -> None:
    """Requests are recorded, and `reset` forgets them and the calls."""
    place(emulator, answerUrl=url)
    operations = [request.operation for request in emulator.requests]

    emulator.reset()

    assert operations == ["createCall"]
    assert (emulator.requests, emulator.requests_dropped, emulator.calls) == ([], 0, [])


def test_tokens_are_revoked(emulator: BlockingEmulator) -> None:
    """A token that was issued before is 401."""
    form = b"grant_type=client_credentials&client_id=client-id&client_secret=client-secret"
    with urllib.request.urlopen(urllib.request.Request(emulator.token_url, form)) as answer:
        token = json.loads(answer.read())["access_token"]
    calls = f"{emulator.base_url}/accounts/{emulator.account_id}/calls"
    listing = urllib.request.Request(calls, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(listing) as answer:
        assert answer.status == 200

    emulator.revoke()

    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(listing)


def test_the_page_is_served(emulator: BlockingEmulator) -> None:
    """A browser can look at `page_url` while a test stands still."""
    with urllib.request.urlopen(emulator.page_url) as answer:
        page = answer.read()

    assert page.startswith(b"<!doctype html>")


def test_the_far_end_acts_when_it_is_told(emulator: BlockingEmulator, url: str) -> None:
    """It presses, speaks and hangs up; each step is watched."""
    kinds: list[str] = []
    emulator.watch(lambda call, entry: kinds.append(entry.kind))
    call = emulator.inbound(to="+19195554321", from_="+19195551234", url=url, application_id="shop")
    emulator.advance(0.1)

    emulator.press(call.call_id, "1")
    emulator.say(call, "Hello")
    emulator.advance(0.5)
    emulator.hang_up(call)

    assert emulator.find_call(call.call_id).application_id == "shop"
    assert call.disconnect_cause == "hangup"
    assert {"pressed", "far end said", "disconnected"} <= set(kinds)


def test_the_clock_is_held() -> None:
    """It goes on after the `with`."""
    with BlockingEmulator(patience=0.01) as emulator:
        with emulator.hold("a worker"), pytest.raises(ClockHeldError, match="a worker"):
            emulator.advance(1)

        emulator.advance(1)


def test_it_may_be_prepared_before_it_starts_and_read_after_its_end(url: str) -> None:
    """Only what needs the clock or a URL needs a started emulator."""
    emulator = BlockingEmulator()
    emulator.far_end("+1919*", FarEnd().busy())
    with pytest.raises(RuntimeError, match="use it in `with`"):
        emulator.advance(1)

    with emulator:
        place(emulator, answerUrl=url)
        emulator.run_until_idle()

    assert [call.disconnect_cause for call in emulator.calls] == ["busy"]


def test_its_settings_are_those_of_the_emulator() -> None:
    """They are checked when it is made, and can be read; the clock is a moved one by default."""
    emulator = BlockingEmulator(client_id="id", calls=3)

    assert (emulator.client_id, emulator.past_calls, emulator.moved_clock) == ("id", 3, True)
    with pytest.raises(ValueError, match="calls_per_second"):
        BlockingEmulator(calls_per_second=0)


def public_names(kind: type) -> list[str]:
    """Return the public names that a class defines; its settings are fields, and no names of the class."""
    return [name for name in vars(kind) if not name.startswith("_")]


NAMES = sorted({name for kind in Emulator.__mro__[:-1] for name in public_names(kind)})


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_emulator_is_there(name: str) -> None:
    """It is a property as there, or a method with the same parameters, defaults and types."""
    theirs, ours = inspect.getattr_static(Emulator, name), inspect.getattr_static(BlockingEmulator, name)

    assert type(theirs) is type(ours)
    if inspect.isfunction(theirs):
        assert inspect.signature(ours).parameters == inspect.signature(theirs).parameters


def test_no_thread_is_left_over() -> None:
    """The thread ends after use, and also if the port is taken."""
    with BlockingEmulator() as first:
        port = int(first.base_url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="address already in use"), BlockingEmulator(port=port):
            pass

    assert [thread.name for thread in threading.enumerate() if "bandwidth" in thread.name] == []
