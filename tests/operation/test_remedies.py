"""Whatever the doctor finds can be mended by pasting a command, following an address, or a way through Discord."""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask
from werkzeug.exceptions import HTTPException

from coaching import checks
from coaching.accounts.models import Person
from coaching.calendars.faults import SENTENCES, Fault
from coaching.call_budget.models import ALL, CallHold, CallLimiter
from coaching.checks import Check, State, bad
from coaching.diagnostics import actions as doctor
from coaching.diagnostics import server_checks
from coaching.diagnostics import standing_queries as standing
from coaching.diagnostics.money_queries import checks_of
from coaching.diagnostics.mutations import record_diagnosis
from coaching.diagnostics.people_queries import promises_checks
from coaching.guild_parts import CATEGORY, Application, Channel, HostGuild, Role
from coaching.guild_rights import INVITE_RIGHTS, NEEDED_RIGHTS, Right
from coaching.host import HostError
from coaching.mailer import MailNotSent
from coaching.notices.models import RESTORED, Notice
from coaching.payments.trouble_queries import Kind
from coaching.refusals import Refusal
from coaching.remedies import Ways, spelled
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.models import Room
from coaching.runtime.models import Heartbeat
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import FAILED_BACKUP, UNDECLARED_PROXY
from tests import factories
from tests.clocks import at
from tests.fakes import BOT_ID, BOT_ROLE_ID, GUILD_ID, OWNER_ID, FakeHost, FakeMailer, FakeSignIn

HOME = Path(__file__).parent.parent.parent
NOW = datetime.now(UTC)
NAMED = re.compile(r"`([^`]+)`")
OTHER_PROGRAMS = {"timedatectl", "du", "restart", "log", "settings", "invite"}
ON_A_SERVER = Ways(
    "greenroom",
    "systemctl restart greenroom",
    "journalctl -u greenroom -n 50",
    "/etc/greenroom/environment",
    "/srv/greenroom/data",
    "https://calls.example",
    "https://discord.com/oauth2/authorize?client_id=1",
)


class LockedOut(FakeMailer):
    def check(self) -> None:
        raise MailNotSent("the password is wrong", concerns_all=True)


def test_every_command_and_page_that_is_named_exists(app: Flask) -> None:
    """Read from the sources, so that a new remedy is walked without being listed here."""
    named = sorted({name for text in texts_of_operation() for name in NAMED.findall(text)})
    assert len(named) > 10

    assert [name for name in named if not exists(app, name)] == []
    # And what does not exist would be noticed.
    invented = ["flask db migrat", "flask db backup", "flask doctor --shop x", "/admin/message", "rm x"]
    assert [name for name in invented if exists(app, name)] == []


def test_every_trouble_has_a_remedy_that_can_be_pasted_or_clicked(app: Flask, host: FakeHost, alice: Person) -> None:
    failing = [check for check in troubles(app, host, alice) if check.state != State.OK]

    for ways in (ON_A_SERVER, app.config["WAYS"]):
        for check in failing:
            remedy = spelled(check.remedy, ways)
            assert re.search(r"https?://|In Discord|`.* .*`", remedy), (check.name, remedy)
            assert not re.search(r"`(restart|log|settings|invite|flask|/)", remedy), remedy
    # No kind of trouble was left out.
    missed = [name for name in names_in_sources() if not any(re.fullmatch(name, check.name) for check in failing)]
    assert missed == []


def test_a_command_is_called_as_it_is_on_this_machine(app: Flask) -> None:
    remedy = "Run: `flask db backup DATA_DIR/backups/x` or see `/admin/messages`"

    here = spelled(remedy, app.config["WAYS"])
    assert f"`cd {HOME} && DATA_DIR={app.extensions['settings'].data_dir} .venv/bin/flask db backup" in here
    assert "see http://localhost:8000/admin/messages" in here
    assert spelled(remedy, ON_A_SERVER) == (
        "Run: `greenroom db backup /srv/greenroom/data/backups/x` or see https://calls.example/admin/messages"
    )


def test_a_page_shows_commands_apart_and_addresses_as_links(app: Flask) -> None:
    remedy = app.jinja_env.filters["remedy"]

    with app.app_context():
        html = remedy("Run: `flask db migrate` <b> or see `/admin/messages`")

    assert "&lt;b&gt;" in html
    assert re.search(r"<code>cd .* \.venv/bin/flask db migrate</code>", html)
    assert '<a href="/admin/messages" rel="noopener">/admin/messages</a>' in html


def troubles(app: Flask, host: FakeHost, alice: Person) -> Iterator[Check]:
    """All that can be wrong, each in turn."""
    # As a server is looked at: with the address of its invitation.
    yield from (checks.with_invitation(trouble, GUILD_ID) for trouble in pure_troubles())
    yield from troubles_of_tables(app, alice)
    site = replace(app.extensions["site"](), guild_id=GUILD_ID, is_demo=False, differences=())
    for of_site in (
        {"mailer": LockedOut(), "app_url": "http://localhost:8000"},
        {"mailer": None, "queue_depth": None, "sealed": {"unreadable": 1}},
        {"is_readable": False},
        {"is_migrated": False},
        {"differences": ("a column too many",)},
        {"sign_in": FakeSignIn(Refusal.UNAUTHORIZED)},
        {"sign_in": FakeSignIn(Refusal.NO_ANSWER)},
        {"makes_backups": True},
    ):
        yield from doctor.site_checks(host, replace(site, **of_site), at(NOW))
    yield from troubles_at_discord(host, site, alice)


def pure_troubles() -> Iterator[Check]:
    for kind in Refusal:
        yield checks.refused("Anything", kind)
    yield from server_checks.rights_checks(0)
    for count in (500, 490):
        yield server_checks.channels_check(count)
    yield checks.drift_check(timedelta(hours=1))
    yield checks.application_check(Application("1"), "2", "https://a.example")
    for known in (None, frozenset[str]()):
        application = Application("1", known)
        yield checks.application_check(application, "1", "https://a.example")
        yield from checks.invitation_checks(application)
    yield from checks.invitation_checks(Application("1", None, is_public=False, requires_code_grant=True))
    yield checks.disk_check(0)
    yield checks.sqlite_check((3, 40, 1))
    for made_at, failed_at in ((None, None), (None, NOW), (NOW - timedelta(days=9), None)):
        yield checks.backup_check(made_at, failed_at, NOW)
    yield from checks_of(dict.fromkeys(Kind, 2))
    roles = tuple(Role(str(number), "role", 0) for number in range(250))
    guild = HostGuild(GUILD_ID, "Nova", OWNER_ID, (Role("7", "high", 0, 9), Role("8", "bot", 0, 1), *roles))
    for role_ids in (frozenset[str](), frozenset({"8"})):
        member = server_checks.Member(BOT_ID, "bot", role_ids)
        yield server_checks.rank_check(guild, member, ["7"])
    yield server_checks.roles_check(250)
    full = [Channel(str(number), "c", CATEGORY) for number in range(50)]
    inside = [Channel(f"1{number}", "v", parent_id="1") for number in range(50)]
    yield server_checks.category_check(["1"], [*full, *inside]) or bad("", "", "")
    for category_id in (None, "1"):
        yield server_checks.shared_category_check("Nova", category_id, full)
    hidden = replace(full[1], is_age_restricted=True)
    yield server_checks.age_check(guild, ["1"], [hidden]) or bad("", "", "")
    yield server_checks.age_check(replace(guild, is_age_restricted=True), [], []) or bad("", "", "")


def troubles_of_tables(app: Flask, alice: Person) -> Iterator[Check]:
    yield standing.doctor_check(at(NOW))
    for sound in (True, False):
        record_diagnosis(None, [] if sound else [bad("Clock", "It is slow.", "")], at(NOW - timedelta(days=30)))
        yield standing.doctor_check(at(NOW))
    product = factories.make_product(coach=alice)
    session = factories.make_coaching_session(
        product, starts_at=NOW + timedelta(days=40), wall_time="2027-03-09T12:00+02:00", zone="Europe/Nowhere"
    )
    yield from promises_checks(NOW)
    session.delete_instance(recursive=True)
    record_heartbeat(UNDECLARED_PROXY, NOW)
    record_heartbeat(FAILED_BACKUP, NOW)
    for number, (state, error) in enumerate((("failed", "no"), ("unsure", RESTORED), ("waiting", None))):
        long_ago = NOW - timedelta(days=1)
        row: dict[str, Any] = {"kind": "reset", "recipient": "a@b.c", "subject": "", "body": "", "last_error": error}
        Notice.create(key=str(number), state=state, made_at=long_ago, due_at=long_ago, **row)
        yield standing.outbox_check(True, False, at(NOW))
        yield standing.outbox_check(False, False, at(NOW))
    CallHold.create(name="*", reason="unauthorized", until=NOW + timedelta(hours=1))
    CallLimiter.create(name=ALL, next_at=NOW, held_until=NOW + timedelta(hours=1), refused=900, refused_since=NOW)
    factories.make_store(alice, slug="lost", guild_verified_at=None)
    for _ in range(2):
        factories.make_feed(alice, failures=5, fault=SENTENCES[Fault.UNREACHABLE])
    yield standing.calendars_check() or bad("", "", "")
    yield from standing.servers_checks(at(NOW))
    yield standing.worker_check(at(NOW))
    record_heartbeat("worker", NOW - timedelta(hours=1))
    yield standing.worker_check(at(NOW))
    Heartbeat.update(at=NOW).where(Heartbeat.name == "worker").execute()
    Room.create(kind="category", code="c", discord_guild_id=GUILD_ID, created_at=NOW, state="hidden", last_error="x")
    yield standing.rooms_check()
    yield standing.records_check(unreadable_rooms(NOW))
    for column, nonsense in ((Room.kind, "session"), (Room.failing_step, "nonsense")):
        Room.update({column: nonsense}).execute()
        yield standing.records_check(unreadable_rooms(NOW))


def troubles_at_discord(host: FakeHost, site: doctor.Site, alice: Person) -> Iterator[Check]:
    store = factories.make_store(alice, slug="nova", access_mode="session_role")
    for without in (*NEEDED_RIGHTS, None):
        rights = INVITE_RIGHTS & ~(without or Right(0))
        everyone, own = Role(GUILD_ID, "@everyone", 0), Role(BOT_ROLE_ID, "bot", rights)
        host.guilds[GUILD_ID] = HostGuild(GUILD_ID, "Nova Studio", OWNER_ID, (everyone, own))
        host.member_roles[GUILD_ID, BOT_ID] = frozenset({BOT_ROLE_ID})
        yield from doctor.check_store(host, store, at(NOW)) or []
    for name, kind in (
        ("server_time", Refusal.UNAUTHORIZED),
        ("get_guild", Refusal.UNKNOWN_GUILD),
        ("create_channel", Refusal.NO_ANSWER),
        ("delete_channel", Refusal.NO_ANSWER),
        ("create_role", Refusal.RATE_LIMITED),
        ("delete_role", Refusal.NO_ANSWER),
        ("open_dm", Refusal.DM_REFUSED),
        ("open_dm", Refusal.NO_ANSWER),
    ):
        fault = host.fail(HostError(kind.value, kind), name=name)
        yield from doctor.check_store(host, store, at(NOW)) or []
        fault.times = 1
        yield from doctor.site_checks(host, site, at(NOW))
        host.faults.clear()
    factories.make_coaching_session(factories.make_product(store), starts_at=NOW + timedelta(hours=20, minutes=7))
    host.channels = {str(number): (GUILD_ID, Channel(str(number), "talk")) for number in range(500)}
    yield from doctor.check_store(host, store, at(NOW)) or []
    host.gone.add((GUILD_ID, "2001"))
    yield from doctor.check_store(host, store, at(NOW, NOW + timedelta(minutes=1))) or []
    host.gone.add((GUILD_ID, BOT_ID))
    yield from doctor.check_store(host, store, at(NOW)) or []
    for lacking in ({"guild_verified_at": None}, {"guild": None, "guild_verified_at": None}):
        for name, value in lacking.items():
            setattr(store, name, value)
        yield from doctor.check_store(host, store, at(NOW)) or []
    factories.make_store(alice, slug="far", guild=factories.make_guild("1100000000000000002", name="Far"))
    host.gone.add(("1100000000000000002", BOT_ID))
    yield from doctor.site_checks(host, site, at(NOW))


def texts_of_operation() -> Iterator[str]:
    """Every text in the sources of `coaching/operation`, with a word in place of each value that is put in."""
    for source in sources():
        nodes = list(ast.walk(source))
        joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        apart = {id(part) for node in joined for part in node.values}
        apart |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
        for node in joined:
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "value" for part in node.values)
        yield from (
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart
        )


def names_in_sources() -> Iterator[str]:
    """A pattern for the name of each check that can be other than good."""
    for source in sources():
        for node in ast.walk(source):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("bad", "doubtful"):
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    yield re.escape(str(name.value))


def sources() -> Iterator[ast.Module]:
    for path in sorted([HOME / "coaching" / "checks.py", *(HOME / "coaching" / "diagnostics").glob("*.py")]):
        yield ast.parse(path.read_text())


def exists(app: Flask, named: str) -> bool:
    """True for a command that can be called like this, and for a page that can be opened."""
    if named.startswith("/"):
        try:
            app.url_map.bind("").match(named.partition("?")[0], method="GET")
        except HTTPException:
            return False
        return True
    first, *words = shlex.split(named)
    return first in OTHER_PROGRAMS or (first == "flask" and is_callable(app.cli, words))


def is_callable(command: click.Command, words: list[str]) -> bool:
    while isinstance(command, click.Group):
        name, *words = words or [""]
        subcommand = command.commands.get(name)
        if subcommand is None:
            return False
        command = subcommand
    wanted = [param for param in command.params if isinstance(param, click.Argument) and param.required]
    options = {name for param in command.params for name in param.opts}
    given = [word for word in words if not word.startswith("-")]
    return len(given) == len(wanted) and {word for word in words if word.startswith("-")} <= options
