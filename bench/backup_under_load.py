"""Backups while people book: each whole, restored into an empty folder and moved to PostgreSQL, and no mail goes twice.

Six browsers book through the real web server on SQLite, mails are written and sent, and backups are made by hand and by
the night. Then a backup is restored into a new folder, and what it came from is copied to PostgreSQL; both are started.
Goals: counts equal, every mail at most once.
"""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask

from app import create_app
from coaching import marks, schema, vault
from coaching.backups.actions import back_up_nightly
from coaching.backups.files import Policy
from coaching.booking.models import CoachingSession
from coaching.booking.slot_queries import free_month
from coaching.catalog.models import Offer
from coaching.db import database, open_database
from coaching.notices.models import Notice
from coaching.notices.mutations import enqueue
from settings import Settings
from tests import crowd, databases, factories
from tests.fakes import FakeMailer
from tests.sending import deliver_due

WRITERS = 6
PLENTY = 10**12
# What a restore itself writes down.
WRITTEN_BY_RESTORE = {"security_event": 1}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, mailer = Path(name), FakeMailer()
        settings = crowd.environment(folder / "data", f"sqlite:///{folder}/data/greenroom.db", free_port())
        settings["LOG_LEVEL"] = "error"
        backups = load(settings, folder, mailer)
        for backup in backups[:-1]:
            # Each is whole, whatever was written while it was made.
            assert counts_in(backup)["coaching_session"] > 0
        restore(settings, folder / "restored", backups[-1], mailer)
        move(settings, folder, mailer)
        recipients = Counter(message["To"] for message in mailer.sent)
        twice = [recipient for recipient, count in recipients.items() if count > 1]
        print(f"  {len(recipients)} mails went, {len(twice)} of them twice")
        assert not twice


def load(settings: dict[str, str], folder: Path, mailer: FakeMailer) -> list[Path]:
    """The backups that were made while people booked, the last one the one to restore."""
    (folder / "data").mkdir(mode=0o700)
    template = databases.SqliteDatabases(folder)
    shutil.copy(template.path, folder / "data/greenroom.db")
    app = create_app(Settings.from_env(settings))
    with database.connection_context():
        plans = [bookings_of_one(app, settings) for _ in range(WRITERS)]
    is_over, waits = threading.Event(), list[tuple[int, float]]()
    jobs = [partial(book, plan, settings, is_over, waits) for plan in plans]
    jobs += [partial(write_mails, is_over), partial(send_mails, mailer, is_over)]
    began_at = time.monotonic()
    threads = [threading.Thread(target=job) for job in jobs]
    with crowd.serving(settings):
        for thread in threads:
            thread.start()
        backups = [backed_up(settings, folder / f"by-hand-{number}.db") for number in range(3)]
        began = time.perf_counter()
        with database.connection_context():
            nightly = back_up_nightly(folder / "backups", Policy(7, 30, ()), PLENTY, datetime.now(UTC))
        assert nightly
        print(f"  the night's backup took {time.perf_counter() - began:.2f} s beside the load")
        is_over.set()
        took = time.monotonic() - began_at
        for thread in threads:
            thread.join()
    seconds = sorted(wait for _, wait in waits)
    statuses = Counter(status for status, _ in waits)
    slow = seconds[int(len(seconds) * 0.95)]
    print(f"  bookings in {took:.0f} s by status: {dict(statuses)}; p95 {slow:.2f} s, slowest {seconds[-1]:.2f} s")
    with database.connection_context():
        assert CoachingSession.select().count() == statuses[303]
        deliver_all(mailer)  # what waited when the backups were made goes from here
    return [*backups, nightly]


def restore(settings: dict[str, str], data_dir: Path, backup: Path, mailer: FakeMailer) -> None:
    """The backup serves in an empty folder, and sends nothing that waited when it was made."""
    own = settings | {"DATA_DIR": str(data_dir), "DATABASE_URL": f"sqlite:///{data_dir}/greenroom.db"}
    data_dir.mkdir(mode=0o700)
    before = counts_in(backup)
    run_flask(own, "db", "restore", str(backup))
    run_flask(own, "db", "check")
    after = counts_in(data_dir / "greenroom.db")
    expected = {name: count + WRITTEN_BY_RESTORE.get(name, 0) for name, count in before.items()}
    assert after == expected, {name: (expected[name], after[name]) for name in after if after[name] != expected[name]}
    speak_to(own)
    with database.connection_context():
        unsure = Notice.select().where(Notice.state == "unsure").count()
        assert deliver_all(mailer) == 0
    with crowd.serving(own):
        print(f"  restored: {sum(before.values())} rows, all counts equal; {unsure} mails left to a hand, 0 sent")


def move(settings: dict[str, str], folder: Path, mailer: FakeMailer) -> None:
    """What the backups came from serves on PostgreSQL, and sends there what has not gone."""
    speak_to(settings)
    with database.connection_context():
        for number in range(10):
            write_mail(f"last-{number}")
        before = {model._meta.table_name: model.select().count() for model in schema.MODELS}
    databases.close()
    server = databases.PostgresDatabases(folder / "postgres", "bench")
    try:
        url = server.fresh()
        began = time.perf_counter()
        run_flask(settings, "db", "copy-to", url)
        took = time.perf_counter() - began
        own = settings | {"DATABASE_URL": url}
        speak_to(own)
        with database.connection_context():
            assert {model._meta.table_name: model.select().count() for model in schema.MODELS} == before
            assert deliver_all(mailer) == 10
        run_flask(own, "db", "check")
        with crowd.serving(own):
            print(
                f"  on PostgreSQL: {sum(before.values())} rows in {took:.1f} s, all counts equal; 10 mails sent there"
            )
    finally:
        databases.close()
        server.close()


def bookings_of_one(app: Flask, settings: dict[str, str]) -> list[bytes]:
    """Requests for the times of one coach, each of another student, as fast as they can be sent."""
    product = factories.make_product()
    offer = Offer.get(Offer.product == product)
    moment = datetime.now(UTC) + timedelta(hours=1)
    month = free_month(product, offer, "UTC", moment)
    address = f"{settings['APP_URL']}/s/{product.store.slug}/{product.slug}/sessions"
    first = month.next_free_at
    assert first is not None
    times = [first.replace(hour=hour) + timedelta(days=day) for day in range(28) for hour in (9, 11, 13, 15)]
    students = [factories.make_person(f"Student {n}", linked_as=str(7_000_000 + next(numbers))) for n in range(40)]
    fields = [{"offer": str(offer.id), "starts_at": f"{at:%Y-%m-%dT%H:%M:00Z}"} for at in times]
    return [
        crowd.post_request(app, student, address, form | {"form_key": f"key-{student.id}"})
        for student, form in zip(students, fields, strict=False)
    ]


numbers = iter(range(10**6))


def book(plan: list[bytes], settings: dict[str, str], is_over: threading.Event, waits: list[tuple[int, float]]) -> None:
    for request in plan:
        if is_over.is_set():
            return
        began = time.perf_counter()
        with closing(socket.create_connection(("127.0.0.1", int(settings["PORT"])), timeout=30)) as connection:
            connection.sendall(request)
            head = connection.makefile("rb").readline()
        waits.append((int(head.split()[1]), time.perf_counter() - began))
        time.sleep(0.2)


def write_mails(is_over: threading.Event) -> None:
    with database.connection_context():
        while not is_over.wait(0.05):
            write_mail(f"mail-{next(numbers)}")


def write_mail(name: str) -> None:
    with database.atomic():
        enqueue(name, "verify", f"{name}@example.com", "Confirm", f"https://example.com/{name}", datetime.now(UTC))


def send_mails(mailer: FakeMailer, is_over: threading.Event) -> None:
    """As the worker does, so that some wait whenever a backup is made."""
    with database.connection_context():
        while not is_over.wait(0.7):
            deliver_due(mailer, datetime.now(UTC))


def deliver_all(mailer: FakeMailer) -> int:
    sent = 0
    while now_sent := deliver_due(mailer, datetime.now(UTC)):
        sent += now_sent
    return sent


def backed_up(settings: dict[str, str], target: Path) -> Path:
    began = time.perf_counter()
    run_flask(settings, "db", "backup", str(target))
    print(f"  flask db backup took {time.perf_counter() - began:.2f} s beside the load, its start included")
    return target


def run_flask(settings: dict[str, str], *arguments: str) -> str:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "-m", "flask", *arguments]
    done = subprocess.run(
        command, cwd=crowd.HOME, env=inherited | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def speak_to(settings: dict[str, str]) -> None:
    databases.close()
    known = Settings.from_env(settings)
    vault.keys.use(known.vault_keys)
    marks.keys.use(known.mark_keys)
    database.initialize(open_database(known.database_url))


def counts_in(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = [model._meta.table_name for model in schema.MODELS]
        return {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
