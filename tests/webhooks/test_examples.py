"""The examples that answer webhooks, driven event by event as a call would drive them."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp import web

from bandwidth_calls.bxml import Gather, Hangup, Pause, PhoneNumber, Response, SpeakSentence, Transfer, parse
from bandwidth_calls.emulator import Emulator
from bandwidth_calls.webhooks import Webhooks

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the examples be imported, and forget them afterwards."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if (EXAMPLES / f"{name}.py").exists():
            del sys.modules[name]


def load(name: str) -> ModuleType:
    """Import an example, without running it."""
    return importlib.import_module(name)


async def play(webhooks: Webhooks, event_type: str, **fields: Any) -> list[Any]:
    """Send an event, and give the verbs of the reply."""
    body = json.dumps({"eventType": event_type, "callId": "c-1", **fields}).encode()
    reply = await webhooks.handle("POST", {}, {}, body)
    if reply.status == 204:
        return []
    assert reply.status == 200
    document = parse(reply.body)
    assert isinstance(document, Response)
    return list(document.children)


async def test_ivr_menu() -> None:
    """A caller hears the menu, asks for the hours, presses a wrong key, and is put through; or presses none."""
    webhooks = load("ivr_menu").webhooks

    welcome = await play(webhooks, "initiate", direction="inbound")
    greeting = await play(webhooks, "answer")
    hours = await play(webhooks, "gather", digits="2")
    wrong = await play(webhooks, "gather", digits="9")
    sales = await play(webhooks, "gather", digits="1")
    none = await play(webhooks, "gather", digits="")

    assert [type(verb) for verb in welcome] == [Gather]
    assert none == [SpeakSentence("Goodbye."), Hangup()]
    firsts = [menu[0].children[0] for menu in (welcome, greeting, hours, wrong)]
    assert firsts == [
        SpeakSentence("Welcome."),
        SpeakSentence("Hello, this is the shop."),
        SpeakSentence("We are open from nine to five."),
        SpeakSentence("Sorry?"),
    ]
    assert isinstance(sales[0], Transfer)
    assert sales[0].children == (PhoneNumber("+19195550123"),)


async def test_ivr_menu_on_fastapi() -> None:
    """The same menu answers below FastAPI, beside an endpoint of its own."""
    app = load("ivr_menu_fastapi").app
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"eventType": "gather", "digits": "2"}'}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/webhooks/", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    await app({**scope, "method": "GET", "path": "/health"}, receive, send)

    assert [message["status"] for message in sent if "status" in message] == [200, 200]
    assert b"nine to five" in sent[1]["body"]
    assert sent[-1]["body"] == b'{"status":"up"}'


async def test_whisper(capsys: pytest.CaptureFixture[str]) -> None:
    """All agents ring, the one who answers is told who calls, and the caller is told how it ended."""
    webhooks = load("whisper").webhooks

    called = await play(webhooks, "initiate", **{"from": "+19195551234"})
    whispered = await play(webhooks, "transferAnswer", tag='"<Hangup/>" & Co')
    missed = await play(webhooks, "transferDisconnect", transferTo="+19195550142", cause="hangup")
    nobody = await play(webhooks, "transferComplete", cause="timeout")
    done = await play(webhooks, "transferComplete", cause="hangup")

    assert [number.content for number in called[1].children] == ["+19195550141", "+19195550142"]
    assert {number.tag for number in called[1].children} == {"+19195551234"}
    assert whispered == [SpeakSentence('A call from "<Hangup/>" & Co.')]
    assert missed == []
    assert "+19195550142: did not answer (hangup)" in capsys.readouterr().out
    assert nobody[0] == SpeakSentence("Nobody is free now. Please call again.")
    assert done[0] == SpeakSentence("Goodbye.")


async def test_machine_detection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call is placed with detection, and a machine is spoken to after a pause."""
    example = load("machine_detection")
    machine = {"value": "answering-machine", "duration": "PT4.9S"}

    async with Emulator() as emulator:
        for name, value in {
            "BW_ACCOUNT_ID": emulator.account_id,
            "BW_CLIENT_ID": emulator.client_id,
            "BW_CLIENT_SECRET": emulator.client_secret,
            "BW_VOICE_URL": emulator.base_url,
            "BW_TOKEN_URL": emulator.token_url,
            "BW_HOOK_URL": "https://app.example/webhooks",
            "BW_TO": "+19195551234",
        }.items():
            monkeypatch.setenv(name, value)
        person = await play(example.webhooks, "answer", machineDetectionResult={"value": "human"})
        to_machine = await play(example.webhooks, "answer", machineDetectionResult=machine)
        await play(example.webhooks, "disconnect", cause="hangup")
        await example.place(web.Application())
        detection: Any = emulator.calls[0].request["machineDetection"]

    assert isinstance(person[0], SpeakSentence)
    assert isinstance(to_machine[0], Pause)
    assert (detection["mode"], detection["detectionTimeout"], detection["delayResult"]) == ("sync", 30, True)
