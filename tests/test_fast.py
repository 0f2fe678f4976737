"""The fast path (`FastReader`) equals the plain one, for whole pages and for the slices of `PageReader`."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bandwidth_calls import Answer, BadAnswerError, CallState, CreateCallResponse
from bandwidth_calls.fast import FastReader, load_one
from bandwidth_calls.page_stream import PageReader
from bandwidth_calls.reading import Notes, Reader, Unreadable, load, load_list
from bandwidth_calls.wire import wire_name

NAMES = [wire_name(field.name) for field in attrs.fields(CallState)]
CREATED = [wire_name(field.name) for field in attrs.fields(CreateCallResponse)]
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
        name: st.none() | (st.sampled_from(TIMES[:4]) if name.endswith(("Time", "Update")) else texts)
        for name in NAMES
        if name not in ("callId", "stirShaken", "extra")
    }
    | {"stirShaken": st.none() | st.dictionaries(texts, texts, max_size=2)},
)
with_unknown = st.builds(lambda item, more: {**more, **item}, likely, st.dictionaries(texts, values, max_size=2))
with_faults = st.builds(
    lambda item, faults: {**item, **faults}, likely, st.dictionaries(st.sampled_from(NAMES), values, max_size=1)
)
with_odd_times = st.builds(
    lambda item, name, time: {**item, name: time},
    likely,
    st.sampled_from([name for name in NAMES if name.endswith("Time")]),
    st.sampled_from(TIMES),
)
pages = (
    st.lists(likely, max_size=4)
    | st.lists(with_odd_times, max_size=2)
    | st.lists(likely | with_unknown, max_size=4)
    | st.lists(likely | with_faults, max_size=4)
    | st.lists(with_unknown | with_faults | scalars, max_size=4)
    | values
)


def answer(body: bytes) -> Answer:
    """Make an answer of a body."""
    return Answer(200, CIMultiDictProxy(CIMultiDict()), body, "GET /calls")


class Noted(Notes):
    """Notes that can be compared."""

    def __init__(self) -> None:
        super().__init__("GET /calls")
        self.all: list[tuple[str, str]] = []

    def odd(self, place: str, why: str) -> None:
        """Keep what is odd."""
        super().odd(place, why)
        self.all.append((place, why))


def read_whole(body: bytes, notes: Notes) -> list[CallState | Unreadable]:
    """Read a page by the fast path, in one piece."""
    reader = PageReader(CallState, 10**9, notes)
    reader.put(body)
    return reader.end(answer(body))


def read_plain(body: bytes, notes: Notes) -> list[CallState | Unreadable]:
    """Read a page by the plain path."""
    return load_list(answer(body), CallState, notes)


def told(record: Any) -> Any:
    """Return a record as something to compare: with its `extra`, its repr, or its place and the reason."""
    return (record.place, record.why) if isinstance(record, Unreadable) else (record, record.extra, repr(record))


def outcome(read: Any) -> Any:
    """Return what was read, or what is known of the error."""
    try:
        records = read()
    except BadAnswerError as error:
        return str(error), error.where
    return [told(record) for record in (records if isinstance(records, list) else [records])]


@settings(max_examples=300, deadline=None)  # the first example compiles the reader
@given(pages)
def test_both_paths_give_the_same(page: Any) -> None:
    """Of any page, odd or not, the fast path makes equal calls, with the same notes, or raises the same error."""
    body = json.dumps(page).encode()
    fast_notes, plain_notes = Noted(), Noted()

    fast_outcome = outcome(lambda: read_whole(body, fast_notes))
    plain_outcome = outcome(lambda: read_plain(body, plain_notes))

    assert fast_outcome == plain_outcome
    assert fast_notes.all == plain_notes.all


created = st.dictionaries(st.sampled_from(CREATED), values, max_size=8)


@settings(max_examples=200, deadline=None)  # the first example compiles the reader
@given(st.builds(lambda fields, more: {**fields, "callId": "c", **more}, created, created) | st.lists(likely) | values)
def test_both_paths_give_the_same_answer(payload: Any) -> None:
    """So it is for a single answer, in an array or not."""
    got = answer(json.dumps(payload).encode())

    assert outcome(lambda: load_one(got, CreateCallResponse)) == outcome(lambda: load(got, CreateCallResponse))


@given(st.binary(max_size=50))
def test_both_paths_refuse_the_same_bytes(body: bytes) -> None:
    """What is no JSON is the same error on both."""
    assert outcome(lambda: read_whole(body, Noted())) == outcome(lambda: read_plain(body, Noted()))


@pytest.mark.parametrize(
    "page",
    [
        [{"callId": "c", "from": "+1", "startTime": TIMES[0], "stirShaken": {"verstat": "x"}}],
        [{"callId": "c", "new": 1}, {"callId": "d", "extra": 2}],
    ],
    ids=["known fields", "unknown fields"],
)
def test_a_usual_page_takes_the_fast_path(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A valid page never comes to the plain reader, also when the service adds a field."""
    plain = plain_records(monkeypatch)

    read_whole(json.dumps(page).encode(), Noted())

    assert plain == []


def test_of_an_odd_page_only_the_odd_records_take_the_plain_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """One odd record does not slow down the others of its slice."""
    plain = plain_records(monkeypatch)
    page = [{"callId": f"c-{n}"} for n in range(100)]
    odd: list[Any] = [*page, {"callId": "c-100", "to": 5}, {}, *page]

    read_whole(json.dumps(odd).encode(), Noted())

    assert plain == [{"callId": "c-100", "to": 5}, {}]


def plain_records(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the records that come to the plain reader."""
    seen: list[Any] = []
    read = Reader.record

    def record(reader: Reader, kind: Any, value: Any, place: str, notes: Notes) -> Any:
        seen.append(value)
        return read(reader, kind, value, place, notes)

    monkeypatch.setattr(Reader, "record", record)
    return seen


def test_a_call_of_the_fast_path_is_a_call_like_any() -> None:
    """It is frozen, hashable, and has methods and a repr of its own class."""
    (call,) = read_whole(b'[{"callId": "c"}]', Noted())

    assert type(call) is CallState
    assert hash(call) == hash(CallState(call_id="c"))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        call.call_id = "d"  # type: ignore[misc]  # the wrong use under test


def read_sliced(body: bytes, sizes: list[int], size: int, notes: Notes) -> tuple[list[Any], Any]:
    """Read a page in slices as it arrives in pieces of these sizes: what was read before an error, and the error."""
    reader, records, place = PageReader(CallState, size, notes), list[Any](), 0
    for length in [*sizes, len(body)]:
        reader.put(body[place : place + length])
        place += length
        while reader.ready:
            records += map(told, reader.slice())
    rest = outcome(lambda: reader.end(answer(body)))
    return (records + rest, None) if isinstance(rest, list) else (records, rest)


tricky = st.sampled_from(["},{", '"},{"', "\\", '\\"},{', "]", "[{", "é},{", "\x00"])
tricky_pages = st.lists(
    likely | st.fixed_dictionaries({"callId": tricky}, optional={"tag": st.lists(st.dictionaries(tricky, tricky))}),
    min_size=1,
    max_size=6,
)
broken = st.none() | st.tuples(st.integers(0, 400), st.sampled_from([b"", b"\xff", b"}", b",{", b'"', b"]", b"{}"]))


@settings(max_examples=400, deadline=None)  # the first example compiles the reader
@given(
    pages | tricky_pages | st.lists(likely, min_size=3, max_size=6),
    st.lists(st.integers(0, 120)),
    st.integers(20, 200),
    broken,
)
def test_slices_are_the_whole_page(page: Any, sizes: list[int], size: int, fault: tuple[int, bytes] | None) -> None:
    """However a page arrives and is cut, the items are those of the whole one, and so are error and place."""
    body = json.dumps(page, separators=(",", ":"), ensure_ascii=False).encode()
    if fault is not None:
        body = body[: fault[0]] + fault[1] + body[fault[0] + 1 :]

    sliced_notes, whole_notes = Noted(), Noted()

    records, error = read_sliced(body, sizes, size, sliced_notes)

    whole = outcome(lambda: read_plain(body, whole_notes))
    if isinstance(whole, list):
        assert (records, error) == (whole, None)
        assert sliced_notes.all == whole_notes.all
    else:
        assert error == whole


def test_a_slice_gives_what_is_whole() -> None:
    """Items come before the page has ended; the last one of a slice waits, since more of it might follow."""
    body = json.dumps([{"callId": f"c-{n}"} for n in range(5)], separators=(",", ":")).encode()
    reader = PageReader(CallState, 40, Noted())

    reader.put(body[:40])
    first, ready = reader.slice(), reader.ready
    reader.put(body[40:])
    second, rest = reader.slice(), reader.end(answer(body))

    assert not ready
    assert [first, second, rest] == [
        [CallState(call_id="c-0"), CallState(call_id="c-1")],
        [CallState(call_id="c-2"), CallState(call_id="c-3")],
        [CallState(call_id="c-4")],
    ]


def test_cuts_that_cannot_be_read_are_not_tried_over_and_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile page of nothing but false cuts is read in a time that grows with its length, not with its square."""
    body = json.dumps([{"callId": "},{" * 30_000}, {}], separators=(",", ":")).encode()
    read, tried = FastReader[CallState].page, 0

    def counted(reader: FastReader[CallState], data: Any, notes: Notes, first: int = 0) -> Any:
        nonlocal tried
        tried += len(data)
        return read(reader, data, notes, first)

    monkeypatch.setattr(FastReader, "page", counted)
    reader = PageReader(CallState, 1000, Noted())
    for place in range(0, len(body), 1000):
        reader.put(body[place : place + 1000])
        while reader.ready:
            reader.slice()

    assert len(body) < tried < 12 * len(body)
