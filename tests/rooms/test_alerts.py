"""Mails about what Discord refuses: who gets one, how often, what it says, where it leads."""

from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from peewee import QueryEvent

from coaching.accounts.models import DiscordLink, Person
from coaching.alerts.emails import WORTH_AN_EMAIL, when
from coaching.alerts.mutations import owe_refusal
from coaching.booking.models import CoachingSession
from coaching.db import database
from coaching.guild_parts import HostGuild, Role
from coaching.guild_rights import INVITE_RIGHTS, Right
from coaching.messages.actions import Outlets
from coaching.notices.models import Notice
from coaching.operation.actions import send_messages
from coaching.refusals import Refusal, explain
from tests import factories
from tests.clocks import at
from tests.factories import GUILD_ID
from tests.fakes import BOT_ID, BOT_ROLE_ID, OWNER_ID, FakeHost, FakeMailer
from tests.rooms.reconciling import reconcile
from tests.sending import SENDER, text_of
from tests.threads import all_at_once

# The product's clock may stand elsewhere than the machine's.
NOW = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def admin(db: None) -> Person:
    return factories.make_person("Ada", is_admin=True, zone=None)


@pytest.fixture
def session(alice: Person, admin: Person) -> CoachingSession:
    product = factories.make_product(factories.make_store(alice, slug="nova"))
    return factories.make_coaching_session(product, starts_at=NOW + timedelta(hours=1))


def test_only_what_a_person_has_to_mend_is_worth_a_letter() -> None:
    assert {
        Refusal.UNAUTHORIZED,
        Refusal.MISSING_ACCESS,
        Refusal.MISSING_PERMISSION,
        Refusal.TWO_FACTOR_REQUIRED,
        Refusal.UNKNOWN_GUILD,
        Refusal.GUILD_FULL,
        Refusal.ROLES_FULL,
        Refusal.OTHER,
    } == WORTH_AN_EMAIL


@pytest.mark.parametrize("kind", sorted(set(Refusal) - WORTH_AN_EMAIL))
def test_nobody_hears_of_what_mends_itself(session: CoachingSession, kind: Refusal) -> None:
    tell(session.id, kind)

    assert emails() == []


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        (Refusal.MISSING_ACCESS, "/store/nova/guild"),
        (Refusal.MISSING_PERMISSION, "/store/nova/guild"),
        (Refusal.UNKNOWN_GUILD, "/store/nova/guild"),
        (Refusal.GUILD_FULL, "/store/nova/server-check"),
        (Refusal.ROLES_FULL, "/store/nova/server-check"),
    ],
)
def test_the_coach_reads_what_happened_when_and_where_to_mend_it(
    session: CoachingSession, alice: Person, kind: Refusal, page: str
) -> None:
    tell(session.id, kind)

    [email] = emails()
    assert email.person_id == alice.id
    assert explain(kind) in email.body
    assert "“Mixing call” on Monday 8 March 2027, 11:00 (Europe/Berlin)" in email.body
    assert f"\n{page}\n" in email.body


@pytest.mark.parametrize("is_of_session", [True, False])
def test_the_letter_names_the_missing_right_as_the_pages_do(session: CoachingSession, is_of_session: bool) -> None:
    tell(session.id if is_of_session else None, Refusal.MISSING_PERMISSION, lacking="Manage Channels, Connect")
    tell(session.id, Refusal.MISSING_PERMISSION, "78")

    named, unnamed = emails()
    assert "lacks a right on your server: Manage Channels, Connect. Turn it on" in named.body
    assert explain(Refusal.MISSING_PERMISSION) in unnamed.body


def test_a_mail_calls_a_zone_what_it_is_called_today() -> None:
    assert when(NOW, "Asia/Calcutta").endswith(" (Asia/Kolkata)")


@pytest.mark.parametrize("kind", [Refusal.UNAUTHORIZED, Refusal.TWO_FACTOR_REQUIRED, Refusal.OTHER])
def test_what_only_the_site_can_mend_goes_to_its_admins_too(
    session: CoachingSession, alice: Person, admin: Person, kind: Refusal
) -> None:
    tell(session.id, kind)

    to_admin, to_coach = emails()
    assert to_admin.person_id == admin.id
    assert "\n/admin/doctor\n" in to_admin.body
    assert "11:00 (" not in to_admin.body
    assert "Monday 8 March 2027, 10:00 (UTC)" in to_admin.body
    assert session.title not in to_admin.body
    assert to_coach.person_id == alice.id
    assert "nothing for you to mend" in to_coach.body
    assert f"\n/sessions/{session.code}\n" in to_coach.body


def test_an_admin_who_coaches_gets_one_letter(session: CoachingSession, alice: Person, admin: Person) -> None:
    Person.update(is_admin=True).where(Person.id == alice.id).execute()
    tell(session.id, Refusal.UNAUTHORIZED)

    assert sorted(email.person_id for email in emails()) == sorted([alice.id, admin.id])


def test_the_admins_hear_once_a_day_of_a_token_however_many_guilds_meet_it(
    session: CoachingSession, admin: Person
) -> None:
    for guild in (GUILD_ID, "1100000000000000002"):
        tell(session.id, Refusal.UNAUTHORIZED, guild)

    assert [email.person_id for email in emails()].count(admin.id) == 1


def test_a_coach_hears_of_each_kind_once_a_day_and_guild(session: CoachingSession) -> None:
    other = factories.make_coaching_session(session.product, starts_at=NOW + timedelta(hours=5))
    for later in (timedelta(0), timedelta(minutes=1), timedelta(hours=3)):
        for coaching_session in (session, other):
            tell(coaching_session.id, Refusal.GUILD_FULL, later=later)
    assert len(emails()) == 1

    tell(session.id, Refusal.MISSING_ACCESS)
    tell(session.id, Refusal.GUILD_FULL, "1100000000000000002")
    assert len(emails()) == 3

    tell(session.id, Refusal.GUILD_FULL, later=timedelta(days=1))
    assert len(emails()) == 4


def test_a_room_and_a_shared_part_that_go_on_failing_make_one_email(session: CoachingSession) -> None:
    for _ in range(3):
        tell(session.id, Refusal.GUILD_FULL)
        tell(None, Refusal.GUILD_FULL)

    assert len(emails()) == 1


def test_an_address_nobody_verified_gets_no_mail(session: CoachingSession, alice: Person) -> None:
    Person.update(email_verified_at=None).where(Person.id == alice.id).execute()
    DiscordLink.delete().where(DiscordLink.person == alice).execute()
    tell(session.id, Refusal.GUILD_FULL)
    mailer = FakeMailer()
    send_messages(Outlets(mailer, FakeHost()), SENDER, at(NOW, MACHINE))

    assert ([email.state for email in emails()], mailer.sent) == (["held"], [])


def test_of_what_belongs_to_no_session_every_coach_of_the_guild_hears(session: CoachingSession, alice: Person) -> None:
    second, third = factories.make_person("Carol"), factories.make_person("Dan")
    factories.make_store(second)
    factories.make_store(third, guild_verified_at=None)
    tell(None, Refusal.ROLES_FULL)

    assert [email.person_id for email in emails()] == [alice.id, second.id]


def test_of_two_workers_who_meet_the_same_refusal_one_writes(session: CoachingSession) -> None:
    both_have_read = Barrier(2)

    def wait_for_the_other(event: QueryEvent) -> None:
        if 'FROM "coaching_session"' in event.sql and event.sql.startswith("SELECT"):
            both_have_read.wait(10)

    database.query_hooks.append(wait_for_the_other)
    all_at_once(*[partial(tell, session.id, Refusal.GUILD_FULL)] * 2)

    assert len(emails()) == 1


def test_a_letter_that_cannot_be_written_costs_nothing_else(
    session: CoachingSession, caplog: pytest.LogCaptureFixture
) -> None:
    tell(-1, Refusal.GUILD_FULL)
    assert "alert not written" in caplog.text

    tell(session.id, Refusal.GUILD_FULL)
    assert len(emails()) == 1


def test_a_letter_that_cannot_be_sent_is_not_sent_the_day_after(session: CoachingSession) -> None:
    tell(session.id, Refusal.GUILD_FULL)

    assert emails()[0].ends_at == MACHINE + timedelta(days=1)


def test_the_letters_lead_to_pages_that_there_are(app: Flask, session: CoachingSession, browser_of: Any) -> None:
    coach, admin = browser_of(session.coach), browser_of(Person.get(Person.is_admin))
    for kind in WORTH_AN_EMAIL:
        tell(session.id, kind)
    for email in emails():
        browser = coach if email.person_id == session.coach.id else admin
        [link] = [line for line in email.body.splitlines() if line.startswith("/")]
        assert browser.get(link).status_code == 200, link


def test_a_room_that_discord_refuses_ends_in_a_mail_that_is_sent_once(session: CoachingSession, host: FakeHost) -> None:
    mailer, due = FakeMailer(), NOW + timedelta(minutes=40)
    bot = Role(BOT_ROLE_ID, "Greenroom", INVITE_RIGHTS & ~Right.MANAGE_CHANNELS)
    host.guilds[GUILD_ID] = HostGuild(GUILD_ID, "Nova Studio", OWNER_ID, (Role(GUILD_ID, "@everyone", 0), bot))
    host.member_roles[GUILD_ID, BOT_ID] = frozenset({BOT_ROLE_ID})
    for minute in range(3):
        host.fail(Refusal.MISSING_PERMISSION, name="create_channel", times=9)
        now, machine_now = due + timedelta(minutes=minute), MACHINE + timedelta(minutes=minute)
        reconcile(host, at(now, machine_now), sleep=lambda seconds: None)
        send_messages(Outlets(mailer, FakeHost()), SENDER, at(now, machine_now))

    [mail] = mailer.sent
    assert mail["To"] == session.coach.email
    assert "The bot lacks a right on your server: “Manage Channels”." in text_of(mail)
    assert f"Mend it here:\n{SENDER.url}/store/nova/guild\n" in text_of(mail)


def tell(
    session_id: int | None,
    kind: Refusal,
    guild_id: str = GUILD_ID,
    later: timedelta = timedelta(0),
    lacking: str = "",
) -> None:
    owe_refusal(session_id, guild_id, kind, at(NOW + later, MACHINE + later), lacking)


def emails() -> list[Notice]:
    return list(Notice.select().order_by(Notice.id))


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (0, "Sunday 31 October 2027, 02:30 (Europe/Berlin, UTC+2)"),
        (1, "Sunday 31 October 2027, 02:30 (Europe/Berlin, UTC+1)"),
        (2, "Sunday 31 October 2027, 03:30 (Europe/Berlin)"),
    ],
)
def test_a_mail_tells_the_two_rounds_of_a_repeated_hour_apart(hour: int, expected: str) -> None:
    assert when(datetime(2027, 10, 31, hour, 30, tzinfo=UTC), "Europe/Berlin") == expected
