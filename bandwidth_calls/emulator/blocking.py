"""The emulator for tests that are not asynchronous, such as those of Flask and Django applications."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import attrs

from bandwidth_calls.emulator.emulator import Emulator
from bandwidth_calls.emulator.options import Options
from bandwidth_calls.emulator.stage import A_DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import TracebackType
    from typing import Unpack

    from bandwidth_calls.emulator.api.faults import FaultKeywords
    from bandwidth_calls.emulator.api.journal import RecordedRequest
    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.calls.timeline import Entry
    from bandwidth_calls.emulator.far_end.script import FarEnd

T = TypeVar("T")


@attrs.define(kw_only=True, eq=False, slots=False)
class BlockingEmulator(Options):
    """An `Emulator` on a thread and an event loop of its own, for use with `with`; the settings are the same.

    Its clock is a moved one, unless `moved_clock=False`. Each name does what it does in `Emulator`, and returns when
    that is done; the errors are the same.
    """

    clock: Callable[[], float] | None = None
    moved_clock: bool = True

    def __attrs_post_init__(self) -> None:
        settings: dict[str, Any] = {str(field.alias): getattr(self, field.name) for field in attrs.fields(type(self))}
        self._emulator = Emulator(**settings)
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        # A daemon, so that a test which never leaves the `with` does not keep the process alive.
        self._thread = threading.Thread(target=self._loop.run_forever, name="bandwidth emulator", daemon=True)
        self._thread.start()
        try:
            self._wait(self._emulator.__aenter__())
        except BaseException:
            self._stop(self._loop)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._loop is not None  # noqa: S101 - for the type checker: `with` enters first
        try:
            self._wait(self._emulator.__aexit__(kind, error, traceback))
        finally:
            self._stop(self._loop)

    @property
    def base_url(self) -> str:
        """The API's base URL, such as `http://127.0.0.1:8080/api/v2`."""
        return self._emulator.base_url

    @property
    def token_url(self) -> str:
        """The URL of the token endpoint."""
        return self._emulator.token_url

    @property
    def page_url(self) -> str:
        """The URL of the live page, which shows the calls as they are played."""
        return self._emulator.page_url

    @property
    def account_id(self) -> str:
        """The id of the only account that exists."""
        return self._emulator.account_id

    def advance(self, seconds: float) -> None:
        """Move the clock ahead."""
        self._wait(self._emulator.advance(seconds))

    def run_until_idle(self, *, within: float = A_DAY) -> None:
        """Move the clock to the last event that is due."""
        self._wait(self._emulator.run_until_idle(within=within))

    def run_until(self, condition: Callable[[], bool], *, within: float = A_DAY) -> None:
        """Move the clock until a condition holds; it is called on the emulator's thread."""
        self._wait(self._emulator.run_until(condition, within=within))

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Stop the moved clock inside a `with`, while something works outside; `name` says what."""
        held = self._emulator.hold(name)
        self._wait(held.__aenter__())
        try:
            yield
        finally:
            self._wait(held.__aexit__(None, None, None))

    @property
    def calls(self) -> list[Call]:
        """Every call, in order."""
        return self._do(lambda: self._emulator.calls)

    def find_call(self, call_id: str) -> Call:
        """Return the call with this id."""
        return self._do(lambda: self._emulator.find_call(call_id))

    def far_end(self, number: str, far_end: FarEnd) -> None:
        """Set who is at a number, or at all numbers that match a pattern."""
        self._do(lambda: self._emulator.far_end(number, far_end))

    def inbound(
        self,
        *,
        to: str,
        from_: str,
        far_end: FarEnd | None = None,
        url: str | None = None,
        application_id: str = "inbound",
    ) -> Call:
        """Make a far end call the application, and return the call that rings."""
        call = self._emulator.inbound(to=to, from_=from_, far_end=far_end, url=url, application_id=application_id)
        return self._wait(call)

    def press(self, call: Call | str, keys: str) -> None:
        """Make the far end of a call press keys now."""
        self._do(lambda: self._emulator.press(call, keys))

    def say(self, call: Call | str, words: str) -> None:
        """Make the far end of a call speak now."""
        self._do(lambda: self._emulator.say(call, words))

    def hang_up(self, call: Call | str) -> None:
        """Make the far end of a call hang up now."""
        self._do(lambda: self._emulator.hang_up(call))

    def watch(self, listener: Callable[[Call, Entry], None]) -> None:
        """Call a function with each step of every call; it is called on the emulator's thread."""
        self._do(lambda: self._emulator.watch(listener))

    def fault(self, operation: str, times: int = 1, **what: Unpack[FaultKeywords]) -> None:
        """Make the next requests of an operation fail."""
        self._do(lambda: self._emulator.fault(operation, times, **what))

    def webhook_fault(
        self,
        event: str = "*",
        *,
        delay: float = 0.0,
        late: float = 0.0,
        drop: bool = False,
        duplicate: bool = False,
        url: str = "*",
        call_id: str | None = None,
        nth: int = 1,
        times: int = 1,
    ) -> None:
        """Make webhooks fail."""
        self._do(
            lambda: self._emulator.webhook_fault(
                event,
                delay=delay,
                late=late,
                drop=drop,
                duplicate=duplicate,
                url=url,
                call_id=call_id,
                nth=nth,
                times=times,
            )
        )

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests that arrived, in order."""
        return self._do(lambda: self._emulator.requests)

    @property
    def requests_dropped(self) -> int:
        """How many requests arrived before those in `requests`."""
        return self._do(lambda: self._emulator.requests_dropped)

    def revoke(self) -> None:
        """Make every token issued so far invalid."""
        self._do(self._emulator.revoke)

    def reset(self) -> None:
        """Forget requests, calls, far ends and faults, and move the clock back."""
        self._do(self._emulator.reset)

    @property
    def problems(self) -> list[str]:
        """What the application did wrong, or could not be sent, in order."""
        return self._do(lambda: self._emulator.problems)

    def expect_problems(self) -> list[str]:
        """Return the problems so far, and forget them, so that they fail no test."""
        return self._do(self._emulator.expect_problems)

    def assert_no_problems(self) -> None:
        """Raise an `AssertionError` with the problems, if there are any."""
        self._do(self._emulator.assert_no_problems)

    def assert_dialled_once(self, number: str) -> Call:
        """Return the only call that was placed to a number; else raise an `AssertionError` with the timelines."""
        return self._do(lambda: self._emulator.assert_dialled_once(number))

    def assert_no_calls(self) -> None:
        """Raise an `AssertionError` with the timelines if there was any call."""
        self._do(self._emulator.assert_no_calls)

    def _do(self, action: Callable[[], T]) -> T:
        """Do something on the emulator's thread; before it starts and after it ends, on this one."""
        if self._loop is None:
            return action()

        async def done() -> T:
            return action()

        return self._wait(done())

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            coroutine.close()  # else Python warns that it was never awaited
            raise RuntimeError("the emulator has not started: use it in `with`")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _stop(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = None
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()
