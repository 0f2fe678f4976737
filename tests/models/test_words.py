"""The known words of the service."""

import pytest

from bandwidth_calls.models.words import Direction, DisconnectCause, State


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (State, {"queued", "initiated", "answered", "disconnected"}),
        (Direction, {"inbound", "outbound"}),
        (
            DisconnectCause,
            {
                "hangup",
                "busy",
                "timeout",
                "cancel",
                "rejected",
                "callback-error",
                "invalid-bxml",
                "application-error",
                "account-limit",
                "node-capacity-exceeded",
                "error",
                "unknown",
            },
        ),
    ],
)
def test_the_known_words(words: type, known: set[str]) -> None:
    """The constants are the words that the service documents."""
    found = {value for name, value in vars(words).items() if name.isupper()}

    assert found == known
