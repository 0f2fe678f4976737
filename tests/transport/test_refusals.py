"""Answers that say no, as errors."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import Answer, errors
from bandwidth_calls.transport.refusals import refused_error

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def refuse(status: int, body: bytes = b"", **headers: str) -> errors.RefusedError:
    """Make the error of an answer."""
    return refused_error(Answer(status, CIMultiDictProxy(CIMultiDict(headers)), body, "GET /x"), NOW)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError), (401, errors.AuthenticationError), (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError), (405, errors.MethodNotAllowedError), (409, errors.ConflictError),
        (415, errors.UnsupportedMediaTypeError), (429, errors.RateLimitedError), (500, errors.ServerError),
        (502, errors.ServerError), (503, errors.ServerError), (599, errors.ServerError), (418, errors.RefusedError),
        (408, errors.RefusedError),
    ],
)  # fmt: skip
def test_each_status_has_its_class(status: int, kind: type[errors.RefusedError]) -> None:
    """The class tells the status, and the error keeps it."""
    error = refuse(status)

    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/accounts/1/calls/c-1", "a call is kept for 7 days"),
        ("/accounts/1/calls/c-1/bxml", "a call is kept for 7 days"),
        ("/accounts/1/calls/c-1/recordings/r-1/media", "it is kept for 30 days"),
        ("/accounts/1/conferences/conf-1/recordings/r-1", "it is kept for 30 days"),
        ("/accounts/1/conferences/conf-1", "Check the ids"),
        ("/accounts/1/calls/c-1/transcriptions/t-1", "Check the ids"),
    ],
)
def test_the_advice_of_a_404_is_that_of_its_resource(path: str, said: str) -> None:
    """A recording is kept longer than a call, and only what is documented is promised."""
    error = refused_error(Answer(404, CIMultiDictProxy(CIMultiDict()), b"", f"GET /api/v2{path}"), NOW)

    assert said in str(error)
    assert said in str(pickle.loads(pickle.dumps(error)))


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("Account call creation rate limit exceeded", errors.CallRateLimitedError),
        ("Account concurrent call limit exceeded", errors.ConcurrentCallLimitError),
        ("Too much", errors.RateLimitedError),
    ],
)
def test_the_two_limits_are_told_apart(description: str, kind: type[errors.RefusedError]) -> None:
    """By their documented texts."""
    error = refuse(429, f'{{"type": "error", "description": "{description}", "id": ""}}'.encode())

    assert type(error) is kind
    assert error.error_id is None


def test_an_error_body_is_kept() -> None:
    """type, description, id and Retry-After are facts of the error, and its message tells them."""
    body = b'{"type": "validation", "description": "Invalid to", "id": "e-1"}'

    error = refuse(400, body, **{"Retry-After": "3"})

    assert (error.kind, error.description, error.error_id) == ("validation", "Invalid to", "e-1")
    assert error.retry_after == 3.0
    assert str(error) == "GET /x: refused with 400: validation: Invalid to"


@pytest.mark.parametrize(
    ("body", "kind", "description"),
    [
        (b"", None, None),
        (b"<html>No</html>", None, "<html>No</html>"),
        (b"\xff\xfe", None, "��"),
        (b"[]", None, "[]"),
        (b'{"type": 7, "description": null}', None, '{"type": 7, "description": null}'),
        (b'{"type": "about:blank", "title": "No", "status": 403}', "about:blank", None),
        (b'{"error": "invalid_client", "error_description": "no"}', "invalid_client", "no"),
        (b"[" * 100_000, None, "[" * 291 + "... (cut)"),
    ],
)
def test_any_body_will_do(body: bytes, kind: str | None, description: str | None) -> None:
    """Empty, HTML, no UTF-8, other JSON: the error is made all the same."""
    error = refuse(403, body)

    assert (error.kind, error.description) == (kind, description)
