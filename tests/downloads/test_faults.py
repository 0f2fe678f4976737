"""Every fault of media and its outcome: the file is whole, or there is an error and no file."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import attrs
import pytest
from support.media import WAVE, chunked, cut, files, head, part, serving, whole

from bandwidth_calls import errors

AT = 1000
TOTAL = f"bytes {AT}-{len(WAVE)}/{len(WAVE) + 1}"
PAGE = Path(__file__).parents[2] / "docs" / "recordings.md"


@attrs.frozen
class Fault:
    """What a service answers, request by request, and the outcome: the error (None: stored), and the requests."""

    name: str
    answers: tuple[bytes, ...]
    error: type[errors.BandwidthError] | None = None
    requests: int = 1


def status(line: str, *headers: str) -> bytes:
    """Return an answer without a body."""
    return head(line, "Content-Length: 0", *headers)


FAULTS = [
    Fault("cut short, then the rest", (cut(AT), part(AT)), requests=2),
    Fault("cut short, then all of it again", (cut(AT), whole()), requests=2),
    Fault("cut short, then more than the rest", (cut(AT), part(AT - 10)), requests=2),
    Fault("cut short before the first byte", (cut(0), whole()), requests=2),
    Fault("cut short, then a 500, then the rest", (cut(AT), status("500 Oops"), part(AT)), requests=3),
    Fault("chunks that break off, then the rest", (chunked(WAVE[:AT], ends=False), part(AT)), requests=2),
    Fault("cut short each time", (cut(AT), cut(AT)), errors.NoAnswerError, 3),
    Fault("cut short, then a 404", (cut(AT), status("404 Not Found")), errors.NotFoundError, 2),
    Fault("cut short, then a part with a hole before it", (cut(AT), part(AT + 1)), errors.BadAnswerError, 2),
    Fault("cut short, then media of another length", (cut(AT), whole(WAVE + b"more")), errors.BadAnswerError, 2),
    Fault(
        "cut short, then a part of another total",
        (cut(AT), head("206 Partial Content", f"Content-Range: {TOTAL}") + WAVE[AT:]),
        errors.BadAnswerError,
        2,
    ),
    Fault("cut short, then another type", (cut(AT), whole(kind="audio/mpeg")), errors.BadAnswerError, 2),
    Fault(
        "cut short, then another ETag",
        (cut(AT, 'ETag: "a"'), part(AT, 'ETag: "b"')),
        errors.BadAnswerError,
        2,
    ),
    Fault("no length and no last chunk", (head() + WAVE,), errors.BadAnswerError),
    Fault("compressed", (whole(WAVE, "Content-Encoding: gzip"),), errors.BadAnswerError),
    Fault("HTML", (whole(b"<html>welcome</html>", kind="text/html"),), errors.BadAnswerError),
    Fault("no byte", (whole(b""),), errors.BadAnswerError),
    Fault("204", (head("204 No Content"),), errors.BadAnswerError),
    Fault("404", (status("404 Not Found"),), errors.NotFoundError),
    Fault("429 once", (status("429 Too Many Requests", "Retry-After: 0"), whole()), requests=2),
    Fault("503 once", (status("503 Service Unavailable", "Retry-After: 0"), whole()), requests=2),
    Fault(
        "a redirect to another origin",
        (status("302 Found", "Location: https://media.example/x"),),
        errors.UntrustedLinkError,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("session", ["own", "borrowed"])
async def test_a_file_is_whole_or_there_is_none(fault: Fault, session: str, tmp_path: Path) -> None:
    """The outcome and the number of requests are those of the table, with both kinds of session."""
    async with aiohttp.ClientSession() as lent:
        options = {"http": lent} if session == "borrowed" else {}
        async with serving(*fault.answers, **options) as (server, download):
            error: type[BaseException] | None = None
            try:
                await download.save(tmp_path / "a.wav")
            except errors.BandwidthError as caught:
                error = type(caught)

    assert (error, len(server.requests)) == (fault.error, fault.requests)
    assert [file.read_bytes() for file in files(tmp_path)] == ([] if fault.error else [WAVE])


def test_the_page_has_the_table_of_faults() -> None:
    """docs/recordings.md lists each fault with its outcome."""
    table = re.findall(r"^\| (.+?) \| (.+?) \| (\d) \|$", PAGE.read_text(), re.MULTILINE)

    outcomes = {fault.name: f"`{fault.error.__name__}`" if fault.error else "stored" for fault in FAULTS}
    assert table == [(fault.name, outcomes[fault.name], str(fault.requests)) for fault in FAULTS]
