from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.emulator_bxml import NUMBER, SIP, read

from bandwidth_calls.emulator.bxml.reader import Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGINS = {"username": "u", "password": "p", "fallbackUsername": "fu", "fallbackPassword": "fp"}
CALLED = {
    "transferAnswerUrl": "/answer",
    "transferAnswerMethod": "GET",
    "transferAnswerFallbackUrl": "/fallback",
    "transferAnswerFallbackMethod": "GET",
    "transferDisconnectUrl": "/disconnect",
    "transferDisconnectMethod": "GET",
    **LOGINS,
    "tag": "t",
}

RECORDING: dict[str, object] = {
    "recordingAvailableUrl": None,
    "recordingAvailableMethod": "POST",
    "transcriptionAvailableUrl": None,
    "transcriptionAvailableMethod": "POST",
    "transcribe": False,
    "detectLanguage": False,
    "fileFormat": "wav",
    "recordingName": None,
}
NO_LOGINS_AND_TAG = dict.fromkeys(("username", "password", "fallbackUsername", "fallbackPassword", "tag"))
OUTGOING = {"privacy": False, "callTimeout": 30, "diversionTreatment": "none", "diversionReason": "unknown"}
NO_LOGIN = {"username": None, "password": None}


def urls(*names: str) -> dict[str, object]:
    """The defaults of URLs and methods."""
    return {name: None if name.endswith("Url") else "POST" for name in names}


def url_set(name: str) -> dict[str, object]:
    """The defaults of a URL with its fallback."""
    return urls(f"{name}Url", f"{name}Method", f"{name}FallbackUrl", f"{name}FallbackMethod")


@pytest.mark.parametrize(
    ("element", "attributes"),
    [
        ("<SpeakSentence>a</SpeakSentence>", {"voice": None, "gender": "female", "locale": "en_US"}),
        ("<PlayAudio>a</PlayAudio>", NO_LOGIN),
        ("<Pause/>", {"duration": 1}),
        ("<Ring/>", {"duration": 5, "answerCall": True}),
        ("<SendDtmf>1</SendDtmf>", {"toneDuration": 200, "toneInterval": 400}),
        (
            "<Gather/>",
            {
                **url_set("gather"),
                **NO_LOGINS_AND_TAG,
                "terminatingDigits": "",
                "maxDigits": 50,
                "interDigitTimeout": 5,
                "firstDigitTimeout": 5,
                "repeatCount": 1,
                "input": "dtmf",
                "hints": None,
                "language": None,
                "speechModel": None,
                "speechTimeout": 5,
                "profanityFilter": True,
                "partialResultCallback": None,
                "partialResultCallbackMethod": "POST",
            },
        ),
        ('<StartGather dtmfUrl="d"/>', {"dtmfUrl": "d", "dtmfMethod": "POST", **NO_LOGIN, "tag": None}),
        ("<StopGather/>", {}),
        (
            "<Record/>",
            {
                **url_set("recordComplete"),
                **RECORDING,
                **NO_LOGINS_AND_TAG,
                "terminatingDigits": "#",
                "maxDuration": 60,
                "silenceTimeout": 0,
            },
        ),
        ("<StartRecording/>", {**RECORDING, **NO_LOGIN, "tag": None, "multiChannel": False}),
        ("<StopRecording/>", {}),
        ("<PauseRecording/>", {}),
        ("<ResumeRecording/>", {}),
        (
            f"<Transfer>{NUMBER}</Transfer>",
            {
                **url_set("transferComplete"),
                **NO_LOGINS_AND_TAG,
                **OUTGOING,
                "transferCallerId": None,
                "transferCallerDisplayName": None,
            },
        ),
        ("<Bridge>c-1</Bridge>", {**url_set("bridgeComplete"), **url_set("bridgeTargetComplete"), **NO_LOGINS_AND_TAG}),
        (
            "<Conference>a</Conference>",
            {
                **url_set("conferenceEvent"),
                **NO_LOGINS_AND_TAG,
                "mute": False,
                "hold": False,
                "callIdsToCoach": None,
                "callbackTimeout": None,
            },
        ),
        (
            '<Forward to="+19195551234"/>',
            {**OUTGOING, "to": "+19195551234", "from": None, "callerDisplayName": None, "uui": None},
        ),
        ('<Redirect redirectUrl="r"/>', {**url_set("redirect"), "redirectUrl": "r", **NO_LOGINS_AND_TAG}),
        ("<Hangup/>", {}),
        ("<Tag/>", {}),
        (f"<Refer>{SIP}</Refer>", {**urls("referCompleteUrl", "referCompleteMethod"), "tag": None}),
        ("<Connect><Endpoint>e</Endpoint></Connect>", urls("eventCallbackUrl", "eventFallbackUrl")),
        (
            '<StartStream destination="ws://s.example"/>',
            {
                **urls("streamEventUrl", "streamEventMethod"),
                **NO_LOGIN,
                "destination": "ws://s.example",
                "name": None,
                "mode": "unidirectional",
                "tracks": "inbound",
                "destinationUsername": None,
                "destinationPassword": None,
            },
        ),
        ('<StopStream name="n"/>', {"name": "n", "wait": False}),
        (
            "<StartTranscription/>",
            {
                **urls("transcriptionEventUrl", "transcriptionEventMethod"),
                **NO_LOGIN,
                "name": None,
                "tracks": "inbound",
                "destination": None,
                "stabilized": True,
                "detectLanguage": False,
                "preferredLanguages": None,
            },
        ),
        ("<StopTranscription/>", {"name": None}),
    ],
)
def test_defaults_are_filled_in(element: str, attributes: Mapping[str, object]) -> None:
    """An absent attribute has its documented default, or is None."""
    (verb,) = read(element)

    assert verb.attributes == attributes


@pytest.mark.parametrize("element", [NUMBER, SIP])
def test_defaults_of_called_parties_are_filled_in(element: str) -> None:
    """The children of Transfer have defaults too."""
    (verb,) = read(f"<Transfer>{element}</Transfer>")

    (party,) = verb.children
    given = {**url_set("transferAnswer"), **urls("transferDisconnectUrl", "transferDisconnectMethod")}
    assert party.attributes == {**given, **NO_LOGINS_AND_TAG, "uui": None}


@pytest.mark.parametrize(
    ("name", "uui"),
    [
        ("PhoneNumber", "a,b"),
        ("SipUri", "eyJh;encoding=jwt"),
        ("SipUri", "6869;encoding=hex"),
        ("SipUri", "aGk=;encoding=base64,eyJh;encoding=jwt, 6869;encoding=hex"),
    ],
)
def test_children_have_attributes(name: str, uui: str) -> None:
    """A child of Transfer is read with all its attributes."""
    content = "+19195551234" if name == "PhoneNumber" else "sips:user@server.example"
    given = " ".join(f'{key}="{text}"' for key, text in {**CALLED, "uui": uui}.items())

    (verb,) = read(f"<Transfer><{name} {given}> {content}\n</{name}></Transfer>")

    assert verb.children == (Verb(name, {**CALLED, "uui": uui}, content),)


def test_attributes_are_asked_for_by_type() -> None:
    """Numbers, booleans and words are returned as such. An empty word is not an absent one."""
    gather, conference = read('<Gather maxDigits="5.0" tag=""/><Conference mute="true">a</Conference>')

    assert (gather.number("maxDigits"), gather.number("interDigitTimeout")) == (5, 5)
    assert (gather.word("tag"), gather.word("gatherUrl"), gather.word("terminatingDigits")) == ("", None, "")
    assert (conference.flag("mute"), conference.flag("hold")) == (True, False)
    assert conference.number_or_none("callbackTimeout") is None
