"""A backup that takes the database's place: the present one is kept, nobody is signed in, and no mail goes twice."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coaching.accounts.models import Person, SecurityEvent, SignIn
from coaching.accounts.mutations import start_sign_in
from coaching.accounts.queries import find_sign_in
from coaching.backups.actions import back_up, restore
from coaching.backups.erased_actions import keep_list
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Store
from coaching.db import database, is_sqlite
from coaching.errors import Refused
from coaching.notices.hand_mutations import send_again
from coaching.notices.models import RESTORED, Notice
from coaching.notices.mutations import enqueue
from coaching.now import Now
from coaching.own_data.deletion_mutations import delete_account
from coaching.own_data.deletion_queries import what_goes
from coaching.own_data.erased import NAME, Erased, as_text
from coaching.own_data.models import ErasedPerson
from coaching.people.barred_queries import all_barred
from coaching.people.barring_mutations import hold_barred
from coaching.people.models import BarredIdentity
from coaching.people.suspension_mutations import suspend_person
from coaching.pricing.models import Partner
from tests import databases, factories
from tests.fakes import FakeMailer
from tests.sending import deliver_due, text_of

NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def backup(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup with a session booked, somebody signed in and a mail waiting; since then more has happened."""
    monkeypatch.setenv("PATH", os.pathsep.join([databases.postgres_tools(), os.environ["PATH"]]))
    factories.make_coaching_session(starts_at=NOW)
    link = {"token_sha256": "of a link", "made_at": NOW}
    Partner.create(store=Store.get(), name="Pia", code="pia", share_percent=10, **link)
    enqueue("verify:1", "verify", "bob@example.com", "Confirm", "https://example.com/secret", NOW)
    path = tmp_path / "copy"
    back_up(path)
    deliver_due(FakeMailer(), NOW)
    factories.make_person("Came later")
    databases.close()
    return path


def test_what_was_backed_up_is_there_again_and_what_was_is_kept(backup: Path, tmp_path: Path) -> None:
    done = restore(backup, tmp_path / "kept", LATER)

    with database.connection_context():
        assert CoachingSession.select().count() == 1
        assert not Person.select().where(Person.name == "Came later").exists()
    [kept] = (tmp_path / "kept").iterdir()
    assert str(kept) in done[0]
    assert "pages are those of the backup again: 1." in done[-1]

    restore(kept, tmp_path / "kept", LATER + timedelta(minutes=1))
    with database.connection_context():
        assert Person.select().where(Person.name == "Came later").exists()


def test_nobody_is_signed_in_and_what_waited_is_sent_by_hand_only(db: None, backup: Path, tmp_path: Path) -> None:
    with database.connection_context():
        token = start_sign_in(Person.select().first(), NOW)
    databases.close()
    with database.connection_context():
        back_up(tmp_path / "signed-in")
    databases.close()

    restore(tmp_path / "signed-in", tmp_path / "kept", LATER)
    restore(backup, tmp_path / "kept", LATER + timedelta(minutes=1))

    mailer = FakeMailer()
    with database.connection_context():
        assert find_sign_in(token, LATER) is None
        assert not SignIn.select().where(SignIn.ends_at > LATER).exists()
        assert deliver_due(mailer, LATER) == 0
        assert (Notice.get().state, Notice.get().last_error) == ("unsure", RESTORED)
        send_again(Notice.get().id, LATER)
        assert deliver_due(mailer, LATER) == 1
    assert "https://example.com/secret" in text_of(mailer.sent[0])


def test_what_was_held_at_the_backup_may_be_paid_by_now_and_nobody_is_told_otherwise(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([databases.postgres_tools(), os.environ["PATH"]]))
    until = NOW + timedelta(hours=1)
    session = factories.make_coaching_session(starts_at=NOW + timedelta(days=1), state="held", held_until=until)
    back_up(tmp_path / "copy")
    CoachingSession.update(state="scheduled", held_until=None).execute()
    databases.close()

    done = restore(tmp_path / "copy", tmp_path / "kept", LATER)

    assert any("Times that were held or asked for when the backup was made: 1. They may" in line for line in done)
    with database.connection_context():
        assert CoachingSession.get_by_id(session.id).state == "expired"
        assert {(notice.kind, notice.state) for notice in Notice.select()} == {("lapsed", "unsure")}


def test_nothing_is_restored_while_somebody_uses_the_database(backup: Path, tmp_path: Path, database_url: str) -> None:
    if is_sqlite():
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as other:
            other.execute("SELECT count(*) FROM person").fetchall()
            refuse(backup, tmp_path, "Something still uses the database")
    else:
        import psycopg

        with psycopg.connect(database_url):
            refuse(backup, tmp_path, "Something still uses the database")


def test_a_backup_of_a_newer_greenroom_changes_nothing(backup: Path, tmp_path: Path) -> None:
    with database.connection_context():
        database.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
        back_up(tmp_path / "newer")
        database.execute_sql("DELETE FROM schema_migration WHERE name = '9999_future'")
    databases.close()

    refuse(tmp_path / "newer", tmp_path, "made by a newer Greenroom")


@pytest.mark.parametrize("content", [b"", b"no database at all", b"PGDMP and then nothing"])
def test_what_is_no_backup_changes_nothing(backup: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "nonsense").write_bytes(content)

    refuse(tmp_path / "nonsense", tmp_path, "nonsense|pg_restore failed")


def test_a_damaged_copy_changes_nothing(backup: Path, tmp_path: Path) -> None:
    text = bytearray(backup.read_bytes())
    text[len(text) // 3 : len(text) // 2] = b"\xff" * (len(text) // 2 - len(text) // 3)
    (tmp_path / "damaged").write_bytes(text)

    refuse(tmp_path / "damaged", tmp_path, "damaged|pg_restore failed")


def test_a_damaged_database_is_kept_as_it_is(backup: Path, tmp_path: Path, database_url: str) -> None:
    if not is_sqlite():
        pytest.skip("what a damaged PostgreSQL does is its own")
    present = Path(database_url.removeprefix("sqlite:///"))
    present.write_bytes(b"\xff" * 10_000)

    done = restore(backup, tmp_path / "kept", LATER)

    assert "damaged as it is" in done[0]
    [kept] = (tmp_path / "kept").iterdir()
    assert kept.read_bytes() == b"\xff" * 10_000
    with database.connection_context():
        assert CoachingSession.select().count() == 1


def test_a_machine_without_the_tools_is_told_what_to_install(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_sqlite():
        pytest.skip("SQLite needs none")
    monkeypatch.setattr(shutil, "which", lambda name: None)

    refuse(backup, tmp_path, "apt-get install postgresql-client")


def refuse(source: Path, tmp_path: Path, words: str) -> None:
    with pytest.raises(Refused, match=words):
        restore(source, tmp_path / "kept", LATER)
    with database.connection_context():
        assert Person.select().where(Person.name == "Came later").exists()
        assert Notice.get().state == "sent"


def test_who_was_suspended_since_the_backup_stays_so(backup: Path, tmp_path: Path) -> None:
    with database.connection_context():
        ada, coach = factories.make_person("Ada", is_admin=True), Store.get().owner
        suspend_person(coach, ada, "Complaints", LATER)
        suspend_person(Person.get(Person.name == "Came later"), ada, "Spam", LATER)
    databases.close()

    done = restore(backup, tmp_path / "kept", LATER)

    assert any("suspended again: 1." in line for line in done)
    with database.connection_context():
        assert Person.get_by_id(coach.id).suspended_why == "Complaints"
        assert Person.select().where(Person.suspended_at.is_null(False)).count() == 1
        said = SecurityEvent.get(SecurityEvent.kind == "account suspended", SecurityEvent.actor.is_null()).detail
        assert said == "again, after a backup was restored: Complaints"


@pytest.fixture
def deleted_since(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Person]:
    """A backup with somebody who has a session to come and has deleted their account since."""
    monkeypatch.setenv("PATH", os.pathsep.join([databases.postgres_tools(), os.environ["PATH"]]))
    session = factories.make_coaching_session(starts_at=NOW + timedelta(days=2))
    student = session.seats.get().student
    (tmp_path / "there").mkdir()
    path = tmp_path / "there" / "copy"
    back_up(path)
    delete_account(student, what_goes(student, NOW).mark, Now(NOW, NOW))
    return path, student


def is_deleted(person: Person) -> None:
    with database.connection_context():
        assert Person.get_by_id(person.id).name == "Former student"
        assert CoachingSession.get().state == "cancelled"
        assert not [notice.state for notice in Notice.select() if notice.state in ("waiting", "held")]


def test_who_deleted_their_account_stays_deleted_in_an_older_backup(
    deleted_since: tuple[Path, Person], tmp_path: Path
) -> None:
    """By the present database; and where that is lost, by the list that lies beside the backups."""
    backup, student = deleted_since
    hold_barred(["d1", "d2 d3"], NOW)
    keep_list(tmp_path / "kept")
    databases.close()

    done = restore(backup, tmp_path / "kept", LATER)
    assert any("In the backup were still 1 of them" in line for line in done)
    is_deleted(student)

    with database.connection_context():
        # Who stays suspended without an account does so, too, but for whom it was lifted in the present database.
        assert all_barred() == ["d1", "d2 d3"]
        BarredIdentity.delete().where(BarredIdentity.digest == "d1").execute()
        Person.update(name="Student", erased_at=None).execute()
        ErasedPerson.delete().execute()
    databases.close()
    done = restore(backup, tmp_path / "kept", LATER + timedelta(minutes=1))
    assert any("In the backup were still 1 of them" in line for line in done)
    assert not any("No list" in line for line in done)
    is_deleted(student)
    with database.connection_context():
        assert all_barred() == ["d2 d3"]
        keep_list(tmp_path / "kept")
    text = (tmp_path / "kept" / NAME).read_text()
    assert ("suspended d1\n" in text, "suspended d2 d3\n" in text) == (False, True)
    assert "Student" not in text
    assert f"\n{student.id} " in text


def test_a_backup_without_its_list_is_restored_with_a_warning(
    deleted_since: tuple[Path, Person], tmp_path: Path, database_url: str
) -> None:
    if not is_sqlite():
        pytest.skip("a lost database of PostgreSQL's is an empty one, which is tried above")
    backup, student = deleted_since
    databases.close()
    Path(database_url.removeprefix("sqlite:///")).write_bytes(b"\xff" * 10_000)
    (backup.parent / NAME).unlink()

    done = restore(backup, tmp_path / "kept", LATER)
    assert any("No list of deleted accounts" in line for line in done)
    with database.connection_context():
        assert Person.get_by_id(student.id).erased_at is None
    databases.close()

    # A list with a line that nobody can read says so, and counts as far as it goes.
    lines = as_text([Erased(NOW, student.id, student.created_at)], ["d3"]) + "what is this\n"
    Path(database_url.removeprefix("sqlite:///")).write_bytes(b"\xff" * 10_000)
    (backup.parent / NAME).write_text(lines)
    done = restore(backup, tmp_path / "kept", LATER + timedelta(minutes=1))
    assert any("1 lines of" in line for line in done)
    is_deleted(student)
    with database.connection_context():
        assert all_barred() == ["d3"]
