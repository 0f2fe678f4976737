"""Garbled answers that hold a secret: no error and no log line quotes what came."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.raw_server import listen
from support.scripted_api import MakeClient

from bandwidth_calls import BandwidthError, BasicCredentials, ClientCredentials, RetryPolicy, TokenError

PATH = "/accounts/9900000/calls"
TOKEN = "eyJhbGciOi.hush-hush"
PASSWORD = "hush-hush"
GARBLED = {
    "no HTTP": b'{"access_token": "%s"}\r\n\r\n',
    "a broken header line": b"HTTP/1.1 200 OK\r\nauthorization %s\r\n\r\n",
    "a body in the place of headers": b'HTTP/1.1 200 OK\r\n{"access_token": "%s"}\r\n\r\n',
    "quotes of both kinds": b"HTTP/1.1 200 OK\r\n'\" %s '\"\r\n\r\n",
    "a header that is too long": b"HTTP/1.1 200 OK\r\nX-A: %s" + b"a" * 20_000 + b"\r\n\r\n",
    "a wrong length": b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n{}",
    "a wrong size of a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
    "a wrong size of the second chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n%s\r\n",
    "more than its length": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}%s\r\n\r\n",
    "less than its length": b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"access_token": "%s"',
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 21\r\n\r\n%s-",
    "a reason": b"HTTP/1.1 401 %s\r\nContent-Length: 0\r\n\r\n",
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: https://a.example/%s\r\nContent-Length: 0\r\n\r\n",
}
# What only the token endpoint must not be quoted with: its answer is a secret as a whole.
REFUSALS = {
    "text": b"HTTP/1.1 401 No\r\nConnection: close\r\n\r\n%s",
    "a description": b'HTTP/1.1 401 No\r\nConnection: close\r\n\r\n{"error_description": "%s"}',
    "an error of its own": b'HTTP/1.1 400 No\r\nConnection: close\r\n\r\n{"error": "%s"}',
    "the API's shape": b'HTTP/1.1 403 No\r\nConnection: close\r\n\r\n{"type": "%s", "description": "%s", "id": "%s"}',
    "a server error": b'HTTP/1.1 500 No\r\nConnection: close\r\n\r\n{"type": "%s"}',
}


@asynccontextmanager
async def answering(answer: bytes, secret: str) -> AsyncIterator[str]:
    """Answer every request with these bytes, in which the secret stands for `%s`; yield the origin."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer.replace(b"%s", secret.encode()))
        writer.close()

    server, port = await listen(send)
    async with server:
        yield f"http://127.0.0.1:{port}"


def shown(error: BandwidthError, log: str) -> str:
    """Return all that an error and the log tell."""
    return f"{error} {error!r} {vars(error)} {error.__cause__!r} {error.__context__!r} {pickle.dumps(error)!r} {log}"


@pytest.mark.parametrize("answer", [*GARBLED.values(), *REFUSALS.values()], ids=[*GARBLED, *REFUSALS])
async def test_nothing_of_a_token_answer_is_quoted(
    make_client: MakeClient, once: RetryPolicy, caplog: pytest.LogCaptureFixture, answer: bytes
) -> None:
    """An answer of the token endpoint may hold the token, so no error and no log line has any of it."""
    caplog.set_level(logging.DEBUG)
    async with answering(answer, TOKEN) as origin:
        auth = ClientCredentials("client-id", "client-secret", token_url=f"{origin}/token")

        with pytest.raises(TokenError) as caught:
            await make_client(auth=auth, retry=once).request("GET", PATH)

    assert "hush" not in shown(caught.value, caplog.text)


async def test_a_token_endpoint_that_breaks_off_is_told_by_the_type_alone(
    make_client: MakeClient, once: RetryPolicy
) -> None:
    """The text of the exception, which may quote the answer, is left out of the reason."""
    async with answering(b"", TOKEN) as origin:
        auth = ClientCredentials("client-id", "client-secret", token_url=f"{origin}/token")

        with pytest.raises(TokenError) as caught:
            await make_client(auth=auth, retry=once).request("GET", PATH)

    assert caught.value.reason == "ServerDisconnectedError"


@pytest.mark.parametrize("word", ["invalid_client", "unauthorized_client", "unsupported_grant_type"])
async def test_the_words_of_rfc_6749_are_told(make_client: MakeClient, once: RetryPolicy, word: str) -> None:
    """Why the token endpoint refused is told in the words that the RFC lists."""
    answer = b'HTTP/1.1 400 No\r\nConnection: close\r\n\r\n{"error": "%s", "error_description": "hush-hush"}'
    async with answering(answer, word) as origin:
        auth = ClientCredentials("client-id", "client-secret", token_url=f"{origin}/token")

        with pytest.raises(TokenError) as caught:
            await make_client(auth=auth, retry=once).request("GET", PATH)

    assert f"refused with 400: {word}" in str(caught.value)
    assert "hush" not in shown(caught.value, "")


@pytest.mark.parametrize("answer", GARBLED.values(), ids=list(GARBLED))
@pytest.mark.parametrize("echo", [PASSWORD, "dXNlcjpodXNoLWh1c2g=", "dXNlcjpodXNoLWh1"], ids=["raw", "base64", "cut"])
async def test_no_echo_of_the_credentials_is_quoted(
    make_client: MakeClient, once: RetryPolicy, caplog: pytest.LogCaptureFixture, echo: str, answer: bytes
) -> None:
    """A garbled answer of the API may echo the credentials, as they are, encoded, or in part."""
    caplog.set_level(logging.DEBUG)
    async with answering(answer, echo) as origin:
        client = make_client(auth=BasicCredentials("user", PASSWORD), base_url=origin, retry=once)

        with pytest.raises(BandwidthError) as caught:
            await client.request("PUT", PATH)

    assert echo not in shown(caught.value, caplog.text)


async def test_what_was_wrong_with_an_answer_is_told(make_client: MakeClient, basic: BasicCredentials) -> None:
    """The reason names what aiohttp found, with stars for what it quotes."""
    async with answering(GARBLED["a broken header line"], "token") as origin:
        with pytest.raises(BandwidthError) as caught:
            await make_client(auth=basic, base_url=origin).request("PUT", PATH)

    assert caught.value.reason is not None
    assert caught.value.reason.startswith("ClientResponseError: Invalid header token: *****")
