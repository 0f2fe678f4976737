"""One request, sent until it is answered, refused, or must not be sent again.

The way of each request: a token, an exchange, a verdict, perhaps a pause and the same again, all within one total.
"""

from __future__ import annotations

import logging
from datetime import datetime
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
from bandwidth_calls.transport.refusals import refusal
from bandwidth_calls.transport.request import Attempt, Request, Sink
from bandwidth_calls.transport.retry import Operation, RetryBudget, RetryPolicy
from bandwidth_calls.transport.session import Session, Timeout
from bandwidth_calls.transport.timeouts import Total
from bandwidth_calls.transport.tokens import Authorizer
from bandwidth_calls.wire import Answer, BaseUrl

_AMBIGUOUS = (NoAnswerError, ServerError, BadAnswerError, UntrustedLinkError)
_log = logging.getLogger("bandwidth_calls")


@attrs.frozen
class Way:
    """What the requests of a client share on their way out: connections, limits, and when to send again."""

    session: Session
    authorizer: Authorizer
    timeout: Timeout
    policy: RetryPolicy
    budget: RetryBudget
    clock: Clock


@attrs.define
class Sending:
    """One request on its way, and what is known of it so far."""

    way: Way
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
        """Send, and send again where that is safe; give the answer or raise what came of it."""
        deadline = self.way.clock.monotonic() + self.way.timeout.total
        try:
            with Total(self.way.session.watch, self.way.timeout.total):
                outcome = await self._outcome(deadline)
        except TimeoutError:
            outcome = self._out_of_time()
        if isinstance(outcome, Answer):
            self.way.budget.give_back(self.tries - 1)
            return outcome
        raise self._signed(outcome)

    async def _outcome(self, deadline: float) -> Answer | BandwidthError:
        while True:
            self.tries += 1
            outcome = await self._try()
            pause = None if isinstance(outcome, Answer) else self._pause(outcome, deadline)
            if isinstance(outcome, Answer) or pause is None:
                return outcome
            if not isinstance(outcome, NotSentError):
                self.last = outcome
            self.doubt = self.doubt or isinstance(outcome, _AMBIGUOUS)
            _log.warning(
                "%s: %s; sent again in %.2f s (attempt %d)",
                self.request.asked,
                type(outcome).__name__,
                pause,
                self.tries,
            )
            await self.way.clock.sleep(pause)

    def _pause(self, fault: BandwidthError, deadline: float) -> float | None:
        """Give the seconds until the request may be sent again; None where it may not."""
        if not retry.may_send_again(self.operation, fault):
            return None
        after = fault.retry_after if isinstance(fault, RefusedError) else None
        pause = retry.pause(self.way.policy, self.tries, after, self.way.clock.chance())
        if pause is None or pause >= deadline - self.way.clock.monotonic():
            return None
        return pause if self.way.budget.take() else None

    async def _try(self) -> Answer | BandwidthError:
        """Send with the token of the moment and, where that is refused, once more with a renewed one."""
        try:
            authorization = await self.way.authorizer.authorization()
            outcome = await self._exchange(authorization)
            if isinstance(outcome, AuthenticationError) and not self.renewed:
                self.renewed = True
                renewed = await self.way.authorizer.renewed(authorization)
                outcome = outcome if renewed is None else await self._exchange(renewed)
        except (TokenError, ClientClosedError) as error:
            return error
        return outcome

    async def _exchange(self, authorization: str) -> Answer | BandwidthError:
        """Make one exchange, count it, and judge its answer."""
        attempt = self.attempt = Attempt(self.way.clock.now, self.left + 1)
        started = self.way.clock.monotonic()
        outcome = await self.way.session.exchange(self.request, authorization, attempt, self.way.timeout)
        self._count(attempt)
        verdict = self._verdict(outcome, authorization)
        if _log.isEnabledFor(logging.DEBUG):
            said = attempt.status or type(verdict).__name__
            took = (self.way.clock.monotonic() - started) * 1000
            _log.debug("%s: %s, attempt %d, %.0f ms", self.request.asked, said, self.tries, took)
        return verdict

    def _verdict(self, outcome: Answer | BandwidthError, authorization: str) -> Answer | BandwidthError:
        """Judge an answer by its status; what is kept of it must not hold the credentials that it may echo."""
        if isinstance(outcome, Answer) and outcome.status < 300:
            return outcome
        secret = authorization.partition(" ")[2]
        if isinstance(outcome, BandwidthError):
            outcome.reason = outcome.reason and outcome.reason.replace(secret, "*****")
            return outcome
        if outcome.status < 400:
            return UntrustedLinkError(f"{outcome.asked}: answered {outcome.status}, and redirects are never followed")
        scrubbed = attrs.evolve(outcome, body=outcome.body.replace(secret.encode(), b"*****"))
        return refusal(scrubbed, self.way.clock.now())

    def _count(self, attempt: Attempt) -> None:
        self.attempt = None
        if attempt.may_have_left:
            self.left += 1
            self.sent_at = attempt.sent_at or self.way.clock.now()

    def _out_of_time(self) -> BandwidthError:
        """Say what the total cut short: a token fetch, an exchange, or a pause."""
        total, asked, attempt = self.way.timeout.total, self.request.asked, self.attempt
        if attempt is None:
            return self.last or TokenError(f"{asked}: no token could be had within {total:g} s")
        self._count(attempt)
        if not attempt.may_have_left:
            return NotSentError(f"{asked}: not sent within {total:g} s")
        if attempt.status is not None and attempt.status < 300 and self.operation is not Operation.READ:
            return BadAnswerError(
                f"{asked}: answered {attempt.status}, but not whole within {total:g} s", attempt.status
            )
        return NoAnswerError(f"{asked}: sent, but not answered within {total:g} s", attempt.status)

    def _signed(self, fault: BandwidthError) -> BandwidthError:
        """Put on an error what is known of the whole sending."""
        if isinstance(fault, NotSentError) and self.last is not None:
            fault = self.last  # what was said before is more than that the last attempt did not leave
        if isinstance(fault, NoAnswerError) and self.way.session.gone and self.operation is Operation.READ:
            fault = ClientClosedError(f"{self.request.asked}: the client was closed before it was answered")
        fault.attempts, fault.sent_at = self.left, self.sent_at
        changes = self.operation is not Operation.READ
        fault.may_have_taken_effect = changes and (self.doubt or isinstance(fault, _AMBIGUOUS))
        return fault


@attrs.frozen
class Sender:
    """One view of a client: its account and its limits."""

    way: Way
    base: BaseUrl
    account_id: str
    prefetch: bool

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: bytes = b"",
        content_type: str | None = None,
        operation: Operation | None = None,
        sink: Sink | None = None,
    ) -> Answer:
        """Send a request to a path under the base URL, the only place that credentials go to.

        The body of a success goes to the sink, where there is one, while it arrives.
        """
        self.way.session.check()
        path = self.base.path + path
        url = self.base.origin + path + (f"?{query}" if query else "")
        request = Request(method, url, f"{method} {path}", body, content_type, sink)
        return await Sending(self.way, request, operation or retry.operation_of(method)).run()


async def ask_for_token(way: Way, url: str) -> Answer:
    """Send a token request, on a way whose authorizer logs in; see https://dev.bandwidth.com/docs/credentials."""
    content_type = "application/x-www-form-urlencoded"
    request = Request("POST", url, f"POST {urlsplit(url).path}", b"grant_type=client_credentials", content_type)
    return await Sending(way, request, Operation.TOKEN).run()
