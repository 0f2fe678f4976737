"""Real-time transcriptions of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from bandwidth_calls.emulator.calls.calls import Call

# The API requires a confidence. Nothing is transcribed here, so it is always this one, as for recordings.
_CONFIDENCE = 0.9
# The kind of the timeline's entries that are heard on a track.
_HEARD_ON = {"inbound": "far end said", "outbound": "said"}


@attrs.frozen(kw_only=True, eq=False)
class LiveTranscription:
    """The text of what was said on a call between two times, in milliseconds since 1970.

    The text comes from the call's timeline.
    """

    id: str
    name: str
    call: Call
    tracks: tuple[str, ...]
    start: int
    end: int

    def track(self, name: str) -> dict[str, object]:
        """Return one of its tracks. The language is always English: the text is not looked at."""
        said = [entry.text for entry in self.call.entries if entry.kind == _HEARD_ON[name] and self._covers(entry.time)]
        return {
            "detectedLanguage": "en-US",
            "track": name,
            "transcript": " ".join(said),
            "confidence": _CONFIDENCE,
        }

    def _covers(self, time: int) -> bool:
        return self.start < time <= self.end
