"""A span for each request, by OpenTelemetry's own instrumentation of aiohttp.

The program configures the session, and the client borrows it. It needs opentelemetry-instrumentation-aiohttp-client and
opentelemetry-sdk. A span holds method, URL and status, and no header. The query is removed, since it may hold numbers.
"""

import asyncio

import aiohttp
from opentelemetry import trace
from opentelemetry.instrumentation.aiohttp_client import create_trace_config
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from bandwidth_calls import BandwidthClient


async def main(provider: TracerProvider) -> None:
    """List one page of calls inside a span."""
    without_query = create_trace_config(url_filter=lambda url: str(url.with_query(None)), tracer_provider=provider)
    async with aiohttp.ClientSession(trace_configs=[without_query]) as http:
        client = BandwidthClient.from_env(http=http)
        with trace.get_tracer("nightly", tracer_provider=provider).start_as_current_span("list calls"):
            async for page in client.calls.list_calls(page_size=100).pages():
                print(f"{len(page.items)} calls")
                break


if __name__ == "__main__":
    spans = TracerProvider()
    spans.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    asyncio.run(main(spans))
