"""The files of the page: HTML, styles and modules, each served as it is."""

from __future__ import annotations

from functools import cache
from importlib import resources

from bandwidth_calls.emulator.api.messages import ApiError, HttpResponse

SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
# The page runs, loads and asks nothing but its own.
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_TYPES = {"html": "text/html;charset=UTF-8", "css": "text/css;charset=UTF-8", "js": "text/javascript;charset=UTF-8"}


def file_response(name: str) -> HttpResponse:
    """Return a file of the page; raise 404 for any other name."""
    body = _files().get(name)
    if body is None:
        raise ApiError(404, "Not Found")
    headers = {"Content-Type": _TYPES[name.rpartition(".")[2]], "Content-Security-Policy": _POLICY, **SAFE}
    return HttpResponse(200, body, headers)


@cache
def _files() -> dict[str, bytes]:
    folder = resources.files("bandwidth_calls.emulator.control.page").joinpath("static")
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in _TYPES}
