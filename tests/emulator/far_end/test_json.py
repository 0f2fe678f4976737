from __future__ import annotations

import pytest

from bandwidth_calls.emulator import FarEnd
from bandwidth_calls.emulator.far_end.json import read_far_end


@pytest.mark.parametrize(
    ("value", "far_end"),
    [
        ({}, FarEnd()),
        ({"after": 3}, FarEnd().answer(after=3)),
        ({"outcome": "busy"}, FarEnd().busy()),
        ({"outcome": "reject", "after": 2.5}, FarEnd().reject(after=2.5)),
        ({"outcome": "no_answer"}, FarEnd().no_answer()),
        ({"outcome": "not_reachable"}, FarEnd().not_reachable()),
        ({"outcome": "fail"}, FarEnd().fail()),
        ({"gives_up": 5}, FarEnd().give_up(after=5)),
        ({"greeting": "machine"}, FarEnd().machine()),
        ({"greeting": "machine", "greeting_seconds": 7}, FarEnd().machine(greeting=7)),
        ({"greeting": "silence"}, FarEnd().silence()),
    ],
)
def test_a_far_end_is_read(value: object, far_end: FarEnd) -> None:
    """Each key does what the method of its name does, with the same defaults."""
    assert read_far_end(value) == far_end


def test_steps_are_read_in_order() -> None:
    """Each step is an object whose `do` names the method."""
    steps = [
        {"do": "hear", "phrase": "press 1", "else_hang_up": 20},
        {"do": "press", "keys": "1", "after": 2},
        {"do": "hear", "phrase": "your name"},
        {"do": "say", "words": "Ada"},
        {"do": "hang_up", "after": 30},
    ]

    far_end = read_far_end({"steps": steps})

    heard = FarEnd().hear("press 1").else_hang_up(after=20).press("1", after=2).hear("your name")
    assert far_end == heard.say("Ada").hang_up(after=30)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "far_end must be an object"),
        ({"outcom": "busy"}, "far_end: unknown: outcom"),
        ({"outcome": "sleep"}, "far_end: outcome must be one of answer, busy"),
        ({"outcome": ["busy"]}, "far_end: outcome must be one of"),
        ({"after": "3"}, "far_end: after must be a number of seconds"),
        ({"outcome": "fail", "after": 3}, "far_end: after does not go with fail"),
        ({"gives_up": -5}, "far_end: gives_up: after must be a number of seconds"),
        ({"greeting": "parrot"}, "far_end: greeting must be one of person, machine, silence"),
        ({"greeting": "machine", "greeting_seconds": -1}, "far_end: greeting_seconds: "),
        ({"greeting_seconds": 1}, "far_end: greeting_seconds does not go with person"),
        ({"steps": {}}, "far_end.steps must be an array"),
        ({"steps": ["press"]}, r"far_end.steps\[0\] must be an object"),
        ({"steps": [{"do": "dance"}]}, r"far_end.steps\[0\]: do must be one of press, say, hang_up, hear"),
        ({"steps": [{"do": "hang_up"}, {"do": "press"}]}, r"far_end.steps\[1\]: keys must be"),
        ({"steps": [{"do": "press", "keys": "E"}]}, r"far_end.steps\[0\]: keys must be of 0-9"),
        ({"steps": [{"do": "say", "words": "a", "keys": "1"}]}, r"far_end.steps\[0\]: unknown: keys"),
        ({"steps": [{"do": "say", "words": "a", "after": True}]}, r"far_end.steps\[0\]: after must be a number"),
        ({"steps": [{"do": "hear", "phrase": "a", "after": 1}]}, r"far_end.steps\[0\]: unknown: after"),
        ({"steps": [{"do": "press", "keys": "1", "else_hang_up": 1}]}, r"far_end.steps\[0\]: unknown: else_hang_up"),
        ({"steps": [{"do": "hear", "phrase": "a", "else_hang_up": -1}]}, r"far_end.steps\[0\].else_hang_up: "),
    ],
)
def test_what_makes_no_sense_is_named(value: object, said: str) -> None:
    """The error begins with the path of the field, and names it."""
    with pytest.raises(ValueError, match=f"^{said}"):
        read_far_end(value)
