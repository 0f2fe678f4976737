"""Requests, responses and the documented errors, independent of any HTTP library."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON_TYPE = "application/json;charset=UTF-8"

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")

# The type and description of each status, by https://dev.bandwidth.com/docs/voice/errors; `{}` is the call's id.
_DOCUMENTED = {
    400: ("validation", "The request is invalid"),
    401: ("authentication-error", "The credentials provided were invalid"),
    403: ("authorization-error", "Access is denied"),
    404: ("validation", "Call [{}] not found"),
    405: ("validation", "Method Not Allowed"),
    409: ("validation", "Call [{}] cannot be modified in its current state"),
    415: ("validation", "Content type '' not supported"),
    429: ("error", "Account call creation rate limit exceeded"),
    500: ("internal-error", "An unknown internal error occurred"),
    503: ("system-overloaded", "Managing too many concurrent calls"),
}
# The documentation shows an empty id for these. For the others it shows none, so null is a choice.
_EMPTY_ID = {409, 429}


@attrs.frozen(eq=False, repr=False)
class HttpRequest:
    """A request with its body.

    `path` is percent-encoded, as it was sent. `problem` says why the body could not be read, else it is None.
    """

    method: str
    path: str
    path_with_query: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    problem: str | None

    @property
    def segments(self) -> list[str]:
        """Return the segments of the path, each percent-decoded, so that an encoded slash stays in its segment."""
        return [unquote(segment) for segment in self.path.split("/")[1:]]

    @property
    def origin(self) -> str:
        """Return the origin that the request named, for absolute URLs; raises 400 for an invalid Host."""
        return f"http://{valid_host(self.headers.get('Host', ''))}"

    @property
    def media_type(self) -> str:
        """Return the content type without its parameters, in lower case."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


@attrs.frozen(eq=False, repr=False)
class HttpResponse:
    """A response to a request. With `pieces` these are its body, of the length that its headers tell."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    pieces: Iterator[bytes] | None = None


class ApiError(Exception):
    """Raised to respond with an error. The documented description of the status is the default."""

    def __init__(
        self,
        status: int,
        description: str | None = None,
        *,
        call_id: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, description)
        self.status = status
        self.description = description
        self.call_id = call_id
        self.headers = headers or {}

    def response(self) -> HttpResponse:
        """Return a response with the documented body, or without a body if the status is not documented."""
        if self.status not in _DOCUMENTED:
            return HttpResponse(self.status, headers=self.headers)
        kind, description = _DOCUMENTED[self.status]
        error = {
            "type": kind,
            "description": well_formed(self.description or description.format(self.call_id)),
            "id": "" if self.status in _EMPTY_ID else None,
        }
        return json_response(error, self.status, self.headers)


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return a response whose body is the value as JSON."""
    return HttpResponse(status, json.dumps(value).encode(), {"Content-Type": JSON_TYPE, **(headers or {})})


def valid_host(host: str) -> str:
    """Return a `Host`; raises 400 for one that is no name or address with or without a port."""
    if not _HOST.fullmatch(host):
        raise ApiError(400, f"Invalid Host: {host}")
    return host


def need_type(request: HttpRequest, media_type: str) -> None:
    """Raise 415 unless the request has this content type."""
    if request.media_type != media_type:
        raise ApiError(415, f"Content type '{request.headers.get('Content-Type', '')}' not supported")


def need_method(request: HttpRequest, method: str) -> None:
    """Raise 405 unless the request has this method."""
    if request.method != method:
        raise ApiError(405, headers={"Allow": method})


def well_formed(text: str) -> str:
    """Return the text without lone surrogates, which strict JSON readers refuse."""
    return text.encode("utf-8", "replace").decode()


def read_json(body: bytes) -> object:
    """Decode JSON as RFC 8259 defines it: UTF-8, without NaN and Infinity. Raises `ValueError`."""
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
