"""The fast path of events equals the plain one, and is the one that usual events take."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bandwidth_calls import webhooks
from bandwidth_calls.reading import Notes, Reader
from bandwidth_calls.webhooks import Event, WebhookError, parse_event
from bandwidth_calls.wire import wire_name

KINDS = {
    name.removesuffix("Event"): getattr(webhooks, name)
    for name in webhooks.__all__
    if name.endswith("Event") and not getattr(webhooks, name).__subclasses__()
}
FIELDS = {
    name[0].lower() + name[1:]: [wire_name(field.name) for field in attrs.fields(kind) if field.name != "raw"]
    for name, kind in KINDS.items()
}
TIMES = ["2022-06-16T13:15:07.160Z", "2022-06-16T13:15:07Z", "2022-06-16T13:15:07+02:00", "2022-06-16T13:15:07", "soon"]
PLAIN = {"aField": "that has .1234567, as times have that only the plain path cuts off"}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = (
    st.none() | st.booleans() | st.integers() | texts | st.sampled_from([*TIMES, "true", "PT1.5S", "P1W", "-PT1S"])
)
values = (
    scalars
    | st.dictionaries(texts | st.sampled_from(["id", "value", "url", "duration"]), scalars, max_size=2)
    | st.lists(scalars)
)


@st.composite
def payloads(draw: st.DrawFn) -> dict[str, Any]:
    """An event with likely values, of which a few are replaced by any other."""
    word = draw(st.sampled_from(sorted(FIELDS)))
    names = draw(st.lists(st.sampled_from(FIELDS[word]), unique=True))
    likely = {name: draw(st.sampled_from(TIMES[:3]) if name.endswith("Time") else texts) for name in names}
    odd = draw(st.dictionaries(st.sampled_from(FIELDS[word]), values, max_size=1))
    return {"callId": "c-1", **likely, **odd, "eventType": word}


def outcome(payload: dict[str, Any], *, strict: bool, as_text: bool) -> dict[str, Any] | str:
    """Return what an event holds besides `raw`, or why it is none."""
    body = json.dumps(payload)
    try:
        event = parse_event(body if as_text else body.encode(), strict=strict)
    except WebhookError as error:
        return f"{error.where}: {error}"
    assert event.raw == payload
    return {"kind": type(event), **{name: value for name, value in vars(event).items() if name != "raw"}}


NEGATIVE = {"eventType": "recordingAvailable", "callId": "c-1", "duration": "-PT1S"}  # msgspec would read it
DETECTED = {"eventType": "answer", "callId": "c-1", "machineDetectionResult": {"value": "human", "duration": "P1W"}}


@example(payload=NEGATIVE, strict=False, as_text=False)
@example(payload=DETECTED, strict=True, as_text=True)
@given(payload=payloads(), strict=st.booleans(), as_text=st.booleans())
def test_both_paths_read_the_same(payload: dict[str, Any], strict: bool, as_text: bool) -> None:
    """Whatever the fields hold, strictly read or not: the same values, or the same refusal."""
    fast = outcome(payload, strict=strict, as_text=as_text)

    assert fast == outcome({**payload, **PLAIN}, strict=strict, as_text=as_text)


@pytest.mark.parametrize("word", sorted(FIELDS))
def test_a_usual_event_takes_the_fast_path(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event of each type without objects never comes to the plain reader, also with a field that is new."""
    seen = plainly_read(monkeypatch)

    parse_event(json.dumps({"callId": "c-1", "eventTime": TIMES[0], "new": {}, "eventType": word}))

    assert seen == []


def test_an_event_of_the_fast_path_is_an_event_like_any() -> None:
    """It is frozen, equals one that was made by hand, and has its default values."""
    event = parse_event('{"eventType": "dtmf", "callId": "c-1", "digit": "5"}')

    assert event == webhooks.DtmfEvent(event_type="dtmf", call_id="c-1", digit="5", raw=event.raw)
    assert hash(event) == hash(webhooks.DtmfEvent(event_type="dtmf", call_id="c-1", digit="5"))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.event_type = "other"  # type: ignore[misc]  # that is what is tried


@pytest.mark.parametrize("name", ["eventTime", "answerTime"])
def test_a_finer_time_is_cut_off(name: str) -> None:
    """Rounded up, it might be later than now: the fast path would round."""
    body = {"eventType": "answer", "callId": "c-1", name: "2022-06-16T13:15:07.1234567Z"}

    event = parse_event(json.dumps(body).encode())

    assert isinstance(event, webhooks.AnswerEvent)
    time = event.event_time or event.answer_time
    assert time is not None
    assert time.microsecond == 123456


def plainly_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the classes of events that come to the plain reader."""
    seen: list[str] = []
    read = Reader.fields

    def fields(reader: Reader, kind: type[Event], value: Any, place: str, notes: Notes) -> dict[str, Any]:
        seen.append(kind.__name__)
        return read(reader, kind, value, place, notes)

    monkeypatch.setattr(Reader, "fields", fields)
    return seen
