"""What takes microseconds, as the median of ratios of neighbours in time.

Each side runs for some 20 ms, in turns, 25 times: a busy machine slows both sides of a pair down, and a pair that was
disturbed is an outlier of many. `python -m benchmarks.small NAME` prints the ratio of one pair.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

Work = Callable[[int], object]
"""Does the work so many times."""

_ROUNDS = 25
_SECONDS = 0.02
BODY = (
    b'{"eventType": "answer", "eventTime": "2022-06-16T13:15:18.126Z", "accountId": "9900000", '
    b'"applicationId": "04e88489-df02-4e34-a0ee-27a91849555f", "from": "+19195554321", "to": "+19195551234", '
    b'"direction": "outbound", "callId": "c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85", '
    b'"callUrl": "https://voice.bandwidth.com/api/v2/accounts/9900000/calls/c-15ac29a2", '
    b'"enqueuedTime": "2022-06-16T13:15:07.160Z", "startTime": "2022-06-16T13:15:07.320Z", '
    b'"answerTime": "2022-06-16T13:15:18.126Z", "tag": "order 815"}'
)
MENU = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><SpeakSentence voice="julie">Welcome to the shop.</SpeakSentence>'
    '<Gather gatherUrl="/menu" maxDigits="1"><SpeakSentence>Press 1 for our opening hours.</SpeakSentence></Gather>'
    "<Hangup/></Response>"
)
_HEADERS = {
    "Host": "app.example",
    "User-Agent": "BandwidthAPI/3.0",
    "Content-Type": "application/json",
    "Content-Length": "549",
    "Authorization": "Basic dXNlcjpwYXNzd29yZA==",
}


def _repeated(function: Callable[[], object]) -> Work:
    def work(times: int) -> None:
        for _ in range(times):
            function()

    return work


def _loads() -> Work:
    import orjson

    return _repeated(partial(orjson.loads, BODY))


def _parse_event() -> Work:
    from bandwidth_calls.webhooks import parse_event

    return _repeated(partial(parse_event, BODY))


def _handle() -> Work:
    from bandwidth_calls.bxml import Hangup, Response, SpeakSentence
    from bandwidth_calls.webhooks import AnswerEvent, Webhooks

    webhooks = Webhooks("user", "password")

    @webhooks.on(AnswerEvent)
    async def greet(event: AnswerEvent) -> Response:
        return Response([SpeakSentence("Hello. Your order is on its way."), Hangup()])

    async def handle(times: int) -> None:
        for _ in range(times):
            reply = await webhooks.handle("POST", {}, _HEADERS, BODY)
            assert reply.status == 200

    return lambda times: asyncio.run(handle(times))


def _official_answer() -> Work:
    from bandwidth.models.answer_callback import AnswerCallback
    from bandwidth.models.bxml import Hangup, Response, SpeakSentence

    text = BODY.decode()

    def answer() -> str:
        AnswerCallback.from_json(text)
        written: str = Response([SpeakSentence("Hello. Your order is on its way."), Hangup()]).to_bxml()
        return written

    return _repeated(answer)


def _build(models: Any) -> Work:
    """Return the work of building and rendering a menu of five elements. The classes of both have the same names."""

    def build() -> object:
        prompt = models.SpeakSentence("Press 1 for our opening hours.")
        return models.Response(
            [
                models.SpeakSentence("Welcome to the shop.", voice="julie"),
                models.Gather([prompt], gather_url="/menu", max_digits=1),
                models.Hangup(),
            ]
        ).to_bxml()

    return _repeated(build)


def _our_menu() -> Work:
    from bandwidth_calls import bxml

    return _build(bxml)


def _official_menu() -> Work:
    from bandwidth.models import bxml

    return _build(bxml)


def _parse() -> Work:
    from bandwidth_calls.bxml import parse

    return _repeated(partial(parse, MENU))


def _element_tree() -> Work:
    from xml.etree.ElementTree import fromstring

    return _repeated(partial(fromstring, MENU))


PAIRS: dict[str, tuple[Callable[[], Work], Callable[[], Work]]] = {
    "event": (_parse_event, _loads),
    "webhook": (_handle, _loads),
    "webhook / official": (_handle, _official_answer),
    "menu": (_official_menu, _our_menu),
    "parse": (_parse, _element_tree),
}


def ratio(name: str) -> float:
    """Return how many times as long the first work of a pair takes as the second."""
    sides = [make() for make in PAIRS[name]]
    counts = [_count(work) for work in sides]
    ratios = []
    for _ in range(_ROUNDS):
        first, second = (_timed(work, count) / count for work, count in zip(sides, counts, strict=True))
        ratios.append(first / second)
    return statistics.median(ratios)


def _count(work: Work) -> int:
    """Return how many times a work is done in the time of a side. The first time makes what is made once."""
    work(10)
    return max(1, round(_SECONDS / max(_timed(work, 100) / 100, 1e-7)))


def _timed(work: Work, count: int) -> float:
    started = time.perf_counter()
    work(count)
    return time.perf_counter() - started


if __name__ == "__main__":
    print(ratio(sys.argv[1]))
