from __future__ import annotations

import pytest

from bandwidth_calls.emulator.simulation.clock import Clock, parse_time, utc_text


def test_times_are_written_in_utc_with_milliseconds_and_z() -> None:
    """A time always has three decimals."""
    written = [utc_text(1_655_385_307_160), utc_text(1_655_385_307_000), utc_text(-1)]

    assert written == ["2022-06-16T13:15:07.160Z", "2022-06-16T13:15:07.000Z", "1969-12-31T23:59:59.999Z"]


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T00:00:01.160Z", 1160),
        ("1970-01-01T01:00:01+01:00", 1000),
        ("1970-01-01T00:00:01", 1000),
        ("1970-01-02", 86_400_000),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200_000),
    ],
)
def test_iso_8601_is_read(text: str, milliseconds: int) -> None:
    """Offsets are counted, and a time without one is UTC."""
    assert parse_time(text) == milliseconds


def test_what_is_finer_than_a_millisecond_is_cut_off_or_rounded_up() -> None:
    """A lower bound is rounded up and an upper one down, so both stay exact."""
    fine = "1970-01-01T00:00:00.0015Z"

    assert (parse_time(fine), parse_time(fine, round_up=True)) == (1, 2)


def test_a_whole_millisecond_is_not_rounded_up() -> None:
    """Rounding up leaves an exact bound alone."""
    assert parse_time("1970-01-01T00:00:00.001Z", round_up=True) == 1


def test_the_clock_moves_ahead_of_its_source() -> None:
    """Moves add up, and a reset undoes them."""
    clock = Clock(lambda: 10.0)

    clock.move_to(clock.micros_after(1.5))
    clock.move_to(clock.micros_after(2))
    moved = clock.now()
    clock.reset()

    assert (moved, clock.now()) == (13_500, 10_000)


def test_the_clock_never_moves_back() -> None:
    """A time in the past changes nothing."""
    clock = Clock(lambda: 10.0)

    clock.move_to(5_000_000)

    assert clock.now() == 10_000


def test_a_clock_runs_as_fast_as_it_is_told() -> None:
    """With a speed of 60 a minute passes in a second of its source."""
    source = iter([10.0, 11.0])
    clock = Clock(lambda: next(source), speed=60.0)

    assert clock.now() == 70_000


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), True, "1", None, 10**400])
def test_a_senseless_step_is_refused(seconds: object) -> None:
    """A clock moves only by a number of seconds, and never back."""
    clock = Clock(lambda: 10.0)

    with pytest.raises(ValueError, match="seconds must be a number"):
        clock.micros_after(seconds)


def test_the_clock_stays_within_what_a_date_can_hold() -> None:
    """Many allowed steps together are refused at the same limit."""
    clock = Clock(lambda: 0.0)
    clock.move_to(clock.micros_after(200_000_000_000))

    with pytest.raises(ValueError, match="past the year 9998"):
        clock.micros_after(200_000_000_000)
