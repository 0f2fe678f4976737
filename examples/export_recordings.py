"""Copy the recordings of the last 30 days to a folder, each night: python examples/export_recordings.py FOLDER

What the folder has already is not downloaded again. After a failure the next run resumes behind the last whole page.
"""

import asyncio
import sys
from pathlib import Path

from bandwidth_calls import BandwidthClient, BandwidthError, CallRecordingMetadata, NotFoundError

AT_ONCE = 8


async def save(client: BandwidthClient, recording: CallRecordingMetadata, folder: Path) -> None:
    """Download one recording. One without media, still or no longer, is left for the next night."""
    try:
        saved = await client.recordings.download(recording).save(folder)
        print(f"{saved.path.name}: {saved.size} bytes, {recording.from_} to {recording.to}")
    except NotFoundError:
        print(f"{recording.recording_id}: no media ({recording.status})", file=sys.stderr)


def write_cursor(file: Path, cursor: str | None) -> None:
    """Store where the next run starts; None after the last page."""
    file.write_text(cursor) if cursor is not None else file.unlink(missing_ok=True)


async def export(folder: Path, stored: set[str], cursor: str | None) -> None:
    """Save what is missing, page by page."""
    async with BandwidthClient.from_env() as client:
        async for page in client.recordings.list_account_call_recordings(cursor=cursor).pages():
            missing = [recording for recording in page.items if recording.recording_id not in stored]
            for first in range(0, len(missing), AT_ONCE):
                await asyncio.gather(*(save(client, one, folder) for one in missing[first : first + AT_ONCE]))
            write_cursor(folder / "cursor", page.cursor)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(exist_ok=True)
    kept = target / "cursor"
    try:
        asyncio.run(
            export(target, {file.stem for file in target.iterdir()}, kept.read_text() if kept.exists() else None)
        )
    except BandwidthError as error:
        sys.exit(f"stopped: {error}")
