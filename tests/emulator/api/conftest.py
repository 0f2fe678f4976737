"""Fixtures of the tests of recordings: an emulator with silent far ends, and an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """Start an emulator with a moved clock and silent far ends."""
    async with Emulator(moved_clock=True) as emulator:
        emulator.far_end("*", FarEnd().silence())
        yield emulator


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    """Start an application that accepts every event."""
    async with Application() as application:
        yield application
