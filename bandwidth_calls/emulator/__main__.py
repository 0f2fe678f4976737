"""`python -m bandwidth_calls.emulator`: the emulator as a program, for tests in any language."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING

import attrs

from bandwidth_calls.emulator.emulator import Emulator
from bandwidth_calls.emulator.first_steps import environment, export_lines, inbound_curl
from bandwidth_calls.emulator.hosts import is_loopback
from bandwidth_calls.emulator.printing import StepPrinter

if TYPE_CHECKING:
    from collections.abc import Callable


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return the exit status, which is 1 if the port is in use."""
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    verbose = options.pop("verbose")
    try:
        emulator = Emulator(**options)
    except ValueError as error:
        parser.error(str(error.args[0]))
    printer = StepPrinter() if verbose else None
    if printer is not None:
        emulator.watch(printer)
    try:
        asyncio.run(serve(emulator))
    except OSError as error:
        print(f"cannot listen on {emulator.host}:{emulator.port}: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        if printer is not None:
            printer.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bandwidth_calls.emulator",
        description=(
            "Emulate Bandwidth's calls API on this machine. "
            "The first line on standard output is JSON: base_url, token_url and account_id."
        ),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for setting in attrs.fields(Emulator):
        if not setting.metadata:  # such as `clock`, which no flag can hold
            continue
        name = f"--{str(setting.alias).replace('_', '-')}"
        # A default that argparse cannot show is left to the emulator; the help text says what it is.
        default = setting.default if isinstance(setting.default, str | int | float) else argparse.SUPPRESS
        options = {"default": default, **setting.metadata}
        if options.pop("type") is bool:
            parser.add_argument(name, action="store_true", help=options["help"])
        else:
            parser.add_argument(name, type=setting.metadata["type"], **options)
    parser.add_argument("--verbose", action="store_true", help="print each step of every call on standard error")
    return parser


async def serve(emulator: Emulator) -> None:
    """Serve until SIGINT or SIGTERM. The first line on standard output says where, as JSON."""
    stopped = asyncio.Event()
    _on_signals(stopped.set)
    async with emulator:
        where = {
            "base_url": emulator.base_url,
            "token_url": emulator.token_url,
            "account_id": emulator.account_id,
        }
        print(json.dumps(where), flush=True)
        if not is_loopback(emulator.host):
            print(f"warning: whoever reaches {emulator.host} can place calls here and read them", file=sys.stderr)
        if sys.stdout.isatty():
            print(first_steps(emulator), flush=True)
        else:
            print(f"calls can be watched at {emulator.page_url}", file=sys.stderr, flush=True)
        await stopped.wait()


def first_steps(emulator: Emulator) -> str:
    """Return what a person at a terminal can copy."""
    return "\n".join(
        [
            "",
            "For your application, and BandwidthClient.from_env():",
            export_lines(environment(emulator)),
            "",
            f"Watch the calls at {emulator.page_url}",
            "",
            "Make somebody call your application:",
            inbound_curl(emulator),
            "",
        ]
    )


def _on_signals(stop: Callable[[], None]) -> None:
    """Call a function in this event loop at SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # on Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


if __name__ == "__main__":  # pragma: no cover - runs in the process that a test starts
    sys.exit(main())
