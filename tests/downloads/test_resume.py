"""Where an answer breaks off, the next attempt goes on from the first missing byte, or the media are refused."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.media import WAVE, chunked, cut, head, part, serving, whole

from bandwidth_calls import BadAnswerError, NoAnswerError, RetryPolicy

AT = 1000
OTHER = WAVE[::-1] + b"more"


@settings(max_examples=30)
@given(st.integers(1, len(WAVE) - 1), st.integers(0, len(WAVE)))
def test_media_cut_at_any_byte_are_whole(at: int, back: int) -> None:
    """The second answer may begin at the missing byte or before; no byte is lost, and none comes twice."""

    async def download() -> bytes:
        async with serving(cut(at), part(max(0, at - back))) as (_, media):
            return await media.read()

    assert asyncio.run(download()) == WAVE


async def test_the_second_attempt_asks_for_the_rest() -> None:
    """Its range begins with the first missing byte."""
    async with serving(cut(AT), cut(AT), part(AT)) as (server, download):
        assert await download.read() == WAVE

    assert server.ranges == [None, f"bytes={AT}-", f"bytes={AT}-"]


async def test_a_service_without_ranges_sends_all_again() -> None:
    """A 200 is used from the missing byte on."""
    async with serving(cut(AT), whole()) as (_, download):
        assert await download.read() == WAVE


async def test_chunks_that_broke_off_are_resumed() -> None:
    """The total is told by the second answer."""
    async with serving(chunked(WAVE[:AT], ends=False), part(AT)) as (_, download):
        assert await download.read() == WAVE


async def test_attempts_are_those_of_the_policy() -> None:
    """Media that break off each time are a NoAnswerError after the last attempt."""
    async with serving(cut(AT), retry=RetryPolicy(attempts=2, base=0)) as (server, download):
        with pytest.raises(NoAnswerError, match="cut short"):
            await download.read()

    assert server.ranges == [None, f"bytes={AT}-"]


async def test_an_error_between_two_parts_is_retried() -> None:
    """A 503 in the middle costs an attempt only."""
    refused = head("503 Service Unavailable", "Content-Length: 0")
    async with serving(cut(AT), refused, part(AT)) as (_, download):
        assert await download.read() == WAVE


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        (cut(AT), part(AT + 1), "Content-Range"),
        (cut(AT), part(AT, last=len(WAVE) - 2), "Content-Range"),
        (cut(AT), part(AT, body=OTHER), "$"),
        (cut(AT), whole(OTHER), "$"),
        (cut(AT), whole(kind="audio/mpeg"), "$"),
        (cut(AT, 'ETag: "a"'), part(AT, 'ETag: "b"'), "$"),
        (chunked(WAVE, ends=False), chunked(WAVE[:-1]), "$"),
    ],
    ids=["a hole", "a hole at the end", "another total", "another length", "another type", "another tag", "shorter"],
)
async def test_what_does_not_fit_is_a_bad_answer(first: bytes, second: bytes, where: str) -> None:
    """Media are never put together of parts that do not belong together."""
    async with serving(first, second) as (server, download):
        with pytest.raises(BadAnswerError) as caught:
            await download.read()

    assert caught.value.where == where
    assert len(server.requests) == 2


async def test_each_use_begins_at_the_beginning() -> None:
    """What one use has read is not left out in the next."""
    async with serving(cut(AT), part(AT), whole()) as (server, download):
        assert await download.read() == await download.read()

    assert server.ranges == [None, f"bytes={AT}-", None]
