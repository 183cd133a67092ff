"""What everybody's download holds of their account: who they are, sign-ins, messages, how they became a coach.

Left out are secrets and hashes of them.
"""

from typing import Any

from peewee import JOIN

from coaching.accounts.event_kinds import kind_of
from coaching.accounts.models import (
    DiscordLink,
    GuildMember,
    MailLink,
    Person,
    SavedForm,
    SecondFactor,
    SecurityEvent,
    SignIn,
    WrongCode,
)
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Picture
from coaching.coaches.models import CoachApplication, CoachInvitationUse
from coaching.messages.models import CalendarFeed, MessageChoice, MessageSettings
from coaching.notices.labels import kind_label
from coaching.notices.models import Notice
from coaching.own_data.export_rules import read_json
from coaching.own_data.section_queries import Row, Section


def _notices(person: Person) -> Any:
    is_theirs = Notice.person_id == person.id
    if person.email and person.email_verified_at:
        is_theirs |= Notice.person_id.is_null() & (Notice.recipient == person.email)
    about = CoachingSession.id == Notice.session_id
    return Notice.select().join(CoachingSession, JOIN.LEFT_OUTER, on=about).where(is_theirs)


def _memberships(person: Person) -> Any:
    return GuildMember.select().join(DiscordLink).where(DiscordLink.person == person)


def _message_entry(row: Row, _person: Person) -> Row:
    return row | {"what": kind_label(row["what"])}


def _form_entry(row: Row, _person: Person) -> Row:
    return row | {"fields": read_json(row["fields"])}


def _event_entry(row: Row, _person: Person) -> Row:
    return row | {"what": kind_of(row["what"]).label}


ACCOUNT_SECTIONS = (
    Section(
        "profile",
        "your account",
        Person,
        lambda person: Person.select().where(Person.id == person),
        {
            "name": Person.name,
            "email": Person.email,
            "email_confirmed_at": Person.email_verified_at,
            "zone": Person.zone,
            "language": Person.language,
            "clock": Person.clock,
            "clock_of_your_browser": Person.browser_clock,
            "is_admin": Person.is_admin,
            "made_at": Person.created_at,
            "suspended_at": Person.suspended_at,
            "suspended_because": Person.suspended_why,
        },
        is_one=True,
    ),
    Section(
        "discord",
        "the Discord account that you connected",
        DiscordLink,
        lambda person: DiscordLink.select().where(DiscordLink.person == person),
        {
            "discord_user_id": DiscordLink.discord_user_id,
            "username": DiscordLink.username,
            "picture": DiscordLink.avatar,
            "connected_at": DiscordLink.linked_at,
        },
        is_one=True,
    ),
    Section(
        "discord_servers",
        "whether Discord says that you are on a server, and when it was asked",
        GuildMember,
        _memberships,
        {
            "discord_server_id": GuildMember.discord_guild_id,
            "state": GuildMember.state,
            "checked_at": GuildMember.checked_at,
        },
    ),
    Section(
        "second_factor",
        "since when an app shows codes for you",
        SecondFactor,
        lambda person: SecondFactor.select().where(SecondFactor.person == person),
        {"set_up_at": SecondFactor.set_up_at},
        is_one=True,
    ),
    Section(
        "sign_ins",
        "the browsers in which you are or were signed in",
        SignIn,
        lambda person: SignIn.select().where(SignIn.person == person),
        {
            "browser": SignIn.browser,
            "made_at": SignIn.made_at,
            "last_used_at": SignIn.seen_at,
            "ends_at": SignIn.ends_at,
        },
    ),
    Section(
        "codes_that_did_not_fit",
        "wrong codes that were typed for your second factor",
        WrongCode,
        lambda person: WrongCode.select().where(WrongCode.person == person),
        {"at": WrongCode.at},
    ),
    Section(
        "links_by_mail",
        "links into your account that were sent and can still be used",
        MailLink,
        lambda person: MailLink.select().where(MailLink.person == person),
        {
            "purpose": MailLink.purpose,
            "to": MailLink.email,
            "made_at": MailLink.made_at,
            "ends_at": MailLink.ends_at,
        },
    ),
    Section(
        "forms_that_wait",
        "what you typed and have not sent yet",
        SavedForm,
        lambda person: SavedForm.select().where(SavedForm.person == person),
        {"page": SavedForm.address, "fields": SavedForm.fields, "kept_until": SavedForm.expires_at},
        _form_entry,
    ),
    Section(
        "security_log",
        "what happened to your account, and from which network address",
        SecurityEvent,
        lambda person: SecurityEvent.select().where(SecurityEvent.person == person),
        {
            "at": SecurityEvent.at,
            "what": SecurityEvent.kind,
            "network_address": SecurityEvent.address,
            "times": SecurityEvent.times,
        },
        _event_entry,
    ),
    Section(
        "message_settings",
        "how you want to be reached",
        MessageSettings,
        lambda person: MessageSettings.select().where(MessageSettings.person == person),
        {
            "takes_discord_messages": MessageSettings.takes_discord,
            "allows_replies": MessageSettings.allows_replies,
            "shows_answers": MessageSettings.shows_answers,
            "reminder_minutes": MessageSettings.reminders,
            "quiet_from_minute": MessageSettings.quiet_from,
            "quiet_until_minute": MessageSettings.quiet_until,
            "mail_refused_at": MessageSettings.mail_refused_at,
            "mail_refused_why": MessageSettings.mail_refused_why,
            "discord_refused_at": MessageSettings.dm_refused_at,
            "discord_refused_why": MessageSettings.dm_refused_why,
        },
        is_one=True,
    ),
    Section(
        "message_choices",
        "which messages you want, and by which way",
        MessageChoice,
        lambda person: MessageChoice.select().where(MessageChoice.person == person),
        {"what": MessageChoice.kind, "way": MessageChoice.way},
        _message_entry,
    ),
    Section(
        "calendar_link",
        "since when a calendar program can read your sessions; the link itself is kept by nobody but you",
        CalendarFeed,
        lambda person: CalendarFeed.select().where(CalendarFeed.person == person),
        {"made_at": CalendarFeed.made_at},
        is_one=True,
    ),
    Section(
        "messages",
        "the messages that were sent to you, or are to be; their text is not kept once they have gone",
        Notice,
        _notices,
        {
            "what": Notice.kind,
            "subject": Notice.subject,
            "session": CoachingSession.code,
            "by": Notice.channel,
            "to": Notice.recipient,
            "state": Notice.state,
            "written_at": Notice.made_at,
            "sent_at": Notice.sent_at,
        },
        _message_entry,
    ),
    Section(
        "coach_applications",
        "what you wrote to become a coach, and the answer",
        CoachApplication,
        lambda person: CoachApplication.select().where(CoachApplication.person == person),
        {
            "state": CoachApplication.state,
            "teaches": CoachApplication.teaches,
            "links": CoachApplication.links,
            "why": CoachApplication.why,
            "reply": CoachApplication.reply,
            "made_at": CoachApplication.made_at,
            "sent_at": CoachApplication.sent_at,
            "answered_at": CoachApplication.answered_at,
        },
    ),
    Section(
        "coach_by_link",
        "when a link made you a coach",
        CoachInvitationUse,
        lambda person: CoachInvitationUse.select().where(CoachInvitationUse.person == person),
        {"used_at": CoachInvitationUse.used_at},
    ),
    Section(
        "pictures",
        "your pictures; each is a file of its code in the folder of the same name",
        Picture,
        lambda person: Picture.select().where(Picture.owner == person),
        {
            "code": Picture.code,
            "width": Picture.width,
            "height": Picture.height,
            "made_at": Picture.made_at,
        },
    ),
)
