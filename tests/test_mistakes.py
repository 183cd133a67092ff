"""The mistakes that can be made with settings: each ends with one sentence that names the setting and the way out.

Beside what is refused here, `flask doctor` tells what only shows when it is tried: a wrong secret, a wrong port.
"""

from pathlib import Path

import pytest

from environment.errors import SettingsError
from settings import Settings

KEY = "Vb3nT8xQ1rL6wZ0kY5mJ2sH9dF4gC7pA"
SAMPLE_MAIL = "smtps://name:password@mail.example.com:465?from=hello@your.domain"
MAIL = "smtps://name:word@mail.example.org:465"

# Setting, what somebody writes, and words of the sentence that says what to do.
MISTAKES = (
    ("APP_URL", "", "is missing: set it in "),
    ("APP_URL", "greenroom.example.com", "must look like https://example.com"),
    ("APP_URL", "https://your.domain", "still the sample of the guide"),
    ("APP_URL", "https://greenroom.example.com/api/auth/discord/callback", "must look like https://example.com"),
    ("APP_URL", "http://greenroom.example.com", "must begin with https://"),
    ("APP_URL", "https://", "must look like"),
    ("APP_URL", "https:/greenroom.example.com", "must look like"),
    ("APP_URL", "https://greenroom.example.com # my site", "must not contain spaces"),
    ("APP_URL", '"https://greenroom.example.com"', "must look like"),
    ("APP_URL", "https://greenroom..example.com", "names a host that cannot be one"),
    ("APP_URL", "https://greenroom.example.com:99999", "is not an address that can be read"),
    ("APP_URL_FILE", "/etc/hostname", "only secrets may lie in a file"),
    ("SECRET_KEY", "", "is missing"),
    ("SECRET_KEY", "short", "make one with: python3"),
    ("SECRET_KEY", "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'", "make one with: python3"),
    ("SECRET_KEY", "changeme" * 5, "make one with: python3"),
    ("SECRET_KEY", "1234567890" * 4, "could be guessed"),
    ("SECRET_KEY_FALLBACKS", KEY, "holds old keys only"),
    ("SECRET_KEY_FALLBACKS", "old,older", "at least 32 bytes"),
    ("DISCORD_CLIENT_ID", "", "is missing"),
    ("DISCORD_CLIENT_ID", "Greenroom", "15 to 20 digits"),
    ("DISCORD_CLIENT_ID", "YOUR_APPLICATION_ID", "15 to 20 digits"),
    ("DISCORD_CLIENT_SECRET", "", "is missing"),
    ("DISCORD_CLIENT_SECRET", "two words", "must be one word"),
    ("DISCORD_CLIENT_SECRET", "sécret", "must be one word"),
    ("DISCORD_CLIENT_SECRET", "bot-token", "the secret stands under OAuth2, the token under Bot"),
    ("DISCORD_CLIENT_SECRET", "1210000000000000001", "is an id"),
    ("DISCORD_BOT_TOKEN", "", "is missing"),
    ("DISCORD_BOT_TOKEN", "Bot abc", "must be one word"),
    ("DISCORD_BOT_TOKEN", "1210000000000000001", "is an id"),
    ("DISCORD_BOT_TOKEN", '"abc"', "must be one word"),
    ("DISCORD_BOT_TOKEN_FILE", "/no/such/file", "cannot be read"),
    ("DISCORD_GUILD_ID", "My server", "15 to 20 digits"),
    ("DISCORD_GUILD_ID", "https://discord.gg/abc", "15 to 20 digits"),
    ("DATA_DIR", "{tmp}/file", "cannot be made"),
    ("DATA_DIR", "/proc/greenroom", "cannot be made"),
    ("DATA_DIR", "/dev/null", "cannot be made"),
    ("DATA_DIR", "{tmp}/everybodys", "name a folder of Greenroom's own in it"),
    ("DATA_DIR", "{tmp}/used", "holds other things: name a new folder"),
    ("DATA_DIR", "a\0b", "no folder can have in its name"),
    ("PORT", "8000a", "whole number from 1 to 65535"),
    ("PORT", "0", "whole number from 1 to 65535"),
    ("PORT", "70000", "whole number from 1 to 65535"),
    ("PORT", "localhost:8000", "whole number from 1 to 65535"),
    ("SANDBOX_PORT", "none", "whole number from 1 to 65535"),
    ("DATABASE_URL", "greenroom.db", "must begin with sqlite:/// and a path, or with postgresql://"),
    ("DATABASE_URL", "mysql://localhost/greenroom", "or with postgresql://"),
    ("DATABASE_URL", "sqlite://greenroom.db", "must begin with sqlite:///"),
    ("DATABASE_URL", "sqlite:////no/such/folder/x.db", "there is no such folder: make it first"),
    ("DATABASE_URL", "sqlite:///{tmp}", "add the name of a file in it"),
    ("DATABASE_URL", "postgresql://", "must name a database at its end"),
    ("DATABASE_URL", "postgresql://localhost", "must name a database at its end"),
    ("DATABASE_URL", "postgresql://me:p@ss@localhost/db", "@ as %40"),
    ("DATABASE_URL", "postgresql://me:p#ss@localhost/db", "is not an address that can be read"),
    ("DATABASE_URL", "postgresql://localhost:port/db", "is not an address that can be read"),
    ("HUEY_URL", "redis://localhost:6379", "must begin with sqlite:/// and a path, or with postgresql://"),
    ("HUEY_URL", "sqlite:////", "add the name of a file in it"),
    ("MAIL_URL", "mail.example.org", "must look like smtps://"),
    ("MAIL_URL", "mailto:me@example.com", "must look like smtps://"),
    ("MAIL_URL", SAMPLE_MAIL, "still the sample of the guide"),
    ("MAIL_URL", "smtps://name:pa#ss@mail.example.org:465", "MAIL_URL"),
    ("MAIL_URL", "smtps://name:pa/ss@mail.example.org:465", "MAIL_URL"),
    ("MAIL_URL", f"{MAIL}/inbox?from=a@example.org", "and nothing else"),
    ("MAIL_URL", f"{MAIL}?form=a@example.org", "may end in ?from="),
    ("MAIL_URL", f"{MAIL}?from=Nova", "which is no mail address"),
    ("MAIL_URL", f"{MAIL}?from=", "which is no mail address"),
    ("MAIL_URL", f"{MAIL}?from=a@example.org&from=b@example.org", "keep one sender"),
    ("MAIL_URL_FILE", "{tmp}/empty", "names an empty file"),
    ("BACKUP_COUNT", "many", "whole number from 0 to 1000"),
    ("BACKUP_DAYS", "30d", "whole number from 0 to 3650"),
    ("BACKUP_COMMAND", "rsync 'copies", "a quotation mark that is not closed"),
    ("BACKUP_COMMAND", "no-such-program-here", "no program on this machine"),
    ("BACKUP_COMMAND", "{tmp}/file", "no program on this machine"),
    ("HEARTBEAT_URL", "hc-ping.example/x", "must begin with https://"),
    ("HEARTBEAT_URL", "http://hc-ping.example/x", "must begin with https://"),
    ("COACH_SIGNUP", "yes", "must be open, approval, invite or closed"),
    ("SIGNUP", "invite", "must be open or closed"),
    ("CRON_SECRET", "short", "make one with: python3"),
    ("CRON_SECRET", "a" * 40, "repeats itself"),
    ("TRUSTED_PROXIES", "127.0.0.1", "whole number from 0 to 10"),
    ("TRUSTED_PROXIES", "yes", "whole number from 0 to 10"),
    ("LOG_LEVEL", "verbose", "debug, info, warning or error"),
    ("DEMO", "true", "must be 1 or 0"),
    ("SITE_NAME", "N" * 61, "1 to 60 characters"),
    ("IMPRINT_URL", "imprint.html", "must be the address of a page"),
    ("PRIVACY_URL", "/privacy", "must be the address of a page"),
    ("DISCORD_API_URL", "https://discord.com", "must look like https://example.com/api/v10"),
    ("DISCORD_OAUTH_URL", "https://discord.com/oauth2/authorize", "must look like https://example.com"),
    ("DISCORD_CDN_URL", "https://cdn.discordapp.com/avatars", "must look like https://example.com"),
    ("STRIPE_API_URL", "api.stripe.example", "must look like https://example.com"),
)


@pytest.mark.one_database
def test_every_mistake_ends_with_one_sentence_and_the_way_out(tmp_path: Path) -> None:
    for name in ("file", "empty", "used/photos"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("" if name == "empty" else "x")
    (tmp_path / "everybodys").mkdir()
    (tmp_path / "everybodys").chmod(0o1777)  # as a system's /tmp
    right = {
        "APP_URL": "https://greenroom.example.com",
        "SECRET_KEY": KEY,
        "DATA_DIR": str(tmp_path / "data"),
        "DISCORD_CLIENT_ID": "1210000000000000001",
        "DISCORD_CLIENT_SECRET": "client-secret",
        "DISCORD_BOT_TOKEN": "bot-token",
    }
    Settings.from_env(right)
    before = (tmp_path / "used").stat().st_mode

    for name, written, words in MISTAKES:
        given = right | {name: written.replace("{tmp}", str(tmp_path))}
        if name.removesuffix("_FILE") in given and name.endswith("_FILE") and name != "APP_URL_FILE":
            del given[name.removesuffix("_FILE")]
        with pytest.raises(SettingsError) as refused:
            Settings.from_env(given)
        said = str(refused.value)
        assert name.removesuffix("_FILE") in said, (name, written, said)
        assert words in said, (name, written, said)
        assert said.endswith("."), said
        assert "\n" not in said
        # What ends a command with a sentence ends it with an exit code, too: SystemExit of a text means 1.
        assert isinstance(refused.value, SystemExit)
    assert (tmp_path / "used").stat().st_mode == before
    assert len({(name, written) for name, written, _ in MISTAKES}) >= 55
