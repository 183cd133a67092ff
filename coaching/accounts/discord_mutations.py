"""Changes of people's Discord accounts and of what is known about their membership in guilds."""

from datetime import datetime

from peewee import IntegrityError

from coaching.accounts import emails, limit_mutations
from coaching.accounts.details import UNKNOWN, DiscordAccount, Visit
from coaching.accounts.event_mutations import note
from coaching.accounts.limited import sign_up_uses
from coaching.accounts.models import DiscordLink, GuildMember, Person
from coaching.accounts.outbox_mutations import notify_owner
from coaching.accounts.queries import find_discord_link
from coaching.db import database
from coaching.errors import LinkTaken, Refused
from coaching.notices.mutations import release_held
from coaching.reading import Change, given

OTHER_ACCOUNT = "You have connected {} already. To use another Discord account, change it in your settings."
NO_WAY_IN = "Discord is your only way in that is sure so far. First {}; then you can disconnect or replace it."

# Several for each room that is looked at.
_FOUND = {"state": given("state"), "checked_at": given("now")}
_RECORD = Change(
    lambda: GuildMember.insert(link=given("link"), discord_guild_id=given("guild"), **_FOUND).on_conflict(
        conflict_target=[GuildMember.link, GuildMember.discord_guild_id], update=_FOUND
    )
)


def sign_up_with_discord(account: DiscordAccount, zone: str | None, now: datetime, visit: Visit = UNKNOWN) -> Person:
    """A new person without an address, known by this Discord account alone; LinkTaken when it is somebody's.

    RateLimited after too many new accounts from one place.
    """
    news = sign_up_uses(visit)
    limit_mutations.take(news, now, visit=visit)
    try:
        with database.atomic():
            person: Person = Person.create(name=account.name, zone=zone, created_at=now)
            _link(person, account, now)
            note("signed up", now, person, "with Discord", visit.address)
    except IntegrityError:
        limit_mutations.give_back(news)
        raise LinkTaken from None
    return person


def link_discord(
    person: Person, account: DiscordAccount, now: datetime, visit: Visit = UNKNOWN, *, may_replace: bool = False
) -> DiscordLink:
    """This Discord account is the person's; LinkTaken when it is somebody else's, or they have another one."""
    try:
        with database.atomic():
            former = find_discord_link(person)
            if former is not None and former.discord_user_id == account.user_id:
                return _renew(former, account)
            if former is not None:
                if not may_replace:
                    raise LinkTaken(OTHER_ACCOUNT.format(former.username))
                refuse_without_other_way_in(person)
                former.delete_instance()
            link = _link(person, account, now)
            note("Discord linked", now, person, account.user_id, visit.address)
            release_held(person.id)
            notify_owner(person, emails.DISCORD_CHANGED if former else emails.DISCORD_LINKED, now)
    except IntegrityError:
        raise LinkTaken from None
    return link


def record_account(link: DiscordLink, account: DiscordAccount) -> DiscordLink:
    """The linked Discord account is called and looks as Discord says today."""
    return _renew(link, account)


def unlink_discord(person: Person, now: datetime, visit: Visit = UNKNOWN) -> None:
    """The person has no Discord account here; Refused when it is their only way in."""
    with database.atomic():
        link = find_discord_link(person)
        if link is None:
            return
        refuse_without_other_way_in(person)
        link.delete_instance()
        note("Discord unlinked", now, person, link.discord_user_id, visit.address)
        notify_owner(person, emails.DISCORD_UNLINKED, now)


def refuse_without_other_way_in(person: Person) -> None:
    """Nothing, or Refused for somebody who could not sign in without Discord."""
    lacking = []
    if person.email is None:
        lacking.append("add an e-mail address and confirm it")
    elif person.email_verified_at is None:
        lacking.append(f"confirm your e-mail address {person.email}, or put another one in")
    if person.password_hash is None:
        lacking.append("set a password")
    if lacking:
        raise Refused(NO_WAY_IN.format(", and ".join(lacking)))


def record_membership(link: DiscordLink, discord_guild_id: str, state: str, now: datetime) -> None:
    """Discord said now that the account is, or is not, in the guild: joined, left or banned."""
    # One statement: of two rooms of one coach both may be the first to ask about them.
    _RECORD.run(link=link.id, guild=discord_guild_id, state=state, now=now)
    if state == "joined":
        # Whoever shares a server with the bot again can be written to.
        release_held(link.person_id)


def _link(person: Person, account: DiscordAccount, now: datetime) -> DiscordLink:
    link: DiscordLink = DiscordLink.create(
        person=person,
        discord_user_id=account.user_id,
        username=account.username,
        avatar=account.avatar,
        linked_at=now,
    )
    return link


def _renew(link: DiscordLink, account: DiscordAccount) -> DiscordLink:
    link.username, link.avatar = account.username, account.avatar
    link.save(only=[DiscordLink.username, DiscordLink.avatar])
    return link
