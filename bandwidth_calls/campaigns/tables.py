"""The tables of a journal. Times are seconds since 1970, by the database's clock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData()
_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in a column of type INTEGER

campaigns = Table(
    "bw_campaign",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("account", String, nullable=False),
    Column("name", String(64), nullable=False),
    Column("state", String(16), nullable=False, server_default="running"),
    UniqueConstraint("account", "name"),
)

pace = Table(
    "bw_pace",
    metadata,
    Column("account", String, primary_key=True),
    Column("next_at", Float(53), nullable=False, server_default="0"),
    Column("paused_until", Float(53), nullable=False, server_default="0"),
)

dials = Table(
    "bw_dial",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("campaign", _ID, ForeignKey(campaigns.c.id), nullable=False),
    Column("key", String(256), nullable=False),
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("not_before", Float(53), nullable=False, server_default="0"),
    Column("not_after", Float(53)),
    Column("zone", String),
    Column("sent_at", Float(53)),
    Column("settled_at", Float(53)),
    Column("ended_at", Float(53)),
    Column("call_id", String),
    Column("reason", Text),
    Column("request", Text, nullable=False),
    UniqueConstraint("campaign", "key"),
)


def is_state(*states: str) -> ColumnElement[bool]:
    """Return the condition that a key is in one of some states.

    The states are written into the statement, since a partial index serves no condition with a parameter.
    """
    if len(states) == 1:
        return dials.c.state == literal_column(f"'{states[0]}'")
    return dials.c.state.in_([literal_column(f"'{state}'") for state in states])


def is_open(state: str) -> ColumnElement[bool]:
    """Return the condition that a key is being sent, or in doubt, in the words of the index of such keys."""
    return is_state("sending", "unknown") & is_state(state)


def _index(name: str, *columns: Column[Any], where: ColumnElement[bool], unique: bool = False) -> Index:
    """Add an index of the rows that a condition holds for, and no other."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


_index("bw_dial_call", dials.c.call_id, where=dials.c.call_id.is_not(None), unique=True)  # one call settles one key
_index("bw_dial_waiting", dials.c.campaign, dials.c.not_before, dials.c.id, where=is_state("waiting"))
_index("bw_dial_open", dials.c.campaign, dials.c.state, dials.c.sent_at, where=is_state("sending", "unknown"))

# Made where a limit of concurrent calls is set only: without it nothing is told of the end of most calls.
up_index = Index(
    "bw_dial_up",
    dials.c.campaign,
    dials.c.sent_at,
    sqlite_where=dials.c.ended_at.is_(None) & is_state("sending", "placed"),
    postgresql_where=dials.c.ended_at.is_(None) & is_state("sending", "placed"),
)
dials.indexes.discard(up_index)
