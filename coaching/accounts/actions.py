"""Asking Discord about people: adding them to a guild, and whether they are in it. No transaction is open meanwhile."""

from datetime import datetime, timedelta

from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.joining import Joining
from coaching.accounts.models import DiscordLink
from coaching.accounts.queries import find_membership, memberships_to_recheck
from coaching.host import Host, HostError, Refusal

CHECKED_DAILY = timedelta(days=1)
# "Check again" pressed over and over asks Discord no more often than this.
CHECK_STEP = timedelta(seconds=5)
# One run of the worker is not to spend its minute on this.
MOST_AT_ONCE = 20


def join_guild(host: Host, link: DiscordLink, discord_guild_id: str, access_token: str, now: datetime) -> Joining:
    """The account is in the guild, or the answer says why not; what Discord said is recorded."""
    try:
        is_new = host.add_member(discord_guild_id, link.discord_user_id, access_token)
    except HostError as error:
        return _refused(host, link, discord_guild_id, error, now)
    record_membership(link, discord_guild_id, "joined", now)
    return Joining(is_member=True, is_new=is_new)


def check_membership(host: Host, link: DiscordLink, discord_guild_id: str, now: datetime) -> None:
    """What is known of the account in this guild is what Discord says now; HostError when it does not say."""
    known = find_membership(link, discord_guild_id)
    if known and known.checked_at and now - CHECK_STEP < known.checked_at <= now:
        return
    if host.find_member(discord_guild_id, link.discord_user_id):
        record_membership(link, discord_guild_id, "joined", now)
    else:
        # Discord does not say why somebody is missing; a ban learned at joining holds until they get in.
        is_banned = known is not None and known.state == "banned"
        record_membership(link, discord_guild_id, "banned" if is_banned else "left", now)


def recheck_memberships(host: Host, now: datetime) -> None:
    """No membership is older than a day, as far as Discord answers; a guild that does not is left for next time."""
    silent: set[str] = set()
    for row in memberships_to_recheck(now - CHECKED_DAILY, MOST_AT_ONCE):
        if row.discord_guild_id in silent:
            continue
        try:
            check_membership(host, row.link, row.discord_guild_id, now)
        except HostError:
            silent.add(row.discord_guild_id)
            record_membership(row.link, row.discord_guild_id, row.state, now)  # no answer is no news


def _refused(host: Host, link: DiscordLink, discord_guild_id: str, error: HostError, now: datetime) -> Joining:
    if error.kind == Refusal.BANNED:
        record_membership(link, discord_guild_id, "banned", now)
    elif error.is_outcome_unknown and _is_in(host, link, discord_guild_id):
        # The answer was lost, not the call.
        record_membership(link, discord_guild_id, "joined", now)
        return Joining(is_member=True, is_new=True)
    return Joining(is_member=False, refusal=error.kind)


def _is_in(host: Host, link: DiscordLink, discord_guild_id: str) -> bool:
    try:
        return host.find_member(discord_guild_id, link.discord_user_id) is not None
    except HostError:
        return False
