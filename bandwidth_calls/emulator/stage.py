"""The part of the emulator's Python face that plays: the clock, far ends, inbound calls, and what is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.delivery.courier import Endpoint, Webhook
from bandwidth_calls.emulator.delivery.faults import WebhookFault
from bandwidth_calls.emulator.far_end.script import FarEnd

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from bandwidth_calls.emulator.calls.calls import Call, Calls
    from bandwidth_calls.emulator.engine.engine import Engine
    from bandwidth_calls.emulator.simulation.clock import Clock
    from bandwidth_calls.emulator.simulation.scheduler import Scheduler

_A_DAY = 86_400.0
_MOST_SHOWN = 20


class Stage:
    """What a test says to the calls that are played."""

    _clock: Clock
    _scheduler: Scheduler
    _engine: Engine
    _calls: Calls

    async def advance(self, seconds: float) -> None:
        """Move the clock ahead, and return when all that is due by then has happened, in order."""
        until = self._clock.micros_after(seconds)
        await self._scheduler.play(until, lambda: False)
        self._clock.move_to(until)
        self._calls.changes.tell()

    async def run_until_idle(self, *, within: float = _A_DAY) -> None:
        """Move the clock to the last thing that is to happen.

        A `TimeoutError` with the timelines of the calls that are up tells where there is more after `within` seconds.
        """
        until = self._clock.micros_after(within)
        await self._scheduler.play(until, lambda: False)
        if not self._scheduler.is_idle:
            raise TimeoutError(self._still_up(f"there is more to come after {within:g} seconds"))

    async def run_until(self, condition: Callable[[], bool], *, within: float = _A_DAY) -> None:
        """Move the clock until a condition holds, such as `call.ended`.

        A `TimeoutError` with the timelines of the calls that are up tells where it did not within so many seconds, or
        nothing more is to happen.
        """
        until = self._clock.micros_after(within)
        if not await self._scheduler.play(until, condition):
            raise TimeoutError(self._still_up("what was waited for did not happen"))

    def hold(self, name: str) -> AbstractAsyncContextManager[None]:
        """Let the moved clock stand still inside an `async with`, while something works outside; `name` says what."""
        return self._scheduler.hold(name)

    def far_end(self, number: str, far_end: FarEnd) -> None:
        """Say who is at a number, or at all that fit a pattern such as `+1919*`; what is set last counts."""
        self._engine.world.numbers.set(number, far_end)

    async def inbound(
        self,
        *,
        to: str,
        from_: str,
        far_end: FarEnd | None = None,
        url: str | None = None,
        application_id: str = "inbound",
    ) -> Call:
        """Let somebody call an application at `url`, or where `inbound_url` says; return the call that rings.

        `to` is a telephone number or a SIP URI. On a moved clock the application is asked when the clock is moved.
        """
        to = rules.read_named("to", rules.phone_number_or_sip, to)
        target = url or self._engine.world.settings.inbound_url
        if target is None:
            raise ValueError("url: set it here, or inbound_url for the emulator")
        call = self._engine.world.new_call(to=to, from_=from_, direction="inbound", application_id=application_id)
        self._engine.ring_in(call, far_end or FarEnd(), Webhook(Endpoint(target)))
        return call

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
        """Let the next webhooks of a type fail on their way: the nth that fits, and the `times` from there.

        `delay` lets the reply come so many seconds late on the emulator's clock, `late` sends the event itself later
        (and nothing else is wrong with it then), `drop` breaks the connection, and `duplicate` sends the event twice.
        `url` may be a pattern.
        """
        fault = WebhookFault(delay=delay, late=late, drop=drop, duplicate=duplicate)
        self._engine.world.outbox.faults.add(fault, event=event, url=url, call_id=call_id, nth=nth, times=times)

    @property
    def problems(self) -> list[str]:
        """What the application did wrong, or could not be told, in order."""
        return list(self._engine.world.outbox.problems)

    def expect_problems(self) -> list[str]:
        """Take what the application did wrong so far as expected; return it."""
        problems, self._engine.world.outbox.problems[:] = list(self._engine.world.outbox.problems), []
        self._calls.changes.tell()
        return problems

    def assert_no_problems(self) -> None:
        """Raise an `AssertionError` that tells what the application did wrong."""
        if self._engine.world.outbox.problems:
            shown = self._engine.world.outbox.problems[:_MOST_SHOWN]
            more = len(self._engine.world.outbox.problems) - len(shown)
            last = [f"and {more} more"] if more else []
            raise AssertionError("\n".join(["the application had problems:", *shown, *last]))

    def assert_dialled_once(self, number: str) -> Call:
        """Raise an `AssertionError` with the timelines unless this number was dialled once; return the call."""
        dialled = [call for call in self._calls if call.to == number and call.direction == "outbound"]
        if len(dialled) != 1:
            lines = [call.timeline() for call in dialled or self._calls]
            raise AssertionError("\n".join([f"{number} was dialled {len(dialled)} times, not once", *lines]))
        return dialled[0]

    def assert_no_calls(self) -> None:
        """Raise an `AssertionError` with the timelines if there was any call."""
        if len(self._calls):
            raise AssertionError("\n".join(["there were calls", *(call.timeline() for call in self._calls)]))

    def _still_up(self, text: str) -> str:
        return "\n".join([text, *(call.timeline() for call in self._calls if not call.ended())])
