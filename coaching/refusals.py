"""Why Discord refuses, and what that means for a coach, a student and an admin, each with the remedy. Pure."""

from enum import Enum, StrEnum, auto
from typing import Any, Self


class FixedBy(Enum):
    """Who has to act before the call can work."""

    NOBODY = auto()  # it passes, or what is missing is made anew
    PERSON = auto()  # the student or coach whom the call is about, with their own Discord account
    COACH_BY_INVITING = auto()
    COACH_BY_DELETING = auto()  # what fills the server
    SITE = auto()  # those who run this site


class Again(Enum):
    """What trying the call again is good for."""

    IN_VAIN = auto()  # waiting does not help: the pauses between tries are long
    LATER = auto()
    AFTER_A_LOOK = auto()  # the first may have worked all the same
    RETRY_AFTER = auto()  # Discord itself says when: that is no failed attempt


class Refusal(StrEnum):
    """Why a call failed, told apart as far as somebody would act differently.

    Each with what happened, the remedy (empty where there is none), who has it in hand, and whether to try again.
    """

    happened: str
    remedy: str
    fixed_by: FixedBy
    again: Again

    def __new__(cls, name: str, *meaning: Any) -> Self:
        """The kind that database and log know by its name. Nothing has a default: who adds one answers it all."""
        # A name alone finds the kind that there is, which is why type checkers are not told more.
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.happened, kind.remedy, kind.fixed_by, kind.again = meaning
        return kind

    UNAUTHORIZED = (
        "unauthorized",
        "Discord does not accept this site's bot.",
        "Whoever runs this site has to set a new DISCORD_BOT_TOKEN.",
        FixedBy.SITE,
        Again.IN_VAIN,
    )
    MISSING_ACCESS = (
        "missing_access",
        "The bot cannot see your server or this room.",
        "Invite the bot again from your store's page, or give it back its place in the room's permissions.",
        FixedBy.COACH_BY_INVITING,
        Again.IN_VAIN,
    )
    MISSING_PERMISSION = (
        "missing_permission",
        "The bot lacks a right on your server.",
        "Invite it again from your store's page: that gives it exactly the rights it needs.",
        FixedBy.COACH_BY_INVITING,
        Again.IN_VAIN,
    )
    TWO_FACTOR_REQUIRED = (
        "two_factor_required",
        "Your server asks moderators for two-factor log-in.",
        "Whoever runs this site has to turn it on for the Discord account that owns the bot.",
        FixedBy.SITE,
        Again.IN_VAIN,
    )
    UNKNOWN_GUILD = (
        "unknown_guild",
        "The bot is not on your server any more.",
        "Invite it again from your store's page.",
        FixedBy.COACH_BY_INVITING,
        Again.IN_VAIN,
    )
    UNKNOWN_CHANNEL = (
        "unknown_channel",
        "The room is gone from your server.",
        "A new one will be made.",
        FixedBy.NOBODY,
        Again.IN_VAIN,
    )
    UNKNOWN_MEMBER = (
        "unknown_member",
        "This person is not on your server.",
        "They can join it again from their account page.",
        FixedBy.PERSON,
        Again.IN_VAIN,
    )
    UNKNOWN_ROLE = (
        "unknown_role",
        "The role is gone from your server.",
        "A new one will be made.",
        FixedBy.NOBODY,
        Again.LATER,
    )
    UNKNOWN_THING = (
        "unknown_thing",
        "Discord does not know what was asked for.",
        "It will be tried again.",
        FixedBy.NOBODY,
        Again.IN_VAIN,
    )
    GUILD_FULL = (
        "guild_full",
        "Your server has reached Discord's limit of 500 channels.",
        "Delete channels that nobody uses.",
        FixedBy.COACH_BY_DELETING,
        Again.IN_VAIN,
    )
    ROLES_FULL = (
        "roles_full",
        "Your server has reached Discord's limit of 250 roles.",
        "Delete roles that nobody uses.",
        FixedBy.COACH_BY_DELETING,
        Again.IN_VAIN,
    )
    CATEGORY_FULL = (
        "category_full",
        "The category has reached Discord's limit of 50 channels.",
        "Another one will be made.",
        FixedBy.NOBODY,
        Again.LATER,
    )
    NAME_REFUSED = (
        "name_refused",
        "Discord did not accept the room's name.",
        "It will be tried again with another one.",
        FixedBy.NOBODY,
        Again.LATER,
    )
    DM_REFUSED = (
        "dm_refused",
        "This person takes no direct messages from members of the server.",
        "",
        FixedBy.PERSON,
        Again.IN_VAIN,
    )
    NO_SHARED_SERVER = (
        "no_shared_server",
        "This person is on no server that the bot is on.",
        "They can join one again from their account page.",
        FixedBy.PERSON,
        Again.IN_VAIN,
    )
    DMS_TOO_FAST = (
        "dms_too_fast",
        "Discord lets the bot begin no more direct messages for a while.",
        "They go on by themselves.",
        FixedBy.NOBODY,
        Again.RETRY_AFTER,
    )
    BOT_FLAGGED = (
        "bot_flagged",
        "Discord takes the bot's direct messages for spam, and stops them.",
        "Whoever runs this site can appeal: Discord's mail to the bot's owner says how.",
        FixedBy.SITE,
        Again.RETRY_AFTER,
    )
    BANNED = (
        "banned",
        "This person is banned from the server.",
        "A moderator has to lift the ban in Discord.",
        FixedBy.PERSON,
        Again.IN_VAIN,
    )
    TOO_MANY_GUILDS = (
        "too_many_guilds",
        "This Discord account is in as many servers as Discord allows.",
        "Leave one and try again.",
        FixedBy.PERSON,
        Again.IN_VAIN,
    )
    JOINING_LIMITED = (
        "joining_limited",
        "Discord does not let this account join servers right now.",
        "Try again in an hour.",
        FixedBy.PERSON,
        Again.LATER,
    )
    USER_TOKEN_INVALID = (
        "user_token_invalid",
        "Discord's permission for joining has run out.",
        "Connect your Discord account again.",
        FixedBy.PERSON,
        Again.IN_VAIN,
    )
    USER_SCOPE_MISSING = (
        "user_scope_missing",
        "Discord was not allowed to add you to the server.",
        "Connect again and leave “Join servers for you” on.",
        FixedBy.PERSON,
        Again.IN_VAIN,
    )
    RATE_LIMITED = (
        "rate_limited",
        "Discord asked us to wait.",
        "It will be tried again by itself.",
        FixedBy.NOBODY,
        Again.RETRY_AFTER,
    )
    BLOCKED = (
        "blocked",
        "Discord refuses this site's machine for a while.",
        "It will be tried again by itself.",
        FixedBy.NOBODY,
        Again.RETRY_AFTER,
    )
    SERVER_ERROR = (
        "server_error",
        "Discord has trouble of its own.",
        "It will be tried again by itself.",
        FixedBy.NOBODY,
        Again.AFTER_A_LOOK,
    )
    REFUSED_CONNECTION = (
        "refused_connection",
        "Discord cannot be reached.",
        "It will be tried again by itself.",
        FixedBy.NOBODY,
        Again.LATER,
    )
    NO_ANSWER = (
        "no_answer",
        "Discord did not answer.",
        "It will be tried again by itself.",
        FixedBy.NOBODY,
        Again.AFTER_A_LOOK,
    )
    BAD_ANSWER = (
        "bad_answer",
        "Discord's answer made no sense.",
        "It will be tried again by itself.",
        FixedBy.NOBODY,
        Again.AFTER_A_LOOK,
    )
    BROKEN = (
        "broken",
        "This site stumbled here.",
        "It will be tried again by itself; the site's log has more.",
        FixedBy.NOBODY,
        Again.AFTER_A_LOOK,
    )
    OTHER = (
        "other",
        "Discord refused this.",
        "Whoever runs this site finds the reason in the room's log.",
        FixedBy.SITE,
        Again.IN_VAIN,
    )


PERMANENT = frozenset(kind for kind in Refusal if kind.again is Again.IN_VAIN)
OUTCOME_UNKNOWN = frozenset(kind for kind in Refusal if kind.again is Again.AFTER_A_LOOK)
FOR_THE_SITE = frozenset(kind for kind in Refusal if kind.fixed_by is FixedBy.SITE)
# With these no direct message reaches the person until they change something in Discord.
TAKES_NO_DMS = frozenset({Refusal.DM_REFUSED, Refusal.NO_SHARED_SERVER, Refusal.UNKNOWN_MEMBER})
# With these none reaches anybody for a while; rooms go on.
STOPS_ALL_DMS = frozenset({Refusal.DMS_TOO_FAST, Refusal.BOT_FLAGGED})
WAITS = frozenset(kind for kind in Refusal if kind.again is Again.RETRY_AFTER)
# With these answers to a question about a guild the bot is not in it, or there is none of that id.
BOT_IS_OUT = frozenset({Refusal.UNKNOWN_GUILD, Refusal.MISSING_ACCESS})
# With these a look at the server may tell which right the bot lacks.
FOR_WANT_OF_RIGHTS = frozenset({Refusal.MISSING_ACCESS, Refusal.MISSING_PERMISSION})


def explain(kind: Refusal, lacking: str = "") -> str:
    """What happened and what to do, in one or two sentences; `lacking` are the rights the bot was found to lack."""
    if lacking and kind in FOR_WANT_OF_RIGHTS:
        return (
            f"The bot lacks a right on your server: {lacking}. Turn it on for the bot's role in Server settings, "
            "Roles, or invite the bot again from your store's page: that gives it every right it needs."
        )
    return " ".join(part for part in what_and_remedy(kind) if part)


def what_and_remedy(kind: Refusal) -> tuple[str, str]:
    """The same in two parts; no remedy where there is none."""
    return kind.happened, kind.remedy
