"""What comes in and what goes out, free of any HTTP library; and the documented errors."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPE = "application/json;charset=UTF-8"

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")

# https://dev.bandwidth.com/docs/voice/errors: the type and description of each status; `{}` is the call's id.
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
# The documentation shows an empty id for these, and null is as good as any for the others.
_EMPTY_ID = {409, 429}


@attrs.frozen
class HttpRequest:
    """A request, its body read.

    `path` is as sent, percent-encoded. `problem` says why the body could not be read, where it could not.
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
        """The path's segments, decoded."""
        return [unquote(segment) for segment in self.path.split("/")[1:]]

    @property
    def origin(self) -> str:
        """The origin that the request named, for absolute URLs in the answer; raises where its Host is none."""
        host = self.headers.get("Host", "")
        if not _HOST.fullmatch(host):
            raise ApiError(400, f"Invalid Host: {host}")
        return f"http://{host}"

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


@attrs.frozen
class HttpResponse:
    """An answer to a request."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)


class ApiError(Exception):
    """Raised to answer with an error; what is not given is as documented for the status."""

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

    def answer(self) -> HttpResponse:
        """The documented body; none where the documentation has none for the status."""
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
    """An answer whose body is the value as JSON."""
    return HttpResponse(status, json.dumps(value).encode(), {"Content-Type": JSON_TYPE, **(headers or {})})


def need_type(incoming: HttpRequest, media_type: str) -> None:
    """Raise 415 unless the request is of this content type."""
    if incoming.media_type != media_type:
        raise ApiError(415, f"Content type '{incoming.headers.get('Content-Type', '')}' not supported")


def well_formed(text: str) -> str:
    """The text without lone surrogates: strict JSON readers refuse them."""
    return text.encode("utf-8", "replace").decode()


def read_json(body: bytes) -> object:
    """Decode JSON as RFC 8259 has it: UTF-8, and no NaN or Infinity. Raises `ValueError`."""
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
