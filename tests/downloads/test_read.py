"""Media arrive whole, or the error says what is wrong with them."""

from __future__ import annotations

import pytest
from support.media import PATH, WAVE, chunked, head, serving, whole

from bandwidth_calls import BadAnswerError, BandwidthClient, BasicCredentials, Download, NotFoundError


async def test_media_are_returned_as_bytes() -> None:
    """All bytes come, those over 127 too, by one request for uncompressed media."""
    async with serving(whole()) as (server, download):
        assert await download.read() == WAVE

    (request,) = server.requests
    assert request.startswith(f"GET {PATH} HTTP/1.1\r\n")
    assert server.header(request, "accept-encoding") == "identity"
    assert server.ranges == [None]


async def test_a_download_may_be_used_again() -> None:
    """Each use is a request of its own."""
    async with serving(whole()) as (server, download):
        assert await download.read() == await download.read()

    assert len(server.requests) == 2


async def test_the_last_chunk_tells_the_length() -> None:
    """Without a length the media are whole when the last chunk came."""
    async with serving(chunked()) as (_, download):
        assert await download.read() == WAVE


@pytest.mark.parametrize("kind", ["audio/mpeg", "AUDIO/WAV; rate=8000", "application/octet-stream"])
async def test_types_of_sound_are_taken(kind: str) -> None:
    """Every audio type counts, in any case and with parameters, and bytes of no said type."""
    async with serving(whole(kind=kind)) as (_, download):
        assert await download.read() == WAVE


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        (whole(kind="text/html"), "Content-Type"),
        (whole(kind="application/json"), "Content-Type"),
        (whole(WAVE, "Content-Encoding: gzip"), "Content-Encoding"),
        (head("200 OK") + WAVE, "Content-Length"),
        (whole(b""), "$"),
        (head("200 OK", "Transfer-Encoding: chunked") + b"0\r\n\r\n", "$"),
        (head("204 No Content"), "status"),
        (head("206 Partial Content", "Content-Length: 5") + b"12345", "Content-Range"),
    ],
    ids=["html", "json", "compressed", "no length", "empty", "no chunk", "nothing", "no range"],
)
async def test_what_is_no_media_is_a_bad_answer(answer: bytes, where: str) -> None:
    """It is asked for once, since a second answer would be no other."""
    async with serving(answer) as (server, download):
        with pytest.raises(BadAnswerError) as caught:
            await download.read()

    assert caught.value.where == where
    assert not caught.value.may_have_taken_effect
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [whole(), chunked()], ids=["told", "not told"])
async def test_more_than_is_wanted_is_a_bad_answer(answer: bytes) -> None:
    """`max_bytes` is obeyed, whether the head tells the length or not, and it allows that many."""
    async with serving(answer) as (_, download):
        with pytest.raises(BadAnswerError, match=f"larger than {len(WAVE) - 1} bytes"):
            await download.read(max_bytes=len(WAVE) - 1)

        assert await download.read(max_bytes=len(WAVE)) == WAVE


async def test_the_clients_max_body_does_not_count() -> None:
    """Media may be larger than any other answer."""
    async with serving(whole(), max_body=100) as (_, download):
        assert await download.read() == WAVE


async def test_a_refusal_is_its_error() -> None:
    """A 404 has the advice for recordings."""
    async with serving(head("404 Not Found", "Content-Length: 0")) as (_, download):
        with pytest.raises(NotFoundError, match="kept for 30 days"):
            await download.read()


@pytest.mark.parametrize(("field", "value"), [("max_bytes", 0), ("max_bytes", 1.5), ("timeout", 0), ("timeout", "9")])
async def test_a_wrong_limit_is_refused_before_anything_is_sent(field: str, value: object) -> None:
    """The error names the argument."""
    async with serving(whole()) as (server, download):
        with pytest.raises(ValueError, match=f"^{field}: "):
            await download.read(**{field: value})  # type: ignore[arg-type]  # the point

    assert server.requests == []


@pytest.mark.parametrize(("call_id", "recording_id"), [("../x", "r-1"), ("c-1", ""), ("c-1", "r/1")])
async def test_a_wrong_id_is_refused_at_once(call_id: str, recording_id: str) -> None:
    """An id cannot lead to another path."""
    async with BandwidthClient("1", BasicCredentials("a", "b")) as client:
        with pytest.raises(ValueError, match="_id: "):
            client.recordings.download_call_recording(call_id, recording_id)


def test_a_download_shows_no_secret() -> None:
    """Its repr can be logged."""
    client = BandwidthClient("1", BasicCredentials("a", "very-secret"))
    download: Download = client.recordings.download_call_recording("c-1", "r-1")

    assert "very-secret" not in repr(download)
