"""Campaigns: ten thousand to ten million calls, from one process or many machines, and nobody is dialled twice.

    async with BandwidthClient.from_env() as client:
        async with Dialler(client, "sqlite:///june.db", campaign="june", pace=Pace(per_second=5)) as dialler:
            async for outcome in dialler.run((f"appointment-{row.id}", call_of(row)) for row in rows):
                print(outcome.key, outcome.state, outcome.call_id, outcome.reason)

It needs the extra `campaigns` (SQLite in a file), and for PostgreSQL the extra `postgres` too. docs/campaigns.md says
what a crash of each part does.
"""

try:
    import sqlalchemy as _  # noqa: F401 - whether it is there
except ImportError:
    raise ImportError('campaigns need their extra: pip install "bandwidth-calls[campaigns]"') from None

from bandwidth_calls.campaigns.database import JournalError
from bandwidth_calls.campaigns.dialler import Dialler
from bandwidth_calls.campaigns.hours import Hours
from bandwidth_calls.campaigns.values import Job, Outcome, Pace, Progress

__all__ = ["Dialler", "Hours", "Job", "JournalError", "Outcome", "Pace", "Progress"]
