from __future__ import annotations

import pytest
from support.emulator_bxml import NUMBER, PARAMETER, SIP, read, refusal


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
    """The documented numbers of children are enforced."""
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
        '<Gather speechTimeout="0"/><Gather speechTimeout="86401.5" hints="" language="any" speechModel="any"/>',
        '<StartTranscription preferredLanguages="en-US, es-US,fr" detectLanguage="false"/>',
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
    """The limits themselves are allowed, and so is what the documentation does not mention."""
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
        ('<Gather input="keys"/>', "Gather[0]: input: must be one of dtmf, speech, dtmf_speech"),
        ('<Gather speechTimeout="-1"/>', "Gather[0]: speechTimeout: must be between 0 and"),
        ('<Gather profanityFilter="no"/>', "Gather[0]: profanityFilter: must be one of true, false"),
        ('<Gather partialResultCallback="/a b"/>', "Gather[0]: partialResultCallback: must be a URL without spaces"),
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
        ('<Ring answerCall="yes"/>', "Ring[0]: answerCall: must be one of true, false"),
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
            '<Transfer><SipUri uui="6162;encoding=hex,a">sip:a</SipUri></Transfer>',
            "Transfer[0] > SipUri[0]: uui: each value must end with ;encoding=jwt, ;encoding=base64 or ;encoding=hex",
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
            '<StartTranscription detectLanguage="true" preferredLanguages="en-US"/>',
            "StartTranscription[0]: preferredLanguages: not allowed with detectLanguage",
        ),
        (
            '<StartTranscription preferredLanguages="en-US, EN_GB"/>',
            "StartTranscription[0]: preferredLanguages: must have one dialect a language",
        ),
        (
            '<StartTranscription preferredLanguages="en-US,"/>',
            "StartTranscription[0]: preferredLanguages: must be comma-separated languages such as en-US,es-US",
        ),
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
    """An attribute or content beyond a documented limit is refused; the message names it and its place."""
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
    """A URL with credentials must use https, as documented for these verbs."""
    destination = 'destination="ws://a" ' if verb == "StartStream" else ""

    message = refusal(f'<{verb} {destination}{url}="HTTP://a" {login}="l"/>')

    assert message.startswith(f"Response > {verb}[0]: {url}: must use https with ")
