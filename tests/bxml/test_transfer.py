from collections.abc import Callable

import pytest
from support.bxml_help import rendered

from bandwidth_calls import CreateCall
from bandwidth_calls.bxml import BxmlError, Forward, PhoneNumber, Response, SipUri, Transfer, Verb, parse

LEG = (
    ' transferAnswerUrl="/answer" transferAnswerMethod="POST" transferAnswerFallbackUrl="/fallback"'
    ' transferAnswerFallbackMethod="GET" transferDisconnectUrl="/disconnect" transferDisconnectMethod="POST"'
    ' username="user" password="secret" fallbackUsername="user2" fallbackPassword="secret2" tag="tag"'
)
UUI = "aGk=;encoding=base64"


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (
            Transfer(
                [PhoneNumber("+19195551234")],
                transfer_caller_id="+19195554321",
                privacy=True,
                transfer_caller_display_name="Alice",
                call_timeout=30,
                transfer_complete_url="/complete",
                transfer_complete_method="POST",
                transfer_complete_fallback_url="/fallback",
                transfer_complete_fallback_method="GET",
                username="user",
                password="secret",
                fallback_username="user2",
                fallback_password="secret2",
                tag="tag",
                diversion_treatment="stack",
                diversion_reason="user-busy",
            ),
            '<Transfer transferCallerId="+19195554321" privacy="true" transferCallerDisplayName="Alice"'
            ' callTimeout="30" transferCompleteUrl="/complete" transferCompleteMethod="POST"'
            ' transferCompleteFallbackUrl="/fallback" transferCompleteFallbackMethod="GET" username="user"'
            ' password="secret" fallbackUsername="user2" fallbackPassword="secret2" tag="tag"'
            ' diversionTreatment="stack" diversionReason="user-busy">'
            "<PhoneNumber>+19195551234</PhoneNumber></Transfer>",
        ),
        (
            Transfer(
                [
                    PhoneNumber(
                        "+19195551234",
                        transfer_answer_url="/answer",
                        transfer_answer_method="POST",
                        transfer_answer_fallback_url="/fallback",
                        transfer_answer_fallback_method="GET",
                        transfer_disconnect_url="/disconnect",
                        transfer_disconnect_method="POST",
                        username="user",
                        password="secret",
                        fallback_username="user2",
                        fallback_password="secret2",
                        tag="tag",
                        uui=UUI,
                    )
                ]
            ),
            f'<Transfer><PhoneNumber{LEG} uui="{UUI}">+19195551234</PhoneNumber></Transfer>',
        ),
        (
            Transfer(
                [
                    SipUri(
                        "sip:alice@example.com",
                        transfer_answer_url="/answer",
                        transfer_answer_method="POST",
                        transfer_answer_fallback_url="/fallback",
                        transfer_answer_fallback_method="GET",
                        transfer_disconnect_url="/disconnect",
                        transfer_disconnect_method="POST",
                        username="user",
                        password="secret",
                        fallback_username="user2",
                        fallback_password="secret2",
                        tag="tag",
                        uui=UUI,
                    )
                ]
            ),
            f'<Transfer><SipUri{LEG} uui="{UUI}">sip:alice@example.com</SipUri></Transfer>',
        ),
        (
            Forward(
                to="+19195551234",
                from_="+19195554321",
                privacy=False,
                caller_display_name="Alice",
                call_timeout=300,
                diversion_treatment="propagate",
                diversion_reason="away",
                uui="uui",
            ),
            '<Forward to="+19195551234" from="+19195554321" privacy="false" callerDisplayName="Alice"'
            ' callTimeout="300" diversionTreatment="propagate" diversionReason="away" uui="uui"/>',
        ),
        (Forward(to="sip:alice@example.com"), '<Forward to="sip:alice@example.com"/>'),
    ],
)
def test_calling_verbs_are_written_as_the_reference_has_them(verb: Verb, expected: str) -> None:
    """Each verb that calls others is written under its names and in its order."""
    text = rendered(verb)

    assert text == expected


@pytest.mark.parametrize("count", [0, 9])
def test_a_transfer_calls_one_to_eight(count: int) -> None:
    """A Transfer to nobody, and one to nine, are refused."""
    with pytest.raises(BxmlError) as caught:
        Transfer([PhoneNumber("+19195551234")] * count)

    assert str(caught.value) == f"Transfer: must hold 1 to 8 PhoneNumber or SipUri, not {count}"


def test_a_transfer_may_call_eight() -> None:
    """Eight numbers and URIs, mixed, are allowed."""
    transfer = Transfer([PhoneNumber("+19195551234"), SipUri("sip:alice@example.com")] * 4)

    assert len(transfer.children) == 8


@pytest.mark.parametrize(
    "number", ["", "9195551234", "+", "+1", "+0123", "+1 919", "+1234567890123456", "+\u0661", "+1919\n", "sip:a"]
)
def test_a_phone_number_is_e164(number: str) -> None:
    """A PhoneNumber that is not E.164 is refused."""
    with pytest.raises(
        BxmlError, match=r"^PhoneNumber: must be an E\.164 telephone number such as \+19195551234, not '"
    ):
        PhoneNumber(number)


@pytest.mark.parametrize("uri", ["", "alice@example.com", "sip:", "sip:a b", "tel:+1919", "+19195551234"])
def test_a_sip_uri_has_its_scheme(uri: str) -> None:
    """A SipUri without `sip:` or `sips:`, or with a space, is refused."""
    with pytest.raises(BxmlError, match=r"^SipUri: must be a SIP URI such as sip:user@host\.example, not '"):
        SipUri(uri)


def test_a_forward_goes_to_a_number_or_uri() -> None:
    """A Forward to anything else is refused."""
    with pytest.raises(
        BxmlError, match=r"^Forward\.to: must be an E\.164 telephone number .*, or a SIP URI .*, not '1'"
    ):
        Forward(to="1")


@pytest.mark.parametrize("callee", ["+1", "+0123", "+12", "+19195551234", "sip:", "sip:a@b", "SIPS:é@b", "sip:a b"])
def test_one_rule_judges_all_callees(callee: str) -> None:
    """A verb takes a number or SIP URI exactly if a call can be created to it."""

    def is_taken(build: Callable[[], object]) -> bool:
        try:
            build()
        except ValueError:
            return False
        return True

    verb = SipUri if callee[0] in "sS" else PhoneNumber

    def create() -> CreateCall:
        return CreateCall(to=callee, from_="+19195554321", application_id="a", answer_url="https://app.example/answer")

    judged = {is_taken(lambda: verb(callee)), is_taken(lambda: Forward(to=callee))}

    assert judged == {is_taken(create)}


def test_an_address_holds_only_what_xml_can() -> None:
    """A character that XML cannot hold is refused in a SIP URI too."""
    with pytest.raises(BxmlError, match=r"^SipUri: holds U\+FFFE, which XML cannot$"):
        SipUri("sip:\ufffe@b")


@pytest.mark.parametrize(
    "uui",
    [
        "aGk=;encoding=base64",
        "eyJh.eyJi.c;encoding=jwt",
        "6869;encoding=hex",
        "aGk=;encoding=base64,eyJh.eyJi.c;encoding=jwt",
        "aGk=;encoding=base64, 6869;encoding=hex, 6a;encoding=hex",
        "a" * 243 + ";encoding=jwt",
    ],
)
def test_a_sip_uri_has_values_with_their_encodings(uui: str) -> None:
    """One value or several, each with its encoding, are written and read as they are."""
    document = Response([Transfer([SipUri("sip:a@b", uui=uui)])])

    assert parse(document.to_bxml()) == document


@pytest.mark.parametrize(
    "uui", ["uui", "", ";encoding=jwt", "a;encoding=rot13", "a;encoding=jwt,", "a;encoding=jwt,b", "a,b;encoding=hex"]
)
def test_a_value_without_its_encoding_is_refused(uui: str) -> None:
    """A list in which a value has no known encoding is refused."""
    with pytest.raises(BxmlError) as caught:
        SipUri("sip:a@b", uui=uui)

    why = "each value must end with ;encoding=jwt, ;encoding=base64 or ;encoding=hex"
    assert str(caught.value) == f"SipUri.uui: {why}"


def test_uui_of_a_sip_uri_has_its_longest() -> None:
    """256 characters are allowed, the encodings counted, and 257 refused."""
    with pytest.raises(BxmlError, match=r"^SipUri\.uui: must have at most 256 characters, not 257$"):
        SipUri("sip:a@b", uui="a" * 244 + ";encoding=jwt")


def test_an_attribute_that_is_not_documented_is_unknown() -> None:
    """The timeLimit that some applications write is refused, as every unknown attribute."""
    with pytest.raises(BxmlError, match=r"^Response > Transfer\[0\]\.timeLimit: no such attribute"):
        parse('<Response><Transfer timeLimit="60"><PhoneNumber>+19195551234</PhoneNumber></Transfer></Response>')
