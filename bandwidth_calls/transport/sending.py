"""One request, sent until it is answered, refused, or must not be sent again.

Each attempt is a token, an exchange and a judgement. Between attempts there is a pause, and one deadline bounds all.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from datetime import datetime
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
    NotSentError,
    RefusedError,
    ServerError,
    TokenError,
    UntrustedLinkError,
)
from bandwidth_calls.transport import retry
from bandwidth_calls.transport.refusals import refused_error
from bandwidth_calls.transport.request import Attempt, BodySink, Request
from bandwidth_calls.transport.retry import Operation, RetryBudget, RetryPolicy
from bandwidth_calls.transport.session import Session
from bandwidth_calls.transport.timeouts import Deadline, Timeout
from bandwidth_calls.transport.tokens import Authorizer
from bandwidth_calls.wire import Answer, BaseUrl, identifier

# After these nobody can say whether a change took effect.
_AMBIGUOUS = (NoAnswerError, ServerError, BadAnswerError, UntrustedLinkError)
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

    `tries` counts the attempts that the policy allows, `left` the requests that left this machine. `doubt` is whether
    an earlier attempt may have taken effect. `last` is the last error that came after a request had left.
    """

    transport: Transport
    request: Request
    operation: Operation
    tries: int = 0
    left: int = 0
    sent_at: datetime | None = None
    doubt: bool = False
    renewed: bool = False
    attempt: Attempt | None = None
    last: BandwidthError | None = None

    async def run(self) -> Answer:
        """Send, and send again where that is safe; return the answer or raise the error."""
        self.transport.session.check()
        try:
            with Deadline(self.transport.session.watch, self.transport.timeout.total) as deadline:
                outcome = await self._attempt()
                while not isinstance(outcome, Answer) and (pause := self._pause(outcome, deadline)) is not None:
                    self._note(outcome, pause)
                    await self.transport.clock.sleep(pause)
                    outcome = await self._attempt()
        except TimeoutError:
            outcome = self._out_of_time()
        if not isinstance(outcome, Answer):
            raise self._completed(outcome)
        budget = self.transport.budget
        if budget.left < budget.capacity:  # nearly always it is full, and takes nothing back
            budget.give_back(self.tries - 1)
        return outcome

    async def _attempt(self) -> Answer | BandwidthError:
        """Send with the current token and, if that is refused, once more with a renewed one."""
        transport, self.tries = self.transport, self.tries + 1
        authorization = await transport.authorizer.authorization()
        while isinstance(authorization, str):
            attempt = self.attempt = Attempt(authorization, transport.clock.now, self.left + 1)
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
        self.attempt = None
        if attempt.may_have_left:
            self.left, self.sent_at = self.left + 1, attempt.sent_at or self.transport.clock.now()
        if isinstance(outcome, BandwidthError) or outcome.status < 300:
            return outcome
        if outcome.status < 400:
            return UntrustedLinkError(f"{outcome.label}: answered {outcome.status}, and redirects are never followed")
        # A gateway may echo the credentials, which no error may hold.
        scrubbed = attrs.evolve(outcome, body=outcome.body.replace(attempt.secret.encode(), b"*****"))
        return refused_error(scrubbed, self.transport.clock.now())

    def _pause(self, error: BandwidthError, deadline: Deadline) -> float | None:
        """Return the seconds until the request may be sent again; None where it may not."""
        if not retry.may_send_again(self.operation, error):
            return None
        after = error.retry_after if isinstance(error, RefusedError) else None
        pause = retry.pause(self.transport.policy, self.tries, after, self.transport.clock.chance())
        if pause is None or pause >= deadline.left():
            return None
        # The budget comes last, so that it loses nothing for a retry that is not made.
        return pause if self.transport.budget.take() else None

    def _note(self, error: BandwidthError, pause: float) -> None:
        """Remember and log an error after which the request is sent again."""
        if not isinstance(error, NotSentError):
            self.last = error
        self.doubt = self.doubt or isinstance(error, _AMBIGUOUS)
        _log.warning(
            "%s: %s; sent again in %.2f s (attempt %d)", self.request.label, type(error).__name__, pause, self.tries
        )

    def _log_attempt(self, attempt: Attempt, outcome: Answer | BandwidthError, started: float) -> None:
        said = attempt.status or type(outcome).__name__
        took = (self.transport.clock.monotonic() - started) * 1000
        _log.debug("%s: %s, attempt %d, %.0f ms", self.request.label, said, self.tries, took)

    def _out_of_time(self) -> Answer | BandwidthError:
        """Return the error for what the deadline cut short: a token fetch, an exchange, or a pause."""
        total, label, attempt = self.transport.timeout.total, self.request.label, self.attempt
        if attempt is None:  # it was waiting for a token, or between two attempts
            return self.last or TokenError(f"{label}: no token could be had within {total:g} s")
        status = attempt.status
        if not attempt.may_have_left:
            error: BandwidthError = NotSentError(f"{label}: not sent within {total:g} s")
        elif status is not None and status < 300 and self.operation is not Operation.READ:
            error = BadAnswerError(f"{label}: answered {status}, but not whole within {total:g} s", status)
        else:
            error = NoAnswerError(f"{label}: sent, but not answered within {total:g} s", status)
        return self._judge(attempt, error)

    def _completed(self, error: BandwidthError) -> BandwidthError:
        """Return an error that knows what is known of the whole run."""
        if isinstance(error, NotSentError) and self.last is not None:
            error = self.last  # an earlier answer says more than that the last attempt did not leave
        if isinstance(error, NoAnswerError) and self.transport.session.gone and self.operation is Operation.READ:
            error = ClientClosedError(f"{self.request.label}: the client was closed before it was answered")
        changes = self.operation is not Operation.READ
        in_doubt = changes and (self.doubt or isinstance(error, _AMBIGUOUS))
        return error.with_facts(attempts=self.left, sent_at=self.sent_at, may_have_taken_effect=in_doubt)


@attrs.frozen
class Sender:
    """One view of a client: its account and its timeouts."""

    transport: Transport
    base: BaseUrl
    account_id: str
    prefetch: bool
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
    ) -> Coroutine[Any, Any, Answer]:
        """Return the coroutine that sends a request to a path below the base URL, the only place credentials go to.

        The sink, if there is one, takes the body of a success while it arrives.
        """
        path = self.base.path + path
        url = self.base.origin + path + (f"?{query}" if query else "")
        request = Request(method, url, f"{method} {path}", body, content_type, sink)
        return RequestRun(self.transport, request, operation).run()


def ask_for_token(transport: Transport, url: str) -> Coroutine[Any, Any, Answer]:
    """Return the coroutine that sends a token request; see https://dev.bandwidth.com/docs/credentials.

    The transport's authorizer must have the client's own credentials.
    """
    content_type = "application/x-www-form-urlencoded"
    request = Request("POST", url, f"POST {urlsplit(url).path}", b"grant_type=client_credentials", content_type)
    return RequestRun(transport, request, Operation.TOKEN).run()
