"""Why Discord refuses, and what that means for a coach, a student and an admin, each with the remedy. Pure."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a call failed, told apart as far as somebody would act differently."""

    UNAUTHORIZED = "unauthorized"
    MISSING_ACCESS = "missing_access"
    MISSING_PERMISSION = "missing_permission"
    TWO_FACTOR_REQUIRED = "two_factor_required"
    UNKNOWN_GUILD = "unknown_guild"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_MEMBER = "unknown_member"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_THING = "unknown_thing"
    GUILD_FULL = "guild_full"
    ROLES_FULL = "roles_full"
    CATEGORY_FULL = "category_full"
    NAME_REFUSED = "name_refused"
    DM_REFUSED = "dm_refused"
    BANNED = "banned"
    TOO_MANY_GUILDS = "too_many_guilds"
    JOINING_LIMITED = "joining_limited"
    USER_TOKEN_INVALID = "user_token_invalid"
    USER_SCOPE_MISSING = "user_scope_missing"
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    SERVER_ERROR = "server_error"
    REFUSED_CONNECTION = "refused_connection"
    NO_ANSWER = "no_answer"
    BAD_ANSWER = "bad_answer"
    BROKEN = "broken"
    OTHER = "other"


# Nothing that we do or wait for changes these: a person has to act first.
PERMANENT = frozenset(Refusal) - {
    Refusal.NAME_REFUSED,
    Refusal.CATEGORY_FULL,
    Refusal.UNKNOWN_ROLE,
    Refusal.JOINING_LIMITED,
    Refusal.RATE_LIMITED,
    Refusal.BLOCKED,
    Refusal.SERVER_ERROR,
    Refusal.REFUSED_CONNECTION,
    Refusal.NO_ANSWER,
    Refusal.BAD_ANSWER,
    Refusal.BROKEN,
}
# The call may have worked all the same: look before doing it again.
DOUBTFUL = frozenset({Refusal.SERVER_ERROR, Refusal.NO_ANSWER, Refusal.BAD_ANSWER, Refusal.BROKEN})
# Only those who run the site can mend these.
FOR_THE_SITE = frozenset({Refusal.UNAUTHORIZED, Refusal.TWO_FACTOR_REQUIRED, Refusal.OTHER})
FOR_WANT_OF_RIGHTS = frozenset({Refusal.MISSING_ACCESS, Refusal.MISSING_PERMISSION})
WAITS = frozenset({Refusal.RATE_LIMITED, Refusal.BLOCKED})

# What happened, and what to do.
_SENTENCES: dict[Refusal, tuple[str, str]] = {
    Refusal.UNAUTHORIZED: (
        "Discord does not accept this site's bot.",
        "Whoever runs this site has to set a new DISCORD_BOT_TOKEN.",
    ),
    Refusal.MISSING_ACCESS: (
        "The bot cannot see your server or this room.",
        "Invite the bot again from your store's page, or give it back its place in the room's permissions.",
    ),
    Refusal.MISSING_PERMISSION: (
        "The bot lacks a right on your server.",
        "Invite it again from your store's page: that gives it exactly the rights it needs.",
    ),
    Refusal.TWO_FACTOR_REQUIRED: (
        "Your server asks moderators for two-factor log-in.",
        "Whoever runs this site has to turn it on for the Discord account that owns the bot.",
    ),
    Refusal.UNKNOWN_GUILD: (
        "The bot is not on your server any more.",
        "Invite it again from your store's page.",
    ),
    Refusal.UNKNOWN_CHANNEL: (
        "The room is gone from your server.",
        "A new one will be made.",
    ),
    Refusal.UNKNOWN_MEMBER: (
        "This person is not on your server.",
        "They can join it again from their account page.",
    ),
    Refusal.UNKNOWN_ROLE: (
        "The role is gone from your server.",
        "A new one will be made.",
    ),
    Refusal.UNKNOWN_THING: (
        "Discord does not know what was asked for.",
        "It will be tried again.",
    ),
    Refusal.GUILD_FULL: (
        "Your server has reached Discord's limit of 500 channels.",
        "Delete channels that nobody uses.",
    ),
    Refusal.ROLES_FULL: (
        "Your server has reached Discord's limit of 250 roles.",
        "Delete roles that nobody uses.",
    ),
    Refusal.CATEGORY_FULL: (
        "The category has reached Discord's limit of 50 channels.",
        "Another one will be made.",
    ),
    Refusal.NAME_REFUSED: (
        "Discord did not accept the room's name.",
        "It will be tried again with another one.",
    ),
    Refusal.DM_REFUSED: (
        "This person takes no direct messages from members of the server.",
        "",
    ),
    Refusal.BANNED: (
        "This person is banned from the server.",
        "A moderator has to lift the ban in Discord.",
    ),
    Refusal.TOO_MANY_GUILDS: (
        "This Discord account is in as many servers as Discord allows.",
        "Leave one and try again.",
    ),
    Refusal.JOINING_LIMITED: (
        "Discord does not let this account join servers right now.",
        "Try again in an hour.",
    ),
    Refusal.USER_TOKEN_INVALID: (
        "Discord's permission for joining has run out.",
        "Connect your Discord account again.",
    ),
    Refusal.USER_SCOPE_MISSING: (
        "Discord was not allowed to add you to the server.",
        "Connect again and leave “Join servers for you” on.",
    ),
    Refusal.RATE_LIMITED: (
        "Discord asked us to wait.",
        "It will be tried again by itself.",
    ),
    Refusal.BLOCKED: (
        "Discord refuses this site's machine for a while.",
        "It will be tried again by itself.",
    ),
    Refusal.SERVER_ERROR: (
        "Discord has trouble of its own.",
        "It will be tried again by itself.",
    ),
    Refusal.REFUSED_CONNECTION: (
        "Discord cannot be reached.",
        "It will be tried again by itself.",
    ),
    Refusal.NO_ANSWER: (
        "Discord did not answer.",
        "It will be tried again by itself.",
    ),
    Refusal.BAD_ANSWER: (
        "Discord's answer made no sense.",
        "It will be tried again by itself.",
    ),
    Refusal.BROKEN: (
        "This site stumbled here.",
        "It will be tried again by itself; the site's log has more.",
    ),
    Refusal.OTHER: (
        "Discord refused this.",
        "Whoever runs this site finds the reason in the room's log.",
    ),
}


def explain(kind: Refusal, lacking: str = "") -> str:
    """What happened and what to do, in one or two sentences; `lacking` are the rights the bot was found to lack."""
    if lacking and kind in FOR_WANT_OF_RIGHTS:
        return (
            f"The bot lacks a right on your server: {lacking}. Turn it on for the bot's role in Server settings, "
            "Roles, or invite the bot again from your store's page: that gives it every right it needs."
        )
    return " ".join(part for part in _SENTENCES[kind] if part)


def what_and_remedy(kind: Refusal) -> tuple[str, str]:
    """The same in two parts; no remedy where there is none."""
    return _SENTENCES[kind]
