"""The emulator for tests that are not asynchronous, such as those of Flask and Django applications."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from bandwidth_calls.emulator.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.far_end.script import FarEnd

T = TypeVar("T")


class BlockingEmulator:
    """An `Emulator` on a thread and an event loop of its own, to be used with `with`; the settings are the same.

    Its clock is one that is moved, unless `moved_clock=False`. What has a name here does what it does in `Emulator`,
    and returns when it is done; errors are the same.
    """

    def __init__(self, **settings: Any) -> None:
        self._emulator = Emulator(**{"moved_clock": True, **settings})

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bandwidth emulator", daemon=True)
        self._thread.start()
        try:
            self._wait(self._emulator.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._wait(self._emulator.__aexit__(kind, error, traceback))
        finally:
            self._stop()

    @property
    def base_url(self) -> str:
        """The API's base URL."""
        return self._emulator.base_url

    @property
    def token_url(self) -> str:
        """The URL of the token endpoint."""
        return self._emulator.token_url

    @property
    def account_id(self) -> str:
        """The account that exists."""
        return self._emulator.account_id

    @property
    def calls(self) -> list[Call]:
        """Every call, in order."""
        return self._do(lambda: self._emulator.calls)

    @property
    def problems(self) -> list[str]:
        """What the application did wrong, in order."""
        return self._do(lambda: self._emulator.problems)

    def advance(self, seconds: float) -> None:
        """Move the clock ahead."""
        self._wait(self._emulator.advance(seconds))

    def run_until(self, condition: Callable[[], bool], *, within: float = 86_400.0) -> None:
        """Move the clock until a condition holds; it is asked on the emulator's thread."""
        self._wait(self._emulator.run_until(condition, within=within))

    def run_until_idle(self, *, within: float = 86_400.0) -> None:
        """Move the clock to the last thing that is to happen."""
        self._wait(self._emulator.run_until_idle(within=within))

    def inbound(self, *, to: str, from_: str, far_end: FarEnd | None = None, url: str | None = None) -> Call:
        """Let somebody call an application."""
        return self._wait(self._emulator.inbound(to=to, from_=from_, far_end=far_end, url=url))

    def far_end(self, number: str, far_end: FarEnd) -> None:
        """Say who is at a number."""
        self._do(lambda: self._emulator.far_end(number, far_end))

    def fault(self, operation: str, times: int = 1, **what: object) -> None:
        """Let the next requests of an operation fail."""
        self._do(lambda: self._emulator.fault(operation, times, **what))

    def webhook_fault(self, event: str = "*", **what: Any) -> None:
        """Let the next webhooks of a type fail on their way."""
        self._do(lambda: self._emulator.webhook_fault(event, **what))

    def expect_problems(self) -> list[str]:
        """Take what the application did wrong so far as expected; return it."""
        return self._do(self._emulator.expect_problems)

    def assert_no_problems(self) -> None:
        """Raise an `AssertionError` that tells what the application did wrong."""
        self._do(self._emulator.assert_no_problems)

    def assert_dialled_once(self, number: str) -> Call:
        """Raise an `AssertionError` with the timelines unless this number was dialled once; return the call."""
        return self._do(lambda: self._emulator.assert_dialled_once(number))

    def assert_no_calls(self) -> None:
        """Raise an `AssertionError` with the timelines if there was any call."""
        self._do(self._emulator.assert_no_calls)

    def _do(self, action: Callable[[], T]) -> T:
        async def done() -> T:
            return action()

        return self._wait(done())

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
