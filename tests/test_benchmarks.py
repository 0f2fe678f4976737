"""The benchmarks work, without any clock: their server answers, this package does both jobs, and rows read right."""

from __future__ import annotations

import sys

import attrs
import pytest
from support.application import Application

from benchmarks import campaign, floods, report, small, way
from benchmarks.peers import Ours
from benchmarks.rows import ROWS
from benchmarks.runs import medians
from benchmarks.server import running


async def test_this_package_does_both_jobs() -> None:
    """It reads every page of the server's listing, with unknown fields too, and places calls."""
    with running() as origin:
        plain, unknown = Ours(f"{origin}/plain/0"), Ours(f"{origin}/unknown/0")

        counts = await plain.read(10, 3), await unknown.read(7, 2)
        await plain.create(4, 2)
        await plain.close()
        await unknown.close()

    assert counts == (30, 14)


async def test_the_way_of_a_request_is_short() -> None:
    """One create_call and one listed page run few functions in few files, as a newcomer has to read them all."""
    with running() as origin:
        ways = await way.measure(origin)

    for job, limit in way.LIMITS.items():
        found = ways[job]
        assert found.functions <= limit.functions, job
        assert found.files <= limit.files, job
        assert found.changes <= limit.changes, job
        assert found.files > 5, f"{job}: nearly nothing was counted"


class Counted:
    """A run whose figures are its numbers, one after the other."""

    def __init__(self, *figures: float) -> None:
        self.figures = list(figures)

    def measure(self, origin: str) -> dict[str, float]:
        """Return the next."""
        return {"seconds": self.figures.pop(0)}


def test_the_medians_of_both_sides_count() -> None:
    """Each side is run as often as was asked for; a run that was slow by chance changes nothing."""
    figures = medians([Counted(1, 9, 2), Counted(4, 4, 40)], "", 3)

    assert figures == [{"seconds": 2}, {"seconds": 4}]


@pytest.mark.parametrize(("value", "verdict"), [(1.1, "met"), (1.3, "missed")])
def test_a_row_tells_whether_its_target_is_met(value: float, verdict: str) -> None:
    """The ratio, the target and the verdict stand in one line."""
    row = attrs.evolve(ROWS[0], at_most=1.2)
    result = report.Result(row, [{"seconds": value}, {"seconds": 1.0}])

    assert result.line().endswith(f"| {value:.2f} | <= 1.20 | {verdict} |")


@pytest.mark.parametrize("name", small.PAIRS)
def test_a_pair_does_its_work(name: str) -> None:
    """Each side does its work as often as it is told; a fault of it would be an error."""
    if name in ("event", "webhook"):
        pytest.importorskip("orjson", reason="the benchmarks compare with orjson, which no test needs")
    for make in small.PAIRS[name]:
        make()(2)


def test_the_results_are_a_page_and_json() -> None:
    """Both hold each row and each peer, and tell the machine."""
    results = [report.Result(ROWS[0], [{"seconds": 1.0}, {"seconds": 1.0}])]
    peers = {"a job": {"ours": 1.5}}

    page, plain = report.markdown(results, peers), report.plain(results, peers)

    assert "| a job | 1.50 |" in page
    assert plain["machine"] in page
    assert plain["rows"][0]["value"] == 1.0


async def test_a_campaign_is_played_to_its_end() -> None:
    """Each call is answered, gathers, is redirected and hung up; what did not end so would be an error."""
    async with Application(**campaign.REPLIES) as application:
        told = await campaign.play(application.url, 3, barrier=True)

    assert told["calls"] == 3
    assert application.types == ["answer"] * 3 + ["gather"] * 3 + ["redirect"] * 3 + ["disconnect"] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of another process is read from /proc")
@pytest.mark.parametrize("name", floods.FLOODS)
async def test_a_flood_is_measured(name: str) -> None:
    """Each flood is sent, and the growth of memory comes back; a few megabytes of it say nothing of the bound."""
    flood, _ = floods.FLOODS[name]

    grown = await flood(3)

    assert -100 < grown < 100


def test_a_faulty_document_is_measured() -> None:
    """The check of a document is timed."""
    assert floods.faulty_document(10) > 0
