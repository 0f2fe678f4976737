"""The public face: the promised names, all of them, and a docstring on each."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bandwidth_calls

PROMISED = [
    "BandwidthClient",
    "ClientCredentials",
    "BasicCredentials",
    "Token",
    "TokenStore",
    "MemoryTokenStore",
    "Timeout",
    "RetryPolicy",
    "Answer",
    "CreateCall",
    "CreateCallResponse",
    "CallState",
    "UpdateCall",
    "MachineDetectionConfiguration",
    "BandwidthError",
    "NotSentError",
    "NoAnswerError",
    "RefusedError",
    "BadRequestError",
    "AuthenticationError",
    "PermissionDeniedError",
    "NotFoundError",
    "MethodNotAllowedError",
    "ConflictError",
    "UnsupportedMediaTypeError",
    "RateLimitedError",
    "CallRateLimitedError",
    "ConcurrentCallLimitError",
    "ServerError",
    "CallMayHaveBeenPlacedError",
    "BadAnswerError",
    "TokenError",
    "UntrustedLinkError",
    "ClientClosedError",
    "WrongLoopError",
    "BxmlError",
    "WebhookError",
]


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_name_is_there(name: str) -> None:
    """Programs outside this repository import these names."""
    assert name in bandwidth_calls.__all__


@pytest.mark.parametrize("name", bandwidth_calls.__all__)
def test_a_public_name_resolves_and_is_explained(name: str) -> None:
    """Each name can be imported and has a docstring, and so have its public methods."""
    value = getattr(bandwidth_calls, name)

    assert value.__name__ == name
    assert inspect.getdoc(value)
    for method, function in vars(value).items():
        if inspect.isfunction(function) and not method.startswith("_"):
            assert inspect.getdoc(function), f"{name}.{method}"


def test_the_names_are_sorted_and_complete() -> None:
    """`__all__` is in order, without repetition, and what `dir` shows."""
    names = bandwidth_calls.__all__

    assert names == sorted(set(names))
    assert set(names) | {"__version__"} == set(dir(bandwidth_calls))


def test_type_checkers_see_the_same_names() -> None:
    """The imports for type checkers name each public name, where it is defined, and nothing else."""
    tree = ast.parse(Path(str(bandwidth_calls.__file__)).read_text())
    imported = {
        alias.asname: f"{node.module}.{alias.name}"
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    defined = {name: getattr(bandwidth_calls, name) for name in bandwidth_calls.__all__}

    assert imported == {name: f"{value.__module__}.{name}" for name, value in defined.items()}


@pytest.mark.parametrize("package", ["bandwidth_calls.bxml", "bandwidth_calls.emulator", "bandwidth_calls.webhooks"])
def test_every_name_of_a_package_resolves(package: str) -> None:
    """`__all__` of a public package has no name that is not there, and none twice."""
    module = importlib.import_module(package)

    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert len(module.__all__) == len(set(module.__all__))


def test_the_version_is_one_of_numbers() -> None:
    """Package indexes take three numbers; other forms need a reason."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", bandwidth_calls.__version__)


def test_a_star_import_brings_every_name() -> None:
    """`from bandwidth_calls import *` brings what `__all__` promises, and no more."""
    program = "from bandwidth_calls import *; print(sorted(name for name in dir() if not name.startswith('_')))"

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert ast.literal_eval(printed) == bandwidth_calls.__all__


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'BandwithClient'"):
        bandwidth_calls.BandwithClient  # noqa: B018 - it is the access that fails
