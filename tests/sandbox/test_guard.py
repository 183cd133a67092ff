"""Who gets in at all, and what the configuration must hold."""

import pytest

from sandbox import seed
from sandbox.config import SandboxConfig

ORDER = {"guild_id": seed.GUILD_ID, "user_id": seed.STUDENT_ID, "action": "leave"}
WANTED = {
    "APP_URL": "http://127.0.0.1:5000",
    "DATA_DIR": "/tmp/somewhere",
    "DISCORD_CLIENT_SECRET": "s",
    "DISCORD_BOT_TOKEN": "b",
}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "sandbox:5001", "192.168.1.5"])
def test_a_foreign_name_for_this_machine_is_refused(discord, host):
    for path in ("/", "/control/people", "/api/v10/users/@me"):
        assert discord.client.get(path, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:5001", "localhost:5001", "[::1]:5001"])
def test_this_machines_own_names_are_fine(discord, host):
    assert discord.client.get("/", headers={"Host": host}).status_code == 200


def test_another_machine_is_refused(discord):
    answer = discord.client.get("/", environ_overrides={"REMOTE_ADDR": "192.168.1.5"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:5000"},
    ],
)
def test_a_browser_on_another_site_changes_nothing(discord, headers):
    assert discord.client.post("/control/member", json=ORDER, headers=headers).status_code == 403
    form = {"as": seed.STUDENT_ID, "act": "leave"}
    assert discord.client.post(f"/guilds/{seed.GUILD_ID}/acts", data=form, headers=headers).status_code == 403
    assert seed.STUDENT_ID in [member["user_id"] for member in discord.guild()["members"]]


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
def test_scripts_and_our_own_pages_may(discord, headers):
    assert discord.client.post("/control/member", json=ORDER, headers=headers).status_code == 200


def test_control_takes_json_only(discord):
    assert discord.client.post("/control/member", data=ORDER).status_code == 415


def test_pages_carry_a_strict_policy_that_lets_the_consent_end_at_the_product(discord):
    policy = discord.client.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "form-action 'self' http://127.0.0.1:5000" in policy


def test_the_environment_is_read(tmp_path):
    config = SandboxConfig.from_env(WANTED | {"SANDBOX_PORT": "5021", "DISCORD_GUILD_ID": "7"})
    assert (config.port, config.guild_id, config.client_id) == (5021, "7", seed.APPLICATION_ID)
    assert config.redirect_uri == "http://127.0.0.1:5000/api/auth/discord/callback"


@pytest.mark.parametrize("name", sorted(WANTED))
def test_what_is_missing_is_named(name):
    with pytest.raises(SystemExit, match=name):
        SandboxConfig.from_env({key: value for key, value in WANTED.items() if key != name})


def test_secrets_do_not_show_in_the_configurations_text():
    assert "'b'" not in repr(SandboxConfig.from_env(WANTED))
