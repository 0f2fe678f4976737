"""What the tests of the operations share: an emulator where everybody is silent, and an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """An emulator on the moved clock, where everybody is silent."""
    async with Emulator(moved_clock=True) as emulator:
        emulator.far_end("*", FarEnd().silence())
        yield emulator


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    """An application that takes every event."""
    async with Application() as application:
        yield application
