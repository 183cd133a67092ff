"""The environment: what it may say, what stops the start, and what a demo makes up."""

import stat
from pathlib import Path
from urllib.parse import urlencode

import pytest

from coaching.catalog import picture_actions
from coaching.operation import reserve_actions as reserve
from environment.demo_mode import DEMO_STRIPE_KEY
from environment.errors import SettingsError
from settings import Settings

KEY = "Vb3nT8xQ1rL6wZ0kY5mJ2sH9dF4gC7pA"
CRON_SECRET = "24 characters do for it!"


@pytest.fixture
def real(tmp_path: Path) -> dict[str, str]:
    """All that a real server has to be told."""
    return {
        "APP_URL": "https://greenroom.example.com",
        "SECRET_KEY": KEY,
        "DATA_DIR": str(tmp_path / "data"),
        "DISCORD_CLIENT_ID": "1210000000000000001",
        "DISCORD_CLIENT_SECRET": "client-secret",
        "DISCORD_BOT_TOKEN": "bot-token",
    }


@pytest.fixture
def demo(tmp_path: Path) -> dict[str, str]:
    return {"DEMO": "1", "DATA_DIR": str(tmp_path / "data")}


def test_what_is_not_said_has_a_default(real: dict[str, str]) -> None:
    settings = Settings.from_env(real)

    assert settings.port == 8000
    assert settings.database_url == f"sqlite:///{real['DATA_DIR']}/greenroom.db"
    assert settings.huey_url == f"sqlite:///{real['DATA_DIR']}/queue.db"
    assert settings.discord_api_url == "https://discord.com/api/v10"
    assert settings.discord_oauth_url == "https://discord.com"
    assert (settings.signup, settings.coach_signup) == ("open", "open")
    assert settings.trusted_proxies == 0
    assert settings.has_directory
    assert not settings.demo


@pytest.mark.parametrize(
    "name", ["APP_URL", "SECRET_KEY", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET", "DISCORD_BOT_TOKEN"]
)
@pytest.mark.parametrize("emptiness", [None, "", "  "])
def test_a_missing_setting_is_named(real: dict[str, str], name: str, emptiness: str | None) -> None:
    del real[name]
    if emptiness is not None:
        real[name] = emptiness

    with pytest.raises(SettingsError, match=f"^{name} is missing"):
        Settings.from_env(real)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_URL", "greenroom.example.com"),
        ("APP_URL", "ftp://greenroom.example.com"),
        ("APP_URL", "https://greenroom.example.com/shop"),
        ("APP_URL", "https://me:secret@greenroom.example.com"),
        ("APP_URL", "https://greenroom.example.com?a=b"),
        ("APP_URL", "https://green room.example.com"),
        ("APP_URL", "https://greenroom.example.com:port"),
        ("APP_URL", "http://greenroom.example.com"),
        ("APP_URL", "https://green\\room.example.com"),
        ("APP_URL", "https://-greenroom.example.com"),
        ("APP_URL", "https://xn--\u2603\u200d.example.com"),
        ("DISCORD_API_URL", "https://discord.com/api"),
        ("DISCORD_API_URL", "http://discord.com/api/v10"),
        ("DISCORD_OAUTH_URL", "https://discord.com/oauth2/authorize"),
        ("DISCORD_CDN_URL", "http://cdn.discordapp.com"),
        ("DISCORD_CLIENT_ID", "my-client"),
        ("DISCORD_CLIENT_ID", "１２１００００００００００００００１"),
        ("DISCORD_BOT_TOKEN", "Bot abc def"),
        ("DISCORD_BOT_TOKEN", "töken"),
        ("DISCORD_GUILD_ID", "guild"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "8_000"),
        ("TRUSTED_PROXIES", "-1"),
        ("COACH_SIGNUP", "everybody"),
        ("DIRECTORY", "true"),
        ("COACH_SIGNUP", "Open"),
        ("SIGNUP", "invite"),
        ("DATABASE_URL", "mysql://localhost/greenroom"),
        ("DATABASE_URL", "sqlite://"),
        ("HUEY_URL", "redis://localhost"),
        ("MAIL_URL", "mail.example.com"),
        ("DEMO", "yes"),
        ("STRIPE_SECRET_KEY", "pk_live_0123456789abcdef"),
        ("STRIPE_SECRET_KEY", "sk_live_0123456789abcdef\nX: y"),
        ("STRIPE_WEBHOOK_SECRET", "sk_live_0123456789abcdef"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 64),
        ("SECRET_KEY", "abcdefghijkl" * 4),
        ("SECRET_KEY", "please-change-me-please-1234567890"),
        # As systemd reads a line of a guide that ends in a comment.
        ("SECRET_KEY", "# python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("SECRET_KEY_FALLBACKS", KEY),
    ],
)
def test_a_malformed_setting_is_named_in_one_sentence(real: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(real | {name: value})

    assert str(raised.value).startswith(name)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)


def test_a_secret_may_come_from_a_file(real: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("token-from-a-file\n")
    del real["DISCORD_BOT_TOKEN"]

    assert Settings.from_env(real | {"DISCORD_BOT_TOKEN_FILE": str(file)}).discord_bot_token == "token-from-a-file"


def test_a_secret_given_twice_is_refused(real: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token-from-a-file")

    with pytest.raises(SettingsError, match="DISCORD_BOT_TOKEN and DISCORD_BOT_TOKEN_FILE are both set"):
        Settings.from_env(real | {"DISCORD_BOT_TOKEN_FILE": str(tmp_path / "token")})


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_secret_file_that_says_nothing_is_named(real: dict[str, str], tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    del real["SECRET_KEY"]

    with pytest.raises(SettingsError, match=r"^SECRET_KEY_FILE"):
        Settings.from_env(real | {"SECRET_KEY_FILE": str(file)})


@pytest.mark.parametrize("name", ["CRON_SECRET", "DISCORD_BOT_TOKEN", "DISCORD_CLIENT_SECRET"])
def test_the_secret_key_serves_nobody_else(real: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=f"SECRET_KEY must be a key of its own, but {name}"):
        Settings.from_env(real | {name: KEY})


def test_a_cron_secret_that_can_be_guessed_is_refused(real: dict[str, str], demo: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^CRON_SECRET must have at least 24 characters; make one with"):
        Settings.from_env(real | {"CRON_SECRET": CRON_SECRET[:23]})

    assert Settings.from_env(real | {"CRON_SECRET": CRON_SECRET}).cron_secret == CRON_SECRET
    assert Settings.from_env(demo | {"CRON_SECRET": "short"}).cron_secret == "short"


def test_secrets_are_masked_when_settings_are_printed(real: dict[str, str]) -> None:
    printed = repr(
        Settings.from_env(
            real | {"CRON_SECRET": CRON_SECRET, "DATABASE_URL": "postgresql://me:pg-password@localhost/greenroom"}
        )
    )

    assert "greenroom.example.com" in printed
    for secret in (KEY, "client-secret", "bot-token", CRON_SECRET, "pg-password"):
        assert secret not in printed


def test_each_use_has_a_key_of_its_own(real: dict[str, str]) -> None:
    old = "0ldK3yZ9yX8wV7uT6sR5qP4oN3mL2kJ1"
    settings = Settings.from_env(real | {"SECRET_KEY_FALLBACKS": old})
    before = Settings.from_env(real | {"SECRET_KEY": old})
    keys = {settings.cookie_keys[0], settings.vault_keys[0], settings.queue_key, settings.mark_keys[0]}

    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
    assert settings.cookie_keys[1:] == before.cookie_keys


def test_two_copies_on_one_machine_do_not_share_a_cookie(real: dict[str, str]) -> None:
    assert Settings.from_env(real).cookie_name == "__Host-greenroom"
    assert (
        Settings.from_env(real | {"APP_URL": "http://localhost:9100", "PORT": "9100"}).cookie_name == "greenroom_9100"
    )


def test_other_people_of_the_machine_cannot_look_into_the_data_folder(demo: dict[str, str]) -> None:
    data_dir = Path(demo["DATA_DIR"])
    data_dir.mkdir(mode=0o755)

    Settings.from_env(demo)

    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((data_dir / "demo.json").stat().st_mode) == 0o600


def test_a_folder_of_everybody_is_no_data_folder(demo: dict[str, str], tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)

    with pytest.raises(SettingsError, match=r"^DATA_DIR"):
        Settings.from_env(demo | {"DATA_DIR": str(shared)})


def test_a_demo_needs_nothing_and_stays_the_same(demo: dict[str, str]) -> None:
    first = Settings.from_env(demo)
    again = Settings.from_env({"DATA_DIR": demo["DATA_DIR"]})

    assert first == again
    assert again.demo
    assert again.app_url == "http://localhost:8000"
    assert again.discord_api_url == "http://127.0.0.1:8001/api/v10"


def test_two_demos_share_no_password(demo: dict[str, str], tmp_path: Path) -> None:
    first = Settings.from_env(demo)
    other = Settings.from_env(demo | {"DATA_DIR": str(tmp_path / "other")})

    assert first.secret_key != other.secret_key
    assert not set(first.demo_passwords.values()) & set(other.demo_passwords.values())


def test_a_demo_folder_with_a_real_token_is_no_demo(demo: dict[str, str], real: dict[str, str]) -> None:
    Settings.from_env(demo)

    assert not Settings.from_env(real).demo


def test_a_demos_people_never_serve_in_earnest(demo: dict[str, str], real: dict[str, str]) -> None:
    """Tried first and then set up for real in the same folder: admin@example.com would be an admin there."""
    Settings.from_env(demo)
    (Path(demo["DATA_DIR"]) / "greenroom.db").touch()

    with pytest.raises(SettingsError, match=r"^DATA_DIR .* holds a demo with made-up people"):
        Settings.from_env(real)
    assert not Settings.from_env(real | {"DATABASE_URL": "postgresql://localhost/greenroom"}).demo


@pytest.mark.parametrize("file", ["greenroom.db", "queue.db", "run.lock", "backups"])
def test_a_demo_is_not_started_where_something_else_lies(demo: dict[str, str], real: dict[str, str], file: str) -> None:
    """A shell without settings, as in `make migrate` beside a real site, would begin a demo there."""
    Settings.from_env(real)
    (Path(real["DATA_DIR"]) / file).touch()

    with pytest.raises(SettingsError, match="holds data that is no demo’s") as refused:
        Settings.from_env(demo)

    assert not (Path(real["DATA_DIR"]) / "demo.json").exists()
    assert "delete" not in str(refused.value)
    assert not Settings.from_env(real).demo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_URL", "https://greenroom.example.com"),
        ("DATABASE_URL", "postgresql://db.example.com/greenroom"),
        ("PORT", "none"),
        ("SANDBOX_PORT", "8000"),
        ("MAIL_URL", "nothing"),
    ],
)
def test_a_demo_that_is_refused_leaves_nothing_behind(demo: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} "):
        Settings.from_env(demo | {name: value})

    assert list(Path(demo["DATA_DIR"]).iterdir()) == []


def test_no_way_out_of_a_demos_folder_is_to_delete_it(demo: dict[str, str], real: dict[str, str]) -> None:
    Settings.from_env(demo)
    (Path(demo["DATA_DIR"]) / "greenroom.db").touch()

    with pytest.raises(SettingsError, match=r"move the file demo\.json out of the folder") as refused:
        Settings.from_env(real)

    assert "delete" not in str(refused.value)
    (Path(demo["DATA_DIR"]) / "demo.json").unlink()
    assert not Settings.from_env(real).demo


@pytest.mark.parametrize("sender", ["hello", "Nova <hello@example.com>", "a b@example.com", "ü@example.com"])
def test_a_sender_that_is_no_address_is_refused(real: dict[str, str], sender: str) -> None:
    address = f"smtps://name:password@mail.example.com:465?{urlencode({'from': sender})}"

    with pytest.raises(SettingsError, match=r"^MAIL_URL says from="):
        Settings.from_env(real | {"MAIL_URL": address})


def test_a_demo_follows_its_port(demo: dict[str, str]) -> None:
    settings = Settings.from_env(demo | {"PORT": "9100"})

    assert settings.app_url == "http://localhost:9100"
    assert settings.sandbox_url == settings.discord_oauth_url == "http://127.0.0.1:9101"


def test_a_demo_pays_at_its_sandbox_and_never_with_a_live_key(demo: dict[str, str], real: dict[str, str]) -> None:
    settings = Settings.from_env(demo)
    assert (settings.stripe_api_url, settings.stripe_secret_key) == (settings.sandbox_url, DEMO_STRIPE_KEY)
    assert settings.sandbox_environment()["STRIPE_SECRET_KEY"] == DEMO_STRIPE_KEY
    assert settings.as_environment()["STRIPE_API_URL"] == settings.sandbox_url
    for key in ("sk_live_0123456789abcdef", "rk_live_0123456789abcdef"):
        with pytest.raises(SettingsError, match="STRIPE_SECRET_KEY is a live key"):
            Settings.from_env(demo | {"STRIPE_SECRET_KEY": key})
        in_earnest = Settings.from_env(real | {"STRIPE_SECRET_KEY": key, "STRIPE_WEBHOOK_SECRET": f"whsec_{key}"})
        assert (in_earnest.stripe_secret_key, in_earnest.stripe_api_url) == (key, "https://api.stripe.com")
        assert {key, f"whsec_{key}"} <= in_earnest.secrets


def test_an_explicit_discord_address_wins_over_the_sandbox(demo: dict[str, str]) -> None:
    settings = Settings.from_env(demo | {"DISCORD_API_URL": "http://127.0.0.1:9/api/v10"})

    assert settings.discord_api_url == "http://127.0.0.1:9/api/v10"
    assert settings.sandbox_port == 8001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_URL", "https://greenroom.example.com"),
        ("DISCORD_API_URL", "https://discord.com/api/v10"),
        ("DISCORD_OAUTH_URL", "https://discord.com"),
        ("DISCORD_CDN_URL", "https://cdn.discordapp.com"),
        ("STRIPE_API_URL", "https://api.stripe.com"),
        ("DATABASE_URL", "postgresql://db.example.com/greenroom"),
        ("DATABASE_URL", "postgresql://localhost/greenroom?host=db.example.com"),
        ("HUEY_URL", "postgresql://10.0.0.7/greenroom"),
    ],
)
def test_a_demo_never_leaves_the_machine(demo: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be on this machine"):
        Settings.from_env(demo | {name: value})


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://localhost/greenroom",
        "postgresql:///greenroom?host=/run/postgresql",
        "postgresql://postgres:@/greenroom?host=%2Ftmp%2Fdb",
        "sqlite:////srv/greenroom.db",
    ],
)
def test_a_demo_may_use_any_database_of_this_machine(demo: dict[str, str], value: str) -> None:
    assert Settings.from_env(demo | {"DATABASE_URL": value}).database_url == value


def test_every_secret_is_known_to_whoever_has_to_keep_it(real: dict[str, str]) -> None:
    settings = Settings.from_env(
        real
        | {
            "SECRET_KEY_FALLBACKS": f"{KEY[::-1]}",
            "DATABASE_URL": "postgresql://name:pass%20word@db.example.com/greenroom",
            "CRON_SECRET": CRON_SECRET,
        }
    )

    assert {KEY, KEY[::-1], "client-secret", "bot-token", CRON_SECRET, "pass%20word"} <= settings.secrets
    assert None not in settings.secrets


@pytest.mark.parametrize(("given", "level"), [("", "info"), ("DEBUG", "debug"), ("error", "error")])
def test_the_log_tells_as_much_as_it_is_told_to(real: dict[str, str], given: str, level: str) -> None:
    assert Settings.from_env(real | {"LOG_LEVEL": given}).log_level == level


def test_a_log_level_that_is_none_is_named(real: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^LOG_LEVEL must be"):
        Settings.from_env(real | {"LOG_LEVEL": "loud"})


@pytest.mark.parametrize("value", ["http://watch.example.com/x", "watch.example.com", "https:///x", "ftp://h/x"])
def test_a_heartbeat_address_that_cannot_be_is_refused(real: dict[str, str], value: str) -> None:
    with pytest.raises(SettingsError, match=r"^HEARTBEAT_URL must begin with https://"):
        Settings.from_env(real | {"HEARTBEAT_URL": value})


def test_a_heartbeat_address_is_a_secret(real: dict[str, str]) -> None:
    settings = Settings.from_env(real | {"HEARTBEAT_URL": "https://watch.example.com/ping/2f7c"})

    assert settings.heartbeat_url == "https://watch.example.com/ping/2f7c"
    assert "2f7c" not in repr(settings)


@pytest.mark.parametrize(
    ("value", "words"), [("copy 'elsewhere", "not closed"), ("no-such-program-here", "no program on this machine")]
)
def test_a_backup_command_that_cannot_run_is_refused(real: dict[str, str], value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=f"^BACKUP_COMMAND .*{words}"):
        Settings.from_env(real | {"BACKUP_COMMAND": value})


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("HTTPS://Greenroom.Example.COM", "https://greenroom.example.com"),
        ("https://greenroom.example.com:443", "https://greenroom.example.com"),
        ("https://greenroom.example.com:443/", "https://greenroom.example.com"),
        ("https://greenroom.example.com./", "https://greenroom.example.com"),
        ("https://greenroom.example.com:8443", "https://greenroom.example.com:8443"),
        ("https://Müsik.example", "https://xn--msik-0ra.example"),
        ("https://xn--msik-0ra.example", "https://xn--msik-0ra.example"),
        ("https://音楽.example:443", "https://xn--66v140h.example"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_address_is_kept_as_browsers_write_it(real: dict[str, str], given: str, normal: str) -> None:
    settings = Settings.from_env(real | {"APP_URL": given})
    assert settings.app_url == normal
    assert settings.is_https == normal.startswith("https:")
    assert settings.cookie_name.startswith("__Host-") == settings.is_https
    # What one process tells another stays the same.
    assert Settings.from_env(real | settings.as_environment()).app_url == normal


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, "Greenroom"),
        ("", "Greenroom"),
        ("  Nova \t Calls\u202e\x07 ", "Nova Calls"),
        ("N" * 60, "N" * 60),
        ("\u0646\u06cc\u200c\u0644\u0648", "\u0646\u06cc\u200c\u0644\u0648"),
    ],
)
def test_a_site_has_its_own_name(real: dict[str, str], given: str | None, kept: str) -> None:
    assert Settings.from_env(real | ({"SITE_NAME": given} if given is not None else {})).site_name == kept


@pytest.mark.parametrize("given", ["N" * 61, "\u200b\u3164"])
def test_a_name_that_cannot_stand_at_a_foot_is_refused(real: dict[str, str], given: str) -> None:
    with pytest.raises(SettingsError, match=r"^SITE_NAME must have 1 to 60 characters"):
        Settings.from_env(real | {"SITE_NAME": given})


@pytest.mark.parametrize("name", ["IMPRINT_URL", "PRIVACY_URL"])
def test_imprint_and_privacy_are_pages(real: dict[str, str], name: str) -> None:
    assert getattr(Settings.from_env(real), name.lower()) is None
    for page in ("https://nova.example/imprint?lang=de#top", "http://nova.example"):
        assert getattr(Settings.from_env(real | {name: page}), name.lower()) == page
    for other in (
        "javascript:alert(1)",
        "nova.example/imprint",
        "/imprint",
        "mailto:me@nova.example",
        "ftp://nova.example",
    ):
        with pytest.raises(SettingsError, match=rf"^{name} must be the address of a page"):
            Settings.from_env(real | {name: other})
    for other in ("https://nova.example/a b", "https://[nova"):
        with pytest.raises(SettingsError, match=rf"^{name} "):
            Settings.from_env(real | {name: other})


def test_a_folder_that_holds_what_is_made_in_it_is_taken_again(real: dict[str, str]) -> None:
    """With both databases elsewhere any of these may be the only one there."""
    for name in (picture_actions.LOCK, reserve.NAME, "run.lock", "backups", "queue.db", "greenroom.db", "demo.json"):
        folder = Path(real["DATA_DIR"]) / name
        folder.mkdir(parents=True)
        (folder / name).touch()
        assert Settings.from_env(real | {"DATA_DIR": str(folder)}).data_dir == folder
