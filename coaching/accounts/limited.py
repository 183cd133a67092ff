"""Which limits an act about accounts uses, and on whose account. Pure.

What comes from this machine itself is not limited by where it comes from (`network_of`).
"""

from coaching.accounts.details import UNKNOWN, Visit
from coaching.rate_limits.limits import (
    KEPT_FORM_BYTES,
    KEPT_FORMS,
    LINKS_BY_ACCOUNT,
    LINKS_BY_NETWORK,
    LINKS_TO_MAILBOX_DAY,
    LINKS_TO_MAILBOX_HOUR,
    SIGN_UPS,
    TAKEN_ANSWERS,
    WRONG_PASSWORDS,
    WRONG_PASSWORDS_ACCOUNT,
    WRONG_PASSWORDS_KNOWN_BROWSER,
    WRONG_PASSWORDS_NETWORK,
    Use,
    network_of,
)

# A form that is kept takes this much beside what is in it.
ROW_BYTES = 1024


def password_uses(account: str, person_id: int | None, visit: Visit) -> list[Use]:
    """What a wrong password for this account counts against; the account may be nobody's.

    A browser in which the person has signed in before has a count of its own, and no other counts for it: so nobody
    locks a person out.
    """
    network = network_of(visit.address)
    if network is None:
        return []
    if visit.device and person_id in visit.device.person_ids:
        return [Use(WRONG_PASSWORDS_KNOWN_BROWSER, f"{person_id} {visit.device.id}")]
    return [
        Use(WRONG_PASSWORDS, f"{account} {network}"),
        Use(WRONG_PASSWORDS_ACCOUNT, account),
        Use(WRONG_PASSWORDS_NETWORK, network),
    ]


def sign_up_uses(visit: Visit) -> list[Use]:
    """What a new account counts against."""
    network = network_of(visit.address)
    return [Use(SIGN_UPS, network)] if network else []


def answer_uses(visit: Visit) -> list[Use]:
    """What the answer that an address is taken counts against."""
    network = network_of(visit.address)
    return [Use(TAKEN_ANSWERS, network)] if network else []


def link_uses(email_key: str, person_id: int | None = None, visit: Visit = UNKNOWN) -> list[Use]:
    """What a link counts against that somebody asks to be sent to this address, whether or not it is known here."""
    network = network_of(visit.address)
    return [
        Use(LINKS_TO_MAILBOX_HOUR, email_key),
        Use(LINKS_TO_MAILBOX_DAY, email_key),
        *([Use(LINKS_BY_ACCOUNT, str(person_id))] if person_id else []),
        *([Use(LINKS_BY_NETWORK, network)] if network else []),
    ]


def kept_form_uses(size: int, person_id: int | None, visit: Visit) -> list[Use]:
    """What a form of so many bytes counts against that is kept: a visitor's for where it comes from."""
    network = network_of(visit.address)
    keeper = f"person {person_id}" if person_id else network
    return [Use(KEPT_FORMS, keeper), Use(KEPT_FORM_BYTES, keeper, size + ROW_BYTES)] if keeper else []
