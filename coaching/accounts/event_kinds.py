"""What kinds of security events there are, in the words of the admins' page. Pure.

A new kind is one line here and one call of `events.note`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of event: in words, under which heading, and whether anybody can cause it as often as they like."""

    label: str
    group: str
    is_anybodys: bool = False


SIGN_INS, REFUSALS, ACCOUNTS, RIGHTS = "Signing in", "Refusals and limits", "Accounts and links", "Rights and secrets"
SERVERS, DATA = "Servers and rooms", "Data and money"

KINDS = {
    "signed in": Kind("Signed in", SIGN_INS, is_anybodys=True),
    "sign-in failed": Kind("Sign-in failed", SIGN_INS, is_anybodys=True),
    "confirmation failed": Kind("“Confirm that it is you” failed", SIGN_INS, is_anybodys=True),
    "wrong code": Kind("Wrong code of the second factor", SIGN_INS),
    "too many wrong codes": Kind("Too many wrong codes", SIGN_INS),
    "recovery code used": Kind("Recovery code used", SIGN_INS),
    "signed up": Kind("Signed up", SIGN_INS),
    "sign-ins ended": Kind("Sign-ins ended by an admin", SIGN_INS),
    "suspended account refused": Kind("Sign-in to a suspended account refused", SIGN_INS, is_anybodys=True),
    "signed out by whoever runs this site": Kind("Sign-ins ended from the command line", SIGN_INS),
    "everybody signed out": Kind("Everybody’s sign-ins ended", SIGN_INS),
    "limit hit": Kind("Limit hit", REFUSALS, is_anybodys=True),
    "look-up refused": Kind("Look-up refused", REFUSALS, is_anybodys=True),
    "foreign origin": Kind("Form sent from another site", REFUSALS, is_anybodys=True),
    "wrong secret": Kind("Wrong secret for /metrics or the cron address", REFUSALS, is_anybodys=True),
    "event refused": Kind("Payment event with a wrong signature", REFUSALS, is_anybodys=True),
    "password changed": Kind("Password changed", ACCOUNTS),
    "reset asked": Kind("Password link asked for", ACCOUNTS, is_anybodys=True),
    "data link asked": Kind("Link to a suspended account’s data asked for", ACCOUNTS, is_anybodys=True),
    "reset link made by hand": Kind("Password link made from the command line", ACCOUNTS),
    "password reset": Kind("Password reset by a link", ACCOUNTS),
    "address verified": Kind("E-mail address confirmed", ACCOUNTS),
    "Discord linked": Kind("Discord connected", ACCOUNTS),
    "Discord unlinked": Kind("Discord disconnected", ACCOUNTS),
    "merging asked": Kind("Link for merging asked for", ACCOUNTS, is_anybodys=True),
    "other account shown": Kind("Another account shown to be one’s own", ACCOUNTS),
    "merged into another account": Kind("Merged into another account", ACCOUNTS),
    "took in another account": Kind("Took in another account", ACCOUNTS),
    "second factor set up": Kind("Second factor set up", ACCOUNTS),
    "second factor replaced": Kind("Second factor replaced", ACCOUNTS),
    "second factor removed": Kind("Second factor turned off", ACCOUNTS),
    "second factor reset by whoever runs this site": Kind("Second factor reset from the command line", ACCOUNTS),
    "new recovery codes": Kind("New recovery codes made", ACCOUNTS),
    "became admin": Kind("Became an admin", RIGHTS),
    "admin ended": Kind("Is no admin any more", RIGHTS),
    "account suspended": Kind("Account suspended", RIGHTS),
    "account restored": Kind("Suspended account restored", RIGHTS),
    "verification sent": Kind("Mail to confirm an address sent by an admin", ACCOUNTS),
    "secrets encrypted anew": Kind("Secrets encrypted anew", RIGHTS),
    "outside calendar added": Kind("Outside calendar added", RIGHTS),
    "outside calendar replaced": Kind("Address of an outside calendar replaced", RIGHTS),
    "outside calendar removed": Kind("Outside calendar removed", RIGHTS),
    "payment key saved": Kind("Payment key saved", RIGHTS),
    "payment key put aside": Kind("Payment key put aside", RIGHTS),
    "payment key removed": Kind("Payment key removed", RIGHTS),
    "site account allowed": Kind("Use of this site’s payment account allowed", RIGHTS),
    "site account withdrawn": Kind("Use of this site’s payment account ended", RIGHTS),
    "coach approved": Kind("Application of a coach approved", RIGHTS),
    "coach asked": Kind("Question about a coach’s application", RIGHTS),
    "coach rejected": Kind("Application of a coach rejected", RIGHTS),
    "coach invited": Kind("Link made that makes coaches", RIGHTS),
    "coach invitation taken": Kind("Became a coach by a link", RIGHTS),
    "coach invitation revoked": Kind("Link that makes coaches revoked", RIGHTS),
    "coach stopped": Kind("Approval of a coach taken back", RIGHTS),
    "coach resumed": Kind("Approval of a coach given again", RIGHTS),
    "access_mode": Kind("Way into rooms changed", SERVERS),
    "guild_verified": Kind("Server verified", SERVERS),
    "guild_verification_lost": Kind("Verification of a server lost", SERVERS),
    "guild_approved": Kind("Use of this site’s server allowed", SERVERS),
    "guild_declined": Kind("Use of this site’s server declined", SERVERS),
    "orphan closed": Kind("Left-over room closed", SERVERS),
    "orphan removed": Kind("Left-over room or role removed", SERVERS),
    "account deleted": Kind("Account deleted by its owner", DATA),
    "account deleted from the command line": Kind("Account deleted from the command line", DATA),
    "objection decided": Kind("Objection of a student decided", DATA),
    "session cancelled": Kind("Session of somebody suspended cancelled", DATA),
    "session left": Kind("Session of somebody suspended left as it is", DATA),
    "review hidden": Kind("Review hidden", DATA),
    "review shown": Kind("Hidden review shown again", DATA),
    "review kept": Kind("Reported review kept", DATA),
    "database restored": Kind("Database restored from a backup", DATA),
    "data asked for": Kind("Own data asked for", DATA),
    "data downloaded": Kind("Own data downloaded", DATA),
    "data exported from the command line": Kind("Own data exported from the command line", DATA),
    "payment seated again": Kind("Payment without a booking: booked again", DATA),
    "payment without a seat given back": Kind("Payment without a booking: given back", DATA),
    "payment without a seat kept": Kind("Payment without a booking: kept", DATA),
}
# What admins alone do, under any heading: asked for by this word in the place of a kind.
BY_ADMINS = "acts"
ADMIN_ACTIONS = (
    *("sign-ins ended", "verification sent", "became admin", "admin ended", "account suspended", "account restored"),
    *("coach approved", "coach asked", "coach rejected", "coach invited", "coach invitation revoked"),
    *("coach stopped", "coach resumed", "site account allowed", "site account withdrawn"),
    *("guild_approved", "guild_declined", "orphan closed", "orphan removed", "objection decided"),
    *("session cancelled", "session left", "review hidden", "review shown", "review kept"),
)
GROUPS = tuple(dict.fromkeys(kind.group for kind in KINDS.values()))


def kind_of(name: str) -> Kind:
    """The kind of this name; one that is not known here, as an older Greenroom may have written it, is its own word."""
    return KINDS.get(name) or Kind(name[:1].upper() + name[1:].replace("_", " "), "")


def kinds_in(group: str) -> list[str]:
    """The names of the kinds under this heading."""
    return [name for name, kind in KINDS.items() if kind.group == group]


ANYBODYS = tuple(name for name, kind in KINDS.items() if kind.is_anybodys)
