"""Reads of what is left alone for a while, and why."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from coaching.call_budget.models import CallHold
from coaching.call_budget.queries import DIRECT, EVERYWHERE
from coaching.catalog.models import Guild
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.planning.schedule import Stop


def stops(now: Now) -> list[Stop]:
    """What is left alone for a while, and why."""
    is_of_rooms = CallHold.name != DIRECT
    holds = list(CallHold.select().where(CallHold.until > now.machine, is_of_rooms).order_by(CallHold.name))
    names = guild_names(hold.name.partition(" ")[0] for hold in holds)
    return [_stop(hold, now, names) for hold in holds]


def guild_names(guild_ids: Iterable[str]) -> dict[str, str]:
    """The names of those guilds that somebody has shown to us."""
    wanted = set(guild_ids)
    guilds = Guild.select().where(Guild.discord_guild_id.in_(wanted)) if wanted else ()
    return {guild.discord_guild_id: guild.name for guild in guilds}


def _stop(hold: CallHold, now: Now, names: Mapping[str, str]) -> Stop:
    guild_id, _, kind = hold.name.partition(" ")
    # Up to the next full minute, as clocks show it.
    until = (hold.until + (now.product - now.machine) + timedelta(seconds=59)).replace(second=0, microsecond=0)
    name = names.get(guild_id, "")
    return Stop("" if guild_id == EVERYWHERE else guild_id, kind, until, Refusal(hold.reason), name)
