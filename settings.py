"""The environment as one frozen value: read once, checked at once, told to everybody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from coaching.accounts.signup import Signup
from coaching.coaches.signup import CoachSignup
from coaching.guild_rights import INVITE_RIGHTS
from coaching.mail_sender import sender_address
from coaching.messages.sender import Sender
from coaching.remedies import Ways
from environment import checks, demo_mode
from environment.addresses import is_local
from environment.demo_mode import DEMO_GUILD_ID
from environment.errors import SettingsError
from environment.keys import derived_key
from environment.places import DATABASE_FILE, QUEUE_FILE, demo_file, prepared_data_dir
from environment.reading import Environment
from environment.ways import ways_of

DISCORD_API_URL = "https://discord.com/api/v10"
DISCORD_OAUTH_URL = "https://discord.com"
DISCORD_CDN_URL = "https://cdn.discordapp.com"
STRIPE_API_URL = "https://api.stripe.com"


class Switch(StrEnum):
    """What is on, unless it is turned off."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, repr=False)
class Settings:
    """Everything the environment decides. Secrets are masked when it is printed."""

    app_url: str
    site_name: str
    imprint_url: str | None
    privacy_url: str | None
    port: int
    data_dir: Path
    demo: bool
    secret_key: str = field(metadata={"secret": True})
    secret_key_fallbacks: tuple[str, ...] = field(metadata={"secret": True})
    database_url: str = field(metadata={"secret": True})
    huey_url: str = field(metadata={"secret": True})
    discord_client_id: str
    discord_client_secret: str = field(metadata={"secret": True})
    discord_bot_token: str = field(metadata={"secret": True})
    discord_guild_id: str | None
    discord_api_url: str
    discord_oauth_url: str
    discord_cdn_url: str
    cron_secret: str | None = field(metadata={"secret": True})
    signup: Signup
    coach_signup: CoachSignup
    has_directory: bool
    mail_url: str | None = field(metadata={"secret": True})
    heartbeat_url: str | None = field(metadata={"secret": True})
    backup_count: int
    backup_days: int
    backup_command: tuple[str, ...]
    stripe_secret_key: str | None = field(metadata={"secret": True})
    stripe_webhook_secret: str | None = field(metadata={"secret": True})
    stripe_api_url: str
    trusted_proxies: int
    log_level: str
    sandbox_port: int
    demo_passwords: Mapping[str, str] = field(metadata={"secret": True})

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """The settings this environment describes, or SettingsError. Makes DATA_DIR and what a demo lacks."""
        read = Environment(environ)
        read.refuse_files_for_what_is_no_secret()
        data_dir = prepared_data_dir(read.optional("DATA_DIR"))
        if not demo_mode.is_demo(read, data_dir):
            settings = cls._read(read, data_dir)
            settings.refuse_a_demos_people()
            return settings
        demo_mode.refuse_a_folder_in_earnest(data_dir)
        # Kept only once nothing speaks against it: what is refused leaves nothing behind.
        cls._read_demo(read, data_dir, demo_mode.drawn(data_dir)).refuse_a_public_demo()
        return cls._read_demo(read, data_dir, demo_mode.kept(data_dir))

    @classmethod
    def _read_demo(cls, read: Environment, data_dir: Path, invented: demo_mode.Invented) -> Self:
        return cls._read(demo_mode.completed_by_demo(read, invented), data_dir, invented["passwords"])

    @classmethod
    def _read(cls, read: Environment, data_dir: Path, demo_passwords: Mapping[str, str] | None = None) -> Self:
        settings = cls._each_read(read, data_dir, demo_passwords)
        settings.refuse_repeated_secrets()
        return settings

    @classmethod
    def _each_read(cls, read: Environment, data_dir: Path, demo_passwords: Mapping[str, str] | None) -> Self:
        is_demo = demo_passwords is not None
        return cls(
            port=read.port,
            sandbox_port=read.sandbox_port,
            app_url=read.address("APP_URL"),
            site_name=checks.site_name(read),
            imprint_url=read.link("IMPRINT_URL"),
            privacy_url=read.link("PRIVACY_URL"),
            data_dir=data_dir,
            demo=is_demo,
            secret_key=checks.checked_key("SECRET_KEY", read.required("SECRET_KEY")),
            secret_key_fallbacks=checks.fallback_keys(read),
            database_url=read.database("DATABASE_URL", data_dir / DATABASE_FILE),
            huey_url=read.database("HUEY_URL", data_dir / QUEUE_FILE),
            discord_client_id=read.discord_id("DISCORD_CLIENT_ID", read.required("DISCORD_CLIENT_ID")),
            discord_client_secret=read.header_word("DISCORD_CLIENT_SECRET"),
            discord_bot_token=read.header_word("DISCORD_BOT_TOKEN"),
            discord_guild_id=read.discord_id("DISCORD_GUILD_ID", read.optional("DISCORD_GUILD_ID")),
            discord_api_url=read.address("DISCORD_API_URL", DISCORD_API_URL, path="/api/v10"),
            discord_oauth_url=read.address("DISCORD_OAUTH_URL", DISCORD_OAUTH_URL),
            discord_cdn_url=read.address("DISCORD_CDN_URL", DISCORD_CDN_URL),
            cron_secret=checks.cron_secret(read, is_demo),
            signup=read.choice("SIGNUP", Signup),
            coach_signup=read.choice("COACH_SIGNUP", CoachSignup),
            has_directory=read.choice("DIRECTORY", Switch) is Switch.ON,
            mail_url=checks.mail_url(read),
            heartbeat_url=checks.heartbeat_url(read),
            # A demo's people are made up anew for nothing.
            backup_count=read.number("BACKUP_COUNT", 0 if is_demo else 7, 0, 1000),
            backup_days=read.number("BACKUP_DAYS", 30, 0, 3650),
            backup_command=checks.backup_command(read),
            stripe_secret_key=checks.stripe_key(read, is_demo),
            stripe_webhook_secret=checks.stripe_signing_secret(read),
            stripe_api_url=read.address("STRIPE_API_URL", STRIPE_API_URL),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
            log_level=checks.log_level(read),
            demo_passwords=demo_passwords or {},
        )

    @property
    def is_https(self) -> bool:
        return self.app_url.startswith("https://")

    @property
    def trusted_hosts(self) -> list[str]:
        """The host names a request may carry."""
        host = urlsplit(self.app_url).hostname or ""
        return sorted({host, "localhost", "127.0.0.1"}) if self.demo else [host]

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def cookie_name(self) -> str:
        # Ports share cookies: under plain http two copies on one machine would sign each other out.
        return "__Host-greenroom" if self.is_https else f"greenroom_{self.port}"

    @property
    def cookie_keys(self) -> list[bytes]:
        """Keys that sign the session cookie, the newest first."""
        return self._keys("cookie")

    @property
    def queue_key(self) -> bytes:
        """The key that signs the queue's messages: they are pickles, so whoever signs them runs code."""
        return self._keys("queue")[0]

    @property
    def stamp_keys(self) -> list[bytes]:
        """Keys that sign for whom a form was drawn, the newest first."""
        return self._keys("stamp")

    @property
    def device_keys(self) -> list[bytes]:
        """Keys that sign in which browsers somebody has signed in, the newest first."""
        return self._keys("device")

    @property
    def vault_keys(self) -> list[bytes]:
        """Keys of what the database holds encrypted, the newest first."""
        return self._keys("at rest")

    @property
    def mark_keys(self) -> list[bytes]:
        """Keys of the checks in room codes, the newest first."""
        return self._keys("mark")

    @property
    def sender(self) -> Sender:
        """The site as its messages speak of it."""
        return Sender(
            name=self.site_name,
            url=self.app_url,
            discord_url=self.discord_oauth_url,
            link_keys=tuple(self._keys("link")),
            sends_mail=self.mail_url is not None,
            mail_address=sender_address(self.mail_url) if self.mail_url else None,
            imprint_url=self.imprint_url,
            privacy_url=self.privacy_url,
        )

    @property
    def secrets(self) -> set[str]:
        """Every text that must not be told: the values of secret settings, and the passwords in addresses."""
        hidden = (getattr(self, item.name) for item in fields(self) if item.metadata.get("secret"))
        texts = {text for value in hidden for text in _texts_in(value)}
        return texts | {urlsplit(text).password or text for text in texts if "://" in text}

    def as_environment(self) -> dict[str, str]:
        """What a child process must be told to come to the same settings."""
        return {
            "APP_URL": self.app_url,
            "PORT": str(self.port),
            "DATA_DIR": str(self.data_dir),
            "DEMO": "1" if self.demo else "0",
            "SANDBOX_PORT": str(self.sandbox_port),
            "DISCORD_API_URL": self.discord_api_url,
            "DISCORD_OAUTH_URL": self.discord_oauth_url,
            "DISCORD_CDN_URL": self.discord_cdn_url,
            "STRIPE_API_URL": self.stripe_api_url,
        }

    def sandbox_environment(self) -> dict[str, str]:
        """What the sandbox must be told: it imports nothing of ours."""
        return {
            "APP_URL": self.app_url,
            "DATA_DIR": str(self.data_dir),
            "SANDBOX_PORT": str(self.sandbox_port),
            "DISCORD_CLIENT_ID": self.discord_client_id,
            "DISCORD_CLIENT_SECRET": self.discord_client_secret,
            "DISCORD_BOT_TOKEN": self.discord_bot_token,
            "DISCORD_GUILD_ID": self.discord_guild_id or DEMO_GUILD_ID,
            "STRIPE_SECRET_KEY": self.stripe_secret_key or "",
        }

    @property
    def ways(self) -> Ways:
        """How whoever runs this site gets at its commands, its settings and its log."""
        asked = urlencode({"client_id": self.discord_client_id, "scope": "bot", "permissions": INVITE_RIGHTS})
        invitation = f"{self.discord_oauth_url}/oauth2/authorize?{asked}"
        return ways_of(self.data_dir, self.port, self.app_url, invitation)

    def refuse_repeated_secrets(self) -> None:
        """Raise SettingsError when one secret serves as two."""
        named = {
            "DISCORD_CLIENT_SECRET": self.discord_client_secret,
            "DISCORD_BOT_TOKEN": self.discord_bot_token,
            "CRON_SECRET": self.cron_secret,
            "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
        }
        for name, value in named.items():
            if value in (self.secret_key, *self.secret_key_fallbacks):
                raise SettingsError(f"SECRET_KEY must be a key of its own, but {name} has the same value.")
        if self.discord_client_secret == self.discord_bot_token:
            raise SettingsError(
                "DISCORD_CLIENT_SECRET has the value of DISCORD_BOT_TOKEN: the secret stands under OAuth2, the token "
                "under Bot."
            )
        if self.secret_key in self.secret_key_fallbacks:
            raise SettingsError("SECRET_KEY_FALLBACKS holds old keys only, but it contains the present SECRET_KEY.")

    def refuse_a_public_demo(self) -> None:
        """Raise SettingsError when demo mode would reach beyond this machine."""
        outside = ("DISCORD_API_URL", "DISCORD_OAUTH_URL", "DISCORD_CDN_URL", "STRIPE_API_URL")
        for name in ("APP_URL", *outside, "DATABASE_URL", "HUEY_URL"):
            address = getattr(self, name.lower())
            if not address.startswith("sqlite:") and not is_local(urlsplit(address)):
                raise SettingsError(
                    f"{name} must be on this machine (localhost) while DEMO=1: demo mode has made-up keys."
                )

    def refuse_a_demos_people(self) -> None:
        """Raise SettingsError when a demo's database would serve in earnest: its people, an admin too, are made up."""
        file = self.data_dir / DATABASE_FILE
        if demo_file(self.data_dir).exists() and file.exists() and self.database_url == f"sqlite:///{file}":
            raise SettingsError(
                f"DATA_DIR {str(self.data_dir)!r} holds a demo with made-up people: name another folder. If your own "
                "data lies there and a demo was only tried beside it, move the file demo.json out of the folder."
            )

    def _keys(self, use: str) -> list[bytes]:
        return [derived_key(key, use) for key in (self.secret_key, *self.secret_key_fallbacks)]

    def __repr__(self) -> str:
        assignments = (f"{item.name}={_masked(getattr(self, item.name), item.metadata)}" for item in fields(self))
        return f"Settings({', '.join(assignments)})"


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        return value.values()
    return [value] if isinstance(value, str) else value or ()


def _masked(value: Any, metadata: Mapping[str, Any]) -> str:
    return "'***'" if value and metadata.get("secret") else repr(value)
