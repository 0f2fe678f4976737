import pytest

from bandwidth_calls.bxml import (
    Bxml,
    BxmlError,
    Conference,
    Connect,
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Response,
    Ring,
    SendDtmf,
    SpeakSentence,
    Ssml,
    Tag,
    Transfer,
    parse,
)

TEXT = "<Response><SpeakSentence>é</SpeakSentence></Response>"
DOCUMENT = Response([SpeakSentence("é")])


def declared(encoding: str) -> str:
    """Put a declaration in front of the text."""
    return f'<?xml version="1.0" encoding="{encoding}"?>{TEXT}'


@pytest.mark.parametrize(
    "source",
    [
        TEXT,
        "\ufeff" + TEXT,
        declared("ISO-8859-1"),
        declared("no-such-encoding"),
        TEXT.encode(),
        declared("utf-8").encode(),
        declared("UTF-8").encode("utf-8-sig"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        declared("UTF-16").encode("utf-16"),
        b"\xfe\xff" + declared("utf-16").encode("utf-16-be"),
        declared("ISO-8859-1").encode("iso-8859-1"),
        TEXT.replace("é", "&#233;").encode(),
        declared("US-ASCII").replace("é", "&#xE9;").encode(),
    ],
)
def test_encodings_are_read_correctly(source: str | bytes) -> None:
    """A str ignores the declared encoding; bytes have the encoding of their declaration or byte order mark."""
    document = parse(source)

    assert document == DOCUMENT


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<Response/>", Response()),
        ("<Response></Response>", Response()),
        ("<Bxml>\r\n\t <Hangup />\n</Bxml>\n", Bxml([Hangup()])),
        ("<!-- a --><?b?><Bxml><!-- c --><Hangup><!-- d --> </Hangup><?e?></Bxml><!-- f -->", Bxml([Hangup()])),
        ("<Response><Tag>a<!-- b -->c<![CDATA[<d>&]]>&lt;</Tag></Response>", Response([Tag("ac<d>&<")])),
        ("<Response><Tag> a\n</Tag><Tag/></Response>", Response([Tag(" a\n"), Tag("")])),
        ("<Response><Ring answerCall='True'/></Response>", Response([Ring(answer_call=True)])),
        ("<Response><Ring answerCall='False'/></Response>", Response([Ring(answer_call=False)])),
        ("<Response><Ring answerCall='TRUE'/></Response>", Response([Ring(answer_call=True)])),
        ("<Response><Ring answerCall='fAlse'/></Response>", Response([Ring(answer_call=False)])),
        ("<Response><Pause duration='007.50'/></Response>", Response([Pause(duration=7.5)])),
        ("<Response><Gather tag='' maxDigits='1.0'/></Response>", Response([Gather(tag="", max_digits=1)])),
        ("<Response><Conference>\n room </Conference></Response>", Response([Conference("room")])),
        ("<Response><SendDtmf> 1 </SendDtmf></Response>", Response([SendDtmf("1")])),
        ("<Response><PlayAudio> a.wav</PlayAudio></Response>", Response([PlayAudio(" a.wav")])),
        ("<Response><Connect> </Connect></Response>", Response([Connect()])),
        (
            "<Response><Transfer>\n  <PhoneNumber>\n    +19195551234\n  </PhoneNumber>\n</Transfer></Response>",
            Response([Transfer([PhoneNumber("+19195551234")])]),
        ),
        (
            "<Response><SpeakSentence>a <s\n>b</s> &amp;<!-- c --></SpeakSentence></Response>",
            Response([SpeakSentence(Ssml("a <s>b</s> &amp;"))]),
        ),
    ],
)  # fmt: skip
def test_what_others_write_is_read(source: str, expected: Response | Bxml) -> None:
    """White space between elements, comments, processing instructions and CDATA do not change the document."""
    document = parse(source)

    assert document == expected


def test_whole_numbers_become_int() -> None:
    """A number is read as an int where it is whole."""
    (pause,) = parse('<Response><Pause duration="5.0"/></Response>').children

    assert isinstance(pause, Pause)
    assert isinstance(pause.duration, int)


@pytest.mark.parametrize(
    ("inside", "message", "column"),
    [
        ("<Gather><Hangup/></Gather>", "Response > Gather[1] > Hangup: not allowed here", 12),
        ("<Gather maxDigits='51'/>", "Response > Gather[1].maxDigits: must be 1 to 50, not 51", 4),
        ("<Gather maxDigits='x'/>", "Response > Gather[1].maxDigits: must be a number, not 'x'", 4),
        ("<Ring answerCall='1'/>", "Response > Ring[1].answerCall: must be true or false, not '1'", 4),
        ("<Ring answerCall=' true'/>", "Response > Ring[1].answerCall: must be true or false, not ' true'", 4),
        ("<Gather maxdigits='5'/>", "Response > Gather[1].maxdigits: no such attribute", 4),
        (
            f"<Gather repeatCount='20'>{'<PlayAudio>a</PlayAudio>' * 2}</Gather>",
            "Response > Gather[1].repeatCount: times the children must be at most 20, not 40",
            4,
        ),
        ("<Dial/>", "Response > Dial: no such verb", 4),
        ("<Endpoint>e-1</Endpoint>", "Response > Endpoint: not allowed here", 4),
        ("text", "Response: text is not allowed here", 1),
        ("<Hangup>text</Hangup>", "Response > Hangup[1]: text is not allowed here", 12),
        ("<Tag>a<b/></Tag>", "Response > Tag[1] > b: not allowed here", 10),
        ("<Redirect/>", "Response > Redirect[1].redirectUrl: must be given", 4),
        ("<Transfer/>", "Response > Transfer[1]: must hold 1 to 8 PhoneNumber or SipUri, not 0", 4),
        ("<SpeakSentence> </SpeakSentence>", "Response > SpeakSentence[1]: must not be blank", 4),
        ("<SpeakSentence><b/></SpeakSentence>", "Response > SpeakSentence[1] > b: not an SSML element", 19),
        (
            f"<SpeakSentence><![CDATA[{'&' * 60_000}]]><s/></SpeakSentence>",
            "Response > SpeakSentence[1]: must have at most 65536 bytes",
            4,
        ),
        (
            "<SpeakSentence><s xmlns='x'/></SpeakSentence>",
            "Response > SpeakSentence[1] > s: attribute xmlns is not allowed here",
            19,
        ),
        (
            "<Transfer><PhoneNumber>1</PhoneNumber></Transfer>",
            "Response > Transfer[1] > PhoneNumber[0]: must be an E.164 telephone number such as +19195551234, not '1'",
            14,
        ),
    ],
)
def test_a_fault_has_its_place(inside: str, message: str, column: int) -> None:
    """A fault has its path, in the names of the document, and its line and column."""
    with pytest.raises(BxmlError) as caught:
        parse(f"<Response>\n  <Pause/>\n   {inside}\n</Response>")

    error = caught.value
    assert str(error) == message
    assert error.where == message.split(": ")[0]
    assert (error.line, error.column) == (3, column)
    assert error.__notes__ == [f"line 3, column {column}"]


@pytest.mark.parametrize(
    ("source", "message", "line", "column"),
    [
        ("<Response>\n <Tag></Response>", "mismatched tag", 2, 9),
        ("<Response>\n<é/>&x;</Response>", "undefined entity", 2, 5),
        ("\n<!DOCTYPE Response>\n<Response/>", "a DTD is not allowed", 2, 19),
        ("<Hangup/>", "Hangup: must be Response or Bxml", 1, 1),
        ("<?xml version='1.1'?><Response/>", "must be XML 1.0, not 1.1", 1, 1),
        (b"<?xml version='1.0' encoding='cp1252'?><Response/>", "encoding cp1252 cannot be read here", 1, 1),
        ("x" * 65_537, "must have at most 65536 bytes", 1, 1),
        ("é" * 33_000, "must have at most 65536 bytes", 1, 1),
        ("<Response>" * 33, "nested more than 32 deep", 1, 321),
    ],
)  # fmt: skip
def test_a_fault_of_xml_has_its_place(source: str | bytes, message: str, line: int, column: int) -> None:
    """A fault of the XML has its line and column, counted from 1 and in characters."""
    with pytest.raises(BxmlError) as caught:
        parse(source)

    assert (str(caught.value), caught.value.line, caught.value.column) == (message, line, column)


def test_the_longest_document_is_read() -> None:
    """A document of 65,536 bytes is read."""
    start, end = "<Response><SpeakSentence>", "</SpeakSentence></Response>"
    source = start + "x" * (65_536 - len(start + end)) + end

    document = parse(source)

    assert len(source) == 65_536
    assert isinstance(document, Response)


def test_what_is_no_text_is_a_type_error() -> None:
    """Neither text nor bytes is a TypeError."""
    with pytest.raises(TypeError):
        parse(None)  # type: ignore[arg-type] # the mistake under test


@pytest.mark.parametrize("source", ["\ud800", b"\xff\xfe<", b"<Bxml>\0</Bxml>"])
def test_what_is_no_text_at_all_is_refused_at_the_beginning(source: str | bytes) -> None:
    """Where nothing can be read, the place is the first character of the document."""
    with pytest.raises(BxmlError) as caught:
        parse(source)

    assert (caught.value.line, caught.value.column) == (1, 1)
