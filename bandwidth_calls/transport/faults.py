"""What an exception of an exchange means: the error of ours for it. `session.py` raises none of aiohttp's."""

from __future__ import annotations

import asyncio
import re

import aiohttp

from bandwidth_calls.errors import BandwidthError, NoAnswerError, NotSentError
from bandwidth_calls.timeouts import ReadTimeout
from bandwidth_calls.transport.outside import clean
from bandwidth_calls.transport.request import Attempt, Request
from bandwidth_calls.wire import Answer

_UNTRUSTED = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
_CONNECTING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    *_UNTRUSTED,
)
# aiohttp quotes what it cannot read, as text or as bytes. What is not closed is quoted to the end.
_QUOTED = re.compile(r"""b?(["'])(?:.*\1|.*)""")


def fault_of(
    request: Request, attempt: Attempt, error: BaseException, read_timeout: ReadTimeout, refusal: str | None
) -> BandwidthError:
    """Return the error for an exception before the answer's head was read; `refusal` says why we wrote nothing."""
    reason = refusal or _reason(request, error, attempt, read_timeout)
    # An exception of ours, or of the hooks of a borrowed session, is none of aiohttp's, which may hide a writing.
    connecting = isinstance(error, _CONNECTING) or not isinstance(error, aiohttp.ClientError) or refusal is not None
    if connecting and not attempt.may_have_left:
        return NotSentError(f"{request.label}: not sent", isinstance(error, _UNTRUSTED), reason=reason)
    return NoAnswerError(f"{request.label}: sent, but no usable answer came", reason=reason)


def cut_short(
    request: Request, attempt: Attempt, answer: Answer, error: Exception, read_timeout: ReadTimeout
) -> BandwidthError:
    """Return the error for an exception in the body of a success."""
    reason = _reason(request, error, attempt, read_timeout)
    if request.method in ("GET", "HEAD"):
        return NoAnswerError(f"{request.label}: the answer was cut short", answer.status, reason=reason)
    return answer.bad("$", f"cut short ({reason})")


def is_cancelled() -> bool:
    """Whether somebody cancelled the current task."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _reason(request: Request, error: BaseException, attempt: Attempt, read_timeout: ReadTimeout) -> str:
    """Name an exception by its type and message, without what a garbled answer may echo of the credentials."""
    if read_timeout.expired:
        return f"nothing came for {read_timeout.seconds:g} s"
    # The text of a ClientResponseError holds the URL with its query, its message does not.
    message = " ".join((error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)).split())
    if not isinstance(error, _CONNECTING):  # those quote an address at most, since nothing came
        message = _QUOTED.sub("*****", message)
    message = clean(message, attempt.authorization, request.body)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
