"""Dial in the jobs of Taskiq, on Redis Streams, where a job may be delivered twice.

Worker: taskiq worker campaign_taskiq:broker       Jobs: python examples/campaign_taskiq.py NUMBER ...
A job that comes again, here on purpose, dials nobody: the journal knows that its key is taken.
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack

from taskiq import TaskiqEvents, TaskiqState
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

from bandwidth_calls import BandwidthClient, CreateCall
from bandwidth_calls.campaigns import Dialler

REDIS, JOURNAL = os.environ["REDIS_URL"], os.environ["JOURNAL"]
results: RedisAsyncResultBackend[str] = RedisAsyncResultBackend(REDIS, result_ex_time=3600)
broker = RedisStreamBroker(REDIS, consumer_id="0").with_result_backend(results)  # 0: also jobs from before a worker


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def start(state: TaskiqState) -> None:
    """Open one dialler for all jobs of a worker."""
    state.stack = AsyncExitStack()
    client = await state.stack.enter_async_context(BandwidthClient.from_env())
    state.dialler = await state.stack.enter_async_context(Dialler(client, JOURNAL, campaign="jobs"))


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def stop(state: TaskiqState) -> None:
    """Wait for what is out, and close."""
    await state.stack.aclose()


@broker.task(task_name="remind")
async def remind(number: str) -> str:
    """Place the call of a number, and return what came of it."""
    call = CreateCall(to=number, from_="+19195554321", application_id="app-1", answer_url=os.environ["HOOK_URL"])
    outcome = await broker.state.dialler.dial(number, call)
    return f"{outcome.state} {outcome.key} {outcome.call_id}"


async def main(numbers: list[str]) -> None:
    """Give out each job twice, and print what both say."""
    await broker.startup()
    for job in [await remind.kiq(number) for number in numbers for _ in range(2)]:
        print((await job.wait_result(timeout=60)).return_value)
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
