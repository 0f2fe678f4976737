"""Look at a campaign and steer it: python -m bandwidth_calls.campaigns JOURNAL [--campaign NAME] [--watch] ..."""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from collections.abc import Callable
from importlib import import_module, util
from typing import Any

from bandwidth_calls.campaigns.database import Database
from bandwidth_calls.campaigns.journal import Journal
from bandwidth_calls.campaigns.reconcile import Reconciler
from bandwidth_calls.campaigns.values import Progress
from bandwidth_calls.client import BandwidthClient
from bandwidth_calls.errors import BandwidthError

_SECOND = 1.0
_OF_ONE = ("watch", "csv", "reconcile", "pause", "resume", "cancel")  # options that need one campaign


def main() -> None:
    """Run the command; a wrong argument and a journal that cannot be used are one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m bandwidth_calls.campaigns", description=__doc__)
    parser.add_argument("journal", help="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE")
    parser.add_argument("--campaign", help="its name; needed where the journal has several")
    parser.add_argument("--account", help="its account; needed where several accounts have a campaign of that name")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--watch", action="store_true", help="show the progress until the campaign has ended")
    what.add_argument("--csv", action="store_true", help="print what came of each key as CSV")
    what.add_argument("--reconcile", action="store_true", help="settle the unknown keys; credentials are those of BW_*")
    what.add_argument("--pause", action="store_true", help="let all processes take no more keys")
    what.add_argument("--resume", action="store_true", help="let all processes go on")
    what.add_argument("--cancel", action="store_true", help="cancel all keys that wait")
    options = parser.parse_args()
    try:
        asyncio.run(_run(options))
    except (BandwidthError, ValueError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


async def _run(options: argparse.Namespace) -> None:
    database = Database(options.journal)
    try:
        await database.require()
        journals = await Journal.all_in(database, options.account, options.campaign)
        doing = next((name for name in _OF_ONE if getattr(options, name)), None)
        if not journals:
            raise ValueError("campaign: the journal has none" + (f" {options.campaign!r}" if options.campaign else ""))
        if doing is None:
            for journal in journals:
                print(_line(journal, await journal.progress()))
        elif len(journals) > 1:
            names = ", ".join(f"{journal.campaign} of {journal.account}" for journal in journals)
            raise ValueError(f"campaign: choose one by --campaign and --account: {names}")
        else:
            await _DOINGS[doing](journals[0])
    finally:
        await database.close()


def _line(journal: Journal, progress: Progress) -> str:
    counts = ", ".join(f"{count} {state}" for state, count in progress.counts.items() if count)
    name = f"{journal.campaign} (account {journal.account})"
    return f"{name}: {progress.ended} of {progress.total} ended; {counts or 'empty'}"


async def _watch(journal: Journal) -> None:
    show = _bar() if util.find_spec("rich") and sys.stderr.isatty() else _print_changes()
    while True:
        progress = await journal.progress()
        show(journal, progress)
        if progress.ended == progress.total:
            return
        await asyncio.sleep(_SECOND)


def _print_changes() -> Callable[[Journal, Progress], None]:
    last: list[Progress] = []

    def show(journal: Journal, progress: Progress) -> None:
        if last != [progress]:
            last[:] = [progress]
            print(_line(journal, progress), flush=True)

    return show


def _bar() -> Callable[[Journal, Progress], None]:
    console = import_module("rich.console").Console(stderr=True)
    bar: Any = import_module("rich.progress").Progress(console=console)
    task = bar.add_task("", total=None)
    bar.start()

    def show(journal: Journal, progress: Progress) -> None:
        text = f"{journal.campaign}: {progress.placed} placed, {progress.unknown} unknown"
        bar.update(task, description=text, total=progress.total, completed=progress.ended)
        if progress.ended == progress.total:
            bar.stop()

    return show


async def _csv(journal: Journal) -> None:
    rows = csv.writer(sys.stdout)
    rows.writerow(("key", "state", "call_id", "reason"))
    async for outcome in journal.outcomes():
        rows.writerow((outcome.key, outcome.state, outcome.call_id or "", outcome.reason or ""))


async def _reconcile(journal: Journal) -> None:
    async with BandwidthClient.from_env() as client:
        if client.account_id != journal.account:
            raise ValueError(f"BW_ACCOUNT_ID: the campaign is of account {journal.account}, not {client.account_id}")
        settled = await Reconciler(journal, client).run()
    print(f"{settled} settled; {_line(journal, await journal.progress())}")


async def _pause(journal: Journal) -> None:
    await journal.set_state("paused")
    print(f"{journal.campaign}: paused")


async def _resume(journal: Journal) -> None:
    await journal.set_state("running")
    print(f"{journal.campaign}: runs")


async def _cancel(journal: Journal) -> None:
    print(f"{journal.campaign}: {await journal.cancel(None)} cancelled")


_DOINGS = {
    "watch": _watch,
    "csv": _csv,
    "reconcile": _reconcile,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}

if __name__ == "__main__":
    main()
