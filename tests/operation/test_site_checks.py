"""What is found at the whole site: disk, SQLite, mail, and every server that a store uses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coaching.accounts.models import Person
from coaching.checks import LEAST_FREE_BYTES, Check, State, disk_check, sqlite_check
from coaching.diagnostics.actions import Site, site_checks
from coaching.guild_parts import CATEGORY, Application, Channel, HostGuild, Role
from coaching.mailer import MailNotSent
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from coaching.runtime.models import Heartbeat
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import BACKUP, FAILED_BACKUP, UNDECLARED_PROXY
from tests import factories
from tests.clocks import at
from tests.fakes import BOT_ID, BOT_ROLE_ID, GUILD_ID, OWNER_ID, FakeHost, FakeMailer, FakeSignIn, ordinary_guild
from tests.rooms.reconciling import reconcile

CALLBACK = "https://greenroom.example/api/auth/discord/callback"
ELSEWHERE = "1100000000000000002"


@pytest.fixture
def site(db: None, tmp_path: Path, host: FakeHost) -> Site:
    """A site where everything is as it should be."""
    record_heartbeat("worker", datetime.now(UTC))
    record_heartbeat(BACKUP, datetime.now(UTC))
    host.member_roles[GUILD_ID, BOT_ID] = frozenset({BOT_ROLE_ID})
    return Site(
        version="0.2.0",
        app_url="https://greenroom.example",
        client_id=BOT_ID,
        sign_in=FakeSignIn(),
        data_dir=tmp_path,
        guild_id=GUILD_ID,
        trusted_proxies=0,
        mailer=FakeMailer(),
        makes_backups=True,
        is_demo=False,
        queue_depth=0,
        is_readable=True,
        is_migrated=True,
        differences=(),
        sealed={"newest": 3},
    )


def test_who_waits_for_a_decision_is_part_of_a_whole_look(site: Site, host: FakeHost) -> None:
    assert {"Objections", "Reviews"} <= {check.name for check in look(host, site)}


def test_a_redirect_address_that_discord_knows_is_good(site: Site, host: FakeHost) -> None:
    assert named("Redirect address", look(host, site)).state == State.OK


@pytest.mark.parametrize("known", [[], ["https://greenroom.example", f"{CALLBACK}/"]])
def test_a_redirect_address_that_discord_does_not_know_is_told_to_the_letter(
    site: Site, host: FakeHost, known: list[str]
) -> None:
    host.application = Application(BOT_ID, frozenset(known))

    check = named("Redirect address", look(host, site))

    assert check.state == State.BAD
    assert check.remedy.endswith(f"{BOT_ID}/oauth2 add under Redirects exactly: {CALLBACK}")


def test_whether_discord_knows_it_is_doubtful_where_discord_does_not_say(site: Site, host: FakeHost) -> None:
    host.application = Application(BOT_ID)

    assert named("Redirect address", look(host, site)).state == State.WARN


def test_an_application_that_coaches_can_add_is_good(site: Site, host: FakeHost) -> None:
    checks = look(host, site)

    assert [named(name, checks).state for name in ("Public bot", "Code grant")] == [State.OK, State.OK]


def test_a_private_application_is_told_with_what_it_means(site: Site, host: FakeHost) -> None:
    host.application = replace(host.application, is_public=False)

    check = named("Public bot", look(host, site))

    assert check.state == State.WARN
    assert "“Add to Discord” fails for every other coach." in check.sentence
    assert "turn “Public Bot” on" in check.remedy


def test_a_code_grant_is_told_with_what_it_means(site: Site, host: FakeHost) -> None:
    host.application = replace(host.application, requires_code_grant=True)

    check = named("Code grant", look(host, site))

    assert check.state == State.WARN
    assert "turn “Requires OAuth2 Code Grant” off" in check.remedy


def test_what_discord_does_not_say_of_the_application_is_no_all_clear(site: Site, host: FakeHost) -> None:
    host.application = replace(host.application, is_public=None, requires_code_grant=None)

    checks = look(host, site)

    assert [named(name, checks).state for name in ("Public bot", "Code grant")] == [State.WARN, State.WARN]


def test_a_token_of_another_application_is_told(site: Site, host: FakeHost) -> None:
    host.application = Application("1100000000000000999", frozenset({CALLBACK}))

    check = named("Application", look(host, site))

    assert check.state == State.BAD
    assert "1100000000000000999" in check.sentence


def test_a_store_elsewhere_costs_two_calls_and_makes_no_room(site: Site, host: FakeHost, alice: Person) -> None:
    factories.make_store(alice, guild=factories.make_guild(ELSEWHERE, name="Far away"))
    everyone = Role(ELSEWHERE, "@everyone", 0x400)
    host.guilds[ELSEWHERE] = HostGuild(ELSEWHERE, "Far away", OWNER_ID, (everyone,))

    check = named("Server Far away", look(host, site))

    assert check.state == State.BAD
    assert "Manage Channels" in check.sentence
    assert [name for name, *where in host.calls if ELSEWHERE in where] == ["get_guild", "find_member"]


def test_one_server_out_of_reach_hides_no_other(site: Site, host: FakeHost, alice: Person) -> None:
    factories.make_store(alice, guild=factories.make_guild(ELSEWHERE, name="Far away"))
    host.fail(Refusal.UNKNOWN_GUILD, name="get_guild", guild_id=GUILD_ID)

    checks = look(host, site)

    assert named("Server", checks).state == State.BAD
    assert "Server Far away" in [check.name for check in checks]


def test_no_mail_server_is_a_warning_but_not_in_a_demo(site: Site, host: FakeHost) -> None:
    silent = replace(site, mailer=None)

    assert named("Mail", look(host, silent)).state == State.WARN
    assert named("Mail", look(host, replace(silent, is_demo=True))).state == State.OK


@pytest.mark.parametrize(
    ("made_ago", "failed_ago", "state"),
    [(1, None, State.OK), (37, None, State.BAD), (20, 1, State.BAD), (1, 20, State.OK), (None, None, State.WARN)],
)
def test_a_backup_that_is_old_or_failed_is_told(
    site: Site, host: FakeHost, made_ago: int | None, failed_ago: int | None, state: State
) -> None:
    Heartbeat.delete().where(Heartbeat.name == BACKUP).execute()
    for name, hours in ((BACKUP, made_ago), (FAILED_BACKUP, failed_ago)):
        if hours is not None:
            record_heartbeat(name, datetime.now(UTC) - timedelta(hours=hours))

    assert named("Backup", look(host, site)).state == state
    assert "Backup" not in [check.name for check in look(host, replace(site, makes_backups=False))]


def test_a_wrong_client_secret_is_told_apart_from_a_discord_that_is_away(site: Site, host: FakeHost) -> None:
    assert named("Client secret", look(host, site)).state == State.OK

    wrong = named("Client secret", look(host, replace(site, sign_in=FakeSignIn(Refusal.UNAUTHORIZED))))
    assert wrong.state == State.BAD
    assert f"applications/{BOT_ID}/oauth2 press Reset Secret" in wrong.remedy

    for refusal in (Refusal.NO_ANSWER, Refusal.REFUSED_CONNECTION, Refusal.SERVER_ERROR, Refusal.RATE_LIMITED):
        unknown = named("Client secret", look(host, replace(site, sign_in=FakeSignIn(refusal))))
        assert unknown.state == State.WARN
        assert "nobody knows whether it takes DISCORD_CLIENT_SECRET" in unknown.sentence


@pytest.mark.parametrize("refusal", [Refusal.UNKNOWN_GUILD, Refusal.MISSING_ACCESS])
def test_a_wrong_server_id_is_told_with_the_servers_the_bot_is_on(site: Site, host: FakeHost, refusal: Refusal) -> None:
    host.guilds[ELSEWHERE] = HostGuild(ELSEWHERE, "Far away", OWNER_ID)
    host.fail(refusal, name="get_guild")

    check = named("Server", look(host, replace(site, guild_id="1210000000000000999")))

    assert check.state == State.BAD
    assert "DISCORD_GUILD_ID is 1210000000000000999" in check.sentence
    assert f"It is on {ELSEWHERE} (Far away)." in check.sentence

    # One that the bot is on, and yet may not see, is no matter of its id.
    host.fail(refusal, name="get_guild")
    assert "DISCORD_GUILD_ID" not in named("Server", look(host, replace(site, guild_id=ELSEWHERE))).sentence


def test_a_place_for_rooms_that_is_age_restricted_is_told(site: Site, host: FakeHost, alice: Person) -> None:
    factories.make_store(alice)
    host.channels["77"] = (GUILD_ID, Channel("77", "Coaching", CATEGORY))
    host.channels["78"] = (GUILD_ID, Channel("78", "Somebody else's", CATEGORY, is_age_restricted=True))
    Room.create(
        kind="category", code="ab", discord_guild_id=GUILD_ID, discord_channel_id="77", created_at=datetime.now(UTC)
    )
    assert named("Age restriction", look(host, site)).state == State.OK

    host.channels["77"] = (GUILD_ID, Channel("77", "Coaching", CATEGORY, is_age_restricted=True))
    check = named("Age restriction", look(host, site))
    assert (check.state, "“Coaching”" in check.sentence) == (State.BAD, True)

    host.guilds[GUILD_ID] = replace(ordinary_guild(GUILD_ID), is_age_restricted=True)
    assert "whole server" in named("Age restriction", look(host, site)).sentence


@pytest.mark.parametrize(
    ("sealed", "state"),
    [({}, State.OK), ({"newest": 2, "older": 1}, State.OK), ({"newest": 9, "unreadable": 1}, State.BAD)],
)
def test_a_key_that_does_not_open_what_is_encrypted_is_told(
    site: Site, host: FakeHost, sealed: dict[Any, int], state: State
) -> None:
    check = named("Secret key", look(host, replace(site, sealed=sealed)))

    assert check.state == state
    assert ("1 of 10 encrypted texts" in check.sentence) == (state == State.BAD)


class LockedOut(FakeMailer):
    """A mail server that does not take our password."""

    def check(self) -> None:
        raise MailNotSent("the password is wrong", concerns_all=True)


def test_a_mail_server_that_lets_nobody_in_is_told_with_its_reason(site: Site, host: FakeHost) -> None:
    assert named("Mail", look(host, site)).state == State.OK

    check = named("Mail", look(host, replace(site, mailer=LockedOut())))

    assert check.state == State.BAD
    assert "the password is wrong" in check.sentence


@pytest.mark.parametrize(
    ("trusted_proxies", "met_ago", "is_told"),
    [(0, timedelta(hours=2), True), (1, timedelta(hours=2), False), (0, timedelta(days=2), False)],
)
def test_a_proxy_that_nobody_declared_is_told(
    site: Site, host: FakeHost, trusted_proxies: int, met_ago: timedelta, is_told: bool
) -> None:
    record_heartbeat(UNDECLARED_PROXY, datetime.now(UTC) - met_ago)

    states = [
        check.state for check in look(host, replace(site, trusted_proxies=trusted_proxies)) if check.name == "Proxy"
    ]

    assert states == ([State.WARN] if is_told else [])


def test_a_full_disk_is_told() -> None:
    assert disk_check(LEAST_FREE_BYTES).state == State.OK
    assert disk_check(LEAST_FREE_BYTES - 1).state == State.BAD


@pytest.mark.parametrize(
    ("version", "state"), [((3, 40, 1), State.WARN), ((3, 51, 2), State.WARN), ((3, 51, 3), State.OK)]
)
def test_an_old_sqlite_is_named(version: tuple[int, ...], state: State) -> None:
    check = sqlite_check(version)

    assert check.state == state
    assert ".".join(str(number) for number in version) in check.sentence


def test_a_look_at_the_site_writes_to_nobody(site: Site, host: FakeHost, alice: Person) -> None:
    factories.make_store(alice)
    look(host, site)

    assert not host.messages
    assert "open_dm" not in host.names()


def test_the_sites_own_server_is_looked_at_for_the_modes_of_all_its_stores(
    site: Site, host: FakeHost, alice: Person
) -> None:
    factories.make_store(alice)
    factories.make_store(alice, access_mode="session_role")

    assert named("Trial role", look(host, site)).state == State.OK


def test_a_role_too_high_on_another_server_is_told_in_one_line(site: Site, host: FakeHost, alice: Person) -> None:
    factories.make_store(alice, guild=factories.make_guild(ELSEWHERE, name="Other"), access_mode="session_role")
    ordinary = ordinary_guild(ELSEWHERE)
    host.guilds[ELSEWHERE] = replace(ordinary, roles=(*ordinary.roles, Role("4000", "Session ab", 0, 9)))
    host.member_roles[ELSEWHERE, BOT_ID] = frozenset({BOT_ROLE_ID})
    Room.create(code="ab", discord_guild_id=ELSEWHERE, discord_role_id="4000", created_at=datetime.now(UTC))

    assert "drag “Greenroom” above “Session ab”" in named("Server Other", look(host, site)).remedy


def test_rooms_in_trouble_are_told(site: Site, host: FakeHost, worker_fails: None) -> None:
    assert named("Rooms", look(host, site)).state == State.WARN


@pytest.fixture
def worker_fails(alice: Person, host: FakeHost) -> None:
    """A room is due, and Discord refuses it."""
    now = datetime.now(UTC)
    product = factories.make_product(factories.make_store(alice), session_type="video")
    factories.make_coaching_session(product, starts_at=now + timedelta(minutes=10))
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel")
    reconcile(host, at(now))


def look(host: FakeHost, site: Site) -> list[Check]:
    return list(site_checks(host, site, at(datetime.now(UTC))))


def named(name: str, checks: list[Check]) -> Check:
    return next(check for check in checks if check.name == name)
