"""What is written in the mails about accounts. Pure; none of them carries text that somebody else typed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    kind: str
    subject: str
    body: str


def verify(link: str) -> Letter:
    """Prove that this mailbox is yours."""
    return Letter(
        "verify",
        "Confirm your e-mail address",
        "Somebody, most likely you, gave this address to an account on this site.\n\n"
        "To confirm that it is yours, open this link in the browser in which you are signed in:\n\n"
        f"{link}\n\n"
        "It works for three days. If this was not you, do nothing: without your click the address is not used.\n",
    )


def reset(link: str) -> Letter:
    """Choose a new password."""
    return Letter(
        "reset",
        "Choose a new password",
        "Somebody, most likely you, asked for a new password for the account with this address.\n\n"
        f"{link}\n\n"
        "The link works once and for 30 minutes. If this was not you, do nothing: your password stays as it is.\n",
    )


def changed(what: str) -> Letter:
    """Tell the owner about a change somebody made."""
    return Letter(
        "changed",
        "Your account was changed",
        f"{what}\n\n"
        "If this was you, there is nothing to do. If not, choose a new password at once with “Forgotten password” "
        "on the sign-in page: that also ends every sign-in.\n",
    )


PASSWORD_CHANGED = "The password of your account was changed."
PASSWORD_RESET = "The password of your account was reset with a link, and every sign-in was ended."
ADDRESS_CHANGED = "The e-mail address of your account was changed. Mail goes to the new address from now on."
DISCORD_LINKED = "A Discord account was connected to your account."
DISCORD_CHANGED = "Another Discord account was connected to your account in place of the former one."
DISCORD_UNLINKED = "The Discord account was disconnected from your account."
