"""The blocking emulator, with an application on the server of the standard library."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.emulator_http import CALL, USER

from bandwidth_calls.emulator import BlockingEmulator, FarEnd

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
        thread = threading.Thread(target=server.serve_forever)
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


def test_no_thread_is_left_over() -> None:
    """The thread ends after use, and also if the port is taken."""
    with BlockingEmulator() as first:
        port = int(first.base_url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="address already in use"), BlockingEmulator(port=port):
            pass

    assert [thread.name for thread in threading.enumerate() if "bandwidth" in thread.name] == []
