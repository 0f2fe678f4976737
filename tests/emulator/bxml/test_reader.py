from __future__ import annotations

import pytest
from support.emulator_bxml import NUMBER, PARAMETER, SIP, read, refusal

from bandwidth_calls.emulator.bxml.reader import Document, InvalidBxml, read_document


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
    """A blank body, a root without verbs, comments and processing instructions make an empty document."""
    assert read_document(body) == Document(())


def test_verbs_keep_their_order() -> None:
    """Verbs and children come in the document's order, with white space and comments between them left out."""
    verbs = read("\n <Gather><PlayAudio>a</PlayAudio>\n<!-- b --><SpeakSentence>c</SpeakSentence></Gather>\n<Hangup/> ")

    assert [verb.name for verb in verbs] == ["Gather", "Hangup"]
    assert [(child.name, child.text) for child in verbs[0].children] == [("PlayAudio", "a"), ("SpeakSentence", "c")]


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
    """The text of a sentence is its words. Paragraphs, sentences and breaks separate them."""
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
    """Malformed XML, document types, other roots and stray text are invalid; the message says why."""
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
    """A blank body that is too large is refused, too."""
    with pytest.raises(InvalidBxml, match=r"^must be at most 65536 bytes$"):
        read_document(b" " * 65_537)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<Hang/>", "Response > Hang: unknown element, did you mean Hangup?"),
        ("<Speak/>", "Response > Speak: unknown element, did you mean SpeakSentence?"),
        ("<Xyzzy/>", "Response > Xyzzy: unknown element"),
        ('<Gather gatherURL="/g"/>', "Response > Gather[0]: gatherURL: unknown attribute, did you mean gatherUrl?"),
        ("<hangup/>", "Response > hangup: unknown element, did you mean Hangup?"),
        ('<b:Hangup xmlns:b="urn:b"/>', "Response > b:Hangup: unknown element, did you mean Hangup?"),
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
    """An element in a place that the documentation does not have is refused; the message names the place."""
    assert refusal(inside) == message


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
