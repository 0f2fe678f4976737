"""What the tests of the emulator's BXML share: verbs in a Response, read or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bandwidth_calls.emulator.bxml.reader import InvalidBxml, read_document

if TYPE_CHECKING:
    from bandwidth_calls.emulator.bxml.reader import Verb

NUMBER = "<PhoneNumber>+19195551234</PhoneNumber>"
SIP = "<SipUri>sip:user@server.example</SipUri>"
PARAMETER = '<{} name="n" value="v"/>'


def read(inside: str, context: str = "call") -> tuple[Verb, ...]:
    """Read verbs in a Response."""
    return read_document(f"<Response>{inside}</Response>".encode(), context).verbs


def problems(inside: str) -> tuple[str, ...]:
    """The problems of verbs in a Response that are read all the same."""
    return read_document(f"<Response>{inside}</Response>".encode()).problems


def refusal(inside: str, context: str = "call") -> str:
    """The words with which verbs in a Response are refused."""
    with pytest.raises(InvalidBxml) as caught:
        read(inside, context)
    return str(caught.value)
