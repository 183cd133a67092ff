"""What the sandbox must be told: read from the environment once, or handed in by a test."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sandbox import seed

CALLBACK_PATH = "/api/auth/discord/callback"


@dataclass(frozen=True)
class SandboxConfig:
    """Everything that differs between two sandboxes."""

    data_dir: Path
    app_url: str
    client_secret: str = field(repr=False)
    bot_token: str = field(repr=False)
    client_id: str = seed.APPLICATION_ID
    guild_id: str = seed.GUILD_ID
    port: int = 5001
    clock: Callable[[], float] = time.time
    code_seconds: int = 600
    token_seconds: int = 604800
    requests_per_second: int = 50
    # The site's own Stripe key, if the product has one; and whether events are sent without being told to.
    stripe_key: str | None = field(default=None, repr=False)
    sends_events: bool = True

    @property
    def redirect_uri(self) -> str:
        """The one address at which a sign-in may end."""
        return self.app_url.rstrip("/") + CALLBACK_PATH

    @property
    def app_origin(self) -> str:
        """Scheme, host and port of the product."""
        parts = urlsplit(self.app_url)
        return f"{parts.scheme}://{parts.netloc}"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "SandboxConfig":
        """The configuration in `environ`; what is missing is named in one sentence."""
        return cls(
            data_dir=Path(_required(environ, "DATA_DIR")),
            app_url=_required(environ, "APP_URL"),
            client_secret=_required(environ, "DISCORD_CLIENT_SECRET"),
            bot_token=_required(environ, "DISCORD_BOT_TOKEN"),
            client_id=environ.get("DISCORD_CLIENT_ID") or seed.APPLICATION_ID,
            guild_id=environ.get("DISCORD_GUILD_ID") or seed.GUILD_ID,
            port=int(environ.get("SANDBOX_PORT") or 5001),
            stripe_key=environ.get("STRIPE_SECRET_KEY") or None,
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SystemExit(f"The sandbox needs {name} in its environment.")
    return value
