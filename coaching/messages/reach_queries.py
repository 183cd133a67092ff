"""Where and when people can be reached, and how they want to be."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.accounts.models import DiscordLink, GuildMember, Person
from coaching.accounts.queries import find_discord_link
from coaching.booking.models import CoachingSession
from coaching.messages.models import MessageChoice, MessageSettings
from coaching.messages.planning.routing import DmTrouble, MailTrouble, QuietHours, Reach, Way
from coaching.messages.sender import Sender
from coaching.notices.kinds import Channel
from coaching.notices.models import Notice
from coaching.reading import Selection, given

# Whoever refused direct messages may have opened them since: so long after that they are written to again.
DM_TRIED_AGAIN = timedelta(days=7)


@dataclass(frozen=True)
class Recipient:
    """A person with how they want to be reached; `settings` of somebody who set nothing are those by default."""

    person: Person
    settings: MessageSettings
    link: DiscordLink | None


def get_recipient(person: Person) -> Recipient:
    """The person as messages know them."""
    return Recipient(person, settings_of(person), find_discord_link(person))


def settings_of(person: Person) -> MessageSettings:
    """How the person wants to be reached; without a row what holds for everybody, not stored."""
    return _SETTINGS.first(person=person.id) or MessageSettings(person=person)


def reach_of(recipient: Recipient, sender: Sender, now: datetime) -> Reach:
    """Where the person can be reached at `now`, a machine's instant."""
    mail_trouble, dm_trouble = _mail_trouble(recipient, sender), _dm_trouble(recipient, now)
    takes_discord, link = recipient.settings.takes_discord, recipient.link
    return Reach(
        address=None if mail_trouble else recipient.person.email,
        discord_user_id=link.discord_user_id if link and takes_discord and not dm_trouble else None,
        mail_trouble=mail_trouble,
        dm_trouble=dm_trouble,
        takes_discord=takes_discord,
    )


def ways_of(person: Person) -> dict[str, Way]:
    """What the person has chosen, by kind."""
    rows = MessageChoice.select().where(MessageChoice.person == person)
    return {row.kind: Way(row.way) for row in rows if row.way in Way._value2member_map_}


def had_direct_message(person: Person) -> bool:
    """True when the bot has written to the person before."""
    was_sent = (Notice.person_id == person.id) & (Notice.channel == Channel.DISCORD) & (Notice.state == "sent")
    return bool(Notice.select().where(was_sent).exists())


def quiet_hours_of(recipient: Recipient, zone: str) -> QuietHours | None:
    """When the person does not want to be disturbed."""
    begin, end = recipient.settings.quiet_from, recipient.settings.quiet_until
    return None if begin is None or end is None or begin == end else QuietHours(begin, end, zone)


def zone_of(person: Person, coaching_session: CoachingSession | None = None) -> str:
    """The zone in which a person reads times."""
    return str(person.zone or (coaching_session.zone if coaching_session else "UTC"))


def _mail_trouble(recipient: Recipient, sender: Sender) -> MailTrouble | None:
    person, refused_at = recipient.person, recipient.settings.mail_refused_at
    if not person.email:
        return MailTrouble.NO_ADDRESS
    if person.email_verified_at is None:
        return MailTrouble.NOT_CONFIRMED
    # Verified again since, the address takes mail.
    if refused_at and person.email_verified_at <= refused_at:
        return MailTrouble.REFUSED
    return None if sender.sends_mail else MailTrouble.NO_MAIL_SERVER


def _dm_trouble(recipient: Recipient, now: datetime) -> DmTrouble | None:
    settings, link = recipient.settings, recipient.link
    if link is None or settings.dm_refused_at is None or settings.dm_user_id != link.discord_user_id:
        return None
    trouble = DmTrouble(settings.dm_refused_why or "closed")
    is_over = now >= settings.dm_refused_at + DM_TRIED_AGAIN
    if is_over or (trouble is DmTrouble.NO_SERVER and _is_back(link, settings.dm_refused_at)):
        return None
    return trouble


def _is_back(link: DiscordLink, since: datetime) -> bool:
    """True when the account was found on a server of ours since then."""
    is_new = (GuildMember.state == "joined") & (GuildMember.checked_at > since)
    return bool(GuildMember.select().where(GuildMember.link == link, is_new).exists())


_SETTINGS: Selection[MessageSettings] = Selection(
    lambda: MessageSettings.select().where(MessageSettings.person == given("person"))
)
