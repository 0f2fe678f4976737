from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bandwidth_calls.bxml import BxmlError, Gather, Hangup, Response, SpeakSentence, Ssml, parse
from bandwidth_calls.bxml.reader import read
from bandwidth_calls.bxml.tree import Node

TEXT = "<Response><SpeakSentence>é</SpeakSentence></Response>"


def declared(encoding: str) -> str:
    """Put a declaration in front of the text."""
    return f'<?xml version="1.0" encoding="{encoding}"?>{TEXT}'


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
    "<Response><Ring answerCall='yes'/></Response>",
    "<Response><Gather gatherMethod='PUT'/></Response>",
    "<Response><Gather gather_url='/'/></Response>",
    "<Response><Record username='x' recordCompleteUrl='http://x/'/></Response>",
]  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_ends_in_one_error(source: str | bytes) -> None:
    """Any fault is a BxmlError with a line and a column, and without another error as its context."""
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
    """A good document with a piece of damage is read, or refused with a BxmlError."""
    good = Response([Gather([SpeakSentence(Ssml("a <s>b</s>"))], tag="t", max_digits=5), Hangup()]).to_bxml()

    damaged = good[:position] + piece + good[position:]

    try:
        document = parse(damaged)
    except BxmlError:
        return
    assert parse(document.to_bxml()) == document


def test_the_work_grows_with_the_faults_and_not_with_their_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document of 7,000 verbs in a wrong place reads its elements as often as one of 70."""
    reads: list[int] = []
    slot: Any = vars(Node)["nodes"]

    def nodes(node: Node) -> list[Node]:
        reads[-1] += 1
        children: list[Node] = slot.__get__(node)
        return children

    counted = property(nodes, slot.__set__)
    found = []
    for count in (70, 7_000):
        reads.append(0)
        with monkeypatch.context() as patch:
            patch.setattr(Node, "nodes", counted)
            _, faults = read(f"<Response>{'<Hangup/>' * count}</Response>", "conference")
        found.append(len(faults))
        reads[-1] -= 2 * count  # each verb is noted once in its document, and asked once for what is in it

    assert found == [70, 7_000]
    assert reads[0] == reads[1]
