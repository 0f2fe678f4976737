"""StartStream, StopStream: media over a real WebSocket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.calls.streams import CallStream
from bandwidth_calls.emulator.delivery.courier import Endpoint
from bandwidth_calls.emulator.delivery.sockets import NoStreamError, StreamSocket, connect
from bandwidth_calls.emulator.engine import feeds
from bandwidth_calls.emulator.engine.media import STREAM
from bandwidth_calls.emulator.engine.streams import MediaStream
from bandwidth_calls.emulator.simulation.process import Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from bandwidth_calls.emulator.bxml.reader import Verb
    from bandwidth_calls.emulator.engine.lines import Line
    from bandwidth_calls.emulator.engine.media import MediaFeed
    from bandwidth_calls.emulator.engine.program import Frame, Verbs
    from bandwidth_calls.emulator.simulation.process import Steps


def start_stream(frame: Frame, verb: Verb) -> Steps[None]:
    """Start a stream, and go on with the next verb once its WebSocket is open or was refused."""
    line = frame.line
    facts = {"destination": verb.word("destination"), "type": "WebSocket"}
    feed = feeds.make(frame, verb, STREAM, facts)
    if not feeds.may_start(line, feed):
        return
    socket = yield from _connect(line, feed, verb)
    if isinstance(socket, NoStreamError):
        line.world.outbox.unreached(
            f"<StartStream> to {verb.word('destination')}: {socket}", line.call, socket.refused_by
        )
        feeds.reject(line, feed, "connection-error", str(socket))
        return
    _begin(line, attrs.evolve(feed, start=line.world.clock.now()), verb, socket)


def _connect(line: Line, feed: MediaFeed, verb: Verb) -> Steps[StreamSocket | NoStreamError]:
    """Open the WebSocket. It is closed again if the call has ended or was redirected meanwhile."""
    url = verb.word("destination") or ""
    destination = Endpoint(url, "GET", verb.word("destinationUsername"), verb.word("destinationPassword"))
    world, process = line.world, line.program

    async def run() -> Callable[[], None]:
        found: StreamSocket | NoStreamError
        try:
            found = await connect(
                world.outbox.network,
                destination,
                world.settings.patience,
                timeout_is_real=world.settings.timeouts_are_real,
            )
        except NoStreamError as error:
            found = error
        if process is not None and process.alive:
            return lambda: use(found)
        if isinstance(found, StreamSocket):
            await found.close()
        return lambda: None

    def use(found: StreamSocket | NoStreamError) -> None:
        if process is not None:
            process.signal("connected", found)

    world.scheduler.work(f"the WebSocket of stream {feed.name} to {url} (call {line.call.call_id})", run)
    signal = yield Wait(None, ("connected",))
    return signal.value  # type: ignore[union-attr, return-value]  # nothing else ends this wait


def _begin(line: Line, feed: MediaFeed, verb: Verb, socket: StreamSocket) -> None:
    seen = CallStream(feed.id, feed.name, feed.tracks)
    line.call.streams += (seen,)
    stream = MediaStream(
        line,
        seen,
        socket,
        to=str(feed.facts["destination"]),
        bidirectional=verb.word("mode") == "bidirectional",
        closed=lambda error: _closed(line, feed, stream, error),
    )
    line.feeds[feed] = lambda: _stop(line, feed, stream)
    feeds.note_start(line, feed)
    stream.start({child.word("name") or "": child.word("value") or "" for child in verb.children})


def stop_stream(frame: Frame, verb: Verb) -> Steps[None]:
    """Stop the stream of this name, if there is one. With `wait`, wait until the application closes it.

    The service's own limit of this wait is not documented, so there is none.
    """
    line, name = frame.line, verb.word("name")
    while verb.flag("wait") and feeds.named(line, STREAM, name):
        yield Wait(None, ("stream closed",))
    for feed in feeds.named(line, STREAM, name):
        line.feeds[feed]()


def _stop(line: Line, feed: MediaFeed, stream: MediaStream) -> None:
    del line.feeds[feed]
    stream.stop()
    feeds.note_stop(line, feed)


def _closed(line: Line, feed: MediaFeed, stream: MediaStream, error: str | None) -> None:
    """End a stream whose WebSocket the application has closed, or that was lost."""
    del line.feeds[feed]
    stream.end()
    if error is not None:
        line.world.outbox.problem(f"stream {feed.name}: {error}", line.call)
    feeds.note_stop(line, feed, error)
    line.signal("stream closed")


PLAYERS: Verbs = {"StartStream": start_stream, "StopStream": stop_stream}
