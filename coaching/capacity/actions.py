"""A look ahead at the servers on which rooms are going to be made; no transaction is open meanwhile."""

from collections.abc import Iterable
from datetime import timedelta

from coaching.capacity.forecast import Demand, checks_ahead
from coaching.capacity.mutations import claim_forecast, record_forecast, warn_coaches
from coaching.capacity.queries import demand_on, guilds_to_look_at
from coaching.catalog.models import Guild
from coaching.checks import Check, worst_first
from coaching.host import Host, HostError
from coaching.now import Now
from coaching.refusals import WAITS, Refusal

MOST_AT_ONCE = 3
EVERY = timedelta(hours=6)
AFTER_NO_ANSWER = timedelta(hours=1)
# What holds for the site's bot holds for the next guild too.
GIVES_UP = WAITS | {Refusal.UNAUTHORIZED}


def look_at_free_room(host: Host, now: Now) -> None:
    """Each server's room for the coming sessions was looked at within six hours, and its coaches were warned."""
    for guild in guilds_to_look_at(now.machine, MOST_AT_ONCE):
        if not claim_forecast(guild, now.machine, now.machine + AFTER_NO_ANSWER):
            continue
        demand = demand_on(guild, now.product)
        try:
            found = worst_first(_checks(host, guild, demand))
        except HostError as error:
            if error.kind in GIVES_UP:
                return
            continue
        record_forecast(guild, found, now.machine, now.machine + EVERY)
        warn_coaches(guild, demand.store_ids, found, now.machine)


def _checks(host: Host, guild: Guild, demand: Demand) -> Iterable[Check]:
    """What is found, asking only what the coming sessions need."""
    if not demand.rooms:
        return ()
    # As far as the bot can see: there may be more.
    channels = len(host.list_channels(guild.discord_guild_id))
    roles = len(host.get_guild(guild.discord_guild_id).roles) if demand.roles else 0
    return checks_ahead(demand, channels, roles)
