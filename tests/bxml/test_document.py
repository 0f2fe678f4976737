import pytest
from support.bxml_help import DECLARATION

from bandwidth_calls.bxml import (
    Bridge,
    Bxml,
    BxmlError,
    Conference,
    Connect,
    Context,
    Endpoint,
    Forward,
    Gather,
    Hangup,
    Pause,
    PauseRecording,
    PhoneNumber,
    PlayAudio,
    Refer,
    Response,
    ResumeRecording,
    Ring,
    SipUri,
    SpeakSentence,
    StartGather,
    StartRecording,
    StartStream,
    StopRecording,
    StreamParam,
    Tag,
    Transfer,
    Verb,
)

FORWARD = Forward(to="+19195551234")
START_GATHER = StartGather(dtmf_url="/dtmf")
TRANSFER = Transfer([PhoneNumber("+19195551234")])


def test_a_document_is_written_without_white_space() -> None:
    """The example of the documentation is written on one line, behind an XML declaration."""
    document = Response(
        [
            SpeakSentence("Hello"),
            Gather([PlayAudio("menu.wav")], gather_url="/menu", max_digits=1),
            Transfer([PhoneNumber("+19195551234")]),
            Conference("room"),
            Hangup(),
        ]
    )

    text = document.to_bxml()

    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><SpeakSentence>Hello</SpeakSentence>'
        '<Gather gatherUrl="/menu" maxDigits="1"><PlayAudio>menu.wav</PlayAudio></Gather>'
        "<Transfer><PhoneNumber>+19195551234</PhoneNumber></Transfer><Conference>room</Conference><Hangup/></Response>"
    )
    assert str(document) == text


def test_documents_may_be_empty() -> None:
    """Both documents may be left empty, and are not equal to each other."""
    texts = Response().to_bxml(), Bxml([]).to_bxml()

    assert texts == (f"{DECLARATION}<Response/>", f"{DECLARATION}<Bxml/>")
    assert Response() != Bxml()


def test_wrong_nesting_is_refused_with_its_place() -> None:
    """A verb where it does not belong is named with its whole path; positions count from 0."""
    gather = Gather([Hangup()])  # type: ignore[list-item] # the mistake under test

    with pytest.raises(BxmlError) as caught:
        Response([SpeakSentence("Hello"), gather])

    assert str(caught.value) == "Response > Gather[1] > Hangup: not allowed here"
    assert caught.value.where == "Response > Gather[1] > Hangup"


@pytest.mark.parametrize(
    ("child", "name"),
    [
        (PhoneNumber("+19195551234"), "PhoneNumber"),
        (SipUri("sip:a@b"), "SipUri"),
        (StreamParam(name="n", value="v"), "StreamParam"),
        (Endpoint("e-1"), "Endpoint"),
        (Response(), "Response"),
        ("text", "str"),
        (None, "NoneType"),
        (Hangup, "type"),
    ],
)
def test_what_is_no_verb_is_refused_in_a_document(child: object, name: str) -> None:
    """Only verbs stand directly in a document."""
    with pytest.raises(BxmlError, match=f"^Bxml > {name}: not allowed here$"):
        Bxml([child])  # type: ignore[list-item] # the mistake under test


@pytest.mark.parametrize(
    ("verb", "place"),
    [
        (Gather([PhoneNumber("+19195551234")]), "Gather[0] > PhoneNumber"),  # type: ignore[list-item] # the mistake
        (Transfer([Endpoint("e-1")]), "Transfer[0] > Endpoint"),  # type: ignore[list-item] # the mistake
        (Refer([PhoneNumber("+19195551234")]), "Refer[0] > PhoneNumber"),  # type: ignore[list-item] # the mistake
        (Connect([SipUri("sip:a@b")]), "Connect[0] > SipUri"),  # type: ignore[list-item] # the mistake
        (StartStream([Pause()], destination="wss://x"), "StartStream[0] > Pause"),  # type: ignore[list-item] # the mistake
        (Gather("text"), "Gather[0] > str"),  # type: ignore[arg-type] # the mistake under test
    ],
)
def test_each_parent_takes_its_own_children_only(verb: Verb, place: str) -> None:
    """Each parent refuses the children of another."""
    with pytest.raises(BxmlError) as caught:
        Response([verb])

    assert str(caught.value) == f"Response > {place}: not allowed here"


def test_a_document_has_a_longest() -> None:
    """A document of 65,536 bytes is written, and one byte more refused; bytes count, not characters."""
    room = 65_536 - len(Response([SpeakSentence("x")]).to_bxml()) + 1
    fitting, too_long = Response([SpeakSentence("x" * room)]), Response([SpeakSentence("x" * (room - 1) + "é")])

    text = fitting.to_bxml()

    assert len(text) == 65_536
    with pytest.raises(BxmlError, match=r"^Response: must have at most 65536 bytes of UTF-8, not 65537$"):
        too_long.to_bxml()


@pytest.mark.parametrize(
    "verb",
    [
        PlayAudio("a.wav"),
        SpeakSentence("Hello"),
        StartRecording(),
        StopRecording(),
        PauseRecording(),
        ResumeRecording(),
    ],
)
def test_conferences_take_six_verbs(verb: Verb) -> None:
    """The six verbs of a conference pass its check."""
    Response([verb]).check("conference")


@pytest.mark.parametrize(
    ("context", "verb"),
    [
        ("conference", Gather()),
        ("conference", Hangup()),
        ("conference", Tag("x")),
        ("conference", Pause()),
        ("conference", FORWARD),
        ("transferAnswer", Bridge("c-1")),
        ("transferAnswer", Conference("room")),
        ("transferAnswer", FORWARD),
        ("transferAnswer", TRANSFER),
        ("answered", FORWARD),
    ],
)
def test_a_place_refuses_some_verbs(context: Context, verb: Verb) -> None:
    """A verb that the place does not allow is named with its path."""
    document = Response([SpeakSentence("Hello"), verb])

    with pytest.raises(BxmlError) as caught:
        document.check(context)

    assert str(caught.value) == f"Response > {type(verb).__name__}: not allowed in {context} documents"


@pytest.mark.parametrize(
    ("context", "verb"),
    [
        ("transferAnswer", Ring()),
        ("transferAnswer", START_GATHER),
        ("transferAnswer", Refer([SipUri("sip:a@b")])),
        ("answered", TRANSFER),
        ("answered", START_GATHER),
        ("initiate", FORWARD),
        ("initiate", START_GATHER),
    ],
)
def test_a_place_allows_the_others(context: Context, verb: Verb) -> None:
    """A verb that no source forbids is allowed."""
    Response([verb]).check(context)


def test_forward_and_start_gather_do_not_go_together() -> None:
    """A document with Forward does not allow StartGather."""
    document = Bxml([START_GATHER, FORWARD])

    with pytest.raises(BxmlError, match=r"^Bxml > StartGather: cannot be combined with Forward$"):
        document.check("initiate")


def test_an_unknown_place_is_refused() -> None:
    """A place that is not in the list is a ValueError, also for an empty document."""
    with pytest.raises(ValueError, match=r"^context: must be one of initiate, answered, transferAnswer, conference"):
        Response().check("lobby")  # type: ignore[arg-type] # the mistake under test
