"""What people download about themselves: asked for once, made by a worker, gone after a day."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import pytest

from coaching.accounts.models import Person, SecurityEvent
from coaching.backups.mutations import settle
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.catalog.models import Picture
from coaching.checks import LEAST_FREE_BYTES
from coaching.hours.models import TimeOff
from coaching.messages.models import CalendarFeed
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import owe
from coaching.now import Now
from coaching.own_data import section_queries
from coaching.own_data.archive_actions import write_archive
from coaching.own_data.export_actions import make_exports
from coaching.own_data.export_models import Export
from coaching.own_data.export_mutations import ask_for_export, drop_exports
from coaching.own_data.export_queries import export_of
from coaching.own_data.export_rules import CLAIM, FAILURE_KEPT, KEPT, MOST_TRIES, RENEW, ExportState
from coaching.students.models import StudentLabel, StudentMessage, StudentNote
from tests import factories
from tests.clocks import at
from tests.factories import MADE_AT
from tests.fakes import Killed
from tests.sending import SENDER, SITE
from tests.threads import all_at_once

pytestmark = pytest.mark.usefixtures("db")
NOW = datetime(2027, 3, 9, 12, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WHILE_WRITING = 6  # a worker's look at the clock, after some parts of the file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the worker puts the files."""
    return tmp_path / "exports"


@pytest.fixture
def call(alice: Person, bob: Person) -> CoachingSession:
    """A call of Alice's that Bob has had, with what both have written, and secrets of both."""
    product = factories.make_product(coach=alice)
    held: CoachingSession = factories.make_coaching_session(product, bob, starts_at=MADE_AT, state="completed")
    seat = held.seats.get()
    Seat.update(phone="+49 30 1234567").where(Seat.id == seat.id).execute()
    Answer.create(seat=seat, label="Which genre?", kind="text", text="Doom jazz")
    factories.make_review(held, answer="Gladly again.")
    factories.make_coach(alice, headline="I mix")
    factories.make_feed(alice)
    TimeOff.create(coach=alice, starts_at=NOW, ends_at=NOW + timedelta(days=1), note="At my sister’s")
    Picture.create(code="cover", owner=alice, sha256="1" * 64, width=1, height=1, webp=b"RIFF", made_at=MADE_AT)
    note = StudentNote.create(code="note", coach=alice, student=bob, words="Shy at first", made_at=MADE_AT)
    StudentNote.create(**note.__data__ | {"id": None, "code": "n2", "coaching_session": held, "words": "Warmed up"})
    StudentLabel.create(coach=alice, student=bob, key="jazz", words="Jazz")
    StudentMessage.create(coach=alice, student=bob, title="Mixing", words="Let me in again", sent_at=MADE_AT)
    for person in (alice, bob):
        CalendarFeed.create(person=person, token_sha256=f"{person.name} hash", made_at=MADE_AT)
        owe(MessageKind.BOOKED, f"for {person.name}", person.id, NOW, subject=f"To {person.name}", body="Secret link")
        factories.make_factor(person)
    return held


def test_a_download_holds_what_is_theirs_and_nothing_of_others(
    call: CoachingSession, alice: Person, bob: Person, tmp_path: Path
) -> None:
    students, coachs = contents(bob, tmp_path), contents(alice, tmp_path)

    [seat] = json.loads(students["sessions_booked.json"])
    assert (seat["session"], seat["coach"], seat["price_cents"], seat["currency"]) == (call.code, "Alice", 4900, "EUR")
    assert (seat["goals"], seat["phone"]) == ("Make the low end work.", "+49 30 1234567")
    assert seat["starts_at"] == "2026-01-05T12:00:00Z"
    assert json.loads(students["profile.json"])["email"] == bob.email
    assert json.loads(students["reviews_written.json"])[0]["coachs_answer"] == "Gladly again."
    assert [load["subject"] for load in json.loads(students["messages.json"])] == ["To Bob"]
    assert "Doom jazz" in students["session_answers.json"]
    assert "sessions_booked.json (1): " in students["README.txt"]
    assert "stores.json" not in students["README.txt"]

    assert json.loads(coachs["sessions_given.json"])[0]["student"] == "Bob"
    assert "At my sister’s" in coachs["time_off.json"]
    notes = [
        (load["student"], load["session"], load["words"]) for load in json.loads(coachs["notes_about_students.json"])
    ]
    assert notes == [("Bob", None, "Shy at first"), ("Bob", call.code, "Warmed up")]
    assert "Jazz" in coachs["labels_of_students.json"]
    assert "Let me in again" in coachs["messages_of_students.json"]
    assert "Let me in again" in students["messages_to_coaches.json"]
    assert {"stores.json", "products.json", "product_prices.json", "weekly_hours.json", "pictures/cover.webp"} <= set(
        coachs
    )
    for mine, others in ((students, alice), (coachs, bob)):
        everything = "\n".join(mine.values())
        for secret in (others.email, others.password_hash, factories.SECRET, "hash", "Secret link", "private-0123"):
            assert secret not in everything, secret
    for word in ("low end", "+49", "Doom jazz", "2002"):
        assert word not in "\n".join(coachs.values()), word
    for word in ("sister", "Shy", "Warmed", "Jazz"):
        assert word not in "\n".join(students.values()), word


def test_entries_are_read_a_part_at_a_time_and_each_once(
    alice: Person, bob: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(section_queries, "AT_ONCE", 3)
    monkeypatch.setattr(section_queries, "IDS_AT_ONCE", 4)
    product = factories.make_product(coach=alice)
    for day in range(7):
        factories.make_coaching_session(product, bob, starts_at=MADE_AT + timedelta(days=day), state="completed")
    parts: list[int] = []

    files = contents(bob, tmp_path, lambda: parts.append(1))

    codes = [load["session"] for load in json.loads(files["sessions_booked.json"])]
    assert len(codes) == len(set(codes)) == 7
    assert len(parts) >= 3


def test_asked_a_hundred_times_at_once_there_is_one(bob: Person, folder: Path) -> None:
    begun = all_at_once(*[partial(asked, bob, 10)] * 10)

    assert sum(all_at_once(*[partial(make, folder, NOW)] * 2)) == 1  # two workers
    assert sum(begun) == Export.select().count() == len(list(folder.iterdir())) == 1
    assert not ask_for_export(bob, NOW + KEPT - SECOND)
    assert make(folder, NOW + SECOND) == 0
    [notice] = Notice.select()
    assert (notice.kind, notice.person_id) == ("data_ready", bob.id)
    assert f"{SITE}/settings/data" in notice.body
    assert "until Wed 10 March, 13:00 Berlin" in notice.body
    assert [event.kind for event in SecurityEvent.select()] == ["data asked for"]


def test_the_file_is_gone_after_a_day_or_with_its_row_and_no_other_is(
    alice: Person, bob: Person, mallory: Person, folder: Path
) -> None:
    for person in (alice, bob, mallory):
        ask_for_export(person, NOW)
    make(folder, NOW)
    drop_exports(bob)
    mallory.delete_instance()  # as merging does

    make(folder, NOW + KEPT - SECOND)
    view = export_of(alice, NOW + KEPT - SECOND)
    assert [path.name for path in folder.iterdir()] == [f"{view.name}.zip"]
    assert view.ends_at == NOW + KEPT

    assert export_of(alice, NOW + KEPT).state is ExportState.NONE
    make(folder, NOW + KEPT)
    assert not list(folder.iterdir())
    assert not Export.select().exists()
    assert ask_for_export(alice, NOW + KEPT)


def test_what_a_killed_worker_began_is_made_again_and_once(call: CoachingSession, bob: Person, folder: Path) -> None:
    ask_for_export(bob, NOW)
    with pytest.raises(Killed):
        make(folder, NOW, WHILE_WRITING, killed)
    [left] = folder.iterdir()
    assert left.suffix == ".part"

    assert make(folder, NOW + CLAIM - SECOND) == 0
    assert export_of(bob, NOW).state is ExportState.MAKING
    assert make(folder, NOW + CLAIM) == 1
    assert [path.stem for path in folder.iterdir()] == [export_of(bob, NOW).name]
    assert Notice.select().where(Notice.kind == "data_ready").count() == 1


@pytest.mark.parametrize("passing", [RENEW, timedelta(0)], ids=["noticed while it is written", "noticed at the end"])
def test_nobody_gets_a_file_that_was_dropped_while_it_was_made(
    call: CoachingSession, bob: Person, folder: Path, passing: timedelta
) -> None:
    """As by deleting the account."""
    ask_for_export(bob, NOW)

    assert make(folder, NOW, WHILE_WRITING, partial(drop_exports, bob), passing) == 0

    assert not list(folder.iterdir())
    assert not Notice.select().where(Notice.kind == "data_ready").exists()


def test_what_fails_again_and_again_is_given_up_and_told(bob: Person, folder: Path) -> None:
    ask_for_export(bob, NOW)
    for minutes in (0, 5, 10):
        later = NOW + timedelta(minutes=minutes)
        assert export_of(bob, later).state is ExportState.MAKING
        assert make(folder, later, free_bytes=LEAST_FREE_BYTES - 1) == 0

    assert export_of(bob, later).state is ExportState.FAILED
    assert "could not be put together" in Notice.get().subject
    assert make(folder, later) == 0
    assert export_of(bob, later + FAILURE_KEPT).state is ExportState.NONE
    assert ask_for_export(bob, later)
    assert make(folder, later) == 1


def test_whoever_kills_each_worker_is_given_up(bob: Person, folder: Path) -> None:
    ask_for_export(bob, NOW)
    Export.update(tries=MOST_TRIES).execute()

    assert make(folder, NOW) == 0
    assert export_of(bob, NOW).state is ExportState.FAILED


def test_a_restored_backup_brings_no_download_back(bob: Person, folder: Path) -> None:
    ask_for_export(bob, NOW)
    make(folder, NOW)

    settle(NOW + SECOND)

    assert export_of(bob, NOW + SECOND).state is ExportState.NONE


def contents(person: Person, tmp_path: Path, keep_going: Callable[[], object] = lambda: None) -> dict[str, str]:
    """The files in a person's download, by their names."""
    path = tmp_path / f"{person.name}.zip"
    write_archive(path, person, "Greenroom", NOW, keep_going)
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def make(
    folder: Path,
    now: datetime,
    nth: int = 0,
    act: Callable[[], object] = lambda: None,
    passing: timedelta = timedelta(0),
    free_bytes: int = LEAST_FREE_BYTES,
) -> int:
    """One turn of the worker. At its nth look at the clock `act` happens, and so much time passes."""
    looks = count(1)

    def clock() -> Now:
        look = next(looks)
        if look == nth:
            act()
        return at(now + passing if nth and look > nth else now)

    return make_exports(folder, SENDER, free_bytes, clock)


def asked(person: Person, times: int) -> int:
    """How many of so many times began something."""
    return sum(ask_for_export(person, NOW) for _ in range(times))


def killed() -> None:
    raise Killed
