import pytest
from support.bxml_help import rendered

from bandwidth_calls.bxml import (
    Bridge,
    BxmlError,
    Conference,
    Connect,
    Endpoint,
    Hangup,
    Redirect,
    Refer,
    SipUri,
    Tag,
    Verb,
)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (
            Bridge(
                "c-1234",
                bridge_complete_url="/complete",
                bridge_complete_method="POST",
                bridge_complete_fallback_url="/fallback",
                bridge_complete_fallback_method="GET",
                bridge_target_complete_url="/target",
                bridge_target_complete_method="POST",
                bridge_target_complete_fallback_url="/target-fallback",
                bridge_target_complete_fallback_method="GET",
                username="user",
                password="secret",
                fallback_username="user2",
                fallback_password="secret2",
                tag="tag",
            ),
            '<Bridge bridgeCompleteUrl="/complete" bridgeCompleteMethod="POST" bridgeCompleteFallbackUrl="/fallback"'
            ' bridgeCompleteFallbackMethod="GET" bridgeTargetCompleteUrl="/target" bridgeTargetCompleteMethod="POST"'
            ' bridgeTargetCompleteFallbackUrl="/target-fallback" bridgeTargetCompleteFallbackMethod="GET"'
            ' username="user" password="secret" fallbackUsername="user2" fallbackPassword="secret2" tag="tag">'
            "c-1234</Bridge>",
        ),
        (
            Conference(
                "my-room_1.a",
                mute=True,
                hold=False,
                call_ids_to_coach="c-1,c-2",
                conference_event_url="/event",
                conference_event_method="POST",
                conference_event_fallback_url="/fallback",
                conference_event_fallback_method="GET",
                username="user",
                password="secret",
                fallback_username="user2",
                fallback_password="secret2",
                tag="tag",
                callback_timeout=25,
            ),
            '<Conference mute="true" hold="false" callIdsToCoach="c-1,c-2" conferenceEventUrl="/event"'
            ' conferenceEventMethod="POST" conferenceEventFallbackUrl="/fallback" conferenceEventFallbackMethod="GET"'
            ' username="user" password="secret" fallbackUsername="user2" fallbackPassword="secret2" tag="tag"'
            ' callbackTimeout="25">my-room_1.a</Conference>',
        ),
        (
            Redirect(
                redirect_url="/next",
                redirect_method="POST",
                redirect_fallback_url="/fallback",
                redirect_fallback_method="GET",
                username="user",
                password="secret",
                fallback_username="user2",
                fallback_password="secret2",
                tag="tag",
            ),
            '<Redirect redirectUrl="/next" redirectMethod="POST" redirectFallbackUrl="/fallback"'
            ' redirectFallbackMethod="GET" username="user" password="secret" fallbackUsername="user2"'
            ' fallbackPassword="secret2" tag="tag"/>',
        ),
        (Hangup(), "<Hangup/>"),
        (Tag("new tag"), "<Tag>new tag</Tag>"),
        (Tag(""), "<Tag/>"),
        (
            Refer(
                [SipUri("sip:alice@example.com")],
                refer_complete_url="/complete",
                refer_complete_method="POST",
                tag="tag",
            ),
            '<Refer referCompleteUrl="/complete" referCompleteMethod="POST" tag="tag">'
            "<SipUri>sip:alice@example.com</SipUri></Refer>",
        ),
        (
            Connect([Endpoint("e-1")], event_callback_url="/event", event_fallback_url="/fallback"),
            '<Connect eventCallbackUrl="/event" eventFallbackUrl="/fallback"><Endpoint>e-1</Endpoint></Connect>',
        ),
        (Connect(), "<Connect/>"),
    ],
)
def test_routing_verbs_are_written_as_the_reference_has_them(verb: Verb, expected: str) -> None:
    """Each verb of routing is written under its names and in its order."""
    text = rendered(verb)

    assert text == expected


@pytest.mark.parametrize("count", [0, 2])
def test_a_refer_goes_to_one_uri(count: int) -> None:
    """A Refer to nobody, and one to two, are refused."""
    with pytest.raises(BxmlError) as caught:
        Refer([SipUri("sip:alice@example.com")] * count)

    assert str(caught.value) == f"Refer: must hold 1 SipUri, not {count}"


@pytest.mark.parametrize("name", ["", "a b", "a" * 101, "straße", "a/b", "room\n"])
def test_other_conference_names_are_refused(name: str) -> None:
    """The name of a conference has 1 to 100 ASCII letters, digits, `-`, `_`, `.`."""
    with pytest.raises(BxmlError, match=r"^Conference: must be 1 to 100 of A-Z a-z 0-9 - _ \., not '"):
        Conference(name)


@pytest.mark.parametrize("build", [Bridge, Endpoint])
def test_a_blank_id_is_refused(build: type[Bridge | Endpoint]) -> None:
    """A Bridge and an Endpoint name something."""
    with pytest.raises(BxmlError, match=f"^{build.__name__}: must not be blank$"):
        build(" ")


def test_a_redirect_has_a_url() -> None:
    """The URL of a Redirect is not blank."""
    with pytest.raises(BxmlError, match=r"^Redirect\.redirect_url: must not be blank$"):
        Redirect(redirect_url="")
