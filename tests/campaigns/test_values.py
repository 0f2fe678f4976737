"""Jobs and names are checked before anything is stored, and hours are those of the person who is called."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.campaign import call, keys

from bandwidth_calls import BandwidthClient, BasicCredentials, MachineDetectionConfiguration
from bandwidth_calls.campaigns import Dialler, Hours, Job, Pace, Progress

from .conftest import MakeDialler

SECRET = "very-secret"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("key", {"key": ""}),
        ("key", {"key": "a" * 257}),
        ("key", {"key": "a\x00b"}),
        ("key", {"key": 5}),
        ("call", {"call": {"to": "+1"}}),
        ("call.tag", {"call": call(tag="mine")}),
        ("call.password", {"call": call(username="user", password=SECRET)}),
        (
            "call.password",
            {"call": call(machine_detection=MachineDetectionConfiguration(username="u", password=SECRET))},
        ),
        ("not_before", {"not_before": datetime(2026, 1, 1)}),
        ("not_after", {"not_after": "tomorrow"}),
        ("not_after", {"not_before": datetime(2026, 1, 2, tzinfo=UTC), "not_after": datetime(2026, 1, 1, tzinfo=UTC)}),
        ("zone", {"zone": "Mars/Olympus"}),
        ("zone", {"zone": "../etc/passwd"}),
        ("zone", {"zone": ""}),
    ],
)
def test_a_wrong_job_is_refused(field: str, changes: dict[str, Any]) -> None:
    """The error names the field, and shows no password."""
    fields = {"key": "a", "call": call(), **changes}

    with pytest.raises(ValueError, match=f"^{field}: ") as caught:
        Job(fields.pop("key"), fields.pop("call"), **fields)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("journal", {"journal": 5}),
        ("journal", {"journal": "june.db"}),
        ("journal", {"journal": "mysql://user:very-secret@host/db"}),
        ("journal", {"journal": "sqlite://"}),
        ("journal", {"journal": "sqlite:///:memory:"}),
        ("campaign", {"campaign": ""}),
        ("campaign", {"campaign": "a/b"}),
        ("campaign", {"campaign": "a" * 65}),
        ("pace", {"pace": 5}),
        ("hours", {"hours": "9-17"}),
        ("at_once", {"at_once": 0}),
    ],
)
def test_a_wrong_dialler_is_refused(field: str, changes: dict[str, Any]) -> None:
    """The error names the argument, and shows no password of a URL."""
    options = {"journal": "sqlite:///a.db", "campaign": "june", **changes}

    with pytest.raises(ValueError, match=f"^{field}: ") as caught:
        Dialler(BandwidthClient("1", BasicCredentials("a", "b")), options.pop("journal"), **options)

    assert SECRET not in str(caught.value)


OFFICE = Hours("09:00", "17:00", days=range(5))
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-06-01T12:59:59Z", "2026-06-01T13:00:00Z"),  # a Monday, 08:59:59 in New York
        ("2026-06-01T13:00:00Z", "2026-06-01T13:00:00Z"),
        ("2026-06-01T20:59:59Z", "2026-06-01T20:59:59Z"),
        ("2026-06-01T21:00:00Z", "2026-06-02T13:00:00Z"),  # 17:00 is too late
        ("2026-06-05T21:00:00Z", "2026-06-08T13:00:00Z"),  # after Friday comes Monday
        ("2026-03-06T22:00:00Z", "2026-03-09T13:00:00Z"),  # and summer time between them
    ],
)
def test_the_next_opening(at: str, opens: str) -> None:
    """It is by the clock of the zone, and at once within the hours."""
    found = OFFICE.next_opening(datetime.fromisoformat(at), NEW_YORK)

    assert found == datetime.fromisoformat(opens)


def test_hours_over_midnight() -> None:
    """A night that opens on Friday lasts into Saturday."""
    night = Hours(time(22), time(2), days=[4])

    friday = datetime(2026, 6, 5, 12, tzinfo=UTC)
    saturday = datetime(2026, 6, 6, 1, tzinfo=UTC)
    assert night.next_opening(friday, "UTC") == datetime(2026, 6, 5, 22, tzinfo=UTC)
    assert night.next_opening(saturday, "UTC") == saturday


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([NEW_YORK, "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
)
def test_an_opening_is_within_the_hours(at: datetime, zone: str) -> None:
    """Whatever the moment and the zone, the local time is one of the hours, and not before the moment."""
    found = OFFICE.next_opening(at, zone)
    local = found.astimezone(ZoneInfo(zone))

    assert found >= at
    assert local.weekday() in range(5)
    assert time(9) <= local.time() < time(17)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("opens", {"opens": "nine"}),
        ("closes", {"closes": 17}),
        ("opens", {"opens": time(9, tzinfo=UTC)}),
        ("days", {"days": []}),
        ("days", {"days": [7]}),
        ("days", {"days": ["mon"]}),
    ],
)
def test_wrong_hours_are_refused(field: str, changes: dict[str, Any]) -> None:
    """The error names the argument."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        Hours(**{"opens": "09:00", "closes": "17:00", **changes})


async def test_outside_of_the_hours_a_key_waits(make_dialler: MakeDialler) -> None:
    """It is put back until the next opening; a key whose `not_after` is before that is cancelled."""
    now = datetime.now(UTC)
    closed = Hours("00:00", "00:01", days=[(now.weekday() + 3) % 7])
    async with make_dialler(hours=closed) as dialler:
        await dialler.add([Job("waits", call(), zone="UTC")])
        late = await dialler.dial("late", call(1), not_after=now + timedelta(hours=1), zone="UTC")

        assert late.state == "cancelled"
        assert await dialler.progress() == Progress(waiting=1, cancelled=1)


async def test_hours_need_a_zone(make_dialler: MakeDialler) -> None:
    """A row without one is refused before it is stored; one that another process stored is not dialled."""
    async with make_dialler() as dialler:
        await dialler.add(keys(1))
    async with make_dialler(hours=Hours("00:00", "23:59")) as dialler:
        with pytest.raises(ValueError, match=r"^zone: is needed"):
            await dialler.add(keys(1))

        (outcome,) = [outcome async for outcome in dialler.run()]

    assert (outcome.state, outcome.reason) == ("refused", "zone: is missing, and the campaign has calling hours")


def test_a_pace_without_a_limit() -> None:
    """Its calls keep no distance."""
    assert Pace(per_second=None).interval == 0
    assert Pace(per_second=10, margin=0.5).interval == pytest.approx(0.15)
