"""What the tests of resources share."""

from __future__ import annotations

import pytest
from support.scripted_api import MakeClient

from bandwidth_calls import BandwidthClient, BasicCredentials


@pytest.fixture
def client(make_client: MakeClient, basic: BasicCredentials) -> BandwidthClient:
    """A client that asks for no token."""
    return make_client(auth=basic)
