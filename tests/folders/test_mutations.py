"""Writing into folders: whose words stay, what a stale page can do, how much fits, and what goes when."""

from datetime import timedelta

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.db import database
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, Refused, TooLate
from coaching.folders.models import Folder, FolderEntry
from coaching.folders.mutations import (
    add_entry,
    change_entry,
    move_folder_words,
    remove_entry,
    tick_task,
)
from coaching.folders.queries import contents_of, find_earlier, find_entry, open_tasks_of
from coaching.folders.rules import KEPT, MOST, EntryDetails, Kind
from coaching.folders.sweep_mutations import remove_old_folders
from coaching.own_data.clearing_mutations import clear_person
from tests import factories
from tests.factories import MADE_AT as NOW

NOTE = EntryDetails(Kind.NOTE, "Ours alone.")
TASK = EntryDetails(Kind.TASK, "Send the stems")


@pytest.fixture
def seat(app: object, alice: Person, bob: Person) -> Seat:
    """Bob's in a call with Alice tomorrow."""
    product = factories.make_product(factories.make_store(alice))
    return make_seat(product, bob, 1)


def make_seat(product, student: Person, days: int, **differences) -> Seat:
    call = factories.make_coaching_session(product, student, starts_at=NOW + timedelta(days=days), **differences)
    return Seat.select(Seat, CoachingSession).join(CoachingSession).where(Seat.coaching_session == call).get()


def saved(code: str) -> FolderEntry:
    return FolderEntry.get(FolderEntry.code == code)


def test_both_write_and_what_the_other_had_saved_stays_readable(seat: Seat, alice: Person, bob: Person) -> None:
    later = NOW + timedelta(minutes=5)
    code = add_entry(seat, alice, NOTE, "k", NOW)
    assert add_entry(seat, alice, NOTE, "k", later) == code
    assert add_entry(seat, bob, NOTE, "k", NOW) != code  # the key is theirs alone
    stored = database.execute_sql("SELECT words FROM folder_entry").fetchone()[0]
    assert "Ours" not in stored
    other = EntryDetails(Kind.NOTE, "Bob’s words.")
    change_entry(seat, bob, code, other, 0, later)
    note = saved(code)
    assert (note.words, note.as_written, note.changed_by, note.changed_at) == (other.words, NOTE.words, bob, later)
    # The page that was drawn before does nothing, whoever's it is; the same words twice are no conflict.
    for person, details in ((alice, EntryDetails(Kind.NOTE, "Alice again.")), (bob, NOTE)):
        with pytest.raises(ChangedMeanwhile, match="Both versions"):
            change_entry(seat, person, code, details, 0, later)
    change_entry(seat, bob, code, other, 0, later)
    change_entry(seat, bob, code, EntryDetails(Kind.NOTE, "Bob’s third."), 1, later)
    assert (saved(code).as_written, saved(code).revision) == (NOTE.words, 2)
    change_entry(seat, alice, code, EntryDetails(Kind.NOTE, "Mine once more."), 2, later)
    assert saved(code).as_written == "Bob’s third."
    change_entry(seat, alice, code, EntryDetails(Kind.NOTE, "Mine at last."), 3, later)
    assert saved(code).as_written == "Bob’s third."
    # Only who wrote it removes it, and not what they have not read.
    with pytest.raises(Refused, match="Only who wrote it"):
        remove_entry(seat, bob, Kind.NOTE, code, 4, later)
    with pytest.raises(ChangedMeanwhile):
        remove_entry(seat, alice, Kind.NOTE, code, 2, later)
    for _ in range(2):
        remove_entry(seat, alice, Kind.NOTE, code, 4, later)
    with pytest.raises(ChangedMeanwhile):
        change_entry(seat, bob, code, other, 4, later)
    assert [note.writer for note in contents_of(seat, NOW).notes] == [bob]


def test_who_was_first_to_tick_a_task_stays_written_there(seat: Seat, alice: Person, bob: Person) -> None:
    code, second = (add_entry(seat, alice, TASK, key, NOW) for key in "ab")
    for person in (bob, alice):
        tick_task(seat, person, code, True, 0, NOW)
    assert (saved(code).done_by, saved(code).done_at) == (bob, NOW)
    contents = contents_of(seat, NOW)
    assert ([task.code for task in contents.tasks], contents.open_count) == ([second, code], 1)
    assert [(task.coaching_session, task.count) for task in open_tasks_of(bob, NOW)] == [(seat.coaching_session, 1)]
    assert open_tasks_of(alice, NOW) == []
    tick_task(seat, alice, code, False, 0, NOW)
    assert saved(code).done_at is None
    # What was reworded is read before it counts as done.
    change_entry(seat, alice, code, EntryDetails(Kind.TASK, "Send the master"), 0, NOW)
    with pytest.raises(ChangedMeanwhile, match="Read it once more"):
        tick_task(seat, bob, code, True, 0, NOW)
    remove_entry(seat, alice, Kind.TASK, code, 1, NOW)
    with pytest.raises(ChangedMeanwhile, match="was removed"):
        tick_task(seat, bob, code, True, 1, NOW)


def test_a_folder_is_full_at_some_point(seat: Seat, alice: Person) -> None:
    folder = Folder.create(seat=seat, kept_until=NOW + 2 * KEPT)
    row = {"folder": folder, "kind": Kind.LINK, "words": "", "written_at": NOW}
    FolderEntry.insert_many([row | {"code": str(number)} for number in range(MOST[Kind.LINK])]).execute()
    with pytest.raises(LimitReached, match="There are 50 links"):
        add_entry(seat, alice, EntryDetails(Kind.LINK, "x", "https://example.com"), "k", NOW)
    add_entry(seat, alice, NOTE, "k", NOW)


def test_nobody_else_writes_and_nothing_is_written_once_it_is_off_or_over(
    seat: Seat, alice: Person, bob: Person, mallory: Person
) -> None:
    code = add_entry(seat, bob, TASK, "k", NOW)
    product = seat.coaching_session.product
    another = make_seat(product, mallory, 3)
    for person in (mallory, factories.make_person("Ada", is_admin=True)):
        with pytest.raises(NotFound):
            add_entry(seat, person, NOTE, "k", NOW)
    # Nobody reaches an entry through another folder of theirs.
    assert find_entry(another, Kind.TASK, code) is None
    with pytest.raises(ChangedMeanwhile):
        change_entry(another, mallory, code, TASK, 0, NOW)
    remove_entry(another, alice, Kind.TASK, code, 0, NOW)
    assert saved(code).words == TASK.words
    with pytest.raises(TooLate, match="that time is over"):
        tick_task(seat, bob, code, True, 0, seat.ends_at + KEPT)
    for state, held_until, error in (
        ("requested", NOW, NotFound),
        ("cancelled", NOW, NotFound),
        ("cancelled", None, TooLate),
    ):
        CoachingSession.update(state=state, held_until=held_until).where(
            CoachingSession.id == seat.coaching_session_id
        ).execute()
        with pytest.raises(error):
            tick_task(seat, bob, code, True, 0, NOW)
    assert contents_of(seat, NOW).tasks[0].done_at is None
    assert open_tasks_of(bob, NOW) == []


def test_a_folder_goes_a_year_after_its_call_and_not_before_it_was_said(seat: Seat, bob: Person) -> None:
    add_entry(seat, bob, NOTE, "k", NOW)
    call = seat.coaching_session
    end = contents_of(seat, NOW).kept_until
    assert end == call.ends_at + KEPT
    # To an earlier time: what was said before holds. To a later one: a year from then.
    for days, until in ((-1, end), (10, end + timedelta(days=10))):
        times = {"starts_at": seat.starts_at + timedelta(days=days), "ends_at": seat.ends_at + timedelta(days=days)}
        busy = {"busy_from": times["starts_at"], "busy_until": times["ends_at"]}
        CoachingSession.update(**times, **busy).where(CoachingSession.id == call.id).execute()
        call.ends_at = times["ends_at"]
        assert contents_of(seat, NOW).kept_until == until
        assert remove_old_folders(until - timedelta(seconds=1)) == 0
        assert contents_of(seat, until).count == 0
        assert contents_of(seat, until - timedelta(seconds=1)).count == 1
    assert remove_old_folders(until) == 1
    assert (Folder.select().count(), FolderEntry.select().count()) == (0, 0)


def test_the_next_call_of_the_same_two_knows_the_folder_of_the_last(seat: Seat, alice: Person, mallory: Person) -> None:
    product = seat.coaching_session.product
    second, third, other = (
        make_seat(product, seat.student, 2),
        make_seat(product, seat.student, 3),
        make_seat(product, mallory, 4),
    )
    assert find_earlier(third.coaching_session, third, NOW) is None
    code = add_entry(seat, alice, NOTE, "k", NOW)
    for later, earlier in ((second, seat), (third, seat), (other, None), (seat, None)):
        earlier_session = find_earlier(later.coaching_session, later, NOW)
        assert earlier_session == (earlier and earlier.coaching_session)
    remove_entry(seat, alice, Kind.NOTE, code, 0, NOW)
    assert find_earlier(third.coaching_session, third, NOW) is None


def test_words_follow_their_person_into_another_account(seat: Seat, bob: Person, mallory: Person) -> None:
    code = add_entry(seat, bob, TASK, "k", NOW)
    tick_task(seat, bob, code, True, 0, NOW)
    move_folder_words(bob, mallory)
    assert (saved(code).writer, saved(code).done_by) == (mallory, mallory)


def test_a_deleted_account_takes_its_words_along_and_a_student_the_whole_folder(
    seat: Seat, alice: Person, bob: Person, mallory: Person
) -> None:
    other = make_seat(seat.coaching_session.product, mallory, 3)
    for number, (place, person) in enumerate([(seat, alice), (seat, bob), (other, alice), (other, mallory)]):
        add_entry(place, person, TASK, str(number), NOW)
    Person.update(erased_at=NOW).where(Person.id == bob.id).execute()
    clear_person(bob)
    with pytest.raises(TooLate, match="of the other side was deleted"):
        add_entry(seat, alice, NOTE, "k", NOW)
    assert [entry.writer for entry in FolderEntry.select().order_by(FolderEntry.id)] == [alice, mallory]
    clear_person(alice)
    assert [entry.writer for entry in contents_of(other, NOW).tasks] == [mallory]
