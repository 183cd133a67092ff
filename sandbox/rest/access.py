"""What every resource asks first: is the bot in this guild, does it get at this channel; and the audit log."""

from sandbox import guilds
from sandbox.context import here
from sandbox.errors import Refused
from sandbox.middleware import reason
from sandbox.records import AuditEntry, Channel, Guild


def own_guild(guild_id: str) -> Guild:
    """A guild the bot is in: 10004 for no such guild, 50001 for one without the bot."""
    sandbox = here()
    guild = guilds.known_guild(sandbox.state, guild_id)
    if guilds.find_member(sandbox.state, guild.id, sandbox.bot_id) is None:
        raise Refused(50001)
    return guild


def own_rights(guild: Guild) -> int:
    """What the bot may do in the guild as a whole."""
    sandbox = here()
    return guilds.rights_in_guild(sandbox.state, guild, sandbox.bot_id)


def reachable_channel(channel_id: str) -> tuple[Channel, int]:
    """A channel the bot gets at and its rights there: 10003 for no such channel, 50001 when locked out."""
    sandbox = here()
    channel = guilds.known_channel(sandbox.state, channel_id)
    return channel, guilds.require_access(sandbox.state, channel, sandbox.bot_id)


def audit(guild_id: str, action: str, target_id: str) -> None:
    """The act is in the guild's audit log, with the reason of this request."""
    state = here().state
    state.put(AuditEntry(state.new_id(), guild_id, action, target_id, reason(), state.clock()))
