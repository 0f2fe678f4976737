"""The rows of the table: what is compared with what, and the target."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from benchmarks.peers import RAW
from benchmarks.runs import Create, Figures, Pair, Read, Run, Save, Start

_OFFICIAL = "official SDK"
_CLIENT = """
from bandwidth_calls import BandwidthClient, CallState, ClientCredentials, CreateCall, CreateCallResponse, UpdateCall
from bandwidth_calls.convert import converter
from bandwidth_calls.fast import reader_of
BandwidthClient("9900000", ClientCredentials("id", "secret"))
for kind in (CallState, CreateCallResponse):
    reader_of(kind)
for kind in (CreateCall, UpdateCall):
    converter.get_unstructure_hook(kind)
"""


@attrs.frozen
class Row:
    """One number of one or two runs: the figure of a pair, or the first one's by the second one's, or less it."""

    name: str
    what: str
    figure: str
    runs: tuple[Run, ...]
    at_most: float | None = None
    at_least: float | None = None
    join: Callable[..., float] = lambda one, other=1.0: one / other

    def value(self, figures: list[Figures]) -> float:
        """Return the number of two runs' figures."""
        return self.join(*(each[self.figure] for each in figures))

    def is_met(self, value: float) -> bool:
        """Return whether the target is met."""
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    @property
    def target(self) -> str:
        """The target, as text."""
        return f"<= {self.at_most:.2f}" if self.at_most is not None else f">= {self.at_least:.2f}"


ROWS = (
    Row(
        "1",
        "stream 100 pages of 1,000: time, ours / aiohttp + orjson",
        "seconds",
        (Read("ours", 1_000, 100), Read(RAW, 1_000, 100)),
        at_most=1.05,
    ),
    Row(
        "2",
        "stream 10 pages of 10,000: time, ours / aiohttp + orjson",
        "seconds",
        (Read("ours", 10_000, 10), Read(RAW, 10_000, 10)),
        at_most=0.55,
    ),
    Row(
        "3",
        "the same: growth of peak memory",
        "memory",
        (Read("ours", 10_000, 10), Read(RAW, 10_000, 10)),
        at_most=0.15,
    ),
    Row(
        "4",
        "the same: longest stall of the event loop",
        "stall",
        (Read("ours", 10_000, 10, watch=True), Read(RAW, 10_000, 10, watch=True)),
        at_most=0.20,
    ),
    Row(
        "5",
        "the same with 20 ms of latency a page: time",
        "seconds",
        (Read("ours", 10_000, 10, latency=20), Read(RAW, 10_000, 10, latency=20)),
        at_most=0.55,
    ),
    Row(
        "6",
        "create_call, 50 at once: requests a CPU second, ours / aiohttp with ready bytes",
        "rate_per_cpu",
        (Create("ours", 5_000, 50), Create(RAW, 5_000, 50)),
        at_least=0.85,
    ),
    Row(
        "7",
        "create_call, one by one: requests a second, ours / aiohttp with ready bytes",
        "rate",
        (Create("ours", 3_000, 1), Create(RAW, 3_000, 1)),
        at_least=0.92,
    ),
    Row(
        "8",
        "stream 20 pages of 1,000: time, official SDK / ours",
        "seconds",
        (Read(_OFFICIAL, 1_000, 20), Read("ours", 1_000, 20)),
        at_least=10,
    ),
    Row(
        "9",
        "create_call, one by one: requests a second, ours / official SDK",
        "rate",
        (Create("ours", 2_000, 1), Create(_OFFICIAL, 2_000, 1)),
        at_least=1.7,
    ),
    Row(
        "10",
        "import bandwidth_calls.bxml / import aiohttp, each less bare Python",
        "more",
        (Start("import bandwidth_calls.bxml"), Start("import aiohttp")),
        at_most=0.55,
    ),
    Row(
        "11",
        "a client made and its models ready / import aiohttp",
        "seconds",
        (Start(_CLIENT), Start("import aiohttp")),
        at_most=1.20,
    ),
    Row(
        "12 time",
        "a call of 400 pages / a call of 10: time",
        "per_call",
        (Read("ours", 1_000, 400), Read("ours", 1_000, 10)),
        at_most=1.15,
    ),
    Row(
        "12 memory",
        "400 pages less 10: growth of peak memory in MiB",
        "memory",
        (Read("ours", 1_000, 400), Read("ours", 1_000, 10)),
        at_most=5,
        join=lambda one, other: one - other,
    ),
    Row(
        "13",
        "stream 20 pages of 1,000 with unknown fields: time, ours / aiohttp + orjson",
        "seconds",
        (Read("ours", 1_000, 20, flavour="unknown"), Read(RAW, 1_000, 20, flavour="unknown")),
        at_most=3,
    ),
    Row("14", "parse_event of an answer event / orjson.loads of it", "ratio", (Pair("event"),), at_most=4),
    Row(
        "15",
        "Webhooks.handle, with credentials and BXML of two verbs / orjson.loads of the body",
        "ratio",
        (Pair("webhook"),),
        at_most=14,
    ),
    Row(
        "16",
        "the same / the official SDK's from_json and to_bxml",
        "ratio",
        (Pair("webhook / official"),),
        at_most=0.35,
    ),
    Row("17", "build and render a menu of five elements: official SDK / ours", "ratio", (Pair("menu"),), at_least=3.5),
    Row("18", "bxml.parse of it / ElementTree's fromstring", "ratio", (Pair("parse"),), at_most=4),
    Row(
        "19",
        "import bandwidth_calls.webhooks / import aiohttp, each less bare Python",
        "more",
        (Start("import bandwidth_calls.webhooks"), Start("import aiohttp")),
        at_most=0.6,
    ),
    Row(
        "20",
        "import bandwidth_calls.emulator / import aiohttp, each less bare Python",
        "more",
        (Start("import bandwidth_calls.emulator"), Start("import aiohttp")),
        at_most=1.2,
    ),
    Row(
        "21",
        "stream 100 pages of 1,000 with one odd record in each: time / that of plain ones",
        "seconds",
        (Read("ours", 1_000, 100, flavour="odd"), Read("ours", 1_000, 100)),
        at_most=1.3,
    ),
    Row(
        "22 time",
        "download 200 MiB to the disk: time, ours / aiohttp and fsync",
        "seconds",
        (Save("ours", 200), Save(RAW, 200)),
        at_most=1.15,
    ),
    Row(
        "22 memory",
        "the same: growth of peak memory in MiB",
        "memory",
        (Save("ours", 200), Save(RAW, 200)),
        at_most=4,
        join=lambda one, _: one,
    ),
    Row(
        "22 stall",
        "the same: longest stall of the event loop in milliseconds",
        "stall",
        (Save("ours", 200, watch=True), Save(RAW, 200, watch=True)),
        at_most=10,
        join=lambda one, _: one * 1000,
    ),
)
