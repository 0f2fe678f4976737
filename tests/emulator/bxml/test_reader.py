from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.bxml_help import VERBS

from bandwidth_calls import bxml
from bandwidth_calls.bxml.element import shape
from bandwidth_calls.emulator.bxml.reader import Document, InvalidBxml, Verb, read_document
from bandwidth_calls.emulator.bxml.vocabulary import TOP_LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBER = "<PhoneNumber>+19195551234</PhoneNumber>"
SIP = "<SipUri>sip:user@server.example</SipUri>"
PARAMETER = '<{} name="n" value="v"/>'
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
# Every verb as the documentation has it, with all its attributes: content or children of the package's classes.
CONTENTS: dict[str, Any] = {
    "Bridge": "c-1",
    "Conference": "room_1.a-b",
    "Connect": [bxml.Endpoint("e-1")],
    "Gather": [bxml.SpeakSentence("Press."), bxml.PlayAudio("/a.wav")],
    "PlayAudio": "https://app.example/a.wav",
    "Refer": [bxml.SipUri("sip:user@server.example")],
    "SendDtmf": "12wW,*#aD",
    "SpeakSentence": bxml.Ssml("Hello <s>there</s>"),
    "StartStream": [bxml.StreamParam(name="n", value="v")],
    "StartTranscription": [bxml.CustomParam(name="n", value="v")],
    "Tag": "t",
    "Transfer": [bxml.PhoneNumber("+19195551234"), bxml.SipUri("sip:user@server.example")],
}
VALUES: dict[str, Any] = {
    **dict.fromkeys(("from", "to", "transferCallerId"), "+19195554321"),
    **dict.fromkeys(("privacy", "answerCall", "mute", "hold", "transcribe", "detectLanguage", "multiChannel"), True),
    **dict.fromkeys(("wait", "stabilized"), True),
    **dict.fromkeys(("callerDisplayName", "transferCallerDisplayName"), "Anonymous"),
    **dict.fromkeys(("callTimeout", "interDigitTimeout", "firstDigitTimeout", "callbackTimeout"), 2.5),
    **dict.fromkeys(("duration", "maxDuration", "silenceTimeout"), 9.5),
    **dict.fromkeys(("maxDigits", "repeatCount"), 7),
    **dict.fromkeys(("toneDuration", "toneInterval"), 60),
    "destination": "wss://stream.example/",
    "diversionReason": "away",
    "diversionTreatment": "stack",
    "fileFormat": "mp3",
    "gender": "male",
    "mode": "bidirectional",
    "tracks": "both",
}


def read(inside: str, context: str = "call") -> tuple[Verb, ...]:
    """Read verbs in a Response."""
    return read_document(f"<Response>{inside}</Response>".encode(), context).verbs


def refusal(inside: str, context: str = "call") -> str:
    """The words with which verbs in a Response are refused."""
    with pytest.raises(InvalidBxml) as caught:
        read(inside, context)
    return str(caught.value)


def built(kind: type[bxml.Verb]) -> tuple[bxml.Verb, dict[str, Any]]:
    """The verb with everything that the package lets it have, and its attributes by the API's names."""
    given = {wire: value(wire) for wire in shape(kind).attributes}
    attributes: dict[str, Any] = {field.name: given[wire] for wire, field in shape(kind).attributes.items()}
    content = [CONTENTS[kind.__name__]] if kind.__name__ in CONTENTS else []
    return kind(*content, **attributes), given


def is_read(kind: type[bxml.Verb], context: str) -> bool:
    """Whether such a verb is taken there."""
    try:
        read_document(bxml.Response([built(kind)[0]]).to_bxml().encode(), context)
    except InvalidBxml:
        return False
    return True


def value(wire: str) -> Any:
    """A value that the attribute may have, and that is not its default."""
    if wire.endswith("Url"):
        return f"https://app.example/{wire}"
    return "GET" if wire.endswith("Method") else VALUES.get(wire, "x")


@pytest.mark.parametrize("root", [bxml.Response, bxml.Bxml])
@pytest.mark.parametrize("kind", VERBS, ids=lambda kind: kind.__name__)
def test_what_the_package_builds_is_read(kind: type[bxml.Verb], root: type[bxml.Response | bxml.Bxml]) -> None:
    """Each verb with all its attributes arrives as it was built."""
    verb, given = built(kind)

    (got,) = read_document(root([verb]).to_bxml().encode()).verbs

    assert (got.name, got.attributes) == (kind.__name__, given)


def test_every_verb_is_known_to_both() -> None:
    """The emulator's table and the package's builder have the same verbs."""
    assert set(TOP_LEVEL["call"]) == {kind.__name__ for kind in VERBS}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n\t",
        b"<Response/>",
        b"<Bxml> </Bxml>",
        b"\xef\xbb\xbf<Bxml/>",
        b"<!-- a --><Response><?b c?></Response>",
    ],
)
def test_a_document_may_be_empty(body: bytes) -> None:
    """No body, no verb, comments and processing instructions: nothing to do."""
    assert read_document(body) == Document(())


def test_verbs_keep_their_order() -> None:
    """Verbs and children come in the document's order, with white space and comments between them left out."""
    verbs = read("\n <Gather><PlayAudio>a</PlayAudio>\n<!-- b --><SpeakSentence>c</SpeakSentence></Gather>\n<Hangup/> ")

    assert [verb.name for verb in verbs] == ["Gather", "Hangup"]
    assert [(child.name, child.text) for child in verbs[0].children] == [("PlayAudio", "a"), ("SpeakSentence", "c")]


RECORDING: dict[str, object] = {
    "recordingAvailableUrl": None,
    "recordingAvailableMethod": "POST",
    "transcriptionAvailableUrl": None,
    "transcriptionAvailableMethod": "POST",
    "transcribe": False,
    "detectLanguage": False,
    "fileFormat": "wav",
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
            },
        ),
        ("<StopTranscription/>", {"name": None}),
    ],
)
def test_defaults_are_filled_in(element: str, attributes: Mapping[str, object]) -> None:
    """An attribute that is left out is what the documentation says, or None."""
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
    ("name", "uui"), [("PhoneNumber", "a,b"), ("SipUri", "eyJh;encoding=jwt"), ("SipUri", "aGk=;encoding=base64")]
)
def test_children_have_attributes(name: str, uui: str) -> None:
    """A called party is read with all its attributes."""
    content = "+19195551234" if name == "PhoneNumber" else "sips:user@server.example"
    given = " ".join(f'{key}="{text}"' for key, text in {**CALLED, "uui": uui}.items())

    (verb,) = read(f"<Transfer><{name} {given}> {content}\n</{name}></Transfer>")

    assert verb.children == (Verb(name, {**CALLED, "uui": uui}, content),)


def test_attributes_are_asked_for_by_type() -> None:
    """A number, a flag and a word come as such; the empty word is not an absent one."""
    gather, conference = read('<Gather maxDigits="5.0" tag=""/><Conference mute="true">a</Conference>')

    assert (gather.number("maxDigits"), gather.number("interDigitTimeout")) == (5, 5)
    assert (gather.word("tag"), gather.word("gatherUrl"), gather.word("terminatingDigits")) == ("", None, "")
    assert (conference.flag("mute"), conference.flag("hold")) == (True, False)
    assert conference.number_or_none("callbackTimeout") is None


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (" One\n  two&#160;three ", "One two three"),
        ("un<emphasis level='strong'>believ</emphasis>able", "unbelievable"),
        ("<p>One.<s>Two.</s></p><p>Three.</p>", "One. Two. Three."),
        ("<p>One.</p>Two.<s>Three.</s>Four.", "One. Two. Three. Four."),
        ("One<break strength='x-weak'/>two<break time='10s'/>three<break time='10000ms'/>", "One two three"),
        ("The <sub alias='World Wide Web'>W<s>W</s>W</sub>!", "The World Wide Web!"),
        ("<lang xml:lang='es-MX'>Ola</lang> <prosody rate='50%' pitch='low' volume='+1dB'>hi</prosody>", "Ola hi"),
        ("<say-as interpret-as='date' format='mdy'>1/2/2026</say-as>", "1/2/2026"),
        ("<phoneme ph='pekan'>pecan</phoneme><![CDATA[<s>]]>&lt;/s&gt;", "pecan<s></s>"),
        ("<!-- a -->One<!-- b -->Two<?c?>", "OneTwo"),
        ("<break time='9.5s'/>", ""),
    ],
)
def test_a_sentence_is_its_words(inside: str, words: str) -> None:
    """Of a sentence the words remain; paragraphs, sentences and breaks keep them apart."""
    (verb,) = read(f"<SpeakSentence>{inside}</SpeakSentence>")

    assert (verb.text, verb.children) == (words, ())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<Response>", "not well-formed XML: no element found: line 1, column 10"),
        (b"<Response></Bxml>", "not well-formed XML: mismatched tag: line 1, column 12"),
        (b"<Response/><Bxml/>", "not well-formed XML: junk after document element: line 1, column 11"),
        (b"<Response>&nbsp;</Response>", "not well-formed XML: undefined entity: line 1, column 10"),
        (b'<Response><Pause duration="1" duration="1"/></Response>', "not well-formed XML: duplicate attribute"),
        (b"<Response><Tag>\xff</Tag></Response>", "not well-formed XML: not well-formed (invalid token)"),
        (b"<Response><Tag>\x01</Tag></Response>", "not well-formed XML: not well-formed (invalid token)"),
        (b'<?xml version="1.0" encoding="martian"?><Response/>', "not well-formed XML: unknown encoding"),
        (b"Hello", "not well-formed XML: syntax error"),
        (b"<!DOCTYPE Response><Response/>", "a document type is not allowed"),
        (b'<!DOCTYPE Response [<!ENTITY a "b">]><Response/>', "a document type is not allowed"),
        (b"<Speak/>", "Speak: unknown element"),
        (b"<response/>", "response: unknown element"),
        (b"<Hangup/>", "Hangup: not allowed here"),
        (b'<Response version="1"/>', "Response: version: unknown attribute"),
        (b'<Response xmlns="urn:a"/>', "Response: xmlns: unknown attribute"),
        (b'<a:Response xmlns:a="urn:a"/>', "a:Response: unknown element"),
        (b"<Response>\n Hello<Hangup/></Response>", "Response: text is not allowed here"),
        ("<Response>\xa0</Response>".encode(), "Response: text is not allowed here"),
        (b"<Bxml><Gather/>a</Bxml>", "Bxml: text is not allowed here"),
    ],
)
def test_what_is_no_document_is_refused(body: bytes, message: str) -> None:
    """Malformed XML, document types, other roots and stray text are invalid, and the reason is given."""
    with pytest.raises(InvalidBxml) as caught:
        read_document(body)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("filling", [b" ", "é".encode()])
def test_a_document_has_65536_bytes_at_most(filling: bytes) -> None:
    """The limit counts bytes, not characters, and white space too."""
    room = 65_536 - len(b"<Bxml/><!---->")
    largest = b"<Bxml/><!--" + filling * (room // len(filling)) + b"-->"

    assert len(largest) == 65_536
    assert read_document(largest) == Document(())
    with pytest.raises(InvalidBxml, match=r"^must be at most 65536 bytes$"):
        read_document(largest + b" ")


def test_blank_bytes_are_counted_too() -> None:
    """What is too large is refused even where there is nothing in it."""
    with pytest.raises(InvalidBxml, match=r"^must be at most 65536 bytes$"):
        read_document(b" " * 65_537)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<Hang/>", "Response > Hang: unknown element"),
        ("<hangup/>", "Response > hangup: unknown element"),
        ('<b:Hangup xmlns:b="urn:b"/>', "Response > b:Hangup: unknown element"),
        (NUMBER, "Response > PhoneNumber: not allowed here"),
        (SIP, "Response > SipUri: not allowed here"),
        ("<Endpoint>e</Endpoint>", "Response > Endpoint: not allowed here"),
        (PARAMETER.format("StreamParam"), "Response > StreamParam: not allowed here"),
        (PARAMETER.format("CustomParam"), "Response > CustomParam: not allowed here"),
        ("<Response/>", "Response > Response: unknown element"),
        ("<break/>", "Response > break: not allowed here"),
        ("<Pause/><Gather><Hangup/></Gather>", "Response > Gather[1] > Hangup: not allowed here"),
        ("<Gather><Gather/></Gather>", "Response > Gather[0] > Gather: not allowed here"),
        ("<Hangup><Hangup/></Hangup>", "Response > Hangup[0] > Hangup: not allowed here"),
        ("<Tag><p>t</p></Tag>", "Response > Tag[0] > p: not allowed here"),
        ("<PlayAudio>a<Pause/></PlayAudio>", "Response > PlayAudio[0] > Pause: not allowed here"),
        ("<SpeakSentence>a<Pause/></SpeakSentence>", "Response > SpeakSentence[0] > Pause: not allowed here"),
        ("<SpeakSentence>a<audio/></SpeakSentence>", "Response > SpeakSentence[0] > audio: unknown element"),
        (f"<Refer>{NUMBER}</Refer>", "Response > Refer[0] > PhoneNumber: not allowed here"),
        (f"<Connect>{SIP}</Connect>", "Response > Connect[0] > SipUri: not allowed here"),
        (
            "<Transfer><SpeakSentence>a</SpeakSentence></Transfer>",
            "Response > Transfer[0] > SpeakSentence: not allowed here",
        ),
        (
            f'<StartStream destination="ws://a">{PARAMETER.format("CustomParam")}</StartStream>',
            "Response > StartStream[0] > CustomParam: not allowed here",
        ),
        (
            f"<StartTranscription>{PARAMETER.format('StreamParam')}</StartTranscription>",
            "Response > StartTranscription[0] > StreamParam: not allowed here",
        ),
        (
            '<Forward to="+19195551234"/><StartGather dtmfUrl="/d"/>',
            "Response: Forward and StartGather cannot be combined",
        ),
    ],
)
def test_an_element_in_the_wrong_place_is_refused(inside: str, message: str) -> None:
    """Nothing stands where the documentation does not have it, and the message says where that was."""
    assert refusal(inside) == message


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<Transfer/>", "Response > Transfer[0]: must hold at least 1 PhoneNumber or SipUri"),
        (
            f"<Transfer>{NUMBER * 5}{SIP * 4}</Transfer>",
            "Response > Transfer[0]: must hold at most 8 PhoneNumber or SipUri",
        ),
        ("<Refer/>", "Response > Refer[0]: must hold at least 1 SipUri"),
        (f"<Refer>{SIP * 2}</Refer>", "Response > Refer[0]: must hold at most 1 SipUri"),
        ("<Connect/>", "Response > Connect[0]: must hold at least 1 Endpoint"),
        (
            f'<StartStream destination="ws://a">{PARAMETER.format("StreamParam") * 13}</StartStream>',
            "Response > StartStream[0]: must hold at most 12 StreamParam",
        ),
        (
            f"<StartTranscription>{PARAMETER.format('CustomParam') * 13}</StartTranscription>",
            "Response > StartTranscription[0]: must hold at most 12 CustomParam",
        ),
        (
            f'<Gather repeatCount="5">{"<PlayAudio>a</PlayAudio>" * 5}</Gather>',
            "Response > Gather[0]: repeatCount: times the number of children must be at most 20",
        ),
        (
            f"<Gather>{'<PlayAudio>a</PlayAudio>' * 21}</Gather>",
            "Response > Gather[0]: repeatCount: times the number of children must be at most 20",
        ),
    ],
)
def test_too_few_or_too_many_children_are_refused(inside: str, message: str) -> None:
    """Where the number of children has bounds, they hold."""
    assert refusal(inside) == message


@pytest.mark.parametrize(
    "inside",
    [
        f"<Transfer>{NUMBER * 4}{SIP * 4}</Transfer>",
        f'<StartStream destination="ws://a">{PARAMETER.format("StreamParam") * 12}</StartStream>',
        f"<StartTranscription>{PARAMETER.format('CustomParam') * 12}</StartTranscription>",
        f'<Gather repeatCount="4">{"<PlayAudio>a</PlayAudio>" * 5}</Gather>',
        f"<Gather>{'<PlayAudio>a</PlayAudio>' * 20}</Gather>",
        '<Gather repeatCount="21"/>',
        "<Connect>" + "<Endpoint>e</Endpoint>" * 20 + "</Connect>",
        "<Hangup/>" * 1000,
        '<SpeakSentence gender="male" locale="xx" voice="nobody">a</SpeakSentence>',
        '<Pause duration="0.1"/><Pause duration="86400"/><Ring duration="0.1"/><Ring duration="86400.0"/>',
        f"<SendDtmf>{'1' * 50}</SendDtmf><SendDtmf toneDuration='50' toneInterval='5000'>09*#adADwW,</SendDtmf>",
        '<Gather maxDigits="1" interDigitTimeout="1" firstDigitTimeout="0"/>',
        '<Gather maxDigits="50" interDigitTimeout="60" firstDigitTimeout="60"/>',
        f'<Gather tag="{"t" * 256}"/><Tag>{"t" * 256}</Tag><Tag/><Tag> </Tag>',
        '<Record maxDuration="0" silenceTimeout="10800" terminatingDigits=""/>',
        f'<Transfer callTimeout="1" transferCallerDisplayName="{"n" * 256}">{NUMBER}</Transfer>',
        f'<Transfer transferCallerId="Restricted" callTimeout="300">{NUMBER}</Transfer>',
        f'<Transfer privacy="true" transferCallerDisplayName="Anonymous">{NUMBER}</Transfer>',
        f'<Transfer><PhoneNumber uui="{"u" * 350}">+12</PhoneNumber></Transfer>',
        f'<Transfer><SipUri uui="{"u" * 243};encoding=jwt">SIP:a</SipUri></Transfer>',
        f'<Forward to="sip:a" from="Unavailable" uui="{"u" * 256}" callerDisplayName="n"/>',
        f"<Conference callbackTimeout='1'>{'a' * 100}</Conference><Conference callbackTimeout='25'>0-_.Z</Conference>",
        f"<StartStream destination='WSS://a:1/b'>{PARAMETER.format('StreamParam')}</StartStream>",
        f'<StartStream destination="ws://a"><StreamParam name="{"n" * 256}" value="{"v" * 2048}"/></StartStream>',
        '<StartTranscription destination="wss://a" stabilized="false"/>',
        '<Redirect redirectUrl="?a=b"/><Redirect redirectUrl="//a/b" /><Redirect redirectUrl="HTTP://a/b"/>',
        '<Gather gatherUrl="http://a" username="u"/>',
        '<Record recordCompleteUrl="/a" recordingAvailableUrl="https://a" username="u"/>',
        '<Record recordCompleteUrl="http://a" fallbackUsername="u"/>',
        '<Record recordCompleteUrl="http://a" recordCompleteFallbackUrl="http://a"/>',
        '<StartStream destination="ws://a" destinationUsername="u" streamEventUrl="http://a"/>',
    ],
)
def test_what_is_within_the_limits_is_read(inside: str) -> None:
    """The limits themselves are allowed, and what the documentation does not speak of is no error."""
    assert read(inside)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<Gather maxDigits="51"/>', "Gather[0]: maxDigits: must be between 1 and 50"),
        ('<Gather maxDigits="0"/>', "Gather[0]: maxDigits: must be between 1 and 50"),
        ('<Gather maxDigits="1.5"/>', "Gather[0]: maxDigits: must be a whole number"),
        ('<Gather maxDigits=""/>', "Gather[0]: maxDigits: must be a number"),
        ('<Gather maxDigits="\u0665"/>', "Gather[0]: maxDigits: must be a number"),
        ('<Gather interDigitTimeout="0.9"/>', "Gather[0]: interDigitTimeout: must be between 1 and 60"),
        ('<Gather interDigitTimeout="61"/>', "Gather[0]: interDigitTimeout: must be between 1 and 60"),
        ('<Gather firstDigitTimeout="-0.1"/>', "Gather[0]: firstDigitTimeout: must be between 0 and 60"),
        ('<Gather firstDigitTimeout="60.1"/>', "Gather[0]: firstDigitTimeout: must be between 0 and 60"),
        ('<Gather repeatCount="0"/>', "Gather[0]: repeatCount: must be between 1 and"),
        ('<Gather repeatCount="1e1"/>', "Gather[0]: repeatCount: must be a number"),
        (f'<Gather repeatCount="{"9" * 400}"/>', "Gather[0]: repeatCount: must be a number"),
        ('<Gather gatherMethod="post"/>', "Gather[0]: gatherMethod: must be one of GET, POST"),
        ('<Gather gatherUrl=""/>', "Gather[0]: gatherUrl: must not be blank"),
        ('<Gather gatherUrl="/a b"/>', "Gather[0]: gatherUrl: must be a URL without spaces and control characters"),
        ('<Gather gatherUrl="/a&#x85;"/>', "Gather[0]: gatherUrl: must be a URL without spaces and control characters"),
        ('<Gather gatherUrl="/a&#x7f;"/>', "Gather[0]: gatherUrl: must be a URL without spaces and control characters"),
        ('<Gather gatherFallbackUrl="ftp://a"/>', "Gather[0]: gatherFallbackUrl: only http and https are allowed."),
        ('<Gather gatherFallbackUrl="https:///a"/>', "Gather[0]: gatherFallbackUrl: must be an absolute URL"),
        (f'<Gather tag="{"t" * 257}"/>', "Gather[0]: tag: must be at most 256 characters"),
        ('<Gather recordingName="a"/>', "Gather[0]: recordingName: unknown attribute"),
        ('<Gather a:tag="t" xmlns:a="urn:a"/>', "Gather[0]: a:tag: unknown attribute"),
        ('<Gather MaxDigits="1"/>', "Gather[0]: MaxDigits: unknown attribute"),
        ("<Gather>Press</Gather>", "Gather[0]: text is not allowed here"),
        ("<Gather><PlayAudio>a</PlayAudio>b</Gather>", "Gather[0]: text is not allowed here"),
        ("<Gather><PlayAudio/></Gather>", "Gather[0] > PlayAudio[0]: content: must not be blank"),
        (
            "<Gather><PlayAudio>a</PlayAudio><PlayAudio>b c</PlayAudio></Gather>",
            "Gather[0] > PlayAudio[1]: content: must",
        ),
        ('<PlayAudio tag="t">a</PlayAudio>', "PlayAudio[0]: tag: unknown attribute"),
        ("<SpeakSentence> \n</SpeakSentence>", "SpeakSentence[0]: content: must not be blank"),
        ('<SpeakSentence gender="Male">a</SpeakSentence>', "SpeakSentence[0]: gender: must be one of female, male"),
        ('<Pause duration="0.09"/>', "Pause[0]: duration: must be between 0.1 and 86400"),
        ('<Pause duration="86401"/>', "Pause[0]: duration: must be between 0.1 and 86400"),
        ('<Pause duration=" 1"/>', "Pause[0]: duration: must be a number"),
        ('<Ring duration="0"/>', "Ring[0]: duration: must be between 0.1 and 86400"),
        ('<Ring duration="86400.1"/>', "Ring[0]: duration: must be between 0.1 and 86400"),
        ('<Ring answerCall="True"/>', "Ring[0]: answerCall: must be one of true, false"),
        ("<SendDtmf/>", "SendDtmf[0]: content: must be 1 to 50 of"),
        ("<SendDtmf>E</SendDtmf>", "SendDtmf[0]: content: must be 1 to 50 of"),
        (f"<SendDtmf>{'1' * 51}</SendDtmf>", "SendDtmf[0]: content: must be 1 to 50 of"),
        ('<SendDtmf toneDuration="49">1</SendDtmf>', "SendDtmf[0]: toneDuration: must be between 50 and 5000"),
        ('<SendDtmf toneInterval="5001">1</SendDtmf>', "SendDtmf[0]: toneInterval: must be between 50 and 5000"),
        ("<StartGather/>", "StartGather[0]: dtmfUrl: must be there"),
        ('<StartGather dtmfUrl="d" fallbackUsername="u"/>', "StartGather[0]: fallbackUsername: unknown attribute"),
        ('<StartGather dtmfUrl="d" dtmfFallbackUrl="u"/>', "StartGather[0]: dtmfFallbackUrl: unknown attribute"),
        ('<StopGather tag="t"/>', "StopGather[0]: tag: unknown attribute"),
        ('<Record maxDuration="10801"/>', "Record[0]: maxDuration: must be between 0 and 10800"),
        ('<Record silenceTimeout="10801"/>', "Record[0]: silenceTimeout: must be between 0 and 10800"),
        ('<Record fileFormat="ogg"/>', "Record[0]: fileFormat: must be one of wav, mp3"),
        ('<Record multiChannel="true"/>', "Record[0]: multiChannel: unknown attribute"),
        ('<StartRecording recordingName="a"/>', "StartRecording[0]: recordingName: unknown attribute"),
        ('<StartRecording multiChannel="1"/>', "StartRecording[0]: multiChannel: must be one of true, false"),
        (f'<Transfer callTimeout="301">{NUMBER}</Transfer>', "Transfer[0]: callTimeout: must be between 1 and 300"),
        (f'<Transfer transferCallerId="911">{NUMBER}</Transfer>', "Transfer[0]: transferCallerId: must be an E164"),
        (
            f'<Transfer transferCallerDisplayName="{"n" * 257}">{NUMBER}</Transfer>',
            "Transfer[0]: transferCallerDisplayName: must be at most 256 characters",
        ),
        (
            f'<Transfer transferCallerDisplayName="a&#10;b">{NUMBER}</Transfer>',
            "Transfer[0]: transferCallerDisplayName: must not contain control characters",
        ),
        (
            f'<Transfer privacy="true" transferCallerDisplayName="Ann">{NUMBER}</Transfer>',
            "Transfer[0]: transferCallerDisplayName: with privacy it must be one of Restricted, Anonymous, Private,",
        ),
        (
            f'<Transfer diversionTreatment="all">{NUMBER}</Transfer>',
            "Transfer[0]: diversionTreatment: must be one of none,",
        ),
        (f'<Transfer diversionReason="a">{NUMBER}</Transfer>', "Transfer[0]: diversionReason: must be one of unknown,"),
        (
            "<Transfer><PhoneNumber>911</PhoneNumber></Transfer>",
            "Transfer[0] > PhoneNumber[0]: content: must be an E164",
        ),
        (f"<Transfer>{NUMBER}<SipUri>+12</SipUri></Transfer>", "Transfer[0] > SipUri[1]: content: must be a SIP URI"),
        ("<Transfer><SipUri>a@b</SipUri></Transfer>", "Transfer[0] > SipUri[0]: content: must be"),
        (
            f'<Transfer><PhoneNumber uui="{"u" * 351}">+12</PhoneNumber></Transfer>',
            "Transfer[0] > PhoneNumber[0]: uui: must be at most 350 characters",
        ),
        (
            f'<Transfer><SipUri uui="{"u" * 244};encoding=jwt">sip:a</SipUri></Transfer>',
            "Transfer[0] > SipUri[0]: uui: must be at most 256 characters",
        ),
        (
            '<Transfer><SipUri uui="6162;encoding=hex">sip:a</SipUri></Transfer>',
            "Transfer[0] > SipUri[0]: uui: must be one value that ends with ;encoding=jwt or ;encoding=base64",
        ),
        ("<Bridge> </Bridge>", "Bridge[0]: content: must not be blank"),
        ("<Conference/>", "Conference[0]: content: must be 1 to 100 letters,"),
        ("<Conference>a b</Conference>", "Conference[0]: content: must be 1 to 100 letters,"),
        ("<Conference>é</Conference>", "Conference[0]: content: must be 1 to 100 letters,"),
        (f"<Conference>{'a' * 101}</Conference>", "Conference[0]: content: must be 1 to 100 letters,"),
        ('<Conference name="a">a</Conference>', "Conference[0]: name: unknown attribute"),
        (
            '<Conference callbackTimeout="25.5">a</Conference>',
            "Conference[0]: callbackTimeout: must be between 1 and 25",
        ),
        ("<Forward/>", "Forward[0]: to: must be there"),
        ('<Forward to="Restricted"/>', "Forward[0]: to: must be an E164 telephone number or a SIP URI"),
        ('<Forward to="+12" from="sip:a"/>', "Forward[0]: from: must be an E164"),
        (f'<Forward to="+12" uui="{"u" * 257}"/>', "Forward[0]: uui: must be at most 256 characters"),
        ('<Forward to="+12" tag="t"/>', "Forward[0]: tag: unknown attribute"),
        ('<Forward to="+12" privacy="true" callerDisplayName="A"/>', "Forward[0]: callerDisplayName: with privacy it"),
        ("<Redirect/>", "Redirect[0]: redirectUrl: must be there"),
        (f"<Tag>{'t' * 257}</Tag>", "Tag[0]: content: must be at most 256 characters"),
        (f'<Refer username="u">{SIP}</Refer>', "Refer[0]: username: unknown attribute"),
        (f'<Refer referCompleteFallbackUrl="u">{SIP}</Refer>', "Refer[0]: referCompleteFallbackUrl: unknown attribute"),
        ("<Connect><Endpoint/></Connect>", "Connect[0] > Endpoint[0]: content: must not be blank"),
        ('<Connect><Endpoint tag="t">e</Endpoint></Connect>', "Connect[0] > Endpoint[0]: tag: unknown attribute"),
        ("<StartStream/>", "StartStream[0]: destination: must be there"),
        ('<StartStream destination="/a"/>', "StartStream[0]: destination: must be a ws or wss URL"),
        ('<StartStream destination="https://a"/>', "StartStream[0]: destination: must be a ws or wss URL"),
        ('<StartStream destination="wss://"/>', "StartStream[0]: destination: must be an absolute URL"),
        ('<StartStream destination="ws://a b"/>', "StartStream[0]: destination: must be a URL without spaces"),
        ('<StartStream destination="ws://a" mode="both"/>', "StartStream[0]: mode: must be one of unidirectional,"),
        (
            '<StartStream destination="ws://a" tracks="all"/>',
            "StartStream[0]: tracks: must be one of inbound, outbound,",
        ),
        (
            '<StartStream destination="ws://a"><StreamParam value="v"/></StartStream>',
            "StartStream[0] > StreamParam[0]: name: ",
        ),
        (
            '<StartStream destination="ws://a"><StreamParam name="n"/></StartStream>',
            "StartStream[0] > StreamParam[0]: value: ",
        ),
        (
            f'<StartTranscription><CustomParam name="{"n" * 257}" value="v"/></StartTranscription>',
            "StartTranscription[0] > CustomParam[0]: name: must be at most 256 characters",
        ),
        (
            f'<StartTranscription><CustomParam name="n" value="{"v" * 2049}"/></StartTranscription>',
            "StartTranscription[0] > CustomParam[0]: value: must be at most 2048 characters",
        ),
        ("<StopStream/>", "StopStream[0]: name: must be there"),
        ('<StartTranscription destination="http://a"/>', "StartTranscription[0]: destination: must be a ws or wss URL"),
        ('<StartTranscription stabilized="false"/>', "StartTranscription[0]: stabilized: needs destination"),
        (
            "<SpeakSentence>a<break time='11s'/></SpeakSentence>",
            "SpeakSentence[0] > break[0]: time: must be at most 10 seconds",
        ),
        (
            "<SpeakSentence><break time='10001ms'/></SpeakSentence>",
            "SpeakSentence[0] > break[0]: time: must be at most",
        ),
        (
            "<SpeakSentence><break strength='a'/></SpeakSentence>",
            "SpeakSentence[0] > break[0]: strength: must be one of",
        ),
        ("<SpeakSentence><s/><emphasis level='a'/></SpeakSentence>", "SpeakSentence[0] > emphasis[1]: level: must be"),
        ("<SpeakSentence><lang>a</lang></SpeakSentence>", "SpeakSentence[0] > lang[0]: xml:lang: must be there"),
        (
            "<SpeakSentence><p><phoneme>a</phoneme></p></SpeakSentence>",
            "SpeakSentence[0] > p[0] > phoneme[0]: ph: must be",
        ),
        (
            "<SpeakSentence><say-as>a</say-as></SpeakSentence>",
            "SpeakSentence[0] > say-as[0]: interpret-as: must be there",
        ),
        ("<SpeakSentence><sub>a</sub></SpeakSentence>", "SpeakSentence[0] > sub[0]: alias: must be there"),
        (
            "<SpeakSentence><prosody pitch=''>a</prosody></SpeakSentence>",
            "SpeakSentence[0] > prosody[0]: pitch: must not",
        ),
        (
            "<SpeakSentence><p xml:lang='a'>a</p></SpeakSentence>",
            "SpeakSentence[0] > p[0]: xml:lang: unknown attribute",
        ),
        (
            "<SpeakSentence><say-as interpret-as='name'>a</say-as></SpeakSentence>",
            "SpeakSentence[0] > say-as[0]: interpret-as: must be one of date, time,",
        ),
        (
            "<SpeakSentence><say-as interpret-as='date' format='yy'>a</say-as></SpeakSentence>",
            "SpeakSentence[0] > say-as[0]: format: must be one of mdy, dmy,",
        ),
    ],
)
def test_what_is_beyond_the_limits_is_refused(inside: str, message: str) -> None:
    """Attributes and content that the documentation does not allow are named, with their place."""
    assert refusal(inside).startswith(f"Response > {message}")


@pytest.mark.parametrize(
    ("verb", "url", "login"),
    [
        ("Record", "recordCompleteUrl", "username"),
        ("Record", "recordingAvailableUrl", "password"),
        ("Record", "transcriptionAvailableUrl", "username"),
        ("Record", "recordCompleteFallbackUrl", "fallbackUsername"),
        ("Record", "recordCompleteFallbackUrl", "fallbackPassword"),
        ("StartRecording", "recordingAvailableUrl", "username"),
        ("StartRecording", "transcriptionAvailableUrl", "password"),
        ("StartStream", "streamEventUrl", "username"),
        ("StartTranscription", "transcriptionEventUrl", "password"),
    ],
)
def test_a_login_goes_over_https_only(verb: str, url: str, login: str) -> None:
    """Where the documentation demands https for a login, http is refused."""
    destination = 'destination="ws://a" ' if verb == "StartStream" else ""

    message = refusal(f'<{verb} {destination}{url}="HTTP://a" {login}="l"/>')

    assert message.startswith(f"Response > {verb}[0]: {url}: must use https with ")


ON_CONFERENCES = {"PlayAudio", "SpeakSentence", "StartRecording", "StopRecording", "PauseRecording", "ResumeRecording"}
ON_CALLS = {kind.__name__ for kind in VERBS}


@pytest.mark.parametrize(
    ("context", "allowed"),
    [
        ("call", ON_CALLS),
        ("transferAnswer", ON_CALLS - {"Bridge", "Conference", "Forward", "Transfer"}),
        ("conference", ON_CONFERENCES),
    ],
)
def test_a_verb_stands_only_where_it_may(context: str, allowed: set[str]) -> None:
    """A conference takes six verbs, the called party of a Transfer all but four, and a call every one."""
    assert {kind.__name__ for kind in VERBS if is_read(kind, context)} == allowed


@pytest.mark.parametrize("context", ["transferAnswer", "conference"])
def test_a_verb_that_may_not_stand_here_is_named(context: str) -> None:
    """The refusal of a known verb does not call it unknown."""
    assert refusal("<Bridge>c-1</Bridge>", context) == "Response > Bridge: not allowed here"


def test_deep_nesting_is_refused() -> None:
    """SSML ends at a depth of 32 elements, long before anything overflows."""
    deepest = f"<SpeakSentence>{'<p>' * 30}a{'</p>' * 30}</SpeakSentence>"

    assert read(deepest)[0].text == "a"
    message = refusal(f"<SpeakSentence>{'<p>' * 9000}{'</p>' * 9000}</SpeakSentence>")
    assert message == "Response > SpeakSentence[0]" + " > p[0]" * 30 + " > p: not allowed here"
