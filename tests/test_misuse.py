"""Mistakes of a first hour: each message says what to write.

Each `type: ignore` below holds that type checkers see the mistake too: mypy refuses one that it does not need.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from bandwidth_calls import BandwidthClient, BasicCredentials, Timeout
from bandwidth_calls.bxml import (
    BxmlError,
    Connect,
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    Response,
    SpeakSentence,
    Transfer,
    parse,
)
from bandwidth_calls.emulator import Emulator

AUTH = BasicCredentials("user", "password")
FOR_ITEMS = "write `async for item in listing`, without `await`"
FOR_PAGES = r"write `async for page in listing.pages\(\)`, without `await`"
WITH_CLIENT = r"write `async with BandwidthClient\(\.\.\.\) as client`"
WITH_EMULATOR = r"write `async with Emulator\(\.\.\.\)`, or `with BlockingEmulator\(\.\.\.\)`"


@pytest.fixture
def client() -> BandwidthClient:
    """A client that sends nothing."""
    return BandwidthClient("9900000", AUTH)


def test_a_listing_is_no_iterable(client: BandwidthClient) -> None:
    """`for` over a listing says to write `async for`."""
    with pytest.raises(TypeError, match=FOR_ITEMS):
        for _ in client.calls.list_calls():  # type: ignore[attr-defined]  # the mistake under test
            pass


async def test_a_listing_is_no_awaitable(client: BandwidthClient) -> None:
    """`await` of a listing says to write `async for`."""
    with pytest.raises(TypeError, match=FOR_ITEMS):
        await client.calls.list_calls()  # type: ignore[misc]  # the mistake under test


def test_pages_are_no_iterable(client: BandwidthClient) -> None:
    """`for` over pages says to write `async for`."""
    with pytest.raises(TypeError, match=FOR_PAGES):
        for _ in client.calls.list_calls().pages():  # type: ignore[attr-defined]  # the mistake under test
            pass


async def test_pages_are_no_awaitable(client: BandwidthClient) -> None:
    """`await` of pages says to write `async for`."""
    with pytest.raises(TypeError, match=FOR_PAGES):
        await client.calls.list_calls().pages()  # type: ignore[misc]  # the mistake under test


def test_a_client_is_no_context_manager(client: BandwidthClient) -> None:
    """`with` a client says to write `async with`."""
    with pytest.raises(TypeError, match=WITH_CLIENT), client:  # type: ignore[attr-defined]  # the mistake under test
        pass


def test_an_emulator_is_no_context_manager() -> None:
    """`with` an emulator says to write `async with`, and names the emulator that blocks."""
    with pytest.raises(TypeError, match=WITH_EMULATOR), Emulator():  # type: ignore[attr-defined]  # the mistake under test
        pass


@pytest.mark.parametrize(
    ("account_id", "message"),
    [
        (9900000, 'account_id: must be text, such as "9900000", not int'),
        (None, "account_id: must be text, not NoneType"),
        (b"9900000", "account_id: must be text, not bytes"),
    ],
)
def test_an_account_id_is_text(account_id: Any, message: str) -> None:
    """An id of another type is refused for its type; a number is shown as the text to write."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared below
        BandwidthClient(account_id, AUTH)

    assert str(caught.value) == message


async def test_a_call_id_is_text(client: BandwidthClient) -> None:
    """The ids of paths have the same message."""
    with pytest.raises(ValueError, match=r'^call_id: must be text, such as "7", not int$'):
        await client.calls.get_call_state(7)  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1", "Gather.max_digits: must be a number, not str: write 1 without quotes"),
        ("1.5", "Gather.max_digits: must be a number, not str: write 1.5 without quotes"),
        ("one", "Gather.max_digits: must be a number, not str"),
        ("", "Gather.max_digits: must be a number, not str"),
    ],
)
def test_a_number_of_a_verb_has_no_quotes(text: Any, message: str) -> None:
    """A number in quotes is shown without them."""
    with pytest.raises(BxmlError) as caught:
        Gather(max_digits=text)

    assert str(caught.value) == message


def test_numbers_of_settings_have_no_quotes() -> None:
    """Whole numbers and others have the same message, in a setting and in a request."""
    with pytest.raises(ValueError, match=r"^total: must be a number, not str: write 30 without quotes$"):
        Timeout(total="30")  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(ValueError, match=r"^connections: must be a whole number, not str: write 5 without quotes$"):
        BandwidthClient("9900000", AUTH, connections="5")  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize(
    ("kind", "child", "message"),
    [
        (Response, SpeakSentence("Hello"), "Response: must hold a list: write Response([SpeakSentence(...)])"),
        (Gather, SpeakSentence("Hello"), "Gather: must hold a list: write Gather([SpeakSentence(...)])"),
        (Transfer, PhoneNumber("+19195551234"), "Transfer: must hold a list: write Transfer([PhoneNumber(...)])"),
        (Response, Response(), "Response: must hold a list: write Response([Response(...)])"),
        (Response, None, "Response: must hold a list, not NoneType"),
        (Connect, 5, "Connect: must hold a list, not int"),
    ],
)
def test_children_stand_in_a_list(kind: Any, child: object, message: str) -> None:
    """A verb without its list says how to write it."""
    with pytest.raises(TypeError) as caught:
        kind(child)

    assert str(caught.value) == message


def test_children_may_come_from_any_iterable() -> None:
    """A generator of verbs serves as well as a list."""
    document = Response(verb for verb in (Pause(), Hangup()))  # type: ignore[arg-type]  # typed as a sequence

    assert document == Response([Pause(), Hangup()])


@pytest.mark.parametrize("source", [None, [], 5, {}, Response()])
def test_a_document_is_parsed_from_text_or_bytes(source: Any) -> None:
    """What is neither text nor bytes is refused for its type."""
    with pytest.raises(TypeError, match=f"^parse: needs text or bytes, not {type(source).__name__}$"):
        parse(source)


async def test_pages_can_still_be_closed(client: BandwidthClient) -> None:
    """Pages stay an asynchronous generator: `aclosing` ends them."""
    async with aclosing(client.calls.list_calls().pages()) as pages:
        pass

    with pytest.raises(StopAsyncIteration):
        await anext(pages)
