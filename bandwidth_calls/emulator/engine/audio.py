"""How long the file of a PlayAudio lasts: one of this machine is fetched, and any other takes `audio_seconds`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bandwidth_calls.emulator.delivery.audio import Audio, fetch
from bandwidth_calls.emulator.engine.lines import Ended
from bandwidth_calls.emulator.simulation.process import Signal, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandwidth_calls.emulator.calls.calls import Call
    from bandwidth_calls.emulator.delivery.courier import Endpoint
    from bandwidth_calls.emulator.engine.world import World
    from bandwidth_calls.emulator.simulation.process import Process, Steps


def seconds_of(
    world: World, process: Process[Ended] | Process[None], call: Call, audio: Endpoint, until: tuple[str, ...] = ()
) -> Steps[float | Signal]:
    """Return the seconds that a file lasts, 0 if it cannot be fetched, or the signal that comes before it is known.

    `process` is the one that plays it. A file that cannot be fetched is a problem of the call.
    """
    network = world.outbox.network
    url = network.mapped(audio.url)
    if url is None:
        return float(world.settings.audio_seconds)

    async def run() -> Callable[[], None]:
        found = await fetch(network, url, audio, timeout_is_real=world.settings.timeouts_are_real)
        return lambda: _receive(process, audio, found)

    world.scheduler.work(f"GET {audio.url} (<PlayAudio>, call {call.call_id})", run)
    while True:
        signal = yield Wait(None, ("fetched", *until))
        if signal is None or signal.kind != "fetched":
            return signal or 0.0
        asked, found = cast("tuple[Endpoint, Audio]", signal.value)
        if asked is audio:  # else a file that a key has cut off before it came
            return _seconds(world, call, audio, found)


def _receive(process: Process[Ended] | Process[None], audio: Endpoint, found: Audio) -> None:
    process.signal("fetched", (audio, found))


def _seconds(world: World, call: Call, audio: Endpoint, found: Audio) -> float:
    if found.failure is None:
        return float(world.settings.audio_seconds) if found.seconds is None else found.seconds
    text = f"GET {audio.url} -> {found.failure}"
    call.note(world.clock.now(), "not played", text)
    world.outbox.unreached(f"<PlayAudio>: {text}", call, found.refused_by)
    if world.settings.end_on_missing_audio:
        raise Ended("application-error", text)
    return 0.0
