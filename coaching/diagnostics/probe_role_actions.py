"""A role made only to see whether roles can be made: made, given to nobody, removed."""

from datetime import datetime

from coaching.checks import INVITE_AGAIN, Check, bad, doubtful, good, refused
from coaching.diagnostics import mutations
from coaching.diagnostics.models import ProbeRoom
from coaching.guild_rights import Right
from coaching.host import Host, HostError
from coaching.refusals import Refusal
from coaching.rooms.names import probe_name

NAME = "Trial role"
REASON = "Greenroom: a look at whether roles can be made here"
WITHOUT = "Until then rooms come without a role. Look again tomorrow: `flask doctor`"


def try_a_role(host: Host, guild_id: str, rights: int, machine_now: datetime) -> Check:
    """Whether a role can be made and removed in a guild where the bot holds `rights`."""
    if not rights & Right.MANAGE_ROLES:
        return doubtful(
            NAME, "No role was made on trial, since the bot lacks rights.", INVITE_AGAIN
        ).mended_by_inviting()
    trial = mutations.intend_probe(guild_id, machine_now, "role")
    try:
        role = host.create_role(guild_id, role_name(trial), REASON)
    except HostError as error:
        if error.doubtful:
            return _remove(host, trial) or refused(NAME, error.kind)
        mutations.forget_probe(trial)
        return _not_made(error)
    mutations.record_probe_role(trial, role.role_id)
    return _remove(host, trial) or good(NAME, "A role was made, given to nobody, and removed.")


def is_removed(host: Host, trial: ProbeRoom) -> bool:
    """True when the role was there and is not any more."""
    if trial.discord_role_id:
        host.delete_role(trial.discord_guild_id, trial.discord_role_id, REASON)
        return True
    found = [role for role in host.get_guild(trial.discord_guild_id).roles if role.name == role_name(trial)]
    removed = [host.delete_role(trial.discord_guild_id, role.role_id, REASON) for role in found]
    return any(removed)


def role_name(trial: ProbeRoom) -> str:
    """The role's name, by which it is found again."""
    return probe_name(trial.code)


def _not_made(error: HostError) -> Check:
    if error.kind == Refusal.RATE_LIMITED:
        return doubtful(NAME, "Discord takes no new roles on this server for now: too many were made lately.", WITHOUT)
    return refused(NAME, error.kind)


def _remove(host: Host, trial: ProbeRoom) -> Check | None:
    """What is wrong if the role is still there, or may be."""
    try:
        is_gone = is_removed(host, trial)
    except HostError:
        is_gone = False
    if is_gone:
        mutations.forget_probe(trial)
        return None
    return bad(
        NAME,
        f"The role {role_name(trial)} was made on trial and may still be there. Nobody has it, and it allows nothing.",
        "It is looked for and removed within minutes. Should it stay: In Discord open Server settings, Roles, and "
        "delete it.",
    )
