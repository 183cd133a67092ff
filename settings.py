"""The environment as one frozen value: read once, checked at once, told to everybody else."""

import fcntl
import ipaddress
import json
import os
import re
import secrets
import shlex
import shutil
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from coaching.accounts.signup import Signup
from coaching.coaches.signup import CoachSignup
from coaching.guild_rights import INVITE_RIGHTS
from coaching.mail_sender import sender_address
from coaching.messages.sender import Sender
from coaching.plain_text import clean
from coaching.remedies import Ways

HOME = Path(__file__).resolve().parent
DISCORD_API_URL = "https://discord.com/api/v10"
DISCORD_OAUTH_URL = "https://discord.com"
DISCORD_CDN_URL = "https://cdn.discordapp.com"
STRIPE_API_URL = "https://api.stripe.com"
# The site's own account at the stand-in for Stripe (sandbox/stripe/seed.py), which is no secret.
DEMO_STRIPE_KEY = "sk_test_GreenroomSite"
STRIPE_KEY = re.compile(r"[sr]k_(test|live)_[A-Za-z0-9_]{8,240}")
STRIPE_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{16,240}")
DEMO_PEOPLE = ("coach", "coach2", "student", "student2", "stranger", "admin")
SHORTEST_CRON_SECRET = 24
FEWEST_SIGNS = 10  # different ones, in a secret
SAMPLE_HOST = "your.domain"
DEFAULT_PORT = 8000
# Linked there by the guide for a server: what it runs has the service's settings.
SERVER_COMMAND = Path("/usr/local/sbin/greenroom")
DATABASE_FILE, QUEUE_FILE = "greenroom.db", "queue.db"
# What tells a folder that is in use from an empty one.
OWN_FILES = (DATABASE_FILE, QUEUE_FILE, "run.lock", "backups", "exports", "pictures.lock", "reserve", "demo.json")
LONGEST_SITE_NAME = 60
# The sandbox seeds its guild under these ids; they are no secrets.
DEMO_GUILD_ID = "1210000000000000100"
DEMO_CLIENT_ID = "1210000000000000001"
# The demo's own "settings" and "passwords", by name.
_Invented = dict[str, dict[str, str]]
_Word = TypeVar("_Word", bound=StrEnum)


class Switch(StrEnum):
    """What is on, unless it is turned off."""

    ON = "on"
    OFF = "off"


class SettingsError(SystemExit):
    """One sentence that names the setting and what it has to be; whatever was starting ends with it."""


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
        read = _Environment(environ)
        read.refuse_files_for_what_is_no_secret()
        data_dir = _prepared_data_dir(read)
        if not _is_demo(read, data_dir):
            settings = cls._read(read, data_dir)
            settings.refuse_a_demos_people()
            return settings
        _refuse_a_folder_in_earnest(data_dir)
        # Kept only once nothing speaks against it: what is refused leaves nothing behind.
        cls._read(read, data_dir, _drawn(data_dir)).refuse_a_public_demo()
        return cls._read(read, data_dir, _kept(data_dir))

    @classmethod
    def _read(cls, read: "_Environment", data_dir: Path, invented: _Invented | None = None) -> Self:
        port = read.number("PORT", DEFAULT_PORT, 1, 65535)
        sandbox_port = read.number("SANDBOX_PORT", port + 1, 1, 65535)
        is_demo = invented is not None
        if invented:
            if sandbox_port == port:
                raise SettingsError(f"SANDBOX_PORT must be another one than PORT, which is {port} too.")
            read = read.completed_by(_demo_defaults(port, sandbox_port) | invented["settings"])
        settings = cls(
            app_url=read.address("APP_URL"),
            site_name=_site_name(read),
            imprint_url=read.link("IMPRINT_URL"),
            privacy_url=read.link("PRIVACY_URL"),
            port=port,
            data_dir=data_dir,
            demo=is_demo,
            secret_key=_checked_key("SECRET_KEY", read.required("SECRET_KEY")),
            secret_key_fallbacks=_fallback_keys(read),
            database_url=read.database("DATABASE_URL", data_dir / DATABASE_FILE),
            huey_url=read.database("HUEY_URL", data_dir / QUEUE_FILE),
            discord_client_id=read.discord_id("DISCORD_CLIENT_ID", read.required("DISCORD_CLIENT_ID")),
            discord_client_secret=read.header_word("DISCORD_CLIENT_SECRET"),
            discord_bot_token=read.header_word("DISCORD_BOT_TOKEN"),
            discord_guild_id=read.discord_id("DISCORD_GUILD_ID", read.optional("DISCORD_GUILD_ID")),
            discord_api_url=read.address("DISCORD_API_URL", DISCORD_API_URL, path="/api/v10"),
            discord_oauth_url=read.address("DISCORD_OAUTH_URL", DISCORD_OAUTH_URL),
            discord_cdn_url=read.address("DISCORD_CDN_URL", DISCORD_CDN_URL),
            cron_secret=_cron_secret(read, is_demo),
            signup=read.choice("SIGNUP", Signup),
            coach_signup=read.choice("COACH_SIGNUP", CoachSignup),
            has_directory=read.choice("DIRECTORY", Switch) is Switch.ON,
            mail_url=_mail_url(read),
            heartbeat_url=_heartbeat_url(read),
            # A demo's people are made up anew for nothing.
            backup_count=read.number("BACKUP_COUNT", 0 if is_demo else 7, 0, 1000),
            backup_days=read.number("BACKUP_DAYS", 30, 0, 3650),
            backup_command=_backup_command(read),
            stripe_secret_key=_stripe_key(read, is_demo),
            stripe_webhook_secret=_stripe_signing_secret(read),
            stripe_api_url=read.address("STRIPE_API_URL", STRIPE_API_URL),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
            log_level=_log_level(read),
            sandbox_port=sandbox_port,
            demo_passwords=invented["passwords"] if invented else {},
        )
        settings.refuse_repeated_secrets()
        return settings

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
        data_dir, code = shlex.quote(str(self.data_dir)), f"cd {shlex.quote(str(HOME))}"
        if _is_on_a_server():
            unit, file = "systemctl restart greenroom", "/etc/greenroom/environment"
            return Ways("greenroom", unit, "journalctl -u greenroom -n 50", file, data_dir, self.app_url, invitation)
        own = f"DATA_DIR={data_dir} " if self.data_dir != HOME / "data" else ""
        own += f"PORT={self.port} " if self.port != DEFAULT_PORT else ""
        where, log = "the environment it is started with", "LOG_LEVEL=debug make run"
        restart = f"{code} && {own}make run"
        return Ways(
            f"{code} && {own}.venv/bin/flask",
            restart,
            f"{code} && {own}{log}",
            where,
            data_dir,
            self.app_url,
            invitation,
        )

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
            if not address.startswith("sqlite:") and not _is_local(urlsplit(address)):
                raise SettingsError(
                    f"{name} must be on this machine (localhost) while DEMO=1: demo mode has made-up keys."
                )

    def refuse_a_demos_people(self) -> None:
        """Raise SettingsError when a demo's database would serve in earnest: its people, an admin too, are made up."""
        file = self.data_dir / DATABASE_FILE
        if _demo_file(self.data_dir).exists() and file.exists() and self.database_url == f"sqlite:///{file}":
            raise SettingsError(
                f"DATA_DIR {str(self.data_dir)!r} holds a demo with made-up people: name another folder. If your own "
                "data lies there and a demo was only tried beside it, move the file demo.json out of the folder."
            )

    def _keys(self, use: str) -> list[bytes]:
        return [_derived_key(key, use) for key in (self.secret_key, *self.secret_key_fallbacks)]

    def __repr__(self) -> str:
        assignments = (f"{item.name}={_masked(getattr(self, item.name), item.metadata)}" for item in fields(self))
        return f"Settings({', '.join(assignments)})"


class _Environment:
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

    def optional(self, name: str) -> str | None:
        if name in self.SECRETS and f"{name}_FILE" in self.given:
            return self._from_file(name)
        value = self.given.get(name)
        return value.strip() if value else None

    def completed_by(self, defaults: Mapping[str, str]) -> "_Environment":
        """The same, with `defaults` for what is given neither here nor in a file."""
        missing = {name: value for name, value in defaults.items() if f"{name}_FILE" not in self.given}
        return _Environment(missing | self.given)

    def refuse_files_for_what_is_no_secret(self) -> None:
        """Raise SettingsError for NAME_FILE where nobody would read the file."""
        for name in self.PLAIN:
            if f"{name}_FILE" in self.given:
                raise SettingsError(f"{name}_FILE is not read: only secrets may lie in a file. Set {name} itself.")

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            where = (
                "/etc/greenroom/environment" if _is_on_a_server() else "the environment, or start the demo with DEMO=1"
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
        parts = _split(name, value)
        wanted = f"must look like https://example.com{path}"
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path != path:
            raise SettingsError(f"{name} {wanted}, not {value[:80]!r}.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingsError(f"{name} {wanted}, with nothing before or after.")
        if parts.hostname == SAMPLE_HOST:
            raise SettingsError(f"{name} is still the sample of the guide: put your own address there.")
        if parts.scheme == "http" and not _is_local(parts):
            raise SettingsError(f"{name} must begin with https:// because it is not on this machine.")
        return f"{parts.scheme}://{_host_and_port(name, parts)}{path}"

    def link(self, name: str) -> str | None:
        """An http(s) address of any page, to be followed by people; None when it is not given."""
        value = self.optional(name)
        if value is None:
            return None
        parts = _split(name, value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise SettingsError(f"{name} must be the address of a page, like https://example.com/page.")
        return value

    def database(self, name: str, default: Path) -> str:
        value = self.optional(name) or f"sqlite:///{default}"
        if not re.match(r"sqlite:///[^?]|postgres(ql)?://", value):
            raise SettingsError(f"{name} must begin with sqlite:/// and a path, or with postgresql://.")
        if value.startswith("sqlite:"):
            _check_sqlite_path(name, Path(value.removeprefix("sqlite:///")))
            return value
        parts = _split(name, value)
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


def _is_own(name: str) -> bool:
    """True for a file as Greenroom makes them, or a backup laid there to be restored."""
    return name in OWN_FILES or name.endswith((".db", ".dump"))


def _check_sqlite_path(name: str, path: Path) -> None:
    if path.is_dir():
        raise SettingsError(f"{name} names the folder {str(path)!r}: add the name of a file in it.")
    if not path.parent.is_dir():
        raise SettingsError(f"{name} names a file in {str(path.parent)!r}, and there is no such folder: make it first.")


def _is_on_a_server() -> bool:
    """True for code that the guide for a server has put where it is."""
    return SERVER_COMMAND.resolve() == HOME / "deploy" / "greenroom"


def _prepared_data_dir(read: _Environment) -> Path:
    """The absolute DATA_DIR, made if need be and closed to other users of the machine."""
    path = Path(read.optional("DATA_DIR") or HOME / "data").expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A folder of the system, closed to all others, would keep the whole machine from working.
        if path.stat().st_mode & stat.S_ISVTX:
            raise SettingsError(f"DATA_DIR {str(path)!r} belongs to everybody: name a folder of Greenroom's own in it.")
        names = {entry.name for entry in path.iterdir()} - {"lost+found"}
        if names and not any(_is_own(name) for name in names):
            raise SettingsError(f"DATA_DIR {str(path)!r} holds other things: name a new folder, as in {path / 'data'}.")
        path.chmod(0o700)
    except OSError as problem:
        raise SettingsError(f"DATA_DIR {str(path)!r} cannot be made or closed to others: {problem.strerror}.") from None
    except ValueError:
        raise SettingsError("DATA_DIR has a character that no folder can have in its name.") from None
    return path


def _is_demo(read: _Environment, data_dir: Path) -> bool:
    """DEMO as given; else true where a demo was started before and no bot token says otherwise."""
    demo = read.optional("DEMO")
    if demo is None:
        has_token = "DISCORD_BOT_TOKEN" in read.given or "DISCORD_BOT_TOKEN_FILE" in read.given
        return not has_token and _demo_file(data_dir).exists()
    if demo not in ("0", "1"):
        raise SettingsError(f"DEMO must be 1 or 0, not {demo[:40]!r}.")
    return demo == "1"


def _demo_defaults(port: int, sandbox_port: int) -> dict[str, str]:
    # The app is `localhost` and the sandbox `127.0.0.1`: two sites for a browser, as with the real Discord.
    sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    return {
        "APP_URL": f"http://localhost:{port}",
        "DISCORD_API_URL": f"{sandbox_url}/api/v10",
        "DISCORD_OAUTH_URL": sandbox_url,
        "DISCORD_CDN_URL": sandbox_url,
        "DISCORD_GUILD_ID": DEMO_GUILD_ID,
        "DISCORD_CLIENT_ID": DEMO_CLIENT_ID,
        "STRIPE_API_URL": sandbox_url,
        "STRIPE_SECRET_KEY": DEMO_STRIPE_KEY,
    }


def _refuse_a_folder_in_earnest(data_dir: Path) -> None:
    """Raise SettingsError for a demo in a folder that serves, or has served, something else."""
    if not _demo_file(data_dir).exists() and any((data_dir / name).exists() for name in OWN_FILES):
        raise SettingsError(
            f"DATA_DIR {str(data_dir)!r} holds data that is no demo’s, and nothing was written there. Give the "
            "settings that belong to it, or start a demo in another folder with DATA_DIR=…"
        )


def _drawn(data_dir: Path) -> _Invented:
    """The demo's own keys and passwords: those it has, and new ones for what is not there yet."""
    file = _demo_file(data_dir)
    return _completed(file.read_text(encoding="utf-8") if file.exists() else "")


def _kept(data_dir: Path) -> _Invented:
    """The same, drawn once for each DATA_DIR and read again ever after."""
    descriptor = os.open(_demo_file(data_dir), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        # Several processes may start at once; the first one invents, the others wait and read.
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        known = _completed(text)
        if json.dumps(known, indent=2) != text:
            file.seek(0)
            file.truncate()
            file.write(json.dumps(known, indent=2))
    return known


def _completed(text: str) -> _Invented:
    known = json.loads(text) if text else {"settings": {}, "passwords": {}}
    secret_names = ("SECRET_KEY", "DISCORD_CLIENT_SECRET", "DISCORD_BOT_TOKEN")
    known["settings"] = {name: secrets.token_urlsafe(36) for name in secret_names} | known["settings"]
    known["passwords"] = {name: _spoken_password() for name in DEMO_PEOPLE} | known["passwords"]
    return dict(known)


def _spoken_password() -> str:
    """Twelve random letters in three groups, easy to copy by hand: `k7fm-9xqh-2wpt`."""
    letters = "23456789abcdefghjkmnpqrstvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def _demo_file(data_dir: Path) -> Path:
    return data_dir / "demo.json"


def _fallback_keys(read: _Environment) -> tuple[str, ...]:
    given = read.optional("SECRET_KEY_FALLBACKS") or ""
    keys = [key.strip() for key in given.split(",") if key.strip()]
    return tuple(_checked_key("SECRET_KEY_FALLBACKS", key) for key in keys)


def _checked_key(name: str, key: str) -> str:
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


def _cron_secret(read: _Environment, is_demo: bool) -> str | None:
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


def _stripe_key(read: _Environment, is_demo: bool) -> str | None:
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


def _stripe_signing_secret(read: _Environment) -> str | None:
    secret = read.optional("STRIPE_WEBHOOK_SECRET")
    if secret is not None and not STRIPE_SIGNING_SECRET.fullmatch(secret):
        raise SettingsError("STRIPE_WEBHOOK_SECRET must be the webhook's signing secret, which begins with whsec_.")
    return secret


def _site_name(read: _Environment) -> str:
    """What the site calls itself, as one cleaned line."""
    typed = read.optional("SITE_NAME") or "Greenroom"
    name = clean(" ".join(typed.split()))
    if not name or len(name) > LONGEST_SITE_NAME:
        raise SettingsError(f"SITE_NAME must have 1 to {LONGEST_SITE_NAME} characters that can be seen.")
    return name


def _log_level(read: _Environment) -> str:
    value = (read.optional("LOG_LEVEL") or "info").lower()
    if value not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"LOG_LEVEL must be debug, info, warning or error, not {value[:40]!r}.")
    return value


def _heartbeat_url(read: _Environment) -> str | None:
    value = read.optional("HEARTBEAT_URL")
    if value is not None:
        parts = _split("HEARTBEAT_URL", value)
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and _is_local(parts))):
            raise SettingsError("HEARTBEAT_URL must begin with https:// and name a host.")
    return value


def _backup_command(read: _Environment) -> tuple[str, ...]:
    try:
        command = shlex.split(read.optional("BACKUP_COMMAND") or "")
    except ValueError:
        raise SettingsError("BACKUP_COMMAND has a quotation mark that is not closed.") from None
    if command and not shutil.which(command[0]):
        raise SettingsError(f"BACKUP_COMMAND names {command[0][:80]!r}, which is no program on this machine.")
    return tuple(command)


def _mail_url(read: _Environment) -> str | None:
    value = read.optional("MAIL_URL")
    if value is not None:
        parts = _split("MAIL_URL", value)
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


def _split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise SettingsError(f"{name} is not an address that can be read.") from None
    if re.search(r"[\s\x00-\x1f\x7f]", value):
        raise SettingsError(f"{name} must not contain spaces or control characters.")
    return parts


def _host_and_port(name: str, parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if not host.isascii():
        import idna  # rarely needed, and the parent of all processes should stay small

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            host = ""
    if ":" in host:
        host = f"[{host}]"
    elif not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?", host) or ".." in host:
        raise SettingsError(f"{name} names a host that cannot be one: {parts.hostname!r}.")
    is_usual = parts.port in (None, {"http": 80, "https": 443}[parts.scheme])
    return host if is_usual else f"{host}:{parts.port}"


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        return value.values()
    return [value] if isinstance(value, str) else value or ()


def _is_local(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if parts.scheme.startswith("postgres"):
        # A socket directory may stand in the query: postgresql:///name?host=/run/postgresql
        hosts = re.findall(r"(?:^|&)host(?:addr)?=([^&]*)", parts.query) or [host]
        return all(item == "" or item[:1] == "/" or item[:3].lower() == "%2f" or _is_loopback(item) for item in hosts)
    return _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _derived_key(secret_key: str, use: str) -> bytes:
    """A key for one use only: knowing it tells nothing of the others."""
    # Imported here: the parent of all processes reads settings too, and should stay small.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    label = f"greenroom {use}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret_key.encode())


def _masked(value: Any, metadata: Mapping[str, Any]) -> str:
    return "'***'" if value and metadata.get("secret") else repr(value)
