"""The Conferences resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Conferences."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls import checks
from bandwidth_calls.convert import JSON_TYPE, dump
from bandwidth_calls.documents import BXML_TYPE, document_body
from bandwidth_calls.downloads import Download
from bandwidth_calls.fast import load_one
from bandwidth_calls.filters import start_of
from bandwidth_calls.models.conferences import Conference, ConferenceMember, UpdateConference, UpdateConferenceMember
from bandwidth_calls.models.recordings import ConferenceRecordingMetadata
from bandwidth_calls.page_stream import PageSource
from bandwidth_calls.pages import Listing
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.transport.sending import Sender
from bandwidth_calls.wire import path as fill_path

if TYPE_CHECKING:
    from bandwidth_calls.bxml import Bxml, Response

_MOST_LISTED = 1_000


@attrs.frozen
class Conferences:
    """/accounts/{accountId}/conferences.

    A conference begins with the first caller whose BXML has `Conference`. Its recordings are paused and ended by BXML:
    the API has no operation for that, and none that deletes them.
    """

    _sender: Sender

    def list_conferences(
        self,
        *,
        name: str | None = None,
        min_created_time: datetime | None = None,
        max_created_time: datetime | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Listing[Conference]:
        """List conferences, live and ended, oldest first, through every page.

        Both times are aware and inclusive. `page_size` is 1 to 1,000 (the service's default is 1,000). `cursor`, of a
        page or of an error, continues from there with the same filters, so no filter may be given beside it.
        """
        path = self._sender.account_path + "/conferences"
        start = start_of(
            path,
            cursor,
            most=_MOST_LISTED,
            name=name,
            min_created_time=min_created_time,
            max_created_time=max_created_time,
            page_size=page_size,
        )
        return Listing(PageSource(self._sender, path, Conference, lambda conference: conference.id), start)

    async def get_conference(self, conference_id: str) -> Conference:
        """Fetch a conference with its active members."""
        return load_one(await self._sender.send("GET", self._path(conference_id), Operation.READ), Conference)

    async def update_conference(self, conference_id: str, update: UpdateConference) -> None:
        """End a conference, or let it ask a URL for BXML, which is played after what plays already.

        Ending is sent again after any passing fault, and a 404 after an answer that was lost means that it has ended.
        Redirecting is not sent again after doubt, since the BXML would be heard twice.
        """
        checks.model("update", update, UpdateConference)
        path = self._path(conference_id)
        if update.status == "completed":
            await self._sender.finish("POST", path, body=dump(update), content_type=JSON_TYPE)
        else:
            await self._sender.send("POST", path, Operation.CHANGE, body=dump(update), content_type=JSON_TYPE)

    async def update_conference_bxml(self, conference_id: str, bxml: str | bytes | Response | Bxml) -> None:
        """Play BXML in a conference, after what plays already; at most 65,536 bytes.

        The API takes PlayAudio, SpeakSentence and the recording verbs here; BadRequestError says what it refuses. It is
        not sent again after doubt, since it would be heard twice.
        """
        path = self._path(conference_id) + "/bxml"
        await self._sender.send("PUT", path, Operation.CHANGE, body=document_body(bxml), content_type=BXML_TYPE)

    async def get_conference_member(self, conference_id: str, member_id: str) -> ConferenceMember:
        """Fetch a member; its id is that of its call."""
        path = self._path(conference_id) + fill_path("/members/{member_id}", member_id=member_id)
        return load_one(await self._sender.send("GET", path, Operation.READ), ConferenceMember)

    async def update_conference_member(
        self, conference_id: str, member_id: str, update: UpdateConferenceMember
    ) -> None:
        """Mute a member, put it on hold, or change whom it coaches. A conference has one coach at most."""
        checks.model("update", update, UpdateConferenceMember)
        path = self._path(conference_id) + fill_path("/members/{member_id}", member_id=member_id)
        await self._sender.send("PUT", path, Operation.SET, body=dump(update), content_type=JSON_TYPE)

    def list_conference_recordings(
        self, conference_id: str, *, cursor: str | None = None
    ) -> Listing[ConferenceRecordingMetadata]:
        """List the recordings of a conference; they may appear late."""
        path = self._path(conference_id) + "/recordings"
        source = PageSource(self._sender, path, ConferenceRecordingMetadata, lambda found: found.recording_id)
        return Listing(source, start_of(path, cursor))

    async def get_conference_recording(self, conference_id: str, recording_id: str) -> ConferenceRecordingMetadata:
        """Fetch what is known of a recording of a conference."""
        path = self._recording_path(conference_id, recording_id)
        return load_one(await self._sender.send("GET", path, Operation.READ), ConferenceRecordingMetadata)

    def download_conference_recording(self, conference_id: str, recording_id: str) -> Download:
        """Return the download of a recording's media, which starts when it is used."""
        return Download(self._sender, self._recording_path(conference_id, recording_id) + "/media", recording_id)

    def _path(self, conference_id: str) -> str:
        return self._sender.account_path + fill_path("/conferences/{conference_id}", conference_id=conference_id)

    def _recording_path(self, conference_id: str, recording_id: str) -> str:
        return self._path(conference_id) + fill_path("/recordings/{recording_id}", recording_id=recording_id)
