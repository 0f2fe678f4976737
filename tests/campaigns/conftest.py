"""What the tests of campaigns share: a journal on both kinds of database, an emulator, and diallers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from support.campaign import ACCOUNT, Rows

from bandwidth_calls import BandwidthClient, BasicCredentials
from bandwidth_calls.campaigns import Dialler, Pace
from bandwidth_calls.emulator import Emulator

MakeDialler = Callable[..., Dialler]


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """An emulator that dials nobody: it takes calls, and lists them."""
    async with Emulator(no_webhooks=True) as running:
        yield running


@pytest.fixture
async def client(bandwidth: Emulator) -> AsyncIterator[BandwidthClient]:
    """A client of the emulator."""
    async with BandwidthClient(ACCOUNT, BasicCredentials("user", "password"), base_url=bandwidth.base_url) as client:
        yield client


@pytest.fixture
def make_dialler(client: BandwidthClient, journal: str) -> MakeDialler:
    """Return a function that makes diallers of one campaign, without a pace."""

    def make(**options: Any) -> Dialler:
        options = {"campaign": "june", "pace": Pace(per_second=None), **options}
        return Dialler(options.pop("client", client), journal, **options)

    return make


@pytest.fixture
async def dialler(make_dialler: MakeDialler) -> AsyncIterator[Dialler]:
    """An open dialler."""
    async with make_dialler() as dialler:
        yield dialler


@pytest.fixture
def rows(journal: str) -> Rows:
    """The rows of the journal, read and changed from outside."""
    return Rows(journal)
