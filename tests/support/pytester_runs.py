"""Runs a story in a pytest of its own, with the plugin of the package."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

OPTIONS = (
    "-rs",
    *("-p", "no:cacheprovider"),
    *("-p", "no:hypothesispytest"),  # it takes seconds to import, and no story uses it
    *("-o", "asyncio_default_fixture_loop_scope=function"),  # without it pytest-asyncio warns
)


def run_pytest(pytester: pytest.Pytester, story: str, *options: str) -> pytest.RunResult:
    """Run a story in a pytest of its own; the plugin is loaded as an installed one, or by name where it is none."""
    pytester.makepyfile(story)
    is_installed = any(point.name == "bandwidth_calls" for point in entry_points(group="pytest11"))
    plugin = [] if is_installed else ["-p", "bandwidth_calls.pytest_plugin"]
    return pytester.runpytest_inprocess(*OPTIONS, *plugin, *options)
