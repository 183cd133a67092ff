"""What a look at a server or at the whole site finds: checks as data, and what each fact means. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from coaching.guild_parts import Application
from coaching.refusals import FixedBy, Refusal, what_and_remedy
from coaching.remedies import LOG, PORTAL, change, instant, invite
from coaching.vault import Standing

MOST_CHANNELS = 500  # Discord's limit for one server, categories included
FEW_CHANNELS_LEFT = 20
MOST_ROLES = 250
MOST_DRIFT = timedelta(seconds=30)
# At least one night went by without a backup.
LATE_BACKUP = timedelta(hours=36)
LEAST_FREE_BYTES = 200 * 1024 * 1024
# Before it, several processes that write could in rare cases damage a database with a write-ahead log.
FIXED_SQLITE = (3, 51, 3)
INVITE_AGAIN = "Invite the bot again; that gives it every right it needs."
LOOK_AGAIN = "Look again in a few minutes"
DELETE_CHANNELS = "In Discord right-click a channel that nobody uses and choose Delete Channel."
DELETE_ROLES = "In Discord open Server settings, Roles, and delete those that nobody needs."
# What only the site's owner can mend: what they do, and what a coach tells them.
_OF_THE_SITE = {
    Refusal.UNAUTHORIZED: (
        f"At {PORTAL} choose the application, then Bot, and press Reset Token. {change('DISCORD_BOT_TOKEN')}",
        "Discord does not accept the bot's token.",
    ),
    Refusal.TWO_FACTOR_REQUIRED: (
        "In Discord, as the account that owns the bot, open User Settings, My Account, and press Enable Authenticator "
        "App.",
        "the Discord account that owns the bot needs two-factor log-in.",
    ),
    Refusal.BOT_FLAGGED: (
        f"Discord's mail to the account that owns the bot says how to appeal. The bot itself is at {PORTAL}",
        "Discord takes the bot's direct messages for spam.",
    ),
    Refusal.OTHER: (
        f"See in the log what Discord answered: {LOG}",
        "Discord refuses something, and its answer stands in the log.",
    ),
}
# The name of what says whether the bot's own messages to people are taken.
DIRECT_MESSAGES = "Direct messages"
_TO_DELETE = {Refusal.GUILD_FULL: DELETE_CHANNELS, Refusal.ROLES_FULL: DELETE_ROLES}


class State(StrEnum):
    BAD = "bad"
    WARN = "warn"
    OK = "ok"


IN_ORDER = list(State)


@dataclass(frozen=True)
class Check:
    """One thing looked at: how it stands in a sentence, and what to do unless all is well.

    Instants in it are shown by its reader's clock (`remedies.with_times`). `to_coaches` is what a coach can do where
    the remedy is in the hands of the site's owner alone.
    """

    name: str
    state: State
    sentence: str
    remedy: str = ""
    to_coaches: str = ""
    is_fixed_by_inviting: bool = False

    def fixed_by_owner(self, news: str) -> "Check":
        """The same, of which a coach can only tell the site's owner the `news`."""
        return replace(self, to_coaches=f"Tell the site's owner: {news}")

    def fixed_by_inviting(self) -> "Check":
        """The same, mended by inviting the bot again."""
        return replace(self, is_fixed_by_inviting=True)


def good(name: str, sentence: str) -> Check:
    return Check(name, State.OK, sentence)


def warning(name: str, sentence: str, remedy: str) -> Check:
    return Check(name, State.WARN, sentence, remedy)


def bad(name: str, sentence: str, remedy: str) -> Check:
    return Check(name, State.BAD, sentence, remedy)


def refused(name: str, kind: Refusal) -> Check:
    """The check at which Discord refused: what that means, and what to do."""
    happened, remedy = what_and_remedy(kind)
    match kind.fixed_by:
        case FixedBy.SITE:
            command, news = _OF_THE_SITE[kind]
            return bad(name, happened, command).fixed_by_owner(news)
        case FixedBy.COACH_BY_INVITING:
            return bad(name, happened, remedy).fixed_by_inviting()
        case FixedBy.COACH_BY_DELETING:
            return bad(name, happened, _TO_DELETE[kind])
        case FixedBy.NOBODY | FixedBy.PERSON:
            return passing(bad(name, happened, ""))


def with_invitation(check: Check, guild_id: str) -> Check:
    """The same; where inviting the bot again helps, with the address for it. A coach has a button there."""
    if not check.is_fixed_by_inviting:
        return check
    remedy = f"{check.remedy} Add it here, as somebody who may manage the server: {invite(guild_id)}"
    return replace(check, remedy=remedy, to_coaches=check.to_coaches or check.remedy)


def passing(check: Check) -> Check:
    """The same, mended by nothing but time: whoever has no command line has the button beside it."""
    return replace(check, remedy=f"{LOOK_AGAIN}: `flask doctor`", to_coaches=f"{LOOK_AGAIN}.")


def worst_first(checks: Iterable[Check]) -> list[Check]:
    """What is bad, then what is doubtful, then the rest, each in the order of looking."""
    return sorted(checks, key=lambda check: IN_ORDER.index(check.state))


def is_healthy(checks: Iterable[Check]) -> bool:
    """True when nothing is bad."""
    return all(check.state != State.BAD for check in checks)


def as_plain(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """The checks as JSON can hold them."""
    return [asdict(check) | {"state": check.state.value} for check in checks]


def from_plain(values: Iterable[Mapping[str, Any]]) -> list[Check]:
    """The checks that `as_plain` made into this."""
    return [Check(**{**value, "state": State(value["state"])}) for value in values]


def drift_check(drift: timedelta) -> Check:
    """What it means that Discord's clock is ahead of this machine's by `drift`."""
    seconds = round(abs(drift.total_seconds()))
    if abs(drift) <= MOST_DRIFT:
        return good("Clock", f"This site's clock and Discord's differ by {seconds} s at most.")
    direction = "slow" if drift > timedelta(0) else "fast"
    return bad(
        "Clock",
        f"This site's clock is {seconds} s {direction} by Discord's. Rooms come and go that much late or early.",
        "As root, let the machine set its clock by itself: `timedatectl set-ntp true`",
    ).fixed_by_owner(f"the clock of the machine it runs on is {seconds} s {direction}.")


def secret_check(refusal: Refusal | None, client_id: str) -> Check:
    """Whether people can sign in with Discord: what it said to the application's id and secret."""
    name = "Client secret"
    if refusal is None:
        return good(name, "Discord takes DISCORD_CLIENT_ID with DISCORD_CLIENT_SECRET.")
    if refusal == Refusal.UNAUTHORIZED:
        return bad(
            name,
            f"Discord does not take DISCORD_CLIENT_SECRET for the application {client_id}. Nobody can sign in with "
            "Discord or connect an account.",
            f"At {PORTAL}/{client_id}/oauth2 press Reset Secret. {change('DISCORD_CLIENT_SECRET')}",
        )
    happened, _ = what_and_remedy(refusal)
    return passing(warning(name, f"{happened} So nobody knows whether it takes DISCORD_CLIENT_SECRET.", ""))


def key_check(sealed: Mapping[Standing, int]) -> Check:
    """Whether SECRET_KEY, or one of its fallbacks, opens what the database holds encrypted."""
    name, unreadable, count = "Secret key", sealed.get("unreadable", 0), sum(sealed.values())
    if unreadable:
        return bad(
            name,
            f"{unreadable} of {count} encrypted texts cannot be read: what students wrote, phone numbers, mails that "
            "wait. SECRET_KEY is not the key they were encrypted with.",
            "Put that key back, or put it into SECRET_KEY_FALLBACKS beside the new one. "
            f"{change('SECRET_KEY_FALLBACKS')} Then see what is still closed: `flask secrets check`",
        )
    if sealed.get("older"):
        return good(name, "It opens what is encrypted, together with SECRET_KEY_FALLBACKS.")
    return good(name, "It opens what is encrypted.")


def application_check(app: Application, client_id: str, callback: str) -> Check:
    """Whether people can sign in by Discord, and come back from it: the bot and they have to use one application."""
    if app.application_id != client_id:
        return bad(
            "Application",
            f"The bot's token belongs to application {app.application_id}, DISCORD_CLIENT_ID names {client_id}. "
            "Nobody who connects Discord can be added to a server.",
            f"At {PORTAL}/{app.application_id} read Application ID, under OAuth2 the client secret, under Bot the "
            f"token: all three of one application. {change('DISCORD_CLIENT_ID')}",
        )
    remedy = f"At {PORTAL}/{client_id}/oauth2 add under Redirects exactly: {callback}"
    if app.redirect_addresses is None:
        return warning("Redirect address", "Discord does not say which ones it knows.", remedy)
    if callback not in app.redirect_addresses:
        return bad("Redirect address", f"Discord does not know {callback}. Nobody can connect Discord.", remedy)
    return good("Redirect address", f"Discord knows {callback}.")


def invitation_checks(app: Application) -> Iterator[Check]:
    """Whether coaches can add the bot to servers of their own."""
    portal = f"At {PORTAL}/{app.application_id}/bot turn"
    yield _chosen_check(
        "Public bot",
        app.is_public,
        "Every coach can add the bot to a server they manage.",
        "Only the Discord account that owns the application can add the bot to a server. “Add to Discord” fails for "
        "every other coach.",
        f"{portal} “Public Bot” on, unless all coaches use servers of that account.",
    )
    yield _chosen_check(
        "Code grant",
        None if app.requires_code_grant is None else not app.requires_code_grant,
        "The bot can be added by a plain link, too.",
        "The application requires a code grant: Discord refuses plain invitation links, like the one of the README.",
        f"{portal} “Requires OAuth2 Code Grant” off.",
    )


def _chosen_check(name: str, is_well: bool | None, well: str, otherwise: str, remedy: str) -> Check:
    if is_well is None:
        return warning(name, "Discord does not say how it is set.", remedy)
    return good(name, well) if is_well else warning(name, otherwise, remedy)


def disk_check(free_bytes: int) -> Check:
    """What so much free room for the data means."""
    megabytes = free_bytes // (1024 * 1024)
    if free_bytes < LEAST_FREE_BYTES:
        return bad(
            "Disk",
            f"Only {megabytes} MB are free in DATA_DIR. Bookings fail when nothing is left.",
            "Make room there. What takes most, as root: `du -xh / --max-depth=3 | sort -h | tail -20`",
        )
    return good("Disk", f"{megabytes} MB are free in DATA_DIR.")


def backup_check(made_at: datetime | None, failed_at: datetime | None, now: datetime) -> Check:
    """What it means when the last nightly backup was made, and when one failed since."""
    by_hand = "`flask db backup DATA_DIR/backups/by-hand`"
    remedy = f"The reason is in the log: {LOG} It is tried again each hour; by hand: {by_hand}"
    if failed_at and (made_at is None or failed_at > made_at):
        return bad("Backup", f"The backup of the night failed on {instant(failed_at)}.", remedy)
    if made_at is None:
        waits = "The worker makes the first within a minute. If it does not, see the log:"
        return warning("Backup", "No nightly backup was made yet.", f"{waits} {LOG}")
    if now - made_at > LATE_BACKUP:
        return bad("Backup", f"The last backup is from {instant(made_at)}.", remedy)
    return good("Backup", f"The last one was made on {instant(made_at)}.")


def sqlite_check(version: tuple[int, ...]) -> Check:
    """What this version of SQLite means for the data."""
    number = ".".join(str(number) for number in version)
    if version < FIXED_SQLITE:
        return warning(
            "SQLite",
            f"SQLite is {number}. Before 3.51.3 it had a fault that few ever meet: several processes that write could "
            "damage the file. The nightly backups are there for that.",
            "Nothing has to be done today. A newer system brings a newer SQLite; PostgreSQL has no such fault, and "
            "everything moves there while the site is stopped: `flask db copy-to "
            "postgresql://greenroom:PASSWORD@localhost/greenroom`",
        )
    return good("SQLite", f"SQLite is {number}.")
