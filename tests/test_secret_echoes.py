"""A service that echoes what it was sent puts no secret, and no line of its own, into errors and logs."""

from __future__ import annotations

import base64
import json
import logging
import pickle
from collections.abc import Callable
from urllib.parse import quote

import pytest
from support.raw_server import Peer, RawServer

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    BasicCredentials,
    CreateCall,
    RefusedError,
    RetryPolicy,
    UpdateCall,
)
from bandwidth_calls.bxml import Redirect, Response

LOGIN_SECRET, CALL_SECRET = "login=Hush/7+word", "call=Secret/8+word"
AUTH = BasicCredentials("user", LOGIN_SECRET)
CALL = CreateCall(
    to="+19195551234",
    from_="+19195554321",
    application_id="a",
    answer_url="https://app.example/",
    username="app",
    password=CALL_SECRET,
)
UPDATE = UpdateCall(redirect_url="https://app.example/", username="app", password=CALL_SECRET)
BXML = Response([Redirect(redirect_url="https://app.example/", username="app", password=CALL_SECRET)])
ECHO = f"{AUTH.login} user:{LOGIN_SECRET} {LOGIN_SECRET} {CALL_SECRET}"
JSON = {"Content-Type": "application/json"}
Answer = Callable[[Peer], None]


def _refusal(status: str, body: object) -> Answer:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda peer: peer.answer(status, encoded)


def _raw(answer: str) -> Answer:
    return lambda peer: peer.writer.write(answer.encode())


ANSWERS: dict[str, Answer] = {
    "description": _refusal("400 Bad Request", {"type": "validation", "description": ECHO}),
    "type and id": _refusal("400 Bad Request", {"type": ECHO, "description": "no", "id": ECHO}),
    "escaped": _refusal("400 Bad Request", json.dumps({"description": ECHO}).replace("=", "\\u003d").encode()),
    "JSON as text": _refusal("500 Error", f"<p>{json.dumps(ECHO)}</p>".replace("=", "\\u003d").encode()),
    "percent-encoded": _refusal("404 Not Found", quote(ECHO, safe="").encode()),
    "base64": _refusal("403 Forbidden", base64.b64encode(CALL_SECRET.encode()) + b" " + AUTH.login.encode()),
    "cut": _refusal("400 Bad Request", b"x" * 290 + ECHO.encode()),
    "broken header": _raw(f"HTTP/1.1 200 OK\r\nX-Echo {ECHO}\r\n\r\n"),
    "broken header of bytes": _raw(f"HTTP/1.1 200 OK\r\n{{{ECHO}}}\x00\r\n\r\n"),
    "status line": _raw(f"HTTP/1.1 {ECHO}\r\n\r\n"),
    "redirect": _raw(f"HTTP/1.1 302 Found\r\nLocation: https://evil.example/{ECHO}\r\nContent-Length: 0\r\n\r\n"),
    "no gzip": _raw(f"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: {len(ECHO)}\r\n\r\n{ECHO}"),
    "chunk": _raw(f"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n{ECHO}\r\n"),
}
SENDS = {
    "create": lambda client: client.calls.create_call(CALL),
    "update": lambda client: client.calls.update_call("c-1", UPDATE),
    "bxml": lambda client: client.calls.update_call_bxml("c-1", BXML),
    "request": lambda client: client.request("POST", "/accounts/9900000/calls", json={"password": CALL_SECRET}),
}


async def _failed(answer: Answer, send: Callable[[BandwidthClient], object]) -> BandwidthError:
    async def serve(peer: Peer) -> None:
        while True:
            await peer.take()
            answer(peer)
            await peer.writer.drain()

    async with RawServer(serve) as server:
        client = BandwidthClient("9900000", AUTH, base_url=server.base_url, retry=RetryPolicy(attempts=1))
        async with client:
            with pytest.raises(BandwidthError) as caught:
                await send(client)  # type: ignore[misc]  # it is awaitable
    return caught.value


def _shown(error: BaseException | None) -> str:
    """Return all that an error and what led to it would print, log or pickle."""
    shown = ""
    while error is not None:
        shown += f"{error} {error!r} {vars(error)!r} {pickle.dumps(error)!r} {getattr(error, '__notes__', '')}"
        error = error.__cause__ or error.__context__
    return shown


@pytest.mark.parametrize("send", SENDS.values(), ids=SENDS)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_no_echo_shows_a_secret(
    answer: Answer, send: Callable[[BandwidthClient], object], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the login nor the passwords of the request are in errors, causes, pickles and log lines."""
    with caplog.at_level(logging.DEBUG, "bandwidth_calls"):
        error = await _failed(answer, send)

    shown = _shown(error) + "".join(
        record.getMessage() for record in caplog.records if record.name == "bandwidth_calls"
    )
    encoded = [base64.b64encode(text.encode()).decode() for text in (LOGIN_SECRET, CALL_SECRET)]
    for secret in (LOGIN_SECRET, CALL_SECRET, AUTH.login.partition(" ")[2], *encoded):
        for part in (secret, secret[:8], secret.replace("=", "\\u003d")[:12], quote(secret, safe="")[:10]):
            assert part not in shown


@pytest.mark.parametrize(
    "body",
    [
        {"type": "a\r\nERROR forged", "description": "b\nERROR forged \x1b[31m\u202e\u2028"},
        b"c\r\nERROR forged \x1b[2J",
    ],
    ids=["JSON", "text"],
)
async def test_no_answer_forges_a_line(body: object) -> None:
    """What is not printable is escaped in every text of an error."""
    error = await _failed(_refusal("400 Bad Request", body), SENDS["create"])

    assert isinstance(error, RefusedError)
    texts = [str(error), error.message, error.kind or "", error.description or ""]
    assert all(text.isprintable() for text in texts)
    assert "\\nERROR forged" in str(error)


async def test_a_huge_description_makes_a_small_error() -> None:
    """Ten megabytes of the service are cut, and the error says so."""
    error = await _failed(
        _refusal("400 Bad Request", {"type": "t" * 100_000, "description": "d" * 10_000_000}), SENDS["create"]
    )

    assert len(_shown(error)) < 10_000
    assert "... (cut)" in str(error)


async def test_a_huge_id_makes_a_short_line(caplog: pytest.LogCaptureFixture) -> None:
    """An id that the service gave may be a megabyte long; messages and logs have its beginning."""
    call_id = "c-" + "1" * 60_000

    with caplog.at_level(logging.DEBUG, "bandwidth_calls"):
        error = await _failed(_refusal("404 Not Found", b""), lambda client: client.calls.get_call_state(call_id))

    assert len(str(error)) < 1_000
    assert all(len(record.getMessage()) < 1_000 for record in caplog.records if record.name == "bandwidth_calls")
