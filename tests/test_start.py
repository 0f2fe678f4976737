"""What a program loads when it starts: no more than it uses."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "program",
    [
        "import bandwidth_calls",
        "from bandwidth_calls import CreateCall, BandwidthError, State",
        "import bandwidth_calls.bxml",
        "import bandwidth_calls.webhooks",
        "import bandwidth_calls.convert",
    ],
)
def test_what_needs_no_network_does_not_import_aiohttp(program: str) -> None:
    """A serverless handler starts without aiohttp."""
    command = [sys.executable, "-c", f"{program}; import sys; print('aiohttp' in sys.modules)"]

    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert printed == "False\n"


def test_a_client_of_calls_loads_no_other_resource() -> None:
    """It starts as fast as if there were calls only: recordings and downloads are imported when they are first used."""
    program = """
import sys
from bandwidth_calls import BandwidthClient, BasicCredentials
client = BandwidthClient("1", BasicCredentials("a", "b"))
client.calls.list_calls()
parts = ("resources", "models", "downloads", "windows")
print(sorted(name for name in sys.modules if name.split(".")[1:2] and name.split(".")[1] in parts))
"""
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    of_calls = ["models", "models.callbacks", "models.calls", "models.words", "resources", "resources.calls"]
    assert ast.literal_eval(printed) == [f"bandwidth_calls.{name}" for name in of_calls]
