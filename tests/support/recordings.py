"""What the tests of recordings share: the verbs, and what the application was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator import FarEnd

if TYPE_CHECKING:
    from support.application import Application

NUMBER = "+19195551234"
AVAILABLE = 'recordingAvailableUrl="/hook" transcriptionAvailableUrl="/hook"'
LONG = '<Response><Pause duration="60"/></Response>'
SILENT = FarEnd().silence()


def response(*verbs: str) -> str:
    """Return a document of these verbs."""
    return f"<Response>{''.join(verbs)}</Response>"


def pause(seconds: int) -> str:
    """Return a verb that lets time pass."""
    return f'<Pause duration="{seconds}"/>'


def durations(application: Application) -> list[str]:
    """Return the durations in the recordingAvailable events."""
    return [event["duration"] for event in application.told("recordingAvailable")]
