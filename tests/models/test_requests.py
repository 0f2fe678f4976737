"""The requests of recordings and conferences are checked when they are built."""

from __future__ import annotations

from typing import Any

import pytest

from bandwidth_calls import TranscribeRecording, UpdateConference, UpdateConferenceMember

URL = "https://app.example/x"


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (TranscribeRecording, "callback_url", "app.example"),
        (TranscribeRecording, "callback_method", "PUT"),
        (TranscribeRecording, "username", "x" * 1025),
        (TranscribeRecording, "password", 5),
        (TranscribeRecording, "tag", "x" * 4097),
        (TranscribeRecording, "callback_timeout", 0.5),
        (TranscribeRecording, "callback_timeout", "5"),
        (TranscribeRecording, "detect_language", "true"),
        (UpdateConference, "status", "ended"),
        (UpdateConference, "redirect_url", "/relative"),
        (UpdateConference, "redirect_method", "get"),
        (UpdateConference, "redirect_fallback_url", 5),
        (UpdateConference, "fallback_password", "x" * 1025),
        (UpdateConferenceMember, "mute", "yes"),
        (UpdateConferenceMember, "hold", 1),
        (UpdateConferenceMember, "call_ids_to_coach", "c-1"),
        (UpdateConferenceMember, "call_ids_to_coach", {"c-1": 1}),
        (UpdateConferenceMember, "call_ids_to_coach", [5]),
        (UpdateConferenceMember, "call_ids_to_coach", [""]),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(kind: Any, field: str, value: Any) -> None:
    """The error begins with the field, and shows no password."""
    valid = {"redirect_url": URL} if kind is UpdateConference else {}

    with pytest.raises(ValueError, match=f"^{field}: "):
        kind(**{**valid, field: value})


def test_a_redirect_needs_its_url() -> None:
    """`active` is the default."""
    for status in (None, "active"):
        with pytest.raises(ValueError, match=r"^redirect_url: required unless status is completed"):
            UpdateConference(status=status)


@pytest.mark.parametrize("field", ["redirect_url", "redirect_fallback_url"])
def test_an_end_allows_no_url(field: str) -> None:
    """Nobody would be asked."""
    with pytest.raises(ValueError, match=f"^{field}: not allowed when status is completed"):
        UpdateConference(status="completed", **{field: URL})  # type: ignore[arg-type]  # a URL field


def test_a_change_of_nothing_is_refused() -> None:
    """The error names what can be set."""
    with pytest.raises(ValueError, match="hold or call_ids_to_coach"):
        UpdateConferenceMember()


@pytest.mark.parametrize(
    "request_", [TranscribeRecording(password="secret"), UpdateConference(redirect_url=URL, fallback_password="secret")]
)
def test_a_request_shows_no_password(request_: object) -> None:
    """Its repr can be logged."""
    assert "secret" not in repr(request_)


def test_requests_can_be_hashed() -> None:
    """As every frozen model, also with a list."""
    assert hash(UpdateConferenceMember(call_ids_to_coach=["c-1"]))
