"""Journeys by direct message: what the sandbox, asked by the real gateway, has let each person read."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from coaching.accounts.details import DiscordAccount
from coaching.accounts.discord_mutations import link_discord, record_membership, unlink_discord
from coaching.accounts.models import DiscordLink, Person
from coaching.accounts.queries import find_discord_link
from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import book_session, cancel_session
from coaching.call_budget.models import ALL, CallHold, CallLimiter
from coaching.call_budget.mutations import SharedBudget
from coaching.call_budget.queries import DIRECT, EVERYWHERE
from coaching.catalog.models import Product
from coaching.db import database
from coaching.diagnostics.standing_queries import servers_checks
from coaching.messages.actions import send_test_direct
from coaching.messages.models import MessageSettings
from coaching.messages.mutations import choose_way
from coaching.messages.planning.routing import DmTrouble, Way
from coaching.messages.reach_queries import get_recipient, reach_of
from coaching.notices.kinds import Channel, MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import enqueue
from coaching.notices.queries import next_due_at
from coaching.refusals import Refusal
from gateways.discord import DiscordHost
from sandbox import seed
from sandbox.app import create_app as create_sandbox
from sandbox.config import SandboxConfig
from sandbox.records import DirectChannel
from settings import Settings
from tests import databases, factories
from tests.clocks import at
from tests.factories import GUILD_ID
from tests.fakes import FakeMailer
from tests.in_process import stand_at
from tests.sending import SENDER, deliver_due, text_of

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# The first student of the demo is on another server of the bot's, too.
COACH, STUDENT, OTHER = seed.COACH_ID, seed.STUDENT2_ID, seed.STRANGER_ID
NEAR = "http://localhost:9"
MESSAGES = "/channels/*/messages"
pytestmark = pytest.mark.usefixtures("db")


@dataclass
class Discord:
    """The stand-in, the gateway that asks it, and one time for both of them and the product."""

    app: Flask
    host: DiscordHost
    now: datetime = NOW
    mailer: FakeMailer | None = None
    sent: list[int] = field(default_factory=list)

    def control(self, path: str, **body: Any) -> None:
        assert requests.post(f"{NEAR}/control/{path}", json=body, timeout=5).ok

    def fail(self, kind: str, route: str = MESSAGES, **more: Any) -> None:
        """The next calls there go wrong."""
        self.control("faults", kind=kind, route=route, method="POST", **more)

    def read_by(self, user_id: str) -> list[dict[str, Any]]:
        """What the bot wrote to somebody, the oldest first."""
        return list(requests.get(f"{NEAR}/control/direct-messages/{user_id}", timeout=5).json()["messages"])

    def numbers(self, *user_ids: str) -> tuple[int, ...]:
        """How many messages each of them has."""
        return tuple(len(self.read_by(user_id)) for user_id in user_ids)

    def calls(self) -> int:
        """How often the API was asked."""
        return len(requests.get(f"{NEAR}/control/calls?limit=2000", timeout=5).json()["calls"])

    def forget_channels(self) -> None:
        """The channels with everybody are gone."""
        state = self.app.extensions["sandbox"].state
        with state.transaction():
            state.remove(*state.every(DirectChannel))

    def deliver(self, later: timedelta = timedelta(0)) -> int:
        """One turn of the sending task, so much later; how many messages went."""
        self.now += later
        return deliver_due(self.mailer, self.now, host=self.host)


@pytest.fixture
def discord(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Discord]:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    host = DiscordHost(f"{NEAR}/api/v10", settings.discord_bot_token)
    config = SandboxConfig(
        data_dir=folder,
        app_url=settings.app_url,
        client_secret=settings.discord_client_secret,
        bot_token=settings.discord_bot_token,
        client_id=settings.discord_client_id,
        guild_id=GUILD_ID,
        clock=lambda: world.now.timestamp(),
    )
    world = Discord(create_sandbox(config), host)
    stand_at({NEAR: world.app}, monkeypatch)
    yield world
    world.app.extensions["sandbox"].state.close()


@pytest.fixture
def coach(db: None) -> Person:
    """Somebody without an address: they have Discord alone."""
    return factories.make_person("Nova", linked_as=COACH, email=None, email_key=None, email_verified_at=None)


@pytest.fixture
def student(db: None) -> Person:
    return factories.make_person("Aiko", linked_as=STUDENT)


@pytest.fixture
def product(coach: Person) -> Product:
    return factories.make_product(factories.make_store(coach), reminders=())


def book(product: Product, student: Person, days: int = 1) -> CoachingSession:
    """A call at ten in the morning, so many days from now."""
    starts_at = NOW.replace(hour=9) + timedelta(days=days)
    return book_session(product, student, BookingDetails(product.offers.get().id, starts_at), NOW)


def states(person: Person) -> list[str]:
    """What became of the messages about the bookings, the oldest first."""
    is_of_booking = Notice.kind.in_((MessageKind.BOOKED, MessageKind.COACH_BOOKED))
    notices = Notice.select().where(Notice.person_id == person.id, is_of_booking).order_by(Notice.id)
    return [str(notice.state) for notice in notices]


def trouble_of(person: Person, discord: Discord) -> DmTrouble | None:
    """What the page of their messages says."""
    return reach_of(get_recipient(person), SENDER, discord.now).dm_trouble


def test_both_read_of_a_booking_once_and_the_first_message_says_how_to_turn_them_off(discord, product, student, coach):
    coaching_session = book(product, student)
    assert discord.deliver() == 2
    assert discord.deliver(MINUTE) == 0
    assert discord.numbers(STUDENT, COACH, OTHER) == (1, 1, 0)
    seat_id = coaching_session.seats.get().id
    for account, opens in ((STUDENT, seat_id), (COACH, None)):
        [message] = discord.read_by(account)
        assert SENDER.choices_url in message["content"]
        [[button]] = [row["components"] for row in message["components"]]
        key = SENDER.session_key(coaching_session.code, opens, 0)
        assert (button["style"], button["url"]) == (5, SENDER.session_url(coaching_session.code, key=key))
        assert message["mentions"] == []

    cancel_session(coaching_session, student, discord.now)
    discord.deliver(MINUTE)
    assert discord.numbers(STUDENT, COACH) == (2, 2)
    assert SENDER.choices_url not in discord.read_by(STUDENT)[1]["content"]


def test_mail_takes_over_from_closed_messages_and_they_are_not_tried_again(discord, product, student, coach):
    discord.mailer = FakeMailer()
    choose_way(student, MessageKind.BOOKED, Way.DISCORD, NOW)
    discord.control("direct-messages", user_id=STUDENT, is_open=False)
    book(product, student)
    discord.deliver()
    assert [mail["To"] for mail in discord.mailer.sent] == [student.email]
    assert (discord.numbers(STUDENT, COACH), trouble_of(student, discord)) == ((0, 1), DmTrouble.CLOSED)

    before = discord.calls()
    book(product, student, days=2)
    discord.deliver(MINUTE)
    # One to the coach, whose channel is known.
    assert (len(discord.mailer.sent), discord.calls() - before) == (2, 1)


def test_who_wants_both_has_one_mail_where_discord_refuses(discord, product, student):
    discord.mailer = FakeMailer()
    choose_way(student, MessageKind.BOOKED, Way.BOTH, NOW)
    discord.control("direct-messages", user_id=STUDENT, is_open=False)
    book(product, student)
    discord.deliver()
    assert [mail["To"] for mail in discord.mailer.sent] == [student.email]
    assert sorted(states(student)) == ["overtaken", "sent"]


def test_what_is_held_goes_once_messages_are_open_again_if_it_is_still_worth_it(discord, product, student, coach):
    discord.control("direct-messages", user_id=COACH, is_open=False)
    book(product, student)
    late = book(product, student, days=5)
    discord.deliver()
    assert (states(coach), trouble_of(coach, discord)) == (["held", "held"], DmTrouble.CLOSED)
    discord.deliver(timedelta(days=2))
    assert discord.numbers(COACH) == (0,)

    error = send_test_direct(discord.host, get_recipient(coach), SENDER, discord.now)
    assert error
    assert error.kind is Refusal.DM_REFUSED
    discord.control("direct-messages", user_id=COACH)
    assert send_test_direct(discord.host, get_recipient(coach), SENDER, discord.now) is None
    assert trouble_of(coach, discord) is None
    discord.deliver()
    # The first call is over by now.
    assert states(coach) == ["expired", "sent"]
    test, booked = discord.read_by(COACH)
    assert "This is a message from Greenroom." in test["content"]
    assert late.code in booked["components"][0]["components"][0]["url"]


def test_who_left_the_server_is_written_to_when_they_are_back(discord, product, student, coach):
    discord.control("member", guild_id=GUILD_ID, user_id=STUDENT, action="leave")
    book(product, student)
    discord.deliver()
    assert (states(student), trouble_of(student, discord)) == (["held"], DmTrouble.NO_SERVER)
    assert discord.numbers(STUDENT, COACH) == (0, 1)

    discord.control("member", guild_id=GUILD_ID, user_id=STUDENT, action="join")
    record_membership(find_discord_link(student), GUILD_ID, "joined", discord.now + MINUTE)
    discord.deliver(2 * MINUTE)
    assert (states(student), trouble_of(student, discord), discord.numbers(STUDENT)) == (["sent"], None, (1,))


def test_an_account_that_is_gone_gets_nothing_and_the_next_one_all_that_waits(discord, product, student):
    MessageSettings.create(person=student, dm_user_id=STUDENT, dm_channel_id="1")
    book(product, student)
    unlink_discord(student, discord.now)
    discord.deliver()
    assert states(student) == ["held"]
    link_discord(student, DiscordAccount(OTHER, "student2", None), discord.now)
    discord.deliver(MINUTE)
    assert (states(student), discord.numbers(STUDENT, OTHER)) == (["sent"], (0, 1))
    # That an account was needed is none of it. And it is a channel with this account, not with the other.
    assert MessageSettings.get(person=student).dm_user_id == OTHER


def test_a_channel_that_discord_has_forgotten_is_opened_anew(discord, product, student):
    book(product, student)
    discord.deliver()
    forgotten = MessageSettings.get(person=student).dm_channel_id
    discord.forget_channels()
    book(product, student, days=2)
    assert discord.deliver(MINUTE) == 2
    assert MessageSettings.get(person=student).dm_channel_id != forgotten
    assert discord.numbers(STUDENT) == (1,)  # of those in the new channel
    # Opening it may stay without an answer: nothing is unsure, for nothing was written.
    discord.forget_channels()
    discord.fail("drop_after", "/users/@me/channels", times=3)
    book(product, student, days=3)
    for _ in range(20):
        discord.deliver(MINUTE)
    assert (states(student), discord.numbers(STUDENT)) == (["sent"] * 3, (1,))


@pytest.mark.parametrize("fault", ["drop_after", "5xx_after"])
def test_an_unknown_outcome_is_settled_with_the_same_nonce_within_minutes_or_said(discord, product, student, fault):
    discord.mailer = FakeMailer()
    choose_way(student, MessageKind.BOOKED, Way.DISCORD, NOW)
    discord.fail(fault)
    book(product, student)
    discord.deliver()
    # It has it, and nobody knows. The coach's waits, since Discord seems to have trouble; mails would not.
    assert (states(student), discord.numbers(STUDENT, COACH)) == (["waiting"], (1, 0))
    assert (discord.deliver(timedelta(seconds=10)), discord.deliver(timedelta(seconds=20))) == (0, 2)
    assert (states(student), discord.numbers(STUDENT, COACH)) == (["sent"], (1, 1))

    discord.fail(fault, times=None)
    book(product, student, days=2)
    for _ in range(12):
        discord.deliver(timedelta(seconds=30))
    assert (states(student), discord.numbers(STUDENT)) == (["sent", "unsure"], (2,))
    assert discord.mailer.sent == []


def test_too_fast_pauses_all_direct_messages_for_ten_minutes_and_no_room_and_no_mail(discord, product, student, coach):
    discord.mailer = FakeMailer()
    choose_way(student, MessageKind.BOOKED, Way.DISCORD, NOW)
    book(product, student)
    discord.deliver()
    discord.control("limits", new_talks=[0, 600])
    other = factories.make_person("Robin", linked_as=OTHER)
    choose_way(other, MessageKind.BOOKED, Way.DISCORD, NOW)
    book(product, other, days=2)
    book(product, student, days=3)
    enqueue("verify:1", "verify", "eve@example.com", "Confirm", "https://example.com", discord.now)
    discord.deliver(MINUTE)
    assert [mail["To"] for mail in discord.mailer.sent] == ["eve@example.com"]
    assert CallHold.get().name == DIRECT
    before = discord.calls()
    discord.deliver(9 * MINUTE)
    assert (discord.calls(), discord.numbers(STUDENT, OTHER, COACH)) == (before, (1, 0, 1))
    # Nor is a test tried, and a room is: its calls know nothing of it.
    error = send_test_direct(discord.host, get_recipient(other), SENDER, discord.now)
    assert error
    assert (error.kind, error.retry_after) == (Refusal.DMS_TOO_FAST, MINUTE)
    assert discord.calls() == before
    assert discord.host.list_channels(GUILD_ID)

    discord.control("limits", new_talks=[50, 600])
    discord.deliver(MINUTE)
    assert (discord.numbers(STUDENT, OTHER, COACH), Notice.select(Notice.attempts).distinct().count()) == ((2, 1, 3), 1)


def test_a_bot_taken_for_a_spammer_writes_to_nobody_for_hours_and_mail_does(discord, product, student, coach):
    discord.mailer = FakeMailer()
    choose_way(student, MessageKind.BOOKED, Way.DISCORD, NOW)
    discord.fail("20026", times=None)
    for days in (1, 2):
        book(product, student, days)
    admin = factories.make_person("Ada", is_admin=True)
    discord.deliver()
    # Two calls: to open a channel, and to write. Those who run the site hear of it, and their page says so.
    assert discord.calls() == 2
    [alert] = [mail for mail in discord.mailer.sent if mail["To"] == admin.email]
    assert "Discord takes the bot's direct messages for spam" in text_of(alert)
    assert [check.name for check in servers_checks(at(discord.now))] == ["Direct messages"]
    discord.deliver(timedelta(seconds=5))
    assert [mail["To"] for mail in discord.mailer.sent].count(student.email) == 2
    assert states(coach) == ["waiting"] * 2
    discord.deliver(timedelta(hours=5))
    assert discord.calls() == 2
    discord.control("faults", clear=True)
    discord.deliver(timedelta(hours=1))
    assert (states(coach), discord.numbers(STUDENT, COACH)) == (["sent"] * 2, (0, 2))
    assert list(servers_checks(at(discord.now))) == []


def test_a_bot_that_discord_does_not_take_stops_everything_until_a_probe_has_found_out(discord, product, student):
    discord.fail("401", times=1)
    book(product, student)
    discord.deliver()
    assert CallHold.get().name == EVERYWHERE
    before = discord.calls()
    discord.deliver(30 * MINUTE)  # nobody has probed
    assert discord.calls() == before
    CallHold.delete().execute()
    discord.deliver(MINUTE)
    assert states(student) == ["sent"]


def test_while_rooms_need_every_call_a_message_waits_seconds_and_mails_go_on(discord, settings, product, student):
    discord.mailer = FakeMailer()
    slept: list[float] = []
    budget = SharedBudget(lambda: discord.now)
    discord.host = DiscordHost(f"{NEAR}/api/v10", settings.discord_bot_token, budget=budget, sleep=slept.append)
    choose_way(student, MessageKind.BOOKED, Way.DISCORD, NOW)
    book(product, student)
    enqueue("verify:1", "verify", "eve@example.com", "Confirm", "https://example.com", discord.now)
    CallLimiter.create(name=ALL, next_at=discord.now + timedelta(seconds=1))
    assert discord.deliver() == 1
    assert [mail["To"] for mail in discord.mailer.sent] == ["eve@example.com"]
    assert (discord.calls(), sum(slept)) == (0, 0)
    assert [notice.attempts for notice in Notice.select().where(Notice.channel == Channel.DISCORD)] == [0, 0]
    assert next_due_at([Channel.DISCORD], discord.now) == discord.now
    assert next_due_at([Channel.MAIL], discord.now) is None

    while "waiting" in states(student):
        assert discord.now < NOW + MINUTE
        discord.deliver(timedelta(seconds=5))
    assert discord.numbers(STUDENT) == (1,)


def test_what_would_come_too_late_on_discord_goes_by_mail(discord, product, student):
    discord.mailer = FakeMailer()
    choose_way(student, MessageKind.BOOKED, Way.DISCORD, NOW)
    coaching_session = book(product, student)
    discord.now = coaching_session.ends_at - 5 * MINUTE
    discord.fail("40003")
    discord.deliver()
    [notice] = Notice.select().where(Notice.kind == MessageKind.BOOKED)
    assert (notice.state, notice.channel, notice.recipient) == ("sent", Channel.MAIL, student.email)


def test_an_account_that_discord_does_not_know_is_no_way(discord, product, student):
    DiscordLink.update(discord_user_id="99").where(DiscordLink.person == student).execute()
    book(product, student)
    discord.deliver()
    assert (states(student), trouble_of(student, discord)) == (["held"], DmTrouble.NO_SERVER)


def test_one_that_breaks_keeps_no_other_waiting(discord, product, student, coach):
    DiscordLink.update(discord_user_id="no number").where(DiscordLink.person == student).execute()
    book(product, student)
    assert discord.deliver() == 1
    assert (states(student), states(coach)) == (["sending"], ["sent"])
    discord.deliver(5 * MINUTE)
    assert states(student) == ["unsure"]


@pytest.fixture
def app(settings: Settings, discord: Discord) -> Flask:
    """The application as it is, Discord's gateway included, with the stand-in as its Discord."""
    databases.close()
    environ = {"discord_api_url": f"{NEAR}/api/v10", "discord_oauth_url": NEAR}
    app = create_app(settings.__class__(**{**vars(settings), **environ}))
    database.connect()
    app.testing = True
    return app


def test_who_signs_up_with_discord_reads_of_a_booking_there(
    app: Flask, discord: Discord, product: Product, browser_of: Callable[..., FlaskClient]
) -> None:
    woken = []
    app.extensions["wake_rooms"] = lambda: None
    app.extensions["wake_payments"] = app.extensions["wake_lists"] = lambda: None
    app.extensions["wake_notices"] = lambda: woken.append(discord.deliver())
    discord.now = datetime.now(UTC)
    client = browser_of()
    set_off = client.post("/discord/sign-in", query_string={"next": "/settings"})
    answer = requests.post(
        set_off.location, data={"person": OTHER, "decision": "authorize"}, allow_redirects=False, timeout=5
    )
    back = urlsplit(answer.headers["Location"])
    assert client.get(f"{back.path}?{back.query}").status_code == 303
    person = Person.get(Person.name == "Robin Vale")
    assert person.email is None

    page = f"/s/{product.store.slug}/{product.slug}"
    starts_at = (discord.now + timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)
    form = {"offer": product.offers.get().id, "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", "zone": "Europe/Berlin"}
    hidden = re.findall(r'name="(form_key|mark)"[^>]* value="([^"]*)"', client.get(page).text)
    booked = client.post(f"{page}/sessions", data={**dict(hidden), **form})
    assert booked.status_code == 303
    assert sum(woken) == 2
    [message] = discord.read_by(OTHER)
    assert SENDER.choices_url in message["content"]
    client.post(f"{urlsplit(booked.location).path}/cancellation")
    assert discord.numbers(OTHER, COACH) == (2, 2)
