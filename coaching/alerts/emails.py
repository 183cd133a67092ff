"""What is written to those who have to act when Discord refuses, or is going to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from coaching.hours.wall_clock import is_repeated, offset_label, time_of_day
from coaching.refusals import FOR_THE_SITE, PERMANENT, FixedBy, Refusal, explain
from coaching.zones import current_name

# A coach or those who run the site have to act. What students mend themselves is told where they do it.
_FOR_THE_COACH = (FixedBy.COACH_BY_INVITING, FixedBy.COACH_BY_DELETING)
WORTH_AN_EMAIL = frozenset(kind for kind in PERMANENT if kind.fixed_by in (*_FOR_THE_COACH, FixedBy.SITE))

KIND = "alert"
EVERY_GUILD = "*"

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
SUBJECT = "Discord refuses a room of yours"
SUBJECT_AHEAD = "Your Discord server may not be ready for the next sessions"
SUBJECT_WITHOUT_SERVER = "Your next sessions get no Discord room as things are"
SUBJECT_OF_THE_SITE = "Something is wrong with your site"
LAST_LINE = "It is tried again by itself. This message comes at most once a day.\n"


@dataclass(frozen=True)
class AlertEmail:
    subject: str
    body: str


@dataclass(frozen=True)
class AboutSession:
    """The session whose room was refused."""

    code: str
    title: str
    starts_at: datetime


def to_coach(
    kind: Refusal,
    store_slug: str,
    about: AboutSession | None,
    noticed_at: datetime,
    zone: str,
    site_url: str,
    lacking: str = "",
    *,
    has_twelve_hours: bool = False,
) -> AlertEmail:
    """What happened to the coach's rooms, what to do, and where; `lacking` are the rights the bot was found to lack."""
    paragraphs = [explain(kind, lacking)]
    if about:
        paragraphs.append(f"It is about “{about.title}” on {when(about.starts_at, zone, has_twelve_hours)}.")
    paragraphs.append(f"Noticed on {when(noticed_at, zone, has_twelve_hours)}.")
    if kind in FOR_THE_SITE:
        paragraphs.append("There is nothing for you to mend: those who run this site have been told. See here:")
    else:
        paragraphs.append("Mend it here:")
    paragraphs += [site_url + _page(kind, store_slug, about), LAST_LINE]
    return AlertEmail(SUBJECTS.get(kind, SUBJECT), "\n\n".join(paragraphs))


def to_admin(
    kind: Refusal,
    guild_id: str,
    about: AboutSession | None,
    noticed_at: datetime,
    zone: str,
    site_url: str,
    *,
    has_twelve_hours: bool = False,
) -> AlertEmail:
    """What happened to the site's bot, what to do, and where."""
    # Without the title, which a coach typed.
    session = f", the session {about.code} on {when(about.starts_at, zone, has_twelve_hours)}" if about else ""
    paragraphs = (
        explain(kind),
        f"It is about the Discord server {guild_id}{session}.",
        f"Noticed on {when(noticed_at, zone, has_twelve_hours)}.",
        "Everything that could be wrong, with what to do:",
        site_url + DOCTOR_PAGE,
        LAST_LINE,
    )
    return AlertEmail(SUBJECTS.get(kind, "Discord refuses a room"), "\n\n".join(paragraphs))


def of_what_comes(findings: Iterable[tuple[str, str]], guild_name: str, store_slug: str, site_url: str) -> AlertEmail:
    """What a look ahead found, each sentence with its remedy."""
    paragraphs = (
        f"We looked at your Discord server “{guild_name}” with the sessions of the next two days in mind.",
        *(f"{sentence} {remedy}" for sentence, remedy in findings),
        "Look again here when it is done:",
        site_url + CHECK_PAGE.format(store_slug),
        "This message comes at most once a day.\n",
    )
    return AlertEmail(SUBJECT_AHEAD, "\n\n".join(paragraphs))


def of_lost_server(
    next_one: AboutSession,
    count: int,
    store_name: str,
    store_slug: str,
    zone: str,
    site_url: str,
    *,
    has_twelve_hours: bool = False,
) -> AlertEmail:
    """That the store's coming sessions get no room, how many there are, and where to change that."""
    others = f", and {count - 1} after it" if count > 1 else ""
    day = when(next_one.starts_at, zone, has_twelve_hours)
    paragraphs = (
        f"Discord no longer says that you may manage the server of “{store_name}”. So no rooms can be opened there, "
        "and nobody can book a call that needs one.",
        f"The next session is “{next_one.title}” on {day}{others}. Your students read on "
        "its page that there is no room for it as things are.",
        "Connect the server again here; then all is as before:",
        site_url + GUILD_PAGE.format(store_slug),
        "This message comes at most once a day, as long as sessions are to come.\n",
    )
    return AlertEmail(SUBJECT_WITHOUT_SERVER, "\n\n".join(paragraphs))


def of_the_site(sentence: str, site_url: str) -> AlertEmail:
    """What is wrong with the machine, for those who run the site, and where it stands with what to do."""
    paragraphs = (
        sentence,
        "What to do:",
        site_url + OVERVIEW_PAGE,
        "This message comes at most once a day.\n",
    )
    return AlertEmail(SUBJECT_OF_THE_SITE, "\n\n".join(paragraphs))


def day_key(kind: Refusal, guild_id: str, now: datetime) -> str:
    """What the mails about such a refusal in this guild share today."""
    return f"{KIND}:{kind}:{guild_id}:{now:%Y-%m-%d}"


def notice_key(key: str, person_id: int) -> str:
    """The key in the outbox of one person's mail."""
    return f"{key}:{person_id}"


def when(instant: datetime, zone: str, has_twelve_hours: bool = False) -> str:
    """The instant as a clock in `zone` shows it, with the zone."""
    tz = ZoneInfo(zone)
    there = instant.astimezone(tz)
    offset = f", {offset_label(instant, tz)}" if is_repeated(instant, tz) else ""
    time = time_of_day(there, has_twelve_hours=has_twelve_hours)
    return f"{there:%A} {there.day} {there:%B %Y}, {time} ({current_name(zone)}{offset})"


def _page(kind: Refusal, store_slug: str, about: AboutSession | None) -> str:
    if kind in FOR_THE_SITE and about:
        return SESSION_PAGE.format(about.code)
    return (GUILD_PAGE if kind.fixed_by is FixedBy.COACH_BY_INVITING else CHECK_PAGE).format(store_slug)
