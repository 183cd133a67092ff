"""Whether and where messages reach somebody, in words, with what they can do about it."""

from dataclasses import dataclass

from flask import current_app, url_for

from blueprints.web import both_clocks
from coaching.accounts.models import DiscordLink, Person
from coaching.messages.planning.routing import DmTrouble, MailTrouble, Reach
from coaching.messages.reach_queries import Recipient, get_recipient, reach_of

MAIL_WORDS = {
    MailTrouble.NO_MAIL_SERVER: "this site sends no mail",
    MailTrouble.NO_ADDRESS: "you have no e-mail address here",
    MailTrouble.NOT_CONFIRMED: "your e-mail address is not confirmed",
    MailTrouble.REFUSED: "your e-mail address refused a mail",
}
DM_WORDS = {
    DmTrouble.CLOSED: "your Discord account takes no messages from the bot",
    DmTrouble.NO_SERVER: "your Discord account shares no server with the bot",
}
OFF = "messages on Discord are turned off"
NOT_CONNECTED = "no Discord account is connected"


@dataclass(frozen=True)
class ReachView:
    """How messages reach a person. `sentence` speaks to them; `steps` are label and address of what helps."""

    link: DiscordLink | None
    reach: Reach
    sentence: str
    steps: tuple[tuple[str, str], ...]

    @property
    def is_reached(self) -> bool:
        return bool(self.reach.channels)

    @property
    def refuses_mail(self) -> bool:
        return self.reach.mail_trouble is MailTrouble.REFUSED


def reach_view(person: Person) -> ReachView:
    """Where messages reach the person now."""
    recipient = get_recipient(person)
    reach = reach_of(recipient, current_app.extensions["settings"].sender, both_clocks().machine)
    return ReachView(recipient.link, reach, sentence_of(recipient, reach), steps_of(recipient, reach))


def sentence_of(recipient: Recipient, reach: Reach) -> str:
    """One line: through which channel they hear, or that nobody can reach them and why."""
    account = f"to your Discord account “{recipient.link.username}”" if recipient.link else ""
    if reach.address and reach.discord_user_id:
        return f"Messages about your calls go to {reach.address}, and {account} where you have chosen that."
    if reach.address:
        return f"Messages about your calls go to {reach.address}."
    if reach.discord_user_id:
        return f"Messages about your calls go {account}."
    return f"Nobody can reach you: {mail_words(reach)}, and {discord_words(recipient, reach)}."


def mail_words(reach: Reach) -> str:
    """Why no mail reaches them, as a clause."""
    return MAIL_WORDS[reach.mail_trouble] if reach.mail_trouble else ""


def discord_words(recipient: Recipient, reach: Reach) -> str:
    """Why no direct message reaches them, as a clause; empty when one does."""
    if recipient.link is None:
        return NOT_CONNECTED
    if not reach.takes_discord:
        return OFF
    return DM_WORDS[reach.dm_trouble] if reach.dm_trouble else ""


def steps_of(recipient: Recipient, reach: Reach) -> tuple[tuple[str, str], ...]:
    """What would help. For whom something reaches, only an address that is still missing, as a second way."""
    steps, settings = [], url_for("accounts.settings")
    mail = {
        MailTrouble.NO_ADDRESS: ("Add an e-mail address", settings + "#address"),
        MailTrouble.NOT_CONFIRMED: ("Confirm your address", settings + "#address"),
        MailTrouble.REFUSED: ("Mend your address", url_for("accounts.messages") + "#mail"),
    }
    if (trouble := reach.mail_trouble) in mail and current_app.extensions["settings"].sender.sends_mail:
        steps.append(mail[trouble])
    if not reach.channels:
        if recipient.link is None:
            steps.append(("Connect Discord", settings + "#discord"))
        elif not reach.takes_discord:
            steps.append(("Turn messages on Discord on", url_for("accounts.messages") + "#discord"))
        elif reach.dm_trouble:
            steps.append(("Open messages on Discord", url_for("accounts.messages") + "#discord"))
    return tuple(steps)
