import pytest

from bandwidth_calls.bxml import BxmlError, Response, SpeakSentence, Ssml, parse


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<emphasis>now</emphasis>", "<emphasis>now</emphasis>"),
        ("<break time='1s'></break>", '<break time="1s"/>'),
        ("<break strength = \"weak\" />", '<break strength="weak"/>'),
        ("a &gt; <s>b</s><!-- c --><?d?>", "a &gt; <s>b</s>"),
        ("<![CDATA[<s>]]>", "&lt;s&gt;"),
        ("<p>caf&#233;&#13;</p>", "<p>café&#13;</p>"),
        ("<sub alias='a\"b&#10;&lt;'>x</sub>", '<sub alias="a&quot;b&#10;&lt;">x</sub>'),
        ('<lang xml:lang="fr-FR">oui</lang>', '<lang xml:lang="fr-FR">oui</lang>'),
        ('<phoneme alphabet="ipa" ph="n\u00e6\u0283">gnash</phoneme>',) * 2,
        ('<prosody pitch="high" rate="slow" volume="loud">x</prosody>',) * 2,
        ('<say-as interpret-as="date" format="mdy">1/2/2024</say-as>',) * 2,
    ],
)  # fmt: skip
def test_markup_is_normalised(markup: str, expected: str) -> None:
    """Quotes, empty elements, comments and CDATA are brought into one form, and nothing else changes."""
    ssml = Ssml(markup)

    assert ssml.markup == expected
    assert Ssml(ssml.markup) == ssml


@pytest.mark.parametrize(
    "markup",
    [
        "<Hangup/>",
        "</SpeakSentence><Hangup/><SpeakSentence>",
        "</Ssml><Hangup/><Ssml>",
        "</Ssml><!-- ",
        "</Ssml>",
        "<s>",
        "<s></p>",
        "a & b",
        "a < b",
        "<s a=1/>",
        "<s a='1' a='2'/>",
        "&nbsp;",
        "<!DOCTYPE s><s/>",
        '<?xml version="1.0"?><s/>',
        "<speak>x</speak>",
        "<S>x</S>",
        "<s><Hangup/></s>",
        "<s xmlns='urn:x'>x</s>",
        "<x:s xmlns:x='urn:x'>x</x:s>",
        "<s>" * 40 + "</s>" * 40,
        "\x00",
        "\ud800",
        "\ufffe",
        "&#0;",
        "x" * 70_000,
    ],
)
def test_other_markup_is_refused(markup: str) -> None:
    """What is not well formed, no SSML, a way out of the sentence, or too much, is refused."""
    with pytest.raises(BxmlError):
        Ssml(markup)


def test_a_wrong_element_is_named() -> None:
    """The message names the element."""
    with pytest.raises(BxmlError) as caught:
        Ssml("<s><Hangup/></s>")

    assert str(caught.value) == "Ssml > Hangup: not an SSML element"


def test_without_elements_it_equals_text() -> None:
    """Markup that has no elements equals the text that it stands for, and hashes alike."""
    ssml, text = Ssml("a &amp; b"), "a & b"

    assert ssml == text
    assert text == ssml
    assert hash(ssml) == hash(text)
    assert SpeakSentence(ssml) == SpeakSentence(text)
    assert Response([SpeakSentence(ssml)]).to_bxml() == Response([SpeakSentence(text)]).to_bxml()


def test_with_elements_it_equals_no_text() -> None:
    """Markup that has elements is equal to the same markup only."""
    ssml = Ssml("<s/>")

    assert ssml == Ssml("<s></s>")
    assert ssml not in ("<s/>", Ssml("<p/>"), 5)
    assert len({ssml, Ssml("<s ></s>")}) == 1


def test_the_deepest_markup_reads_back() -> None:
    """Markup as deep as it may be is read back from within a document."""
    document = Response([SpeakSentence(Ssml("<s>" * 30 + "x" + "</s>" * 30))])

    copied = parse(document.to_bxml())

    assert copied == document
    with pytest.raises(BxmlError, match="deep"):
        Ssml("<s>" * 31 + "x" + "</s>" * 31)
