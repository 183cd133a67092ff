"""The demo's own settings: what it is started with, and the keys and passwords that it makes up once."""

import fcntl
import json
import os
import secrets
from pathlib import Path

from environment.errors import SettingsError
from environment.places import OWN_FILES, demo_file
from environment.reading import Environment

# The site's own account at the stand-in for Stripe (sandbox/stripe/seed.py), which is no secret.
DEMO_STRIPE_KEY = "sk_test_GreenroomSite"
DEMO_PEOPLE = ("coach", "coach2", "student", "student2", "stranger", "admin")
# The sandbox seeds its guild under these ids; they are no secrets.
DEMO_GUILD_ID = "1210000000000000100"
DEMO_CLIENT_ID = "1210000000000000001"
# The demo's own "settings" and "passwords", by name.
Invented = dict[str, dict[str, str]]


def is_demo(read: Environment, data_dir: Path) -> bool:
    """DEMO as given; else true where a demo was started before and no bot token says otherwise."""
    demo = read.optional("DEMO")
    if demo is None:
        has_token = "DISCORD_BOT_TOKEN" in read.given or "DISCORD_BOT_TOKEN_FILE" in read.given
        return not has_token and demo_file(data_dir).exists()
    if demo not in ("0", "1"):
        raise SettingsError(f"DEMO must be 1 or 0, not {demo[:40]!r}.")
    return demo == "1"


def refuse_a_folder_in_earnest(data_dir: Path) -> None:
    """Raise SettingsError for a demo in a folder that serves, or has served, something else."""
    if not demo_file(data_dir).exists() and any((data_dir / name).exists() for name in OWN_FILES):
        raise SettingsError(
            f"DATA_DIR {str(data_dir)!r} holds data that is no demo’s, and nothing was written there. Give the "
            "settings that belong to it, or start a demo in another folder with DATA_DIR=…"
        )


def completed_by_demo(read: Environment, invented: Invented) -> Environment:
    """The environment with what a demo has where nothing is given."""
    port, sandbox_port = read.port, read.sandbox_port
    if sandbox_port == port:
        raise SettingsError(f"SANDBOX_PORT must be another one than PORT, which is {port} too.")
    return read.completed_by(_defaults(port, sandbox_port) | invented["settings"])


def _defaults(port: int, sandbox_port: int) -> dict[str, str]:
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


def drawn(data_dir: Path) -> Invented:
    """The demo's own keys and passwords: those it has, and new ones for what is not there yet."""
    file = demo_file(data_dir)
    return _completed(file.read_text(encoding="utf-8") if file.exists() else "")


def kept(data_dir: Path) -> Invented:
    """The same, drawn once for each DATA_DIR and read again ever after."""
    descriptor = os.open(demo_file(data_dir), os.O_RDWR | os.O_CREAT, 0o600)
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


def _completed(text: str) -> Invented:
    known = json.loads(text) if text else {"settings": {}, "passwords": {}}
    secret_names = ("SECRET_KEY", "DISCORD_CLIENT_SECRET", "DISCORD_BOT_TOKEN")
    known["settings"] = {name: secrets.token_urlsafe(36) for name in secret_names} | known["settings"]
    known["passwords"] = {name: _spoken_password() for name in DEMO_PEOPLE} | known["passwords"]
    return dict(known)


def _spoken_password() -> str:
    """Twelve random letters in three groups, easy to copy by hand: `k7fm-9xqh-2wpt`."""
    letters = "23456789abcdefghjkmnpqrstvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
