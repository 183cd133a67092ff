"""Messages: the cost of a minute with none due, and 1,000 of them to a real mail server while rooms come due.

Quiet: what the sending task does in a minute (look at sessions, list days, route, claim), with 1,000, 10,000 and
100,000 past sessions, a sent message for each, and 5,000 coming ones, on SQLite and PostgreSQL. Goal: under 0.1 Y.

Sink: messages per second, and how late rooms come meanwhile, against the same rooms without any message. Goal: by less
than 1.5 s (p50). `python -m bench.messages sink`, or `quiet`, runs one alone.
"""

import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import structlog

from bench.quiet import FUTURE, NOW, fill_database, tables_read_whole
from bench.yardstick import measure_y, median_time
from coaching import marks, vault
from coaching.booking.models import CoachingSession
from coaching.db import database, is_sqlite, open_database
from coaching.messages.actions import Outlets, send_due
from coaching.messages.mutations import list_days, look_at_sessions, route_due
from coaching.messages.outbox_mutations import forget_old_messages, put_late_aside
from coaching.notices.kinds import Channel, MessageKind
from coaching.notices.mutations import claim_next, owe, put_stale_aside
from coaching.now import Now
from coaching.rooms.reconciler.loop import Reconciler
from gateways.mail import SmtpMailer
from tests import databases, factories
from tests.clocks import at
from tests.fakes import FakeHost
from tests.sending import SENDER, mail_server

MESSAGES, ROOMS = 1_000, 40
EVERY, SECOND, MINUTE = timedelta(seconds=0.4), timedelta(seconds=1), timedelta(minutes=1)
MADE_BEFORE = 30 * MINUTE
ROUNDS = 20


def main() -> None:
    y = measure_y()
    vault.keys.use([bytes(32)])
    marks.keys.use([bytes(32)])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        server = databases.PostgresDatabases(Path(folder) / "postgres", "messages")
        for name, kind in (("SQLite", databases.SqliteDatabases(Path(folder))), ("PostgreSQL", server)):
            for past in (1_000, 10_000, 100_000) if "sink" not in sys.argv else ():
                report_quiet(name, kind, past, y)
            if "quiet" not in sys.argv:
                report_sink(name, kind, y)
        server.close()


# --- Quiet


def report_quiet(name: str, server: databases.Databases, past: int, y: float) -> None:
    database.initialize(open_database(server.fresh()))
    with database.connection_context():
        fill_database(past)
        fill_outbox()
        seconds, asked = median_time(be_quiet, ROUNDS), queries_of(be_quiet)
        chores = median_time(lambda: look_after(at(NOW)), ROUNDS)
        whole = ", ".join(sorted(tables_read_whole(asked))) or "nothing"
    print(
        f"  {name:10} {past:7,} past sessions: {seconds * 1000:5.2f} ms = {seconds / y:.4f} Y in {len(asked)} queries,"
        f" reading whole: {whole}; chores {chores / y:.4f} Y (load average {os.getloadavg()[0]:.1f})",
        flush=True,
    )
    databases.close()


def be_quiet() -> None:
    """A minute of the sending task with nothing to send."""
    assert look_at_sessions(NOW) == 0
    list_days(NOW)
    put_stale_aside(NOW)
    assert route_due(SENDER, at(NOW)) == 0
    assert claim_next(NOW, (Channel.MAIL, Channel.DISCORD)) is None


def look_after(now: Now) -> None:
    put_late_aside(now)
    forget_old_messages(now)


def fill_outbox() -> None:
    """For each past session a message that went, for each coming one the time of its next reminder."""
    values = {
        "key": "'reminder:' || id",
        "kind": "'reminder'",
        "channel": "'mail'",
        "person_id": "coach_id",
        "session_id": "id",
        "fields": "'{\"minutes\": 60}'",
        "recipient": "'somebody@example.com'",
        "subject": "''",
        "body": "''",
        "state": "'sent'",
        "made_at": "starts_at",
        "attempts": "1",
        "sent_at": "starts_at",
    }
    of_past = f"SELECT {', '.join(values.values())} FROM coaching_session WHERE state = 'completed'"
    database.execute_sql(f"INSERT INTO notice ({', '.join(values)}) {of_past}")
    database.execute_sql(
        "UPDATE coaching_session SET next_look_at = starts_at WHERE state = 'scheduled' AND next_look_at IS NULL"
    )
    assert CoachingSession.select().where(CoachingSession.next_look_at > NOW).count() == FUTURE
    if not is_sqlite():
        database.execute_sql("ANALYZE")


def queries_of(act: Callable[[], object]) -> list[tuple[str, Any]]:
    """What an act asks the database, each with its values; what it changes is left out."""
    asked: list[tuple[str, Any]] = []
    opened: Any = database.obj
    execute = opened._execute_cursor

    def noted(sql: str, params: Any, **options: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((sql, params or ()))
        return execute(sql, params, **options)

    opened._execute_cursor = noted
    act()
    del opened._execute_cursor
    return asked


# --- Sink


def report_sink(name: str, server: databases.Databases, y: float) -> None:
    without, _ = lateness(server, messages=0)
    late, seconds = lateness(server, MESSAGES)
    print(
        f"  {name:10} {MESSAGES:,} messages in {seconds:.1f} s: {MESSAGES / seconds:.0f} a second,"
        f" {seconds / y / MESSAGES:.3f} Y each; meanwhile {len(late)} rooms late by {median(late):.2f} s (p50) and"
        f" {max(late):.2f} s at most, without messages {median(without):.2f} s and {max(without):.2f} s"
        f" (load average {os.getloadavg()[0]:.1f})",
        flush=True,
    )


def lateness(server: databases.Databases, messages: int) -> tuple[list[float], float]:
    """How late each room was made while so many messages went, in seconds, and how long all of these took."""
    database.initialize(open_database(server.fresh()))
    with database.connection_context():
        began = datetime.now(UTC) + 3 * SECOND
        dues = [began + number * EVERY for number in range(ROOMS)]
        for number, due_at in enumerate(dues):
            coach = factories.make_person("Coach", linked_as=str(70_000 + number))
            product = factories.make_product(factories.make_store(coach))
            made = factories.make_coaching_session(product, starts_at=due_at + MADE_BEFORE)
        for number in range(messages):
            person = factories.make_person("Bob")
            owe(MessageKind.BOOKED, f"booked:{number}", person.id, began, session_id=made.id)
        host = TimedHost()
        with reconciling(host), mail_server(Sink()) as port:
            mailer = SmtpMailer(f"smtp://127.0.0.1:{port}?from=hello%40studio.example", "Nova Calls")
            sleep(max(0.0, (began - datetime.now(UTC)).total_seconds()))
            start, sent = perf_counter(), 0
            while sent < messages:
                instant = datetime.now(UTC)
                sent += send_due(Outlets(mailer, host), SENDER, at(instant))
            took = perf_counter() - start
            deadline = perf_counter() + 30
            while len(host.made_at) < ROOMS and perf_counter() < deadline:
                sleep(0.05)
    databases.close()
    late = [(made_at - due_at).total_seconds() for made_at, due_at in zip(sorted(host.made_at), dues, strict=True)]
    return late, took


class TimedHost(FakeHost):
    """Remembers when each room was made."""

    def __init__(self) -> None:
        super().__init__()
        self.made_at: list[datetime] = []
        self.before_call = self.note

    def note(self) -> None:
        if self.calls[-1][0] == "create_channel":
            self.made_at.append(datetime.now(UTC))


class Sink:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return "250 OK"


@contextmanager
def reconciling(host: FakeHost) -> Iterator[None]:
    """The loop over rooms in a thread of its own, as in a worker."""
    reconciler = Reconciler(host, lambda: at(datetime.now(UTC)))
    thread = threading.Thread(target=reconciler.run, daemon=True)
    thread.start()
    yield
    reconciler.stop(2)
    thread.join(10)


if __name__ == "__main__":
    main()
