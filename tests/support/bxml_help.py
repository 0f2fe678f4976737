"""What the tests of BXML share: rendering one verb, and documents of every kind for Hypothesis."""

import sys
from typing import Any

from hypothesis import strategies as st

from bandwidth_calls import bxml, checks
from bandwidth_calls.bxml import Bxml, Response, SpeakSentence, Ssml, StartTranscription, Verb
from bandwidth_calls.bxml.element import Children, Element, shape
from bandwidth_calls.bxml.rules import Address, Flag, Matching, Number, Text, Word
from bandwidth_calls.bxml.streaming import Languages
from bandwidth_calls.bxml.transfer import UserToUser

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

ELEMENTS: list[type[Element]] = [
    kind for name in bxml.__all__ if isinstance(kind := getattr(bxml, name), type) and issubclass(kind, Element)
]
ELEMENTS.remove(Verb)
VERBS = [kind for kind in ELEMENTS if issubclass(kind, Verb)]

# Whatever XML can hold, with a weight on what an escaping function might trip over.
CHARACTERS = st.one_of(
    st.sampled_from("<>&\"'\t\n\r ]/;é\x85\u2028\ufeff\U0001f600"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=0x20),
)
NASTY = st.sampled_from(
    ["<Hangup/>", '"/><Hangup/>', "]]>", "&lt;", "&#60;", "<![CDATA[x]]>", "</SpeakSentence>", "-->"]
)
TEXTS = st.one_of(st.text(CHARACTERS, max_size=20), NASTY)
SPOKEN = TEXTS.filter(str.strip)

NUMBER, SIP_URI = r"\+[1-9][0-9]{1,14}", r"[sS][iI][pP][sS]?:[!-~]+"
ADDRESSES: dict[object, str] = {
    checks.e164: NUMBER,
    checks.sip_uri: SIP_URI,
    checks.destination: f"{NUMBER}|{SIP_URI}",
}


def rendered(verb: Verb) -> str:
    """Render one verb, without the document around it."""
    text = Response([verb]).to_bxml()
    return text.removeprefix(f"{DECLARATION}<Response>").removesuffix("</Response>")


def values(rule: object) -> st.SearchStrategy[Any]:
    """Generate what a rule allows."""
    match rule:
        case Matching():
            return st.from_regex(rule.pattern, fullmatch=True)
        case Address():
            return st.from_regex(ADDRESSES[rule.judge], fullmatch=True)
        case Word():
            return st.sampled_from(rule.words)
        case Flag():
            return st.booleans()
        case Number(whole=True):
            return st.integers(1, 6)
        case Number():
            most = min(rule.high, sys.float_info.max)
            return st.floats(rule.low, most) | st.integers(int(rule.low) + 1, int(most))
        case Text():
            return texts(rule)
        case Children():
            return st.lists(
                st.one_of([elements(kind) for kind in rule.allowed]),
                min_size=rule.fewest,
                max_size=3 if rule.most != 1 else 1,
            )
    raise AssertionError(rule)


def texts(rule: Text) -> st.SearchStrategy[str]:
    """Generate what a rule for text allows."""
    match rule:
        case UserToUser():
            return st.from_regex(r"[a-z]{1,9};encoding=jwt(, ?[a-z]{1,9};encoding=(hex|base64))?", fullmatch=True)
        case Languages():
            return st.from_regex(r" ?e[ns]([-_][A-Z]{2})?( ?,fr(-CA)?)?", fullmatch=True)
        case Text(controls=False):
            return st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20)
    return TEXTS if rule.blank else SPOKEN


def markup() -> st.SearchStrategy[str]:
    """Generate SSML."""
    text = SPOKEN.map(lambda spoken: spoken.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    wrapped = st.sampled_from(
        ["<s>{}</s>", "<p >{}</p>", "<break time='1s'/>{}", "<emphasis level = 'strong'>{}</emphasis>"]
    )
    return st.recursive(
        text,
        lambda inner: st.builds(
            lambda outer, parts: outer.format("".join(parts)), wrapped, st.lists(inner, min_size=1, max_size=3)
        ),
        max_leaves=5,
    )


def elements(kind: type[Element]) -> st.SearchStrategy[Any]:
    """Generate elements of a class, with any of its attributes."""
    if kind is SpeakSentence:
        return st.builds(
            SpeakSentence, SPOKEN | markup().map(Ssml), voice=TEXTS, gender=st.none(), locale=st.none() | TEXTS
        )
    its = shape(kind)
    body = [values(its.rules[its.body])] if its.body else []
    given = {
        name: values(its.rules[name]) if name in its.needed else st.none() | values(its.rules[name])
        for name in its.attributes.values()
    }
    if kind is StartTranscription:  # it has either the one or the other
        given["detect_language"] = st.none() | st.just(value=False)
    return st.builds(kind, *body, **given)


def documents() -> st.SearchStrategy[Response | Bxml]:
    """Generate documents of all verbs."""
    verbs = st.lists(st.one_of([elements(kind) for kind in VERBS]), max_size=5)
    return st.one_of(st.builds(Response, verbs), st.builds(Bxml, verbs))
