"""What the environment says, one setting at a time."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from environment.addresses import host_and_port, is_local, split
from environment.errors import SettingsError
from environment.places import check_sqlite_path, is_on_a_server

DEFAULT_PORT = 8000
SAMPLE_HOST = "your.domain"
_Word = TypeVar("_Word", bound=StrEnum)


class Environment:
    """Reads one setting at a time; empty means not given; a secret may come from NAME_FILE."""

    SECRETS = (
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "DATABASE_URL",
        "HUEY_URL",
        "DISCORD_CLIENT_SECRET",
        "DISCORD_BOT_TOKEN",
        "CRON_SECRET",
        "HEARTBEAT_URL",
        "MAIL_URL",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
    )

    PLAIN = (
        "APP_URL",
        "BACKUP_COMMAND",
        "BACKUP_COUNT",
        "BACKUP_DAYS",
        "COACH_SIGNUP",
        "DATA_DIR",
        "DEMO",
        "DIRECTORY",
        "DISCORD_API_URL",
        "DISCORD_CDN_URL",
        "DISCORD_CLIENT_ID",
        "DISCORD_GUILD_ID",
        "DISCORD_OAUTH_URL",
        "IMPRINT_URL",
        "LOG_LEVEL",
        "PORT",
        "PRIVACY_URL",
        "SANDBOX_PORT",
        "SIGNUP",
        "SITE_NAME",
        "STRIPE_API_URL",
        "TRUSTED_PROXIES",
    )

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = {name: value for name, value in given.items() if value.strip()}

    @property
    def port(self) -> int:
        return self.number("PORT", DEFAULT_PORT, 1, 65535)

    @property
    def sandbox_port(self) -> int:
        return self.number("SANDBOX_PORT", self.port + 1, 1, 65535)

    def optional(self, name: str) -> str | None:
        if name in self.SECRETS and f"{name}_FILE" in self.given:
            return self._from_file(name)
        value = self.given.get(name)
        return value.strip() if value else None

    def completed_by(self, defaults: Mapping[str, str]) -> "Environment":
        """The same, with `defaults` for what is given neither here nor in a file."""
        missing = {name: value for name, value in defaults.items() if f"{name}_FILE" not in self.given}
        return Environment(missing | self.given)

    def refuse_files_for_what_is_no_secret(self) -> None:
        """Raise SettingsError for NAME_FILE where nobody would read the file."""
        for name in self.PLAIN:
            if f"{name}_FILE" in self.given:
                raise SettingsError(f"{name}_FILE is not read: only secrets may lie in a file. Set {name} itself.")

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            where = (
                "/etc/greenroom/environment" if is_on_a_server() else "the environment, or start the demo with DEMO=1"
            )
            raise SettingsError(f"{name} is missing: set it in {where}.")
        return value

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        text = self.optional(name) or str(default)
        if not re.fullmatch(r"[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise SettingsError(f"{name} must be a whole number from {lowest} to {highest}, not {text[:40]!r}.")
        return int(text)

    def choice(self, name: str, allowed: type[_Word]) -> _Word:
        """One of these words; the first where none is given."""
        known = [word.value for word in allowed]
        value = self.optional(name) or known[0]
        if value not in known:
            raise SettingsError(f"{name} must be {', '.join(known[:-1])} or {known[-1]}, not {value[:40]!r}.")
        return allowed(value)

    def discord_id(self, name: str, value: str | None) -> Any:
        if value is not None and not re.fullmatch(r"[0-9]{15,20}", value):
            raise SettingsError(f"{name} must be a Discord id of 15 to 20 digits, not {value[:40]!r}.")
        return value

    def header_word(self, name: str) -> str:
        value = self.required(name)
        if not re.fullmatch(r"[!-~]+", value) or value[0] in "\"'":
            raise SettingsError(f"{name} must be one word of plain letters, digits and signs, as Discord shows it.")
        if value.isdigit():
            raise SettingsError(f"{name} is an id; Discord shows the value that belongs there once, after Reset.")
        return value

    def address(self, name: str, default: str | None = None, path: str = "") -> str:
        """An http(s) address without user, query or a path other than `path`; https beyond this machine.

        As browsers write it: small letters, no port that goes without saying, punycode. Cookies, HSTS and the check of
        origins hang on it.
        """
        value = (self.optional(name) or default or self.required(name)).rstrip("/")
        parts = split(name, value)
        wanted = f"must look like https://example.com{path}"
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path != path:
            raise SettingsError(f"{name} {wanted}, not {value[:80]!r}.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingsError(f"{name} {wanted}, with nothing before or after.")
        if parts.hostname == SAMPLE_HOST:
            raise SettingsError(f"{name} is still the sample of the guide: put your own address there.")
        if parts.scheme == "http" and not is_local(parts):
            raise SettingsError(f"{name} must begin with https:// because it is not on this machine.")
        return f"{parts.scheme}://{host_and_port(name, parts)}{path}"

    def link(self, name: str) -> str | None:
        """An http(s) address of any page, to be followed by people; None when it is not given."""
        value = self.optional(name)
        if value is None:
            return None
        parts = split(name, value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise SettingsError(f"{name} must be the address of a page, like https://example.com/page.")
        return value

    def database(self, name: str, default: Path) -> str:
        value = self.optional(name) or f"sqlite:///{default}"
        if not re.match(r"sqlite:///[^?]|postgres(ql)?://", value):
            raise SettingsError(f"{name} must begin with sqlite:/// and a path, or with postgresql://.")
        if value.startswith("sqlite:"):
            check_sqlite_path(name, Path(value.removeprefix("sqlite:///")))
            return value
        parts = split(name, value)
        if "@" in parts.netloc.rpartition("@")[0]:
            raise SettingsError(f"{name} has an @ in its name or password: write every such sign as %XX, @ as %40.")
        if len(parts.path) < 2 and "dbname=" not in parts.query:
            raise SettingsError(
                f"{name} must name a database at its end, like postgresql://name:password@host/database."
            )
        return value

    def _from_file(self, name: str) -> str:
        if self.given.get(name):
            raise SettingsError(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            value = Path(self.given[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise SettingsError(f"{name}_FILE names a file that cannot be read ({type(problem).__name__}).") from None
        if not value:
            raise SettingsError(f"{name}_FILE names an empty file.")
        return value
