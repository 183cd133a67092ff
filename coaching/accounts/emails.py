"""What is written in the mails about accounts. Pure. None carries what others typed, but an admin's reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Email:
    kind: str
    subject: str
    body: str


def verify(link: str) -> Email:
    """Verify that this mailbox is yours."""
    return Email(
        "verify",
        "Confirm your e-mail address",
        "Somebody, most likely you, gave this address to an account on this site.\n\n"
        "To confirm that it is yours, open this link in the browser in which you are signed in:\n\n"
        f"{link}\n\n"
        "Messages about your calls go to this address once it is confirmed. Until then they wait.\n\n"
        "The link works for three days. If this was not you, do nothing: without your click the address is not used.\n",
    )


def reset(link: str) -> Email:
    """Choose a new password."""
    return Email(
        "reset",
        "Choose a new password",
        "Somebody, most likely you, asked for a new password for the account with this address.\n\n"
        f"{link}\n\n"
        "The link works once and for 30 minutes. If this was not you, do nothing: your password stays as it is.\n",
    )


def own_data(link: str) -> Email:
    """Get a copy of the data of a suspended account."""
    return Email(
        "data_link",
        "Get a copy of your data",
        "Somebody, most likely you, asked for a copy of what this site keeps about the account with this address, "
        "which is suspended.\n\n"
        f"{link}\n\n"
        "The link works once and for 30 minutes, and opens nothing but the copy. If this was not you, do nothing.\n",
    )


def reset_to_merge(link: str) -> Email:
    """Take over an account with your address that nobody has confirmed, before it is merged."""
    return Email(
        "reset",
        "Merge your account into another one",
        "Somebody, most likely you, wants to merge the account with this address into another account.\n\n"
        "Nobody has confirmed yet that this address is theirs. So choose a new password for that account first:\n\n"
        f"{link}\n\n"
        "The link works once and for 30 minutes. Then sign in to your other account, and show by that password that "
        "this one is yours, too. If this was not you, do nothing: nothing is changed.\n",
    )


def claim(link: str) -> Email:
    """Verify that the account with this address is yours."""
    return Email(
        "claim",
        "Merge your account into another one",
        "Somebody, most likely you, wants to merge the account with this address into another account.\n\n"
        "To show that this account is yours, open this link in the browser in which you asked for it:\n\n"
        f"{link}\n\n"
        "It works once and for 30 minutes, in that browser only. If this was not you, do nothing: your account stays "
        "as it is.\n",
    )


def merged_away() -> Email:
    """Tell the owner of an account that there is no account with this address any more."""
    return Email(
        "changed",
        "Your account was merged into another one",
        "The account with this address was merged into another account, and is gone. All that was in it "
        "is in the other account now, to which mail goes from now on.\n\n"
        "If this was you, there is nothing to do. If not, write at once to whoever runs this site.\n",
    )


def account_deleted() -> Email:
    """Tell the owner of an account that it is gone."""
    return Email(
        "changed",
        "Your account was deleted",
        "The account with this address was deleted, as was asked for in it. Sessions that were to come are cancelled, "
        "and what is to go back to you goes back the way it was paid. Records of money stay as the law wants it.\n\n"
        "Nobody can undo this. You are welcome to sign up again; it is a new account then. If it was not you who "
        "asked, write at once to whoever runs this site.\n\n"
        "This is the last mail to this address.\n",
    )


def changed(change: str) -> Email:
    """Tell the owner about a change somebody made."""
    return Email(
        "changed",
        "Your account was changed",
        f"{change}\n\n"
        "If this was you, there is nothing to do. If not, choose a new password at once with “Forgotten password” "
        "on the sign-in page: that also ends every sign-in.\n",
    )


def suspended(reason: str) -> Email:
    """Tell the owner why they are let in nowhere."""
    return Email(
        "changed",
        "Your account is suspended",
        "Whoever runs this site has suspended your account. You are signed out everywhere and cannot sign in, and if "
        "you sell calls, nobody can book new ones.\n\n"
        f"Their reason: “{reason}”\n\n"
        "What is booked already takes place unless you are told otherwise. The page that says so when you sign in has "
        "the way to a copy of your data. If you think that this is a mistake, write "
        "to whoever runs this site.\n",
    )


def restored() -> Email:
    """Tell the owner that they are let in again."""
    return Email(
        "changed",
        "Your account is restored",
        "Your account is not suspended any more: you can sign in as before. Calls that were cancelled meanwhile stay "
        "cancelled.\n",
    )


def recovery_code_used(left: int) -> str:
    """What the owner is told when somebody came in without the app."""
    codes = "one recovery code is" if left == 1 else f"{left or 'no'} recovery codes are"
    return f"A recovery code of your account was used in place of a code from your app. From now on {codes} left."


FACTOR_SET_UP = "A second factor was set up for your account: signing in asks for a code of an app from now on."
FACTOR_REPLACED = "Another app was set up as the second factor of your account, in place of the former one."
FACTOR_REMOVED = "The second factor of your account was turned off: the password or Discord is enough from now on."
FACTOR_RESET = (
    "Whoever runs this site has taken the second factor off your account and ended every sign-in. "
    "Set a new one up in your settings."
)
NEW_RECOVERY_CODES = "New recovery codes were made for your account. The former ones are worth nothing any more."
WRONG_CODES = (
    "Somebody who knows your password, or came by your Discord account, typed several wrong codes. "
    "They are not in your account."
)
PASSWORD_CHANGED = "The password of your account was changed."
PASSWORD_RESET = "The password of your account was reset with a link, and every sign-in was ended."
ADDRESS_CHANGED = "The e-mail address of your account was changed. Mail goes to the new address from now on."
BECAME_ADMIN = (
    "An admin has made you an admin of this site, and ended every sign-in. At the next one you are asked for a second "
    "factor."
)
ADMIN_ENDED = "An admin has decided that you are no admin of this site any more. Nothing else of your account changes."
DISCORD_LINKED = "A Discord account was connected to your account."
DISCORD_CHANGED = "Another Discord account was connected to your account in place of the former one."
DISCORD_UNLINKED = "The Discord account was disconnected from your account."
MERGED = (
    "Another account was merged into the account with this address. "
    "All that was in the other account is in this one now."
)
