"""What a test asks of the emulator: clock, far ends, inbound calls, faults, what arrived, and what must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator import rules
from bandwidth_calls.emulator.api.faults import Fault
from bandwidth_calls.emulator.delivery.courier import Endpoint, Webhook
from bandwidth_calls.emulator.delivery.faults import WebhookFault
from bandwidth_calls.emulator.engine import person
from bandwidth_calls.emulator.far_end.script import FarEnd, HangUp
from bandwidth_calls.emulator.simulation.clock import utc_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from typing import Unpack

    from bandwidth_calls.emulator.api.credentials import Credentials
    from bandwidth_calls.emulator.api.faults import FaultKeywords, Faults
    from bandwidth_calls.emulator.api.journal import Journal, RecordedRequest
    from bandwidth_calls.emulator.api.limits import Limits
    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.calls.timeline import Entry
    from bandwidth_calls.emulator.engine.engine import Engine

# Seconds of the emulator's clock: a call that lasts longer is almost surely one that never ends.
A_DAY = 86_400.0
# More problems than this would hide the first, which is usually the cause of the others.
_MOST_SHOWN = 20


class UnknownCallError(LookupError):
    """No call has this id."""


class NotOnLineError(RuntimeError):
    """The far end of the call is not on the line: it has not answered, or the call has ended."""


class Stage:
    """What a test can ask. `Emulator` adds how the emulator starts; `Control` offers the same over HTTP."""

    def __init__(
        self, *, engine: Engine, faults: Faults, journal: Journal, limits: Limits, credentials: Credentials
    ) -> None:
        world = engine.world
        self._engine = engine
        self._clock = world.clock
        self._scheduler = world.scheduler
        self._calls = world.calls
        self._numbers = world.numbers
        self._outbox = world.outbox
        self._faults = faults
        self._journal = journal
        self._limits = limits
        self._credentials = credentials

    # The clock

    async def advance(self, seconds: float) -> None:
        """Move the clock ahead, and return when all that is due by then has happened, in order."""
        until = self._clock.micros_after(seconds)
        await self._scheduler.play(until, lambda: False)
        self._clock.move_to(until)
        self._calls.changes.tell()

    async def run_until_idle(self, *, within: float = A_DAY) -> None:
        """Move the clock to the last event that is due.

        Raises `TimeoutError` if more is due after `within` seconds; it shows the timelines of the calls that are up.
        """
        until = self._clock.micros_after(within)
        await self._scheduler.play(until, lambda: False)
        if self._scheduler.next_due is not None:
            raise TimeoutError(self._still_up(f"there is more to come after {within:g} seconds"))

    async def run_until(self, condition: Callable[[], bool], *, within: float = A_DAY) -> None:
        """Move the clock until a condition holds, such as `call.ended`, and no further.

        Raises `TimeoutError` if it does not hold within so many seconds, or if nothing more is due. The error shows
        the timelines of the calls that are up.
        """
        until = self._clock.micros_after(within)
        if not await self._scheduler.play(until, condition):
            raise TimeoutError(self._still_up("what was waited for did not happen"))

    def hold(self, name: str) -> AbstractAsyncContextManager[None]:
        """Stop the moved clock inside an `async with`, while something works outside; `name` says what."""
        return self._scheduler.hold(name)

    # Calls and their far ends

    @property
    def calls(self) -> list[Call]:
        """Every call in order, however old: placed through the API, inbound, and legs."""
        return list(self._calls)

    def find_call(self, call_id: str) -> Call:
        """Return the call with this id; raises `LookupError` if there is none."""
        call = self._calls.get(call_id)
        if call is None:
            raise UnknownCallError(f"Call [{call_id}] not found")
        return call

    def far_end(self, number: str, far_end: FarEnd) -> None:
        """Set who is at a number, or at all numbers that match a pattern such as `+1919*`; the newest match counts."""
        self._numbers.set(number, far_end)

    async def inbound(
        self,
        *,
        to: str,
        from_: str,
        far_end: FarEnd | None = None,
        url: str | None = None,
        application_id: str = "inbound",
    ) -> Call:
        """Make a far end call the application, and return the call that rings.

        `to` is a telephone number or a SIP URI. `url` is where the application takes calls (default: the setting
        `inbound_url`). On a moved clock the application is asked when the clock is moved.
        """
        to = rules.read_named("to", rules.phone_number_or_sip, to)
        target = url or self._engine.world.settings.inbound_url
        if target is None:
            raise ValueError("url: set it here, or inbound_url for the emulator")
        call = self._engine.world.new_call(to=to, from_=from_, direction="inbound", application_id=application_id)
        self._engine.ring_in(call, far_end or FarEnd(), Webhook(Endpoint(target)))
        return call

    def press(self, call: Call | str, keys: str) -> None:
        """Make the far end of a call, or of the call with this id, press keys now, a quarter of a second apart.

        Keys are `0` to `9`, `*`, `#`, `A` to `D`. Raises `RuntimeError` if the far end is not on the line.
        """
        self._act(call, FarEnd().press(keys))

    def say(self, call: Call | str, words: str) -> None:
        """Make the far end of a call speak now; raises `RuntimeError` if it is not on the line."""
        self._act(call, FarEnd().say(words))

    def hang_up(self, call: Call | str) -> None:
        """Make the far end of a call hang up now; raises `RuntimeError` if it is not on the line.

        A caller may also hang up before the application has answered.
        """
        self._act(call, FarEnd().hang_up())

    def watch(self, listener: Callable[[Call, Entry], None]) -> None:
        """Call a function with each step of every call, as it happens."""

        def listen(call: Call | None, entry: Entry | None) -> None:
            if call is not None and entry is not None:
                listener(call, entry)

        self._calls.changes.listeners.append(listen)

    # Faults, and what arrived

    def fault(self, operation: str, times: int = 1, **what: Unpack[FaultKeywords]) -> None:
        """Make the next requests of an operation fail, `times` times.

        `operation` is an operationId, `token` for the token endpoint, or `*` for any request. `what` is `status` with
        `headers`, `body` and `process`; `drop` (`"before"` or `"after"` processing); `delay` in seconds; `truncate` in
        bytes. A `ValueError` names what makes no sense. docs/emulator.md says what each does.
        """
        rules.need_known(what, attrs.fields_dict(Fault))
        self._faults.add(Fault(operation=operation, times=times, **what))

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
        """Make webhooks fail: the `nth` that fits `event`, `url` (a pattern) and `call_id`, and the `times` from there.

        `delay` (of the reply) and `late` (of the event) are seconds. A `ValueError` names what makes no sense.
        """
        fault = WebhookFault(
            event=event,
            url=url,
            call_id=call_id,
            nth=nth,
            times=times,
            delay=delay,
            late=late,
            drop=drop,
            duplicate=duplicate,
        )
        self._outbox.faults.add(fault)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests that arrived, in order, without control requests: the newest `keep_requests` of them."""
        return list(self._journal)

    @property
    def requests_dropped(self) -> int:
        """How many requests arrived before those in `requests`."""
        return self._journal.dropped

    def revoke(self) -> None:
        """Make every token issued so far invalid."""
        self._credentials.revoke()

    def reset(self) -> None:
        """Forget requests, calls, far ends and faults, and move the clock back. Tokens stay valid."""
        self._clock.reset()
        self._faults.clear()
        self._journal.clear()
        self._engine.reset()
        self._calls.clear()
        self._limits.reset()

    # What must hold

    @property
    def problems(self) -> list[str]:
        """What the application did wrong, or could not be sent, in order."""
        return list(self._outbox.problems)

    def expect_problems(self) -> list[str]:
        """Return the problems so far, and forget them, so that they fail no test."""
        problems = self.problems
        self._outbox.forget_problems()
        self._calls.changes.tell()
        return problems

    def assert_no_problems(self) -> None:
        """Raise an `AssertionError` with the problems, if there are any."""
        problems = self.problems
        if problems:
            more = len(problems) - _MOST_SHOWN
            last = [f"and {more} more"] if more > 0 else []
            raise AssertionError("\n".join(["the application had problems:", *problems[:_MOST_SHOWN], *last]))

    def assert_dialled_once(self, number: str) -> Call:
        """Return the only call that was placed to a number; else raise an `AssertionError` with the timelines."""
        dialled = [call for call in self._calls if call.to == number and call.direction == "outbound"]
        if len(dialled) != 1:
            lines = [call.timeline() for call in dialled or self._calls]
            raise AssertionError("\n".join([f"{number} was dialled {len(dialled)} times, not once", *lines]))
        return dialled[0]

    def assert_no_calls(self) -> None:
        """Raise an `AssertionError` with the timelines if there was any call."""
        if len(self._calls):
            raise AssertionError("\n".join(["there were calls", *(call.timeline() for call in self._calls)]))

    def _act(self, call: Call | str, far_end: FarEnd) -> None:
        """Make the far end of a call take a step now, besides what its script says."""
        found = self.find_call(call if isinstance(call, str) else call.call_id)
        line = self._engine.lines.find(found.call_id)
        (step,) = far_end.steps
        # A caller may give up while the call rings: who is called has nothing to do before it answers.
        may_act = found.answer_time is not None or (isinstance(step, HangUp) and found.direction == "inbound")
        if line is None or not may_act:
            raise NotOnLineError(f"the far end of call [{found.call_id}] is not on the line")
        person.act(line, step)

    def _still_up(self, text: str) -> str:
        due = self._scheduler.next_due
        next_due = "nothing is due" if due is None else f"next is due at {utc_text(due // 1000)}"
        now = f"the clock shows {utc_text(self._clock.now())}, {next_due}"
        return "\n".join([text, now, *(call.timeline() for call in self._calls if not call.ended())])
