"""What single settings have to be like."""

import re
import shlex
import shutil
from urllib.parse import SplitResult, parse_qs

from coaching.plain_text import clean
from environment.addresses import is_local, split
from environment.errors import SettingsError
from environment.reading import SAMPLE_HOST, Environment

STRIPE_KEY = re.compile(r"[sr]k_(test|live)_[A-Za-z0-9_]{8,240}")
STRIPE_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{16,240}")
SHORTEST_CRON_SECRET = 24
FEWEST_SIGNS = 10  # different ones, in a secret
LONGEST_SITE_NAME = 60


def fallback_keys(read: Environment) -> tuple[str, ...]:
    given = read.optional("SECRET_KEY_FALLBACKS") or ""
    keys = [key.strip() for key in given.split(",") if key.strip()]
    return tuple(checked_key("SECRET_KEY_FALLBACKS", key) for key in keys)


def checked_key(name: str, key: str) -> str:
    advice = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    if len(key.encode()) < 32:
        raise SettingsError(f"{name} must have at least 32 bytes; {advice}.")
    if key in (key + key)[1:-1] or len(set(key)) < FEWEST_SIGNS:
        raise SettingsError(f"{name} repeats itself and could be guessed; {advice}.")
    # The last one is the advice itself, which stands in guides beside the name.
    if re.search(
        r"change.?me|change.?this|replace.?me|your.?secret|secret.?key|example|password|insecure|token_urlsafe",
        key.lower(),
    ):
        raise SettingsError(f"{name} looks like a sample value from a guide; {advice}.")
    return key


def cron_secret(read: Environment, is_demo: bool) -> str | None:
    secret = read.optional("CRON_SECRET")
    # Each try is listened to, so it must be nothing that can be guessed. Nobody but this machine reaches a demo.
    if secret is not None and not is_demo and len(secret) < SHORTEST_CRON_SECRET:
        raise SettingsError(
            f"CRON_SECRET must have at least {SHORTEST_CRON_SECRET} characters; "
            "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(36))'."
        )
    if secret is not None and not is_demo and len(set(secret)) < FEWEST_SIGNS:
        raise SettingsError(
            "CRON_SECRET repeats itself and could be guessed; "
            "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(36))'."
        )
    return secret


def stripe_key(read: Environment, is_demo: bool) -> str | None:
    key = read.optional("STRIPE_SECRET_KEY")
    if key is None:
        return None
    if not STRIPE_KEY.fullmatch(key):
        raise SettingsError(
            "STRIPE_SECRET_KEY must be a key as Stripe shows it, beginning with sk_live_, rk_live_, sk_test_ or "
            "rk_test_."
        )
    if is_demo and "_live_" in key:
        raise SettingsError("STRIPE_SECRET_KEY is a live key, and this is a demo: leave it out.")
    return key


def stripe_signing_secret(read: Environment) -> str | None:
    secret = read.optional("STRIPE_WEBHOOK_SECRET")
    if secret is not None and not STRIPE_SIGNING_SECRET.fullmatch(secret):
        raise SettingsError("STRIPE_WEBHOOK_SECRET must be the webhook's signing secret, which begins with whsec_.")
    return secret


def site_name(read: Environment) -> str:
    """What the site calls itself, as one cleaned line."""
    typed = read.optional("SITE_NAME") or "Greenroom"
    name = clean(" ".join(typed.split()))
    if not name or len(name) > LONGEST_SITE_NAME:
        raise SettingsError(f"SITE_NAME must have 1 to {LONGEST_SITE_NAME} characters that can be seen.")
    return name


def log_level(read: Environment) -> str:
    value = (read.optional("LOG_LEVEL") or "info").lower()
    if value not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"LOG_LEVEL must be debug, info, warning or error, not {value[:40]!r}.")
    return value


def heartbeat_url(read: Environment) -> str | None:
    value = read.optional("HEARTBEAT_URL")
    if value is not None:
        parts = split("HEARTBEAT_URL", value)
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_local(parts))):
            raise SettingsError("HEARTBEAT_URL must begin with https:// and name a host.")
    return value


def backup_command(read: Environment) -> tuple[str, ...]:
    try:
        command = shlex.split(read.optional("BACKUP_COMMAND") or "")
    except ValueError:
        raise SettingsError("BACKUP_COMMAND has a quotation mark that is not closed.") from None
    if command and not shutil.which(command[0]):
        raise SettingsError(f"BACKUP_COMMAND names {command[0][:80]!r}, which is no program on this machine.")
    return tuple(command)


def mail_url(read: Environment) -> str | None:
    value = read.optional("MAIL_URL")
    if value is not None:
        parts = split("MAIL_URL", value)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SettingsError(
                "MAIL_URL must look like smtps://name:password@mail.example.com:465?from=hello@example.com."
            )
        if parts.path not in ("", "/") or parts.fragment or set(parse_qs(parts.query)) - {"from"}:
            raise SettingsError(
                "MAIL_URL may end in ?from=hello@example.com and nothing else; in its name or password write # and / "
                "as %23 and %2F."
            )
        _check_sender(parts)
    return value


def _check_sender(parts: SplitResult) -> None:
    # Imported here: the parent of all processes reads settings too, and should stay small.
    from email.headerregistry import Address

    senders = parse_qs(parts.query, keep_blank_values=True).get("from", [])
    if len(senders) > 1:
        raise SettingsError("MAIL_URL says from= more than once: keep one sender.")
    for sender in senders:
        if sender.endswith(f"@{SAMPLE_HOST}"):
            raise SettingsError("MAIL_URL is still the sample of the guide: put your own mail server there.")
        try:
            Address(addr_spec=sender)
        except (ValueError, IndexError):  # the latter for nothing at all
            raise SettingsError(
                f"MAIL_URL says from={sender[:80]!r}, which is no mail address: write it like from=hello@example.com."
            ) from None
