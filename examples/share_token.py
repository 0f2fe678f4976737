"""Share one token between workers: a TokenStore in a file, for the processes of one machine.

For several machines use Redis or a database instead. A token gives access to the account, so protect the store.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import attrs

from bandwidth_calls import BandwidthClient, ClientCredentials, Token


@attrs.frozen
class FileTokenStore:
    """Tokens as JSON files in a folder. A `key` reveals nothing of the credentials."""

    folder: Path

    async def get(self, key: str) -> Token | None:
        """Return the token of a key. Reading so small a file takes less time than starting a thread."""
        with suppress(FileNotFoundError), open(self.folder / key) as file:  # noqa: ASYNC230
            kept = json.load(file)
            return Token(kept["value"], datetime.fromisoformat(kept["expires_at"]))
        return None

    async def put(self, key: str, token: Token) -> None:
        """Write the token of a key. The file is replaced in one step, so that no worker reads half of it."""
        new = f"{self.folder / key}.{os.getpid()}"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"value": token.value, "expires_at": token.expires_at.isoformat()}, file)
        os.replace(new, self.folder / key)


async def main(folder: Path) -> str:
    """Run one worker. The first worker fetches the token, the others find it."""
    env, store = os.environ, FileTokenStore(folder)
    auth = ClientCredentials(env["BW_CLIENT_ID"], env["BW_CLIENT_SECRET"], token_url=env["BW_TOKEN_URL"], store=store)
    async with BandwidthClient(env["BW_ACCOUNT_ID"], auth, base_url=env["BW_VOICE_URL"]) as client:
        page = await anext(aiter(client.calls.list_calls(page_size=1).pages()))
        return f"worker {os.getpid()} listed {len(page.items)} call"


if __name__ == "__main__":
    print(asyncio.run(main(Path(sys.argv[1]))))
