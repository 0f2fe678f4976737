"""What is sent again, row by row: the table of docs/reliability.md for the operations beside those of calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest
from aiohttp import web
from support.moved_clock import MovedClock
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import (
    BandwidthClient,
    BandwidthError,
    BasicCredentials,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    ServerError,
    UpdateConference,
    UpdateConferenceMember,
)

Ask = Callable[[BandwidthClient], Awaitable[object]]
MEDIA = {"Content-Type": "audio/wav"}
REDIRECT = UpdateConference(redirect_url="https://app.example/more")


@attrs.frozen
class Asked:
    """An operation, and a success for it."""

    ask: Ask
    status: int = 204
    body: Any = None

    def success(self) -> web.Response:
        """Return an answer that the operation takes."""
        if isinstance(self.body, bytes):
            return web.Response(body=self.body, headers=MEDIA)
        return web.Response(status=self.status) if self.body is None else web.json_response(self.body)


async def _listed(listing: Any) -> None:
    async for _ in listing:
        pass


READS = {
    "get_call_recording": Asked(lambda c: c.recordings.get_call_recording("c", "r"), 200, {"recordingId": "r"}),
    "get_recording_transcription": Asked(lambda c: c.recordings.get_recording_transcription("c", "r"), 200, {}),
    "list_account_call_recordings": Asked(lambda c: _listed(c.recordings.list_account_call_recordings()), 200, []),
    "list_call_recordings": Asked(lambda c: _listed(c.recordings.list_call_recordings("c")), 200, []),
    "download_call_recording": Asked(lambda c: c.recordings.download_call_recording("c", "r").read(), 200, b"x"),
    "get_conference": Asked(lambda c: c.conferences.get_conference("f"), 200, {"id": "f"}),
    "get_conference_member": Asked(lambda c: c.conferences.get_conference_member("f", "c"), 200, {"callId": "c"}),
    "get_conference_recording": Asked(
        lambda c: c.conferences.get_conference_recording("f", "r"), 200, {"recordingId": "r"}
    ),
    "list_conferences": Asked(lambda c: _listed(c.conferences.list_conferences()), 200, []),
    "list_conference_recordings": Asked(lambda c: _listed(c.conferences.list_conference_recordings("f")), 200, []),
    "download_conference_recording": Asked(
        lambda c: c.conferences.download_conference_recording("f", "r").read(), 200, b"x"
    ),
    "list_real_time_transcriptions": Asked(
        lambda c: _listed(c.transcriptions.list_real_time_transcriptions("c")), 200, []
    ),
    "get_real_time_transcription": Asked(
        lambda c: c.transcriptions.get_real_time_transcription("c", "t"), 200, {"transcriptionId": "t"}
    ),
    "get_statistics": Asked(lambda c: c.statistics.get_statistics(), 200, {}),
}
FINISHED = {
    "delete_recording": Asked(lambda c: c.recordings.delete_recording("c", "r")),
    "delete_recording_media": Asked(lambda c: c.recordings.delete_recording_media("c", "r")),
    "delete_recording_transcription": Asked(lambda c: c.recordings.delete_recording_transcription("c", "r")),
    "delete_real_time_transcription": Asked(lambda c: c.transcriptions.delete_real_time_transcription("c", "t")),
    "update_conference, completed": Asked(
        lambda c: c.conferences.update_conference("f", UpdateConference(status="completed"))
    ),
}
REPEATABLE = {
    "update_call_recording_state": Asked(lambda c: c.recordings.update_call_recording_state("c", "paused"), 200),
    "update_conference_member": Asked(
        lambda c: c.conferences.update_conference_member("f", "c", UpdateConferenceMember(mute=True))
    ),
    "hang_up": Asked(lambda c: c.calls.hang_up("c"), 200),
}
ONCE = {
    "update_conference, active": Asked(lambda c: c.conferences.update_conference("f", REDIRECT)),
    "update_conference_bxml": Asked(lambda c: c.conferences.update_conference_bxml("f", "<Response/>")),
    "transcribe_call_recording": Asked(lambda c: c.recordings.transcribe_call_recording("c", "r")),
}
ALL = READS | FINISHED | REPEATABLE | ONCE


async def no_answer(request: web.Request) -> web.Response:
    """Take a request, and end the connection."""
    assert request.transport is not None
    request.transport.abort()
    raise ConnectionResetError


def fault(kind: int | str) -> Any:
    """Return what goes wrong: a status, or no answer."""
    return no_answer if kind == "no answer" else web.Response(status=int(kind))


@pytest.mark.parametrize("kind", [429, 503, 408])
@pytest.mark.parametrize("name", ALL)
async def test_what_did_nothing_is_sent_again(api: ScriptedApi, client: BandwidthClient, name: str, kind: int) -> None:
    """Every operation is sent again after a 429, a 503 and a 408."""
    api.answers += [fault(kind), ALL[name].success()]

    await ALL[name].ask(client)

    assert len(api.requests) == 2


@pytest.mark.parametrize("name", ALL)
async def test_what_was_not_sent_is_sent_again(
    make_client: MakeClient, basic: BasicCredentials, moved: MovedClock, name: str
) -> None:
    """Every operation is tried as often as the policy says where nothing left."""
    client = make_client(auth=basic, base_url="http://127.0.0.1:1")

    with pytest.raises(NotSentError):
        await ALL[name].ask(client)

    assert len(moved.sleeps) == 2


@pytest.mark.parametrize("kind", [500, 502, 504, "no answer"])
@pytest.mark.parametrize("name", READS | FINISHED | REPEATABLE)
async def test_what_may_be_repeated_is_sent_again_after_doubt(
    api: ScriptedApi, client: BandwidthClient, name: str, kind: int | str
) -> None:
    """A read changes nothing, and of these changes a repeat changes nothing more."""
    api.answers += [fault(kind), ALL[name].success()]

    await ALL[name].ask(client)

    assert len(api.requests) == 2


@pytest.mark.parametrize("kind", [500, 502, 504, "no answer"])
@pytest.mark.parametrize("name", ONCE)
async def test_what_would_be_heard_or_paid_twice_is_not_sent_again(
    api: ScriptedApi, client: BandwidthClient, name: str, kind: int | str
) -> None:
    """The error says that it may have taken effect, and is none of a call that may have been placed."""
    api.answers += [fault(kind), ALL[name].success()]

    with pytest.raises(NoAnswerError if kind == "no answer" else ServerError) as caught:
        await ALL[name].ask(client)

    assert caught.value.may_have_taken_effect
    assert len(api.requests) == 1


@pytest.mark.parametrize("kind", [500, 503, 408, "no answer"])
@pytest.mark.parametrize("name", FINISHED)
async def test_a_404_after_doubt_means_done(
    api: ScriptedApi, client: BandwidthClient, name: str, kind: int | str
) -> None:
    """The attempt whose answer was lost has deleted or ended it."""
    api.answers += [fault(kind), web.Response(status=404)]

    await FINISHED[name].ask(client)

    assert len(api.requests) == 2


@pytest.mark.parametrize("before", [[], [429]], ids=["at once", "after a 429"])
@pytest.mark.parametrize("name", FINISHED)
async def test_a_404_without_doubt_is_raised(
    api: ScriptedApi, client: BandwidthClient, name: str, before: list[int]
) -> None:
    """What is not there was not deleted by this request."""
    api.answers += [*map(fault, before), web.Response(status=404)]

    with pytest.raises(NotFoundError) as caught:
        await FINISHED[name].ask(client)

    assert not caught.value.may_have_taken_effect


async def test_a_404_on_a_pause_after_doubt_is_raised(api: ScriptedApi, client: BandwidthClient) -> None:
    """A call that is gone was not paused for sure, so the error tells the doubt."""
    api.answers += [fault(500), web.Response(status=404)]

    with pytest.raises(NotFoundError) as caught:
        await client.recordings.update_call_recording_state("c", "paused")

    assert caught.value.may_have_taken_effect


@pytest.mark.parametrize("name", FINISHED | REPEATABLE | ONCE)
async def test_doubt_is_told_after_the_last_attempt(api: ScriptedApi, client: BandwidthClient, name: str) -> None:
    """A change that was asked for in vain may have taken effect."""
    api.answers += [fault(500) for _ in range(3)]

    with pytest.raises(BandwidthError) as caught:
        await ALL[name].ask(client)

    assert caught.value.may_have_taken_effect


@pytest.mark.parametrize("status", [200, 204])
async def test_deleting_a_transcription_takes_both_successes(
    api: ScriptedApi, client: BandwidthClient, status: int
) -> None:
    """The documentation has 200, without a body, and 204 is announced."""
    api.answers.append(web.Response(status=status))

    await client.transcriptions.delete_real_time_transcription("c", "t")

    assert api.requests[0].method == "DELETE"
