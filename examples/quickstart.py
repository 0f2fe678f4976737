"""Place calls, list 2,500 calls, redirect one and hang one up, against an emulator in this process."""

import asyncio

from bandwidth_calls import BandwidthClient, ClientCredentials, CreateCall, UpdateCall
from bandwidth_calls.emulator import Emulator

NUMBERS = ["+19195550101", "+19195550102", "+19195550103"]


async def main() -> None:
    """Run the tour; no real phone rings."""
    async with Emulator(calls=2500, no_webhooks=True) as emulator:
        auth = ClientCredentials("client-id", "client-secret", token_url=emulator.token_url)
        async with BandwidthClient(emulator.account_id, auth, base_url=emulator.base_url) as client:
            placed = []
            for number in NUMBERS:
                call = CreateCall(
                    to=number,
                    from_="+19195554321",
                    application_id="1234-qwer-5679-tyui",
                    answer_url="https://app.example/answer",
                )
                placed.append(await client.calls.create_call(call))
                print(f"placed      {placed[-1].call_id} to {number}")

            listed = 0
            async for _ in client.calls.list_calls(page_size=500):
                listed += 1
            print(f"listed      {listed} calls in {sum('/calls?' in seen.path for seen in emulator.requests)} pages")

            first, second, _ = placed
            await client.calls.update_call(first.call_id, UpdateCall(redirect_url="https://app.example/menu"))
            print(f"redirected  {first.call_id} to https://app.example/menu")

            await client.calls.update_call(second.call_id, UpdateCall(state="completed"))
            ended = await client.calls.wait_for_state(second.call_id, "disconnected")
            print(f"hung up     {ended.call_id}: {ended.state}, cause {ended.disconnect_cause}")


if __name__ == "__main__":
    asyncio.run(main())
