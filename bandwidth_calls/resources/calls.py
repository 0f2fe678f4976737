"""The Calls resource; see https://dev.bandwidth.com/apis/voice-apis/voice/#tag/Calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls import checks
from bandwidth_calls.convert import JSON_TYPE, dump
from bandwidth_calls.documents import BXML_TYPE, document_body
from bandwidth_calls.errors import (
    BadAnswerError,
    BandwidthError,
    CallMayHaveBeenPlacedError,
    ClientClosedError,
    ConflictError,
    NoAnswerError,
    NotFoundError,
    UntrustedLinkError,
    WaitTimeoutError,
)
from bandwidth_calls.fast import load_one
from bandwidth_calls.filters import start_of
from bandwidth_calls.models.calls import CallState, CreateCall, CreateCallResponse, UpdateCall
from bandwidth_calls.models.words import State
from bandwidth_calls.page_stream import PageSource
from bandwidth_calls.pages import Listing
from bandwidth_calls.transport.retry import Operation
from bandwidth_calls.transport.sending import Sender
from bandwidth_calls.waits import check_wait, wait_until
from bandwidth_calls.wire import path as fill_path

if TYPE_CHECKING:
    from bandwidth_calls.bxml import Bxml, Response


@attrs.frozen
class Calls:
    """/accounts/{accountId}/calls."""

    _sender: Sender

    async def create_call(self, call: CreateCall) -> CreateCallResponse:
        """Place a call: it is accepted into the account's queue. Its state tells later whether it was dialled.

        It is sent again only when it provably was not processed: nothing left this machine, or 429, or 401 and a new
        token. CallMayHaveBeenPlacedError means that nobody can say whether a phone rings: look before you dial again.

        Bound it by `Timeout(total=...)`, which tells the doubt, and not by `asyncio.wait_for` or `asyncio.timeout`: a
        call that is cancelled after it left may ring all the same. Then a WARNING is logged, and the CancelledError has
        a note. A call does not leave when less than a tenth of the total is left, at most a second: NotSentError.
        """
        if not isinstance(call, CreateCall):  # here, so that it costs no call
            checks.model("call", call, CreateCall)
        path = self._sender.account_path + "/calls"
        try:
            answer = await self._sender.send("POST", path, Operation.PLACE, body=dump(call), content_type=JSON_TYPE)
            if answer.status != 201:
                raise answer.bad("status", "not the documented 201")
            return load_one(answer, CreateCallResponse)
        except BandwidthError as error:
            if not error.may_have_taken_effect or isinstance(error, UntrustedLinkError):
                raise
            doubt = error
        if isinstance(doubt, ClientClosedError):  # what came is that no answer came
            doubt = NoAnswerError(doubt.message, attempts=doubt.attempts, sent_at=doubt.sent_at)
        raise _in_doubt(call, doubt) from doubt

    async def get_call_state(self, call_id: str) -> CallState:
        """Fetch the state of one call; NotFoundError for a while after it was placed, and 7 days after its end."""
        return load_one(await self._sender.send("GET", self._call_path(call_id), Operation.READ), CallState)

    def list_calls(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        min_start_time: datetime | None = None,
        max_start_time: datetime | None = None,
        disconnect_cause: str | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Listing[CallState]:
        """List the calls of the last 7 days, oldest first, through every page: `async for call in list_calls()`.

        Both times are aware and inclusive. `page_size` is 1 to 10,000 (the service's default is 1,000). `cursor`, of a
        page or of an error, continues from there with the same filters, so no filter may be given beside it.
        """
        path = self._sender.account_path + "/calls"
        start = start_of(
            path,
            cursor,
            most=10_000,
            to=to,
            from_=from_,
            min_start_time=min_start_time,
            max_start_time=max_start_time,
            disconnect_cause=disconnect_cause,
            page_size=page_size,
        )
        return Listing(PageSource(self._sender, path, CallState, lambda call: call.call_id), start)

    async def update_call(self, call_id: str, update: UpdateCall) -> None:
        """Redirect a live call to other BXML, or end a call; ConflictError when its state does not allow that."""
        checks.model("update", update, UpdateCall)
        path = self._call_path(call_id)
        await self._sender.send("POST", path, Operation.CHANGE, body=dump(update), content_type=JSON_TYPE)

    async def update_call_bxml(self, call_id: str, bxml: str | bytes | Response | Bxml) -> None:
        """Replace the BXML that a live call is running, at once; at most 65,536 bytes.

        A `Response` or `Bxml` was checked when it was built. Text and bytes are sent unchanged, and BadRequestError
        says what is wrong with them. Use absolute URLs: what a relative one is resolved against is not documented.
        """
        path = self._call_path(call_id) + "/bxml"
        await self._sender.send("PUT", path, Operation.CHANGE, body=document_body(bxml), content_type=BXML_TYPE)

    async def hang_up(self, call_id: str) -> bool:
        """End a call. False means that nothing was left to end: the API knows no such live call (404 or 409).

        Unlike `update_call`, it is sent again after any passing fault: a call cannot be ended twice. So False may also
        mean that an attempt whose answer was lost has ended the call.
        """
        path, body = self._call_path(call_id), dump(UpdateCall(state="completed"))
        try:
            await self._sender.send("POST", path, Operation.SET, body=body, content_type=JSON_TYPE)
        except (NotFoundError, ConflictError):
            return False
        return True

    async def find_calls(self, *, to: str, from_: str, since: datetime) -> list[CallState]:
        """Return the calls between two numbers that were queued at `since` (aware) or later, oldest first.

        A call that tells no time of queueing counts by its start. One that tells neither may be meant, and is in.
        """
        since = checks.aware("since", since)
        # No time is sent as a filter, since the API's is of the start, which a queued call does not have.
        calls = [call async for call in self.list_calls(to=to, from_=from_)]
        begun = [(call.enqueued_time or call.start_time, call) for call in calls]
        return [call for time, call in begun if time is None or time >= since]

    async def reconcile(
        self,
        error: CallMayHaveBeenPlacedError,
        *,
        timeout: float = 300.0,  # noqa: ASYNC109 - it bounds many requests and the pauses between them
        skew: float = 5.0,
    ) -> list[CallState]:
        """Look for the call that may have been placed, with growing pauses, until any shows: those since it was sent.

        `skew` is by how many seconds the clocks of this machine and the service may differ. Several calls mean that
        nobody can say which of them it is. None means that it was not seen within `timeout` seconds, which is no proof:
        a webhook with the `tag` of the call is the better witness. An error of a request ends the search.
        """
        checks.model("error", error, CallMayHaveBeenPlacedError)
        check_wait(timeout, unseen_for=0)
        checks.number("skew", skew, 0)
        call, since = error.request, error.sent_at - timedelta(seconds=skew)
        try:
            return await wait_until(
                bool,
                lambda sender: Calls(sender).find_calls(to=call.to, from_=call.from_, since=since),
                self._sender,
                f"the call to {call.to}: not seen",
                timeout=timeout,
                unseen_for=0,
            )
        except WaitTimeoutError:
            return []

    async def wait_for_state(
        self,
        call_id: str,
        *states: str,
        timeout: float = 300.0,  # noqa: ASYNC109 - it bounds many requests and the pauses between them
        unseen_for: float = 300.0,
    ) -> CallState:
        """Fetch the state of a call again and again, with growing pauses, until it is one of `states`.

        A disconnected call is returned too, since no other state can follow: look at `.state`. For the first
        `unseen_for` seconds a 404 counts as "not yet", as a new call may take minutes to be readable. WaitTimeoutError
        after `timeout` seconds; its `last` is what was seen last. Another error of a request ends the wait.
        """
        _check_states(states)
        check_wait(timeout, unseen_for)
        return await wait_until(
            lambda call: call.state in states or call.state == State.DISCONNECTED,
            lambda sender: Calls(sender).get_call_state(call_id),
            self._sender,
            f"call {call_id}: not {' or '.join(states)}",
            timeout=timeout,
            unseen_for=unseen_for,
        )

    def _call_path(self, call_id: str) -> str:
        return self._sender.account_path + fill_path("/calls/{call_id}", call_id=call_id)


def _check_states(states: tuple[str, ...]) -> None:
    if not states:
        raise ValueError("states: name at least one to wait for")
    for state in states:
        checks.text("states", state, least=1)


def _in_doubt(call: CreateCall, doubt: BandwidthError) -> CallMayHaveBeenPlacedError:
    accepted = isinstance(doubt, BadAnswerError)
    said = "was accepted by the API, but which call it is cannot be read" if accepted else "may have been placed"
    assert doubt.sent_at is not None  # noqa: S101 - what may have taken effect has left
    reason = doubt.message + (f": {doubt.reason}" if doubt.reason else "")
    return CallMayHaveBeenPlacedError(
        f"the call to {call.to} {said}", _masked(call), doubt.sent_at, attempts=doubt.attempts, reason=reason
    )


def _masked(call: CreateCall) -> CreateCall:
    """Copy a request without its passwords, so that an error may be printed, logged and pickled."""
    detection = call.machine_detection
    if detection is not None:
        detection = attrs.evolve(
            detection, password=_mask(detection.password), fallback_password=_mask(detection.fallback_password)
        )
    return attrs.evolve(
        call,
        machine_detection=detection,
        password=_mask(call.password),
        fallback_password=_mask(call.fallback_password),
    )


def _mask(secret: str | None) -> str | None:
    return None if secret is None else "*****"
