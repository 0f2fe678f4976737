"""One request, sent until it is answered, refused, or must not be sent again.

Each attempt is a token, an exchange and a judgement. Between attempts there is a pause, and one deadline bounds all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import attrs

from bandwidth_calls.clock import Clock
from bandwidth_calls.errors import (
    AuthenticationError,
    BadAnswerError,
    BandwidthError,
    ClientClosedError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    RefusedError,
    ServerError,
    TokenError,
    UntrustedLinkError,
)
from bandwidth_calls.timeouts import Deadline, Timeout
from bandwidth_calls.transport import retry
from bandwidth_calls.transport.outside import clean
from bandwidth_calls.transport.refusals import judge_redirect, refused_error
from bandwidth_calls.transport.request import Attempt, BodySink, Request
from bandwidth_calls.transport.retry import Operation, RetryBudget, RetryPolicy
from bandwidth_calls.transport.session import Session
from bandwidth_calls.transport.tokens import Authorizer, FixedAuthorizer
from bandwidth_calls.wire import Answer, BaseUrl, identifier, origin_of

# After these nobody can say whether a change took effect; nor after a 408, which balancers send unasked.
_AMBIGUOUS = (NoAnswerError, ServerError, BadAnswerError, UntrustedLinkError)
# What must be left of the total when a create-call leaves, as a part and in seconds. Otherwise it would be in doubt at
# once: too little time is left for an answer.
_MARGIN, _MOST_MARGIN = 0.1, 1.0
_LONGEST_PATH = 300  # characters of a path in messages and logs: an id may come from outside
_MOST_SPARED = 10  # a service that closes each connection would else be asked until the total
_log = logging.getLogger("bandwidth_calls")


@attrs.frozen
class Transport:
    """What the requests of a client share: connections, credentials, timeouts, retries and the clock."""

    session: Session
    authorizer: Authorizer
    timeout: Timeout
    policy: RetryPolicy
    budget: RetryBudget
    clock: Clock


@attrs.define
class RequestRun:
    """One request with all its attempts, and what is known of it so far.

    `tries` counts the attempts that the policy allows, `left` the requests that left this machine. `spared` are the
    attempts that do not count, since a kept connection ended under them. `doubt` is whether an earlier attempt may have
    taken effect. `last` is the last error that came after a request had left, `kept` whether on a kept connection.
    """

    transport: Transport
    request: Request
    operation: Operation
    tries: int = 0
    spared: int = 0
    left: int = 0
    sent_at: datetime | None = None
    doubt: bool = False
    renewed: bool = False
    kept: bool = False
    attempt: Attempt | None = None
    last: BandwidthError | None = None

    async def run(self) -> Answer:
        """Send, and send again where that is safe; return the answer or raise the error."""
        self.transport.session.check()
        try:
            with Deadline(self.transport.session.watch, self.transport.timeout.total) as deadline:
                outcome = await self._attempt(deadline)
                while not isinstance(outcome, Answer) and (pause := self._pause(outcome, deadline)) is not None:
                    self._note(outcome, pause)
                    await self.transport.clock.sleep(pause)
                    outcome = await self._attempt(deadline)
        except TimeoutError:  # of the deadline, which `close` brings forward
            outcome = self._cut_off()
        except asyncio.CancelledError as error:
            self._note_cancelled(error)
            raise
        if not isinstance(outcome, Answer):
            raise self._completed(outcome)
        budget = self.transport.budget
        if budget.left < budget.capacity:  # nearly always it is full, and takes nothing back
            budget.give_back(self.tries - 1)
        return outcome

    async def _attempt(self, deadline: Deadline) -> Answer | BandwidthError:
        """Send with the current token and, if that is refused, once more with a renewed one.

        The last attempt of a read uses a new connection: those before may have been lost with kept ones that ended.
        """
        transport, self.tries = self.transport, self.tries + 1
        authorization = await transport.authorizer.authorization()
        margin = min(transport.timeout.total * _MARGIN, _MOST_MARGIN) if self.operation is Operation.PLACE else 0.0
        fresh = self.operation is Operation.READ and self.last is not None and self.tries >= transport.policy.attempts
        while isinstance(authorization, str):
            attempt = self.attempt = Attempt(
                authorization, transport.clock.now, self.left + 1, deadline.due - margin, fresh
            )
            started = transport.clock.monotonic()
            outcome = self._judge(attempt, await transport.session.exchange(self.request, attempt, transport.timeout))
            if _log.isEnabledFor(logging.DEBUG):
                self._log_attempt(attempt, outcome, started)
            if not isinstance(outcome, AuthenticationError) or self.renewed:
                return outcome
            # Once for a request: a second 401 means that the credentials are wrong, not that the token was old.
            self.renewed = True
            renewed = await transport.authorizer.renewed(authorization)
            if renewed is None:
                return outcome
            authorization = renewed
        return authorization

    def _judge(self, attempt: Attempt, outcome: Answer | BandwidthError) -> Answer | BandwidthError:
        """Count what left, and judge an answer by its status."""
        self.attempt, self.kept = None, attempt.kept
        if attempt.may_have_left:
            self.left, self.sent_at = self.left + 1, attempt.sent_at or self.transport.clock.now()
        if isinstance(outcome, BandwidthError) or 200 <= outcome.status < 300:
            return outcome
        if outcome.status < 200:
            return NoAnswerError(f"{outcome.label}: answered {outcome.status}, and no answer followed", outcome.status)
        said = partial(clean, authorization=attempt.authorization, body=self.request.body)
        if outcome.status < 400:
            return judge_redirect(outcome, self.request.url, self.request.redirects, said)
        return refused_error(outcome, self.transport.clock.now(), said)

    def _pause(self, error: BandwidthError, deadline: Deadline) -> float | None:
        """Return the seconds until the request may be sent again; None where it may not."""
        if not retry.may_send_again(self.operation, error):
            return None
        # A borrowed session has no new connection to offer for the last attempt, so it has more attempts instead.
        is_lost = self.kept and isinstance(error, NoAnswerError) and self.transport.session.borrowed is not None
        if is_lost and self.transport.policy.attempts > 1 and self.spared < _MOST_SPARED:
            self.spared += 1
        after = error.retry_after if isinstance(error, RefusedError) else None
        tries = self.tries - self.spared
        pause = retry.pause(self.transport.policy, tries, after, self.transport.clock.chance())
        if pause is None or pause >= deadline.left():
            return None
        # The budget comes last, so that it loses nothing for a retry that is not made.
        return pause if self.transport.budget.take() else None

    def _note(self, error: BandwidthError, pause: float) -> None:
        """Remember and log an error after which the request is sent again."""
        if not isinstance(error, NotSentError):
            self.last = error
        self.doubt = self.doubt or _is_ambiguous(error)
        _log.warning(
            "%s: %s; sent again in %.2f s (attempt %d)", self.request.label, type(error).__name__, pause, self.tries
        )

    def _log_attempt(self, attempt: Attempt, outcome: Answer | BandwidthError, started: float) -> None:
        said = attempt.answered(b"").status if attempt.answered is not None else type(outcome).__name__
        took = (self.transport.clock.monotonic() - started) * 1000
        _log.debug("%s: %s, attempt %d, %.0f ms", self.request.label, said, self.tries, took)

    def _note_cancelled(self, error: asyncio.CancelledError) -> None:
        """Say that a phone may ring, where a request that may dial is cancelled after it left."""
        attempt, label = self.attempt, self.request.label
        if self.operation is Operation.PLACE and attempt is not None and attempt.may_have_left:
            sent_at = attempt.sent_at or self.transport.clock.now()
            _log.warning("%s: cancelled after it was sent: a phone may ring (attempt %d)", label, self.tries)
            error.add_note(f"{label}: cancelled after it was sent at {sent_at.isoformat()}: a phone may ring")

    def _cut_off(self) -> Answer | BandwidthError:
        """Return the error for what the deadline or `close` cut off: a token fetch, an exchange, or a pause."""
        total, label, attempt = self.transport.timeout.total, self.request.label, self.attempt
        gone = self.transport.session.gone
        if attempt is None:  # it was waiting for a token, or between two attempts
            closed = ClientClosedError(f"{label}: the client was closed before it was sent")
            return closed if gone else self.last or TokenError(f"{label}: no token could be had within {total:g} s")
        answer = attempt.answered(b"") if attempt.answered is not None else None
        if answer is not None and answer.status >= 300:  # what says no counts without its whole body
            return self._judge(attempt, answer)
        if not attempt.may_have_left:
            error: BandwidthError = NotSentError(f"{label}: not sent within {total:g} s")
        elif answer is not None and self.operation is not Operation.READ:
            error = answer.bad("body", f"not whole within {total:g} s")
        else:
            status = None if answer is None else answer.status
            what = "not answered" if answer is None else "not answered whole"
            error = NoAnswerError(f"{label}: sent, but {what} within {total:g} s", status)
        return self._judge(attempt, error)

    def _completed(self, error: BandwidthError) -> BandwidthError:
        """Return an error that knows what is known of the whole run."""
        in_doubt = self.operation is not Operation.READ and (self.doubt or _is_ambiguous(error))
        if self.transport.session.gone and isinstance(error, NotSentError | NoAnswerError | BadAnswerError):
            when = "sent" if isinstance(error, NotSentError) else "answered"
            error = ClientClosedError(f"{self.request.label}: the client was closed before it was {when}")
        elif isinstance(error, NotSentError) and self.last is not None:
            error = self.last  # an earlier answer says more than that the last attempt did not leave
        return error.with_facts(attempts=self.left, sent_at=self.sent_at, may_have_taken_effect=in_doubt)


def _is_ambiguous(error: BandwidthError) -> bool:
    return isinstance(error, _AMBIGUOUS) or (isinstance(error, RefusedError) and error.status == 408)


@attrs.frozen
class Sender:
    """One view of a client: its account and its timeouts."""

    transport: Transport
    base: BaseUrl
    account_id: str
    prefetch: bool
    media_origins: tuple[str, ...] = ()
    account_path: str = attrs.field(init=False)

    @account_path.default
    def _account_path(self) -> str:
        return f"/accounts/{identifier('account_id', self.account_id)}"

    def send(
        self,
        method: str,
        path: str,
        operation: Operation,
        *,
        query: str = "",
        body: bytes = b"",
        content_type: str | None = None,
        sink: BodySink | None = None,
        redirects: tuple[str, ...] = (),
    ) -> Coroutine[Any, Any, Answer]:
        """Return the coroutine that sends a request to a path below the base URL, the only place credentials go to.

        The sink, if there is one, takes the body of a success while it arrives.
        """
        path = self.base.path + path
        url = self.base.origin + path + (f"?{query}" if query else "")
        label = f"{method} {path}" if len(path) <= _LONGEST_PATH else f"{method} {path[:_LONGEST_PATH]}..."
        request = Request(method, url, label, body, content_type, sink, redirects)
        return RequestRun(self.transport, request, operation).run()

    def download_elsewhere(self, url: str, sink: BodySink) -> Coroutine[Any, Any, Answer]:
        """Return the coroutine that fetches media from another origin, without credentials and cookies."""
        request = Request("GET", url, f"GET media at {origin_of(url)}", sink=sink)
        transport = attrs.evolve(self.transport, authorizer=FixedAuthorizer(""))
        return RequestRun(transport, request, Operation.READ).run()

    async def finish(self, method: str, path: str, *, body: bytes = b"", content_type: str | None = None) -> None:
        """Delete or end what is at a path. A 404 after an attempt that may have taken effect means that it is done."""
        try:
            await self.send(method, path, Operation.SET, body=body, content_type=content_type)
        except NotFoundError as error:
            if not error.may_have_taken_effect:
                raise

    def lasting(self, seconds: float) -> Sender:
        """Return a view whose requests may take this long, however short the client's total is."""
        timeout = attrs.evolve(self.transport.timeout, total=seconds)
        return attrs.evolve(self, transport=attrs.evolve(self.transport, timeout=timeout))

    def within(self, seconds: float) -> Sender:
        """Return a view whose requests take no longer than this."""
        return self.lasting(max(0.001, min(seconds, self.transport.timeout.total)))


def ask_for_token(transport: Transport, url: str) -> Coroutine[Any, Any, Answer]:
    """Return the coroutine that sends a token request; see https://dev.bandwidth.com/docs/credentials.

    The transport's authorizer must have the client's own credentials.
    """
    content_type = "application/x-www-form-urlencoded"
    request = Request("POST", url, f"POST {urlsplit(url).path}", b"grant_type=client_credentials", content_type)
    return RequestRun(transport, request, Operation.TOKEN).run()
