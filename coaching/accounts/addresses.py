"""E-mail addresses: one key by which two of them are the same, and the form that mail is sent to. Pure."""

import unicodedata
from dataclasses import dataclass
from email.errors import NonASCIILocalPartDefect
from email.headerregistry import Address

from email_validator import EmailNotValidError, validate_email

# Invisible or steering characters: two addresses would look the same and be different ones.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True)
class EmailAddress:
    """An address as it is written, and the key it is known by."""

    text: str
    key: str


def find_address(typed: str) -> EmailAddress | None:
    """The address somebody typed, or None when mail could not reach it."""
    text = typed.strip()
    if not text or any(unicodedata.category(letter) in INVISIBLE for letter in text):
        return None
    try:
        # .test is for trying things out; every other reserved name is refused.
        address = validate_email(text, check_deliverability=False, test_environment=True)
        # Compatibility forms (full-width letters, ligatures) fold together, and the result has to be an address too.
        local = _folded(address.local_part)
        folded = validate_email(f"{local}@{address.domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    if folded.ascii_domain is None:
        return None
    return EmailAddress(address.normalized, f"{local}@{folded.ascii_domain.lower()}")


def find_key(typed: str) -> str | None:
    """The key of the address somebody typed."""
    address = find_address(typed)
    return address.key if address else None


def mail_address(text: str, display_name: str = "") -> Address:
    """The address as a header takes it; ValueError for what is none."""
    try:
        return Address(display_name, addr_spec=text)
    except NonASCIILocalPartDefect:
        # Python counts a mailbox beyond ASCII as a fault of the text; headers carry it all the same (RFC 6532).
        username, _, domain = text.rpartition("@")
        return Address(display_name, username, domain)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
