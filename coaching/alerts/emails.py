"""What is written to those who have to act when Discord refuses, or is going to. Pure.

A page stands as its path on a line of its own; its whole address is made of it as the message leaves.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from coaching.accounts.emails import Email
from coaching.hours.wall_clock import is_repeated, offset_label, time_of_day
from coaching.notices.kinds import MessageKind
from coaching.refusals import FOR_THE_SITE, PERMANENT, FixedBy, Refusal, explain
from coaching.zones import current_name

# A coach or those who run the site have to act. What students mend themselves is told where they do it.
_FOR_THE_COACH = (FixedBy.COACH_BY_INVITING, FixedBy.COACH_BY_DELETING)
WORTH_AN_EMAIL = frozenset(kind for kind in PERMANENT if kind.fixed_by in (*_FOR_THE_COACH, FixedBy.SITE))

SESSION_PAGE = "/sessions/{}"
GUILD_PAGE = "/store/{}/guild"
CHECK_PAGE = "/store/{}/server-check"
OVERVIEW_PAGE = "/admin"
DOCTOR_PAGE = "/admin/doctor"
# One line, none of it typed by somebody: a subject must not break.
SUBJECTS = {
    Refusal.UNAUTHORIZED: "Discord does not accept this site's bot",
    Refusal.GUILD_FULL: "Your Discord server is full",
    Refusal.ROLES_FULL: "Your Discord server takes no more roles",
}
LAST_LINE = "It is tried again by itself. This message comes at most once a day."

# An instant as its reader's clock shows it.
Clock = Callable[[datetime], str]


class AboutSession(Protocol):
    """The session whose room was refused."""

    code: str
    title: str
    starts_at: datetime


def to_coach(
    kind: Refusal, store_slug: str, about: AboutSession | None, noticed_at: datetime, clock: Clock, lacking: str = ""
) -> Email:
    """What happened to the coach's rooms, what to do, and where; `lacking` are the rights the bot was found to lack."""
    is_for_the_site = kind in FOR_THE_SITE
    if is_for_the_site and about:
        page = SESSION_PAGE.format(about.code)
    else:
        page = (GUILD_PAGE if kind.fixed_by is FixedBy.COACH_BY_INVITING else CHECK_PAGE).format(store_slug)
    return _email(
        SUBJECTS.get(kind, "Discord refuses a room of yours"),
        explain(kind, lacking),
        f"It is about “{about.title}” on {clock(about.starts_at)}." if about else "",
        f"Noticed on {clock(noticed_at)}.",
        "There is nothing for you to mend: those who run this site have been told. See here:"
        if is_for_the_site
        else "Mend it here:",
        page,
        LAST_LINE,
    )


def to_admin(kind: Refusal, guild_id: str, about: AboutSession | None, noticed_at: datetime, clock: Clock) -> Email:
    """What happened to the site's bot, what to do, and where."""
    # Without the title, which a coach typed.
    session = f", the session {about.code} on {clock(about.starts_at)}" if about else ""
    return _email(
        SUBJECTS.get(kind, "Discord refuses a room"),
        explain(kind),
        f"It is about the Discord server {guild_id}{session}.",
        f"Noticed on {clock(noticed_at)}.",
        "Everything that could be wrong, with what to do:",
        DOCTOR_PAGE,
        LAST_LINE,
    )


def of_what_comes(findings: Iterable[tuple[str, str]], guild_name: str, store_slug: str) -> Email:
    """What a look ahead found, each sentence with its remedy."""
    return _email(
        "Your Discord server may not be ready for the next sessions",
        f"We looked at your Discord server “{guild_name}” with the sessions of the next two days in mind.",
        *(f"{sentence} {remedy}" for sentence, remedy in findings),
        "Look again here when it is done:",
        CHECK_PAGE.format(store_slug),
        "This message comes at most once a day.",
    )


def of_lost_server(following: AboutSession, count: int, store_name: str, store_slug: str, clock: Clock) -> Email:
    """That the store's coming sessions get no room, how many there are, and where to change that."""
    others = f", and {count - 1} after it" if count > 1 else ""
    return _email(
        "Your next sessions get no Discord room as things are",
        f"Discord no longer says that you may manage the server of “{store_name}”. So no rooms can be opened there, "
        "and nobody can book a call that needs one.",
        f"The next session is “{following.title}” on {clock(following.starts_at)}{others}. Your students read on "
        "its page that there is no room for it as things are.",
        "Connect the server again here; then all is as before:",
        GUILD_PAGE.format(store_slug),
        "This message comes at most once a day, as long as sessions are to come.",
    )


def of_the_site(sentence: str) -> Email:
    """What is wrong with the machine, for those who run the site, and where it stands with what to do."""
    return _email(
        "Something is wrong with your site",
        sentence,
        "What to do:",
        OVERVIEW_PAGE,
        "This message comes at most once a day.",
    )


def when(instant: datetime, zone: str, has_twelve_hours: bool = False) -> str:
    """The instant as a clock in `zone` shows it, with the zone."""
    tz = ZoneInfo(zone)
    there = instant.astimezone(tz)
    offset = f", {offset_label(instant, tz)}" if is_repeated(instant, tz) else ""
    time = time_of_day(there, has_twelve_hours=has_twelve_hours)
    return f"{there:%A} {there.day} {there:%B %Y}, {time} ({current_name(zone)}{offset})"


def _email(subject: str, *paragraphs: str) -> Email:
    return Email(MessageKind.ALERT, subject, "\n\n".join(filter(None, paragraphs)) + "\n")
