import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
    """Text is text, whatever it declares; bytes are read in the encoding that they name or show."""
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
    """White space between elements, comments, processing instructions and CDATA are read for what they are."""
    document = parse(source)

    assert document == expected


def test_whole_numbers_become_int() -> None:
    """A number is read as an int where it is whole."""
    (pause,) = parse('<Response><Pause duration="5.0"/></Response>').children

    assert isinstance(pause, Pause)
    assert isinstance(pause.duration, int)


BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
WITH_SURROGATE = (
    b"\xff\xfe" + "<Response><Tag>".encode("utf-16-le") + b"\x00\xd8" + "</Tag></Response>".encode("utf-16-le")
)

HOSTILE: list[str | bytes] = [
    # not XML
    "",
    b"",
    " ",
    "Hangup",
    "{}",
    "<",
    "<Response>",
    "</Response>",
    "<Response/><Response/>",
    "<Response/>text",
    "text<Response/>",
    "<Response></Bxml>",
    "<Response><Hangup></Response></Hangup>",
    "<Response><Gather tag=x/></Response>",
    "<Response><Gather tag='x' tag='y'/></Response>",
    "<Response><Gather tag='<'/></Response>",
    "<Response><Tag>a & b</Tag></Response>",
    "<Response><Tag>]]></Tag></Response>",
    "<Response><!-- -- --></Response>",
    ' <?xml version="1.0"?><Response/>',
    '<?xml version="1.1"?><Response/>',
    '<?xml version="9"?><Response/>',
    "<?xml?><Response/>",
    # DTDs and entities
    "<!DOCTYPE Response><Response/>",
    "<!DOCTYPE Response SYSTEM 'file:///etc/passwd'><Response/>",
    "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Response><Tag>&x;</Tag></Response>",
    "<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://127.0.0.1:9/'>%x;]><Response/>",
    f"{BOMB}<Response><Tag>&c;</Tag></Response>",
    "<Response><Tag>&nbsp;</Tag></Response>",
    "<Response><Tag>&x;</Tag></Response>",
    # characters
    "<Response><Tag>\x00</Tag></Response>",
    b"<Response><Tag>\x00</Tag></Response>",
    "\x00",
    "<Response><Tag>\x01</Tag></Response>",
    "<Response><Tag>\ufffe</Tag></Response>",
    "<Response><Tag>\ud800</Tag></Response>",
    "<Response><Tag>&#0;</Tag></Response>",
    "<Response><Tag>&#xD800;</Tag></Response>",
    "<Response><Tag>&#xFFFF;</Tag></Response>",
    "<Response><Tag>&#x110000;</Tag></Response>",
    "<Response><Tag>&#99999999999999999999;</Tag></Response>",
    b"<Response><Tag>\xff</Tag></Response>",
    b"<Response><Tag>\xc0\xbc</Tag></Response>",
    b"<Response><Tag>\xed\xa0\x80</Tag></Response>",
    b"<Response><Tag>\xf5\x80\x80\x80</Tag></Response>",
    b"<Response><Tag>\xe2\x82</Tag></Response>",
    # encodings
    WITH_SURROGATE,
    WITH_SURROGATE[:-1],
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x00\x01\x02",
    TEXT.encode("utf-32"),
    TEXT.encode("utf-16-le"),
    TEXT.encode("utf-16-be"),
    TEXT.encode("cp037"),
    declared("utf-16").encode(),
    declared("utf-8").encode("utf-16"),
    declared("utf-16").encode("utf-16-le"),
    declared("ISO-8859-1").encode("utf-8-sig"),
    declared("ISO-8859-1").encode("utf-16"),
    declared("US-ASCII").encode(),
    declared("windows-1252").encode("windows-1252"),
    declared("no-such-encoding").encode(),
    declared("utf-7").encode("utf-7"),
    declared("raw_unicode_escape").encode(),
    declared("rot13").encode(),
    declared("hex").encode(),
    declared("idna").encode(),
    # size and depth
    "<Response>" * 10_000,
    "<Response>" * 4_000 + "</Response>" * 2_000,
    "<a>" * 9_000 + "</a>" * 9_000,
    "<Response><SpeakSentence>" + "<s>" * 4_000 + "</s>" * 4_000 + "</SpeakSentence></Response>",
    f"<Response><Tag>{'x' * 70_000}</Tag></Response>",
    f"<Response><Tag>{'é' * 33_000}</Tag></Response>",
    f"<Response><Tag>{'x' * 70_000}</Tag></Response>".encode(),
    f"<Response><SpeakSentence><![CDATA[{'&' * 60_000}]]><s/></SpeakSentence></Response>",
    "x" * 10_000_000,
    # namespaces
    "<Response xmlns='urn:x'/>",
    "<x:Response xmlns:x='urn:x'/>",
    "<Response><x:Hangup xmlns:x='urn:x'/></Response>",
    "<Response><x:Hangup/></Response>",
    "<Response><Gather x:tag='a'/></Response>",
    "<Response xml:space='preserve'/>",
    "<Response><SpeakSentence><x:s xmlns:x='urn:x'/></SpeakSentence></Response>",
    # not BXML
    "<Hangup/>",
    "<response/>",
    "<Response><Dial/></Response>",
    "<Response><hangup/></Response>",
    "<Response><Response/></Response>",
    "<Response>text</Response>",
    "<Response>\u00a0</Response>",
    "<Response><Hangup>text</Hangup></Response>",
    "<Response><Hangup><Hangup/></Hangup></Response>",
    "<Response><Hangup tag='x'/></Response>",
    "<Response tag='x'/>",
    "<Response><Gather><Hangup/></Gather></Response>",
    "<Response><Gather>text</Gather></Response>",
    "<Response><PhoneNumber>+19195551234</PhoneNumber></Response>",
    "<Response><Tag>a<b/>c</Tag></Response>",
    "<Response><Conference name='room'/></Response>",
    "<Response><SpeakSentence/></Response>",
    "<Response><SpeakSentence><Hangup/></SpeakSentence></Response>",
    "<Response><Transfer/></Response>",
    f"<Response><Transfer>{'<PhoneNumber>+19195551234</PhoneNumber>' * 9}</Transfer></Response>",
    "<Response><Refer/></Response>",
    "<Response><Redirect/></Response>",
    "<Response><Redirect redirectUrl=' '/></Response>",
    "<Response><Gather maxDigits='51'/></Response>",
    "<Response><Gather maxDigits='1.5'/></Response>",
    "<Response><Gather maxDigits=' 1'/></Response>",
    "<Response><Gather maxDigits=''/></Response>",
    "<Response><Gather maxDigits='\u0661'/></Response>",
    "<Response><Gather maxDigits='0x1'/></Response>",
    "<Response><Gather maxDigits='1_0'/></Response>",
    f"<Response><Gather maxDigits='{'9' * 5_000}'/></Response>",
    "<Response><Pause duration='1e1'/></Response>",
    "<Response><Pause duration='nan'/></Response>",
    "<Response><Pause duration='inf'/></Response>",
    "<Response><Ring answerCall='1'/></Response>",
    "<Response><Ring answerCall='TRUE'/></Response>",
    "<Response><Gather gatherMethod='PUT'/></Response>",
    "<Response><Gather gather_url='/'/></Response>",
    "<Response><Record username='x' recordCompleteUrl='http://x/'/></Response>",
]  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_ends_in_one_error(source: str | bytes) -> None:
    """Whatever is wrong with a text, it ends in a BxmlError that has a line and a column, and shows no other."""
    with pytest.raises(BxmlError) as caught:
        parse(source)

    error = caught.value
    assert error.line is not None
    assert error.line >= 1
    assert error.column is not None
    assert error.column >= 1
    assert error.__suppress_context__ or error.__context__ is None


@given(source=st.one_of(st.text(), st.binary()))
@example(source="<Response/>")
def test_no_text_ends_in_another_error(source: str | bytes) -> None:
    """Any text and any bytes are read, or refused with a BxmlError."""
    try:
        document = parse(source)
    except BxmlError:
        return

    assert parse(document.to_bxml()) == document


PIECES = ["<", ">", "&", "'", '"', "<s>", "</Gather>", "\x00", "é", " ", "=", "/"]


@given(position=st.integers(0, 200), piece=st.sampled_from(PIECES))
def test_no_damage_ends_in_another_error(position: int, piece: str) -> None:
    """A good document with something thrown in is read, or refused with a BxmlError."""
    good = Response([Gather([SpeakSentence(Ssml("a <s>b</s>"))], tag="t", max_digits=5), Hangup()]).to_bxml()

    damaged = good[:position] + piece + good[position:]

    try:
        document = parse(damaged)
    except BxmlError:
        return
    assert parse(document.to_bxml()) == document


@pytest.mark.parametrize(
    ("inside", "message", "column"),
    [
        ("<Gather><Hangup/></Gather>", "Response > Gather[1] > Hangup: not allowed here", 12),
        ("<Gather maxDigits='51'/>", "Response > Gather[1].maxDigits: must be 1 to 50, not 51", 4),
        ("<Gather maxDigits='x'/>", "Response > Gather[1].maxDigits: must be 1 to 50, not 'x'", 4),
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
            "Response > Transfer[1] > PhoneNumber[0]: must be a number such as +19195551234, not '1'",
            14,
        ),
    ],
)
def test_a_fault_has_its_place(inside: str, message: str, column: int) -> None:
    """A fault is told with its path, in the names of the document, and with its line and column."""
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
    """What is wrong with the XML is told with its line and column, counted from 1 and in characters."""
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
