"""Moderate a conference: python examples/moderate_conference.py NAME COMMAND [ARGUMENTS]

list | mute CALL | unmute CALL | hold CALL | resume CALL | coach CALL [HEARD_BY ...] | announce TEXT | end
"""

import asyncio
import sys

from bandwidth_calls import BandwidthClient, BandwidthError, Conference, UpdateConference, UpdateConferenceMember
from bandwidth_calls.bxml import Response, SpeakSentence


async def live(client: BandwidthClient, name: str) -> Conference:
    """Return the live conference of that name with its members. Those that ended have the name too."""
    async for conference in client.conferences.list_conferences(name=name):
        if conference.completed_time is None:
            return await client.conferences.get_conference(conference.id)
    sys.exit(f"no conference {name!r} is live")


async def main(name: str, command: str, *arguments: str) -> None:
    """Do what the command says."""
    async with BandwidthClient.from_env() as client:
        conference, conferences = await live(client, name), client.conferences
        match command, arguments:
            case "list", ():
                for member in conference.active_members or []:
                    print(member.call_id, "muted" if member.mute else "", "on hold" if member.hold else "")
            case (("mute" | "unmute"), (call_id,)):
                change = UpdateConferenceMember(mute=command == "mute")
                await conferences.update_conference_member(conference.id, call_id, change)
            case (("hold" | "resume"), (call_id,)):
                change = UpdateConferenceMember(hold=command == "hold")
                await conferences.update_conference_member(conference.id, call_id, change)
            case "coach", (call_id, *heard_by):
                change = UpdateConferenceMember(call_ids_to_coach=heard_by)
                await conferences.update_conference_member(conference.id, call_id, change)
            case "announce", (text,):
                await conferences.update_conference_bxml(conference.id, Response([SpeakSentence(text)]))
            case "end", ():
                await conferences.update_conference(conference.id, UpdateConference(status="completed"))
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except BandwidthError as error:
        sys.exit(str(error))
