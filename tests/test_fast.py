"""The fast path of a page equals the plain one: the same calls, or the same error."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import Answer, BadAnswerError, CallState, fast
from bandwidth_calls.convert import load, wire_name
from bandwidth_calls.fast import load_page

NAMES = [wire_name(field.name) for field in attrs.fields(CallState)]
TIMES = [
    "2022-06-16T13:15:07.160Z", "2022-06-16T13:15:07Z", "2022-06-16T13:15:07.1234567Z", "2022-06-16T13:15:07+02:00",
    "2022-06-16t13:15:07z", "2022-06-16 13:15:07Z", "2022-06-16T13:15:07", "2022-W24-4T13:15:07Z", "2022-06-16", "",
    "0001-01-01T00:00:00+23:59", "2022-06-16T24:00:00Z", "2022-06-16T13:15:60Z",
]  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.sampled_from(TIMES)
values = scalars | st.dictionaries(texts, scalars, max_size=2) | st.lists(scalars, max_size=2)
likely = st.fixed_dictionaries(
    {"callId": texts},
    optional={
        name: st.none() | (st.sampled_from(TIMES[:4]) if name.endswith("Time") else texts)
        for name in NAMES
        if name not in ("callId", "stirShaken", "extra", "lastUpdate")
    }
    | {"stirShaken": st.none() | st.dictionaries(texts, texts, max_size=2), "lastUpdate": st.sampled_from(TIMES)},
)
unlikely = st.dictionaries(st.sampled_from(NAMES) | texts, values, max_size=6)
pages = st.lists(likely, max_size=4) | st.lists(likely | unlikely | scalars, max_size=4) | values


def answer(body: bytes) -> Answer:
    """Make an answer of a body."""
    return Answer(200, CIMultiDictProxy(CIMultiDict()), body, "GET /calls")


def outcome(read: Any) -> Any:
    """Give what was read, or what is known of the error."""
    try:
        return read()
    except BadAnswerError as error:
        return str(error), error.where


@given(pages)
def test_both_paths_give_the_same(page: Any) -> None:
    """Of any page, valid or not, the fast path makes equal calls, or raises the same error at the same place."""
    got = answer(json.dumps(page).encode())

    fast_outcome = outcome(lambda: load_page(got, CallState))
    plain_outcome = outcome(lambda: load(got, list[CallState]))

    assert fast_outcome == plain_outcome
    if isinstance(fast_outcome, list):
        assert [call.extra for call in fast_outcome] == [call.extra for call in plain_outcome]
        assert [repr(call) for call in fast_outcome] == [repr(call) for call in plain_outcome]


@given(st.binary(max_size=50))
def test_both_paths_refuse_the_same_bytes(body: bytes) -> None:
    """What is no JSON is the same error on both."""
    got = answer(body)

    assert outcome(lambda: load_page(got, CallState)) == outcome(lambda: load(got, list[CallState]))


@pytest.mark.parametrize(
    "page",
    [
        [{"callId": "c", "from": "+1", "startTime": TIMES[0], "stirShaken": {"verstat": "x"}}],
        [{"callId": "c", "new": 1}, {"callId": "d", "extra": 2}],
    ],
    ids=["known fields", "unknown fields"],
)
def test_a_usual_page_takes_the_fast_path(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A valid page never comes to the converter, also when the service adds a field."""
    monkeypatch.setattr(fast, "load", None)

    calls = load_page(answer(json.dumps(page).encode()), CallState)

    assert [call.call_id for call in calls] == [item["callId"] for item in page]


def test_a_call_of_the_fast_path_is_a_call_like_any() -> None:
    """It is frozen, hashable, and has methods and a repr of its own class."""
    (call,) = load_page(answer(b'[{"callId": "c"}]'), CallState)

    assert type(call) is CallState
    assert hash(call) == hash(CallState(call_id="c"))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        call.call_id = "d"  # type: ignore[misc]  # the wrong use under test
