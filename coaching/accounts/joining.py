"""What comes of adding somebody to a Discord server, in words for that person. Pure."""

from dataclasses import dataclass

from coaching.refusals import Refusal

_SENTENCES: dict[Refusal, str] = {
    Refusal.BANNED: "This Discord account is banned from the server. Only its moderators can change that: ask them.",
    Refusal.TOO_MANY_GUILDS: (
        "This Discord account is in as many servers as Discord allows. Leave one of them in Discord, then join here."
    ),
    Refusal.JOINING_LIMITED: "Discord does not let this account join servers right now. Try again in an hour.",
    Refusal.USER_TOKEN_INVALID: "Discord's permission ran out before you were added. Join once more.",
    Refusal.USER_SCOPE_MISSING: (
        "Discord was not allowed to add you to the server. Join once more and leave “Join servers for you” on."
    ),
    Refusal.MISSING_PERMISSION: (
        "The server does not let this site's bot add people. Tell your coach: the bot has to be invited again."
    ),
    Refusal.MISSING_ACCESS: "This site's bot is not on this server. Tell your coach: the bot has to be invited again.",
    Refusal.UNKNOWN_GUILD: "This site's bot is not on this server. Tell your coach: the bot has to be invited again.",
    Refusal.UNAUTHORIZED: "Discord does not accept this site's bot. Tell whoever runs this site.",
    Refusal.RATE_LIMITED: "Discord asked us to wait. Join once more in a minute.",
    Refusal.BLOCKED: "Discord asked us to wait. Join once more in a few minutes.",
}
_OTHERWISE = "Discord did not answer as it should, so you may not be in the server yet. Join once more in a minute."


@dataclass(frozen=True)
class Joining:
    """How it went: joined just now, in there before, or refused and why."""

    is_member: bool
    is_new: bool = False
    refusal: Refusal | None = None

    @property
    def sentence(self) -> str | None:
        """What went wrong and what to do; None when nothing did."""
        return _SENTENCES.get(self.refusal, _OTHERWISE) if self.refusal else None
