"""A worker dies between any two writes of sending, on both channels: never two messages, and none only unsure.

First every write and every call in turn, in this process; then a process that is really killed.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.db import database
from coaching.messages.models import MessageSettings
from coaching.messages.mutations import choose_way, save_settings
from coaching.messages.planning.routing import Way
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import CLAIM, owe
from tests import factories
from tests.fakes import FakeHost, FakeMailer, Killed
from tests.rooms.sandbox_process import HOME, worker_environment
from tests.sending import deliver_due, mail_server

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WRITES = ("INSERT", "UPDATE", "DELETE")


class Fate:
    """Counts what a worker does, and lets it die at one of these points."""

    def __init__(self) -> None:
        self.count, self.dies_at = 0, -1

    def pass_by(self) -> None:
        self.count += 1
        if self.count == self.dies_at:
            raise Killed


@dataclass
class MortalMailer(FakeMailer):
    fate: Fate = field(default_factory=Fate)

    def send(self, message: EmailMessage, from_name: str | None = None) -> None:
        self.fate.pass_by()
        super().send(message, from_name)
        self.fate.pass_by()


@dataclass
class MortalHost(FakeHost):
    fate: Fate = field(default_factory=Fate)

    def open_dm(self, user_id: str) -> str:
        self.fate.pass_by()
        opened = super().open_dm(user_id)
        self.fate.pass_by()
        return opened

    def post_direct(self, channel_id: str, text: str, nonce: str, button: tuple[str, str] | None = None) -> str:
        self.fate.pass_by()
        posted = super().post_direct(channel_id, text, nonce, button)
        self.fate.pass_by()
        return posted


class World:
    """A call in an hour, whose student is reminded by mail and on Discord; the coach's list of the day is due, too."""

    def __init__(self) -> None:
        self.bob, product = factories.make_person("Bob", linked_as="7001"), factories.make_product(reminders=(60,))
        self.coach = factories.make_coaching_session(product, self.bob, starts_at=NOW + HOUR).coach
        choose_way(self.bob, MessageKind.REMINDER, Way.BOTH, NOW)
        choose_way(self.coach, MessageKind.COACH_DAY, Way.MAIL, NOW)
        save_settings(self.coach, reminders=())
        self.fate = Fate()

    def begin_anew(self, dies_at: int) -> None:
        Notice.delete().execute()
        CoachingSession.update(next_look_at=NOW, timed_at=NOW - 99 * HOUR).execute()
        MessageSettings.delete().where(MessageSettings.person == self.bob).execute()
        MessageSettings.update(next_day_at=NOW).where(MessageSettings.person == self.coach).execute()
        self.fate.count, self.fate.dies_at = 0, dies_at
        # Minutes later Discord has forgotten a nonce: only our own rows keep a message from going twice.
        self.mailer, self.host = MortalMailer(fate=self.fate), MortalHost(fate=self.fate, forgets_nonces=True)

    def turn(self, later: timedelta) -> None:
        deliver_due(self.mailer, NOW + later, host=self.host)

    def got(self) -> Counter[str]:
        """How often each message arrived anywhere, by what is the same in every try."""
        return Counter(
            [*(str(mail["Message-ID"]) for mail in self.mailer.sent), *(nonce for _, nonce, _ in self.host.messages)]
        )


@contextmanager
def mortal_database(fate: Fate) -> Iterator[None]:
    """Before every write and after every commit the worker may die."""
    opened: Any = database.obj
    execute, commit = opened._execute_cursor, opened.commit

    def execute_or_die(sql: str, params: Any, **options: Any) -> Any:
        if sql.startswith(WRITES):
            fate.pass_by()
        return execute(sql, params, **options)

    def commit_or_die() -> None:
        commit()
        fate.pass_by()

    opened._execute_cursor, opened.commit = execute_or_die, commit_or_die
    try:
        yield
    finally:
        del opened._execute_cursor, opened.commit


@pytest.mark.usefixtures("db")
def test_whichever_write_or_call_a_worker_dies_at_nobody_gets_a_message_twice_and_an_unknown_outcome_is_shown() -> None:
    world = World()
    world.begin_anew(dies_at=-1)
    with mortal_database(world.fate):
        world.turn(timedelta(0))
    points, whole = world.fate.count, world.got()
    messages = {notice.key for notice in Notice.select()}
    assert points > 30
    assert {notice.state for notice in Notice.select()} == {"sent"}
    assert len(whole) == len(messages) == 3

    left_unsure = 0
    for point in range(1, points + 1):
        world.begin_anew(dies_at=point)
        with pytest.raises(Killed), mortal_database(world.fate):
            world.turn(timedelta(0))
        # The process is gone, and with it its connection and whatever was not committed.
        database.close()
        database.connect()
        for later in (MINUTE, CLAIM + MINUTE):
            world.turn(later)

        got, states = world.got(), {notice.key: notice.state for notice in Notice.select()}
        assert max(got.values()) == 1, point
        assert states.keys() == messages, point
        unsure = [key for key, state in states.items() if state == "unsure"]
        assert set(states.values()) - {"unsure"} <= {"sent"}, point
        assert len(unsure) <= 1, point
        assert len(whole) - len(unsure) <= len(got) <= len(whole), point
        left_unsure += len(unsure)
    # Only from the claim to the last word of what came of it.
    assert 0 < left_unsure < points / 2


# --- A process that is really killed

ONE_TURN = """
import tasks
from coaching.operation.actions import send_messages
with tasks.connected():
    send_messages(tasks.outlets, tasks.settings.sender, tasks.clock.both())
"""


class Service:
    """Mail server or Discord: takes a message, and kills whoever brought it before they hear of that."""

    def __init__(self) -> None:
        self.taken = 0
        self.victim: subprocess.Popen[bytes] | None = None

    def take(self) -> None:
        self.taken += 1
        assert self.victim
        os.kill(self.victim.pid, signal.SIGKILL)
        self.victim.wait(10)


@contextmanager
def discord(service: Service) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/messages"):
                service.take()
                return
            answer = b'{"id": "5500"}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api/v10"
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("channel", ["mail", "discord"])
def test_a_process_killed_after_the_other_side_took_a_message_leaves_it_unsure_and_no_second_one(
    channel: str, database_url: str, tmp_path: Path
) -> None:
    bob = factories.make_person("Bob", linked_as="7001" if channel == "discord" else None)
    if channel == "discord":
        Person.update(email_verified_at=None).execute()
    now = datetime.now(UTC)
    session = factories.make_coaching_session(student=bob, starts_at=now + 99 * HOUR)
    for number in (1, 2):
        owe(MessageKind.BOOKED, f"booked:{number}", bob.id, now, session_id=session.id)
    database.close()
    service = Service()
    with mails(service) as mail_url, discord(service) as api_url:
        environment = worker_environment(database_url, tmp_path / "data", api_url) | {"MAIL_URL": mail_url}
        service.victim = subprocess.Popen([sys.executable, "-c", ONE_TURN], cwd=HOME, env=environment)
        assert service.victim.wait(60) == -signal.SIGKILL
    database.connect()

    assert service.taken == 1
    mailer, host = FakeMailer(), FakeHost()
    for later in (MINUTE, CLAIM + MINUTE):
        deliver_due(mailer, datetime.now(UTC) + later, host=host)
    assert sorted((notice.state, notice.channel) for notice in Notice.select()) == [
        ("sent", channel),
        ("unsure", channel),
    ]
    assert len(mailer.sent) + len(host.messages) == 1


@contextmanager
def mails(service: Service) -> Iterator[str]:
    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            service.take()
            return "250 OK"

    with mail_server(Handler()) as port:
        yield f"smtp://127.0.0.1:{port}?from=hello%40studio.example"
