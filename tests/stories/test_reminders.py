"""The reminder service: killed half-way and started again, it dials 200 people once and tells 200 outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from support.campaign import Rows, dialled, number, until
from support.program import free_port, start_example

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

PEOPLE = 200


class Service:
    """Starts the program on one journal and one list of appointments."""

    def __init__(self, folder: Path, bandwidth: Emulator) -> None:
        self.rows = Rows(f"sqlite:///{folder / 'reminders.db'}")
        self._folder, self._bandwidth = folder, bandwidth
        self._appointments = folder / "appointments.csv"
        people = [f"{index},{number(index)},{index % 12 + 1} o'clock" for index in range(PEOPLE)]
        self._appointments.write_text("\n".join(["id,to,when", *people]))

    async def start(self) -> Process:
        """Start the program on a free port."""
        port = str(free_port())
        environ = {
            "PORT": port,
            "HOOK_URL": f"http://127.0.0.1:{port}/webhooks/",
            "JOURNAL": f"sqlite:///{self._folder / 'reminders.db'}",
            "CALLS_PER_SECOND": "60",
        }
        return await start_example(
            "reminders.py", str(self._appointments), base_url=self._bandwidth.base_url, **environ
        )

    async def kill_between_two_calls(self, program: Process) -> list[str]:
        """Kill the program while no request is out and each outcome is told. Return the lines that it printed.

        A short pause of the campaign makes sure of it.
        """
        await self.rows("UPDATE bw_campaign SET state = 'paused'")
        await until(self._is_still)
        lines = await read_until(program, lambda lines: len(keys_placed(lines)) == len(self._bandwidth.calls))
        program.kill()
        await self.rows("UPDATE bw_campaign SET state = 'running'")
        return lines

    async def _is_still(self) -> bool:
        before = len(self._bandwidth.calls)
        states = (await self.rows.states()).values()
        return "sending" not in states and sum(state == "placed" for state in states) == before


async def read_until(program: Process, enough: Callable[[list[str]], bool]) -> list[str]:
    """Return the lines of a program, as soon as they are enough."""
    assert program.stdout is not None
    lines: list[str] = []
    while not enough(lines):
        lines.append((await program.stdout.readline()).decode().rstrip())
    return lines


def keys_placed(lines: list[str]) -> list[str]:
    """Return the keys of the calls that a program told as placed."""
    return [line.split()[1] for line in lines if line.startswith("placed ")]


async def test_killed_half_way_it_calls_everybody_once(tmp_path: Path) -> None:
    """200 dials, 200 outcomes, and everybody hears his appointment."""
    async with Emulator(speed=20) as bandwidth:
        service = Service(tmp_path, bandwidth)
        first = await service.start()
        await until(lambda: len(bandwidth.calls) >= PEOPLE / 2)
        before = await service.kill_between_two_calls(first)
        await first.communicate()
        second = await service.start()
        after = await read_until(second, lambda lines: any(line.startswith("Progress(") for line in lines))
        await until(lambda: all(call.ended() for call in bandwidth.calls))
        second.kill()
        await second.communicate()

    assert dialled(bandwidth) == {number(index): 1 for index in range(PEOPLE)}
    assert after[-1].startswith("Progress(waiting=0, sending=0, placed=200,")
    told = keys_placed([*before, *after])
    assert len(told) == len(set(told)) == PEOPLE
    heard = [call for call in bandwidth.calls if call.disconnect_cause == "hangup"]
    assert len(heard) > PEOPLE / 4  # the others called while the service was down
    heard[-1].assert_heard("Your appointment is at")
