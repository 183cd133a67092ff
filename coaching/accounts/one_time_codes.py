"""Codes of authenticator apps (TOTP, RFC 6238), and recovery codes in their place. Pure."""

import re
import secrets
from datetime import datetime

from pyotp import TOTP, random_base32
from pyotp.exceptions import OTPVerificationError

from coaching.vault import Unreadable

# Codes of the half minute before and after count as well: phones' clocks differ, and people type.
WINDOW = 1
HOW_MANY_CODES = 10
# As in addresses (coaching/db.py). 24 of these 30 letters are 117 random bits: so much need not be hashed slowly.
LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
GROUPS, IN_A_GROUP = 6, 4


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return random_base32()


def address_for_apps(secret: str, name: str, site_name: str) -> str:
    """The `otpauth:` address that an app reads from the picture; `name` says there which account it is."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=site_name)


def fitting_step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute to which this code belongs; None when it fits none that counts now."""
    # A secret whose key is missing is a sentence.
    if isinstance(secret, Unreadable) or not is_app_code(code):
        return None
    try:
        return TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def is_app_code(code: str) -> bool:
    """True for six plain digits."""
    return re.fullmatch("[0-9]{6}", code) is not None


def plain_code(typed: str) -> str:
    """A code as it is compared, however it was typed: `123 456`, `ABCD-2345-…`."""
    return re.sub(r"[\s\-–]", "", typed).lower()


def new_recovery_codes() -> list[str]:
    """Ten codes in groups of letters that look like no others."""
    return ["-".join(_group() for _ in range(GROUPS)) for _ in range(HOW_MANY_CODES)]


def in_groups(secret: str) -> str:
    """The secret as somebody may type it into an app: four letters, a gap, four letters."""
    return " ".join(re.findall(".{1,4}", secret))


def _group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(IN_A_GROUP))
