"""What the host's refusals mean for a coach, a student and an admin, each with the remedy. Pure."""

from coaching.host import Refusal

_SENTENCES: dict[Refusal, str] = {
    Refusal.UNAUTHORIZED: (
        "Discord does not accept this site's bot. Whoever runs this site has to set a new DISCORD_BOT_TOKEN."
    ),
    Refusal.MISSING_ACCESS: (
        "The bot cannot see your server or this room. Invite the bot again from your store's page, "
        "or give it back its place in the room's permissions."
    ),
    Refusal.MISSING_PERMISSION: (
        "The bot lacks a right on your server. Invite it again from your store's page: that gives it exactly "
        "the rights it needs."
    ),
    Refusal.TWO_FACTOR_REQUIRED: (
        "Your server asks moderators for two-factor log-in. Whoever runs this site has to turn it on "
        "for the Discord account that owns the bot."
    ),
    Refusal.UNKNOWN_GUILD: "The bot is not on your server any more. Invite it again from your store's page.",
    Refusal.UNKNOWN_CHANNEL: "The room is gone from your server. A new one will be made.",
    Refusal.UNKNOWN_MEMBER: "This person is not on your server. They can join it again from their account page.",
    Refusal.UNKNOWN_THING: "Discord does not know what was asked for. It will be tried again.",
    Refusal.GUILD_FULL: "Your server has reached Discord's limit of 500 channels. Delete channels that nobody uses.",
    Refusal.CATEGORY_FULL: "The category has reached Discord's limit of 50 channels. Move or delete some of them.",
    Refusal.NAME_REFUSED: "Discord did not accept the room's name. It will be tried again with another one.",
    Refusal.BANNED: "This person is banned from the server. A moderator has to lift the ban in Discord.",
    Refusal.TOO_MANY_GUILDS: "This Discord account is in as many servers as Discord allows. Leave one and try again.",
    Refusal.JOINING_LIMITED: "Discord does not let this account join servers right now. Try again in an hour.",
    Refusal.USER_TOKEN_INVALID: "Discord's permission for joining has run out. Connect your Discord account again.",
    Refusal.USER_SCOPE_MISSING: (
        "Discord was not allowed to add you to the server. Connect again and leave “Join servers for you” on."
    ),
    Refusal.RATE_LIMITED: "Discord asked us to wait. It will be tried again by itself.",
    Refusal.BLOCKED: "Discord refuses this site's machine for a while. It will be tried again by itself.",
    Refusal.SERVER_ERROR: "Discord has trouble of its own. It will be tried again by itself.",
    Refusal.REFUSED_CONNECTION: "Discord cannot be reached. It will be tried again by itself.",
    Refusal.NO_ANSWER: "Discord did not answer. It will be tried again by itself.",
    Refusal.BAD_ANSWER: "Discord's answer made no sense. It will be tried again by itself.",
    Refusal.OTHER: "Discord refused this. Whoever runs this site finds the reason in the room's log.",
}


def explain(kind: Refusal) -> str:
    """What happened and what to do, in one or two sentences."""
    return _SENTENCES[kind]
