"""A coach's students as rows: what came of their sessions, what they paid, and what the coach wrote down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.catalog.step_queries import mark_of
from coaching.db import database
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, TooLate
from coaching.notices.models import Notice
from coaching.payments.models import Payment, Refund
from coaching.students.asking_mutations import record_read, write_to_coach
from coaching.students.listing import MOST_LABELS, MOST_NOTES
from coaching.students.merge_mutations import move_students
from coaching.students.message_queries import messages_from, unread_messages
from coaching.students.models import StudentLabel, StudentMessage, StudentNote
from coaching.students.mutations import add_label, add_note, remove_label, remove_note, save_note
from coaching.students.queries import (
    all_notes,
    calls_of,
    find_present_student,
    get_student,
    labels_of,
    notes_about,
    notes_on,
    students_of,
    with_money,
)
from tests import factories
from tests.factories import make_coaching_session, make_person

NOW = datetime(2027, 3, 9, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS = (
    f"abcdefgh{letter}{last_letter}"
    for letter in "abcdefghjkmnpqrstuvwxyz"
    for last_letter in "abcdefghjkmnpqrstuvwxyz"
)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def call(alice: Person) -> Product:
    """What Alice sells."""
    return factories.make_product(factories.make_store(alice))


def pay(held: CoachingSession, cents: int = 4900, **differences: Any) -> Payment:
    seat = held.seats.get()
    ordinary = {"seat": seat, "provider": "outside", "state": "paid", "amount_cents": cents, "currency": "EUR"}
    number = Payment.select().count()
    return Payment.create(**ordinary | {"key": f"{seat.id}:{number}", "begun_at": NOW, "paid_at": NOW} | differences)


def give_back(payment: Payment, cents: int, state: str = "succeeded") -> None:
    key = f"{payment.id}:{Refund.select().count()}"
    dues = {"owed_at": NOW, "due_at": NOW}
    Refund.create(payment=payment, key=key, cause="by_coach", amount_cents=cents, state=state, **dues)


def note(coach: Person, student: Person, words: str, about: CoachingSession | None = None, at: datetime = NOW) -> str:
    return add_note(coach, student.id, words, next(KEYS), at, about).code


def test_what_came_of_a_students_sessions_is_counted(
    call: Product, alice: Person, bob: Person, mallory: Person
) -> None:
    def held(days: int, **differences: Any) -> CoachingSession:
        return make_coaching_session(call, bob, starts_at=NOW + days * DAY, **differences)

    first = held(-60, state="completed")
    for days, absent in ((-50, "student"), (-49, "coach"), (-48, "both"), (-47, "unknown")):
        held(days, state="no_show", absent=absent)
    held(-40, state="cancelled", ended_by="student")
    held(-39, state="cancelled", ended_by="coach")
    held(-38, state="cancelled", ended_by="student", held_until=NOW)  # let go before it was agreed on
    held(-37, state="declined")
    last = held(-2, state="completed")
    held(-1, state="expired")
    following = held(3)
    held(5)
    held(1, state="requested", held_until=NOW + DAY / 2)
    on_now = make_coaching_session(call, mallory, starts_at=NOW - timedelta(minutes=10), state="in_progress")

    (theirs, other) = sorted(students_of(alice, NOW), key=lambda student: student.person_id)
    assert (theirs.name, theirs.discord, theirs.sessions) == ("Bob", "bob_d", 14)
    assert (theirs.held, theirs.missed, theirs.called_off) == (2, 1, 1)
    assert (theirs.first_at, theirs.last_at, theirs.next_at) == (first.starts_at, last.starts_at, following.starts_at)
    # What is on has begun, and is not over.
    assert (other.last_at, other.next_at) == (None, on_now.starts_at)
    assert get_student(alice, bob.id, NOW) == theirs
    assert students_of(bob, NOW) == []

    # A correction counts, also one that takes an absence back.
    CoachingSession.update(state="completed", absent=None).where(CoachingSession.absent == "student").execute()
    assert get_student(alice, bob.id, NOW).missed == 0


def test_what_a_student_paid_is_what_is_left_of_it_in_real_money(
    call: Product, alice: Person, bob: Person, mallory: Person
) -> None:
    coaching_session = make_coaching_session(call, bob, starts_at=NOW - 3 * DAY, state="completed")
    two = make_coaching_session(call, bob, starts_at=NOW - 2 * DAY, state="completed")
    given_back = pay(coaching_session)
    give_back(given_back, 1000)
    give_back(given_back, 500, state="owed")
    give_back(given_back, 700, state="dropped")
    pay(two, provider="stripe", livemode=True, currency="USD", amount_cents=3000)
    pay(two, provider="stripe", livemode=False, amount_cents=99)
    pay(two, state="expired")
    elsewhere = make_coaching_session(starts_at=NOW - DAY, state="completed")
    Seat.update(student=bob).where(Seat.coaching_session == elsewhere).execute()
    pay(elsewhere)

    assert get_student(alice, bob.id, NOW).paid == (("EUR", 3400), ("USD", 3000))
    page = calls_of(alice, bob, 1)
    assert [view.coaching_session for view in page.views] == [two, coaching_session]
    money = [page.money[view.seat.id] for view in page.views]
    assert [(sums.paid_cents, sums.given_back_cents, sums.is_test) for sums in money] == [
        (3099, 0, True),
        (4900, 1500, False),
    ]


def test_a_long_list_costs_as_many_queries_as_a_short_one(
    call: Product, alice: Person, statements_in: Callable[[Callable[[], object]], list[object]]
) -> None:
    def look() -> None:
        students = with_money(alice, students_of(alice, NOW)[:50])
        calls_of(alice, Person.get_by_id(students[0].person_id), 1)

    def fill(students: int) -> None:
        for number in range(students):
            student, first = make_person("Student"), Seat.select().count()
            for day in (2 * first, 2 * first + 1):
                make_coaching_session(call, student, starts_at=NOW - (day + 1) * DAY, state="completed")
            add_label(alice, student.id, f"Label {number}")
            note(alice, student, "Good ears.")

    fill(2)
    few = len(statements_in(look))
    fill(70)
    assert len(students_of(alice, NOW)) == 72
    assert len(statements_in(look)) == few <= 8


def test_a_note_is_kept_once_reworded_and_removed_by_its_coach_alone(
    call: Product, alice: Person, bob: Person, mallory: Person
) -> None:
    held = make_coaching_session(call, bob, starts_at=NOW - DAY, state="completed")
    elsewhere = make_coaching_session(starts_at=NOW - DAY, state="completed")
    key = next(KEYS)
    first = add_note(alice, bob.id, "Prefers mornings.", key, NOW)
    assert add_note(alice, bob.id, "Prefers mornings.", key, NOW) == first
    second = note(alice, bob, "Brought two tracks.", held, NOW + DAY)
    assert [note.code for note in notes_about(alice, bob.id)] == [second, first.code]
    assert [note.code for note in notes_on(alice, held)] == [second]
    assert "morning" not in database.execute_sql("SELECT words FROM student_note").fetchone()[0]

    for coach, student_id, about in (
        (mallory, bob.id, None),  # no student of hers
        (bob, alice.id, None),  # the coach is none of her student's
        (alice, mallory.id, None),
        (alice, 10**12, None),
        (alice, bob.id, elsewhere),
    ):
        with pytest.raises(NotFound):
            add_note(coach, student_id, "x", next(KEYS), NOW, about)
    for coach, student_id in ((mallory, bob.id), (bob, bob.id), (alice, mallory.id)):
        with pytest.raises(NotFound):
            save_note(coach, student_id, first.code, "x", mark_of("Prefers mornings."), NOW)
        with pytest.raises(NotFound):
            remove_note(coach, student_id, first.code)
        assert notes_about(coach, student_id) == []
    remove_note(alice, bob.id, "unknown")

    save_note(alice, bob.id, first.code, "Prefers evenings.", mark_of("Prefers mornings."), NOW + DAY)
    with pytest.raises(ChangedMeanwhile):  # another window, drawn before
        save_note(alice, bob.id, first.code, "Prefers noon.", mark_of("Prefers mornings."), NOW + DAY)
    save_note(alice, bob.id, first.code, "Prefers evenings.", mark_of("Prefers mornings."), NOW + DAY)  # says the same
    kept = StudentNote.get_by_id(first.id)
    assert (kept.words, kept.made_at, kept.edited_at) == ("Prefers evenings.", NOW, NOW + DAY)
    for _ in range(2):
        remove_note(alice, bob.id, first.code)
    assert [note.code for note in all_notes(alice)] == [second]

    for number in range(1, MOST_NOTES):
        StudentNote.add(code=f"n{number}", coach=alice, student=bob, words="x", made_at=NOW)
    with pytest.raises(LimitReached):
        note(alice, bob, "One too many.")


def test_a_label_is_one_however_it_is_typed(call: Product, alice: Person, bob: Person, mallory: Person) -> None:
    for student in (bob, mallory):
        make_coaching_session(call, student, starts_at=NOW + (student.id + 1) * DAY)
    add_label(alice, bob.id, "Spring EP")
    add_label(alice, bob.id, "spring  ep")
    add_label(alice, mallory.id, "SPRING EP")
    add_label(alice, mallory.id, "\ufdfa" * 40)  # each is eighteen letters, once they are taken apart
    assert get_student(alice, bob.id, NOW).labels == ("Spring EP",)
    assert labels_of(alice) == ["Spring EP", "\ufdfa" * 40]
    with pytest.raises(NotFound):
        add_label(bob, alice.id, "VIP")
    remove_label(alice, bob.id, "SPRING EP")
    remove_label(alice, bob.id, "SPRING EP")
    assert get_student(alice, bob.id, NOW).labels == ()
    for number in range(MOST_LABELS):
        add_label(alice, bob.id, f"Label {number}")
    with pytest.raises(LimitReached):
        add_label(alice, bob.id, "One too many")


def test_nothing_new_is_written_about_whoever_deleted_their_account(call: Product, alice: Person, bob: Person) -> None:
    make_coaching_session(call, bob, starts_at=NOW - DAY, state="completed")
    Person.update(erased_at=NOW, name="Former student").where(Person.id == bob.id).execute()
    for act in (lambda: note(alice, bob, "x"), lambda: add_label(alice, bob.id, "x")):
        with pytest.raises(TooLate, match="deleted their account"):
            act()
    former = get_student(alice, bob.id, NOW)
    assert (former.name, former.is_former, former.held) == ("Former student", True, 1)


def test_notes_and_labels_go_along_when_accounts_are_merged(call: Product, alice: Person, bob: Person) -> None:
    again = make_person("Bob again")
    for number, student in enumerate((bob, again), 1):
        make_coaching_session(call, student, starts_at=NOW + number * DAY)
        note(alice, student, f"Note {number}")
        add_label(alice, student.id, "VIP")
    add_label(alice, again.id, "Spring EP")
    StudentMessage.create(coach=alice, student=again, title="x", words="Please.", sent_at=NOW)
    move_students(again, bob)
    assert [message.student for message in messages_from(alice, bob.id)] == [bob]
    assert sorted(note.words for note in notes_about(alice, bob.id)) == ["Note 1", "Note 2"]
    assert get_student(alice, bob.id, NOW).labels == ("Spring EP", "VIP")
    assert StudentLabel.select().where(StudentLabel.student == again).count() == 0
    other = make_person("Alice again")
    move_students(alice, other)
    assert len(all_notes(other)) == 2
    assert len(labels_of(other)) == 2


def test_whom_a_call_refuses_writes_to_its_coach_once_a_form(call: Product, alice: Person, bob: Person) -> None:
    strict = factories.make_product(call.store, refuses_absent=True)
    with pytest.raises(TooLate):
        write_to_coach(strict, bob, "Let me in.", "abcdefghjk", "http://x/students/1", NOW)
    for days in (1, 2):
        make_coaching_session(strict, bob, starts_at=NOW - days * DAY, state="no_show", absent="student")
    hostile = "Sorry.\n\nhttps://evil.example/\n\nI was ill."
    for _ in range(2):
        write_to_coach(strict, bob, hostile, "abcdefghjk", "http://localhost:8000/students/1", NOW)
    notice = Notice.get()
    assert (notice.kind, notice.person_id) == ("coach_asked", alice.id)
    assert "They write: “Sorry. https://evil.example/ I was ill.”" in notice.body

    [message] = messages_from(alice, bob.id)
    assert (message.words, message.title, message.sent_at) == (hostile, strict.title, NOW)
    assert [message.student for message in unread_messages(alice)] == [bob]
    write_to_coach(strict, bob, "Once more.", "abcdefghjm", "http://localhost:8000/students/1", NOW)
    record_read(bob, bob.id, message.id, NOW)
    record_read(alice, bob.id, message.id, NOW)
    assert [message.words for message in unread_messages(alice)] == ["Once more."]


def test_the_address_of_a_merged_student_leads_each_of_their_coaches_to_who_is_left(
    call: Product, alice: Person, bob: Person, mallory: Person
) -> None:
    first, again = make_person("Bob once"), make_person("Bob again")
    for number, student in enumerate((first, again, bob), 1):
        make_coaching_session(call, student, starts_at=NOW + number * DAY)
    move_students(first, again)
    move_students(first, again)  # an account that got the number of one that had gone
    move_students(again, bob)
    assert [find_present_student(alice, former.id) for former in (first, again, bob)] == [bob.id, bob.id, None]
    assert find_present_student(mallory, first.id) is None
    move_students(alice, mallory)
    assert find_present_student(mallory, first.id) == bob.id
