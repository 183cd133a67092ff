"""Reviews as rows: one a seat, told of once, frozen while hidden, and asked for once."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from peewee import fn

from coaching.accounts.models import Person, SecurityEvent
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import correct_outcome, record_outcome
from coaching.booking.outcome_rules import Absent, Outcome
from coaching.catalog.models import Product
from coaching.errors import ChangedMeanwhile, NotFound, Refused, TooLate
from coaching.messages.mutations import look_at_sessions
from coaching.messages.outbox_mutations import leave_to_a_hand
from coaching.notices.models import Notice
from coaching.reviews.details import ReviewDetails
from coaching.reviews.models import Review, ReviewReport
from coaching.reviews.mutations import answer_review, remove_review, write_review
from coaching.reviews.queries import (
    author_of,
    list_reviews,
    presence_of,
    standing_of_coach,
    standing_of_product,
    standings_of_products,
)
from coaching.reviews.report_mutations import decide_on_review, report_review
from coaching.reviews.report_queries import count_reported, reported_page
from coaching.reviews.rules import mark_of
from coaching.rooms.models import Presence, Room
from tests import factories
from tests.clocks import at
from tests.fakes import FakeMailer
from tests.sending import deliver_due, text_of
from tests.threads import all_at_once

START = datetime(2027, 3, 9, 18, 0, tzinfo=UTC)
END, HOUR, DAY = START + timedelta(hours=1), timedelta(hours=1), timedelta(days=1)
LATER = END + DAY
GOOD = ReviewDetails(5, "Clear and kind.")
pytestmark = pytest.mark.usefixtures("db")


def make_call(state: str = "completed", seconds: int | None = 1800, **differences: Any) -> CoachingSession:
    """A call that ended, with so many seconds of its student in its room; None: nothing is known of them."""
    call = factories.make_coaching_session(starts_at=START, state=state, **differences)
    room = Room.create(
        coaching_session=call, code=f"abc{call.id}", discord_guild_id=factories.GUILD_ID, created_at=START
    )
    if seconds is not None:
        Presence.create(room=room, person=student_of(call), seconds=seconds, looked_at=END, looks=((START, END),))
    return call


def student_of(call: CoachingSession) -> Person:
    person: Person = call.seats.get().student
    return person


def write(call: CoachingSession, details: ReviewDetails = GOOD, now: datetime = LATER) -> Review:
    return write_review(call, student_of(call), details, now)


def notice_kinds(kind: str = "") -> list[str]:
    """The kinds of what was owed about reviews."""
    rows = Notice.select().where(Notice.kind.contains(kind or "review")).order_by(Notice.id)
    return [row.kind for row in rows]


def test_the_record_of_the_room_says_who_was_there() -> None:
    def presence(call: CoachingSession) -> str:
        return presence_of(Seat.get(Seat.coaching_session == call)).value

    assert presence(make_call()) == "seen"
    assert presence(make_call(seconds=0)) == "missed"
    assert presence(make_call(seconds=None)) == "unknown"
    glimpsed, unlooked, unreadable, others = (make_call(seconds=0) for _ in range(4))
    Presence.update(present_at=START).where(Presence.person == student_of(glimpsed)).execute()
    Presence.update(looks=None).where(Presence.person == student_of(unlooked)).execute()
    Presence.update(looks=((START, START + HOUR / 2),)).where(Presence.person == student_of(unreadable)).execute()
    Presence.update(person=others.coach, seconds=1800).where(Presence.person == student_of(others)).execute()
    assert [presence(call) for call in (glimpsed, unlooked, unreadable, others)] == ["seen", *["unknown"] * 3]


def test_a_call_is_reviewed_once_whoever_presses_how_often() -> None:
    call = make_call()
    student, coach = student_of(call), call.coach
    with pytest.raises(NotFound):
        write_review(call, coach, GOOD, LATER)
    with pytest.raises(Refused):
        write(call, ReviewDetails(6, "More than there is."))
    # A press after the other, two at once: one row, and the coach hears of it once.
    all_at_once(*[partial(write_review, call, student, GOOD, LATER) for _ in range(4)])
    review = Review.get()
    assert (review.stars, review.is_verified, review.coach_id, review.held_at) == (5, True, coach.id, START)
    assert (review.edited_at, notice_kinds()) == (None, ["coach_reviewed"])
    # Another window knows nothing of it, and overwrites nothing.
    other = ReviewDetails(1, "No.")
    with pytest.raises(ChangedMeanwhile):
        write(call, other)
    seen = mark_of(5, GOOD.words)
    assert write(call, ReviewDetails(1, "No.", seen), LATER + DAY).edited_at == LATER + DAY
    assert notice_kinds() == ["coach_reviewed"]
    with pytest.raises(TooLate, match="14 days"):
        write(call, ReviewDetails(2, "No.", mark_of(1, "No.")), LATER + 14 * DAY)
    with pytest.raises(TooLate, match="14 days"):
        remove_review(call, student, LATER + 14 * DAY)
    for _ in range(2):
        remove_review(call, student, LATER + 2 * DAY)
    assert Review.select().count() == 0
    # Written anew its coach, who was told, is not told again; and the time for changes is that of the first.
    again = write(call, now=LATER + 3 * DAY)
    assert notice_kinds() == ["coach_reviewed"]
    assert (again.made_at, again.edited_at) == (LATER, LATER + 3 * DAY)
    with pytest.raises(TooLate, match="14 days"):
        remove_review(call, student, LATER + 14 * DAY)
    remove_review(call, student, LATER + 13 * DAY)
    assert write(call, now=LATER + 20 * DAY).made_at == LATER


def test_the_coach_hears_a_day_after_the_last_message_of_a_review_that_changes_unanswered() -> None:
    call = make_call()
    write(call)
    for hours, due_at in ((0, LATER + DAY), (2, LATER + DAY), (3, LATER + DAY), (30, LATER + 2 * DAY), (99, None)):
        now = LATER + hours * HOUR
        sent = Notice.due_at.is_null() | (Notice.due_at <= now)
        Notice.update(state="sent", sent_at=fn.COALESCE(Notice.due_at, now)).where(
            sent, Notice.state == "waiting"
        ).execute()
        review = Review.get()
        write(call, ReviewDetails(2, f"Changed after {hours}.", mark_of(review.stars, review.words)), now)
        assert Notice.select().order_by(Notice.id.desc()).get().due_at == due_at, hours
    assert notice_kinds() == ["coach_reviewed"] * 4


def test_whoever_was_not_there_writes_nothing() -> None:
    for call, words in (
        (make_call(seconds=0), "you were not in the room"),
        (make_call("no_show", seconds=None, absent="unknown"), "Once your coach has said"),
        (make_call("cancelled"), "did not take place"),
    ):
        with pytest.raises(TooLate, match=words):
            write(call)
    for call in (make_call(), make_call(seconds=None)):
        Product.update(takes_reviews=False).where(Product.id == call.product_id).execute()
        with pytest.raises(TooLate, match="takes no reviews"):
            write(call)
    # Seen in the room, and said to have been missing; and confirmed as held where nobody knew: without the mark.
    assert write(make_call("no_show", absent="student")).is_verified
    assert not write(make_call(seconds=None)).is_verified


def test_the_coach_answers_once_and_hears_of_what_is_changed_below_the_answer() -> None:
    call = make_call()
    write(call)
    with pytest.raises(NotFound):
        answer_review(call, student_of(call), "Mine.", LATER)
    # Neither below words that the coach has not read, nor over an answer from another window.
    for seen in (mark_of(1, GOOD.words, ""), mark_of(5, GOOD.words, "Other.")):
        with pytest.raises(ChangedMeanwhile):
            answer_review(call, call.coach, "Thank you.", LATER, seen)
    answer_review(call, call.coach, "Thank you.", LATER, mark_of(5, GOOD.words, ""))
    for words, now in (("Thank you.", LATER), ("Thank you.", LATER + DAY), ("Thank you!", LATER + DAY)):
        answer_review(call, call.coach, words, now)
    assert (Review.get().answer, Review.get().answered_at) == ("Thank you!", LATER)
    with pytest.raises(TooLate):
        answer_review(call, call.coach, "Well.", LATER + 14 * DAY)
    Notice.update(state="sent").execute()
    for number in range(3):
        mark = mark_of(Review.get().stars, Review.get().words)
        write(call, ReviewDetails(2, f"Changed {number}.", mark), LATER + 2 * DAY)
    assert Review.get().answer == "Thank you!"
    # Once a day is enough.
    assert notice_kinds() == ["coach_reviewed", "review_answered", "coach_reviewed"]
    answer_review(call, call.coach, "Well.", LATER + 15 * DAY)


def test_a_report_leads_to_an_admin_who_hides_with_a_reason() -> None:
    call, admin, reader = make_call(), factories.make_person("Ada", is_admin=True), factories.make_person("Reader")
    review, student = write(call), student_of(call)
    with pytest.raises(Refused, match="your own review"):
        report_review(review, student, "x", LATER)
    assert [report_review(review, reporter, "An insult.", LATER) for reporter in (reader, call.coach, reader)] == [
        *(True, True, False)
    ]
    assert count_reported() == 1
    for decision in ("kept", "hidden"):
        with pytest.raises(ChangedMeanwhile):
            decide_on_review(review, admin, decision, "An insult.", LATER, mark_of(5, "What it was before."))
    decide_on_review(review, admin, "kept", "", LATER)
    assert (count_reported(), {review_report.outcome for review_report in ReviewReport.select()}) == (0, {"kept"})
    # Only the coach, who had reported it, hears of what stays. Asked once more they change nothing.
    assert notice_kinds("decided") == ["coach_review_decided"]
    assert not report_review(review, reader, "Again.", LATER)
    with pytest.raises(TooLate):
        decide_on_review(review, admin, "kept", "", LATER)
    write(call, ReviewDetails(1, "An address.", mark_of(5, GOOD.words)), LATER + HOUR)
    assert report_review(Review.get(), reader, "Now an address.", LATER + 2 * HOUR)
    all_or_none = [partial(hide, review, admin), partial(hide, review, admin)]
    assert sorted(all_at_once(*all_or_none)) == ["hidden", "too late"]
    hidden = Review.get()
    assert (hidden.hidden_why, hidden.hidden_by_id, count_reported()) == ("It names where somebody lives.", admin.id, 0)
    assert notice_kinds("decided") == ["coach_review_decided", "review_decided", "coach_review_decided"]
    event = SecurityEvent.get(SecurityEvent.kind == "review hidden")
    assert (event.person_id, event.actor_id) == (student.id, admin.id)
    # It counts nowhere, and nobody changes it.
    assert standing_of_coach(call.coach).count == standing_of_product(call.product).count == 0
    assert (list_reviews(call.coach).reviews, standings_of_products([call.product])) == ([], {})
    seen = mark_of(1, "An address.")
    for act in (
        partial(write, call, ReviewDetails(5, "Other words.", seen), LATER + 3 * HOUR),
        partial(remove_review, call, student, LATER + 3 * HOUR),
        partial(answer_review, call, call.coach, "Well.", LATER + 3 * HOUR),
    ):
        with pytest.raises(TooLate):
            act()
    decide_on_review(hidden, admin, "shown", "", LATER + DAY)
    assert (Review.get().hidden_at, Review.get().hidden_why, standing_of_coach(call.coach).count) == (None, "", 1)
    assert [report.review for report in reported_page(1, 10)[0]] == [review]


def hide(review: Review, admin: Person) -> str:
    try:
        decide_on_review(review, admin, "hidden", "It names where somebody lives.", LATER + 3 * HOUR)
    except TooLate:
        return "too late"
    return "hidden"


def test_whose_account_is_gone_is_a_former_student_and_counts() -> None:
    call = make_call()
    review = write(call)
    assert author_of(list_reviews(call.coach).reviews[0]) == "Student"
    Review.update(student=None).where(Review.id == review.id).execute()
    assert author_of(list_reviews(call.product).reviews[0]) == "Former student"
    answer_review(call, call.coach, "Thank you.", LATER)
    decide_on_review(review, factories.make_person("Ada", is_admin=True), "hidden", "An address.", LATER)
    assert notice_kinds() == ["coach_reviewed", "coach_review_decided"]
    assert len(reported_page(1, 10)[0]) == 1


def test_pages_of_ten_come_newest_first() -> None:
    product = factories.make_product()
    for number in range(12):
        call = factories.make_coaching_session(product, starts_at=START + number * DAY, state="completed")
        factories.make_review(call, stars=1 + number % 5, words=f"Number {number}.")
    first, second = (list_reviews(product, page) for page in (1, 2))
    assert [review.words for review in (*first.reviews, *second.reviews)] == [f"Number {n}." for n in range(11, -1, -1)]
    assert (len(first.reviews), first.has_more, second.has_more) == (10, True, False)
    assert (list_reviews(product, 3).reviews, list_reviews(product, -5).number) == ([], 1)
    standing = standing_of_product(product)
    assert (standing.count, standing.mean) == (12, 2.8)  # 33 stars of 12: 2.75, and a half goes up
    assert standings_of_products([product, factories.make_product()]) == {product.id: standing}


# --- Asked for once


def asked(now: datetime) -> int:
    """How often somebody is asked in all, once the clock shows `now`."""
    while look_at_sessions(now):
        continue
    return Notice.select().where(Notice.kind == "review_asked").count()


def test_a_student_who_was_there_is_asked_once_an_hour_after_the_call() -> None:
    mailer = FakeMailer()
    call = make_call("in_progress", next_look_at=START - DAY)
    asked(START + 10 * timedelta(minutes=1))
    record_outcome(call, "completed", END + HOUR / 4)
    assert asked(END + HOUR - timedelta(seconds=1)) == 0
    assert [asked(END + wait) for wait in (HOUR, 2 * HOUR, 3 * DAY)] == [1, 1, 1]
    deliver_due(mailer, END + HOUR)
    [mail] = [mail for mail in mailer.sent if "how was it?" in mail["Subject"]]
    assert f"/sessions/{call.code}/review\n" in text_of(mail)
    assert deliver_due(mailer, END + DAY) == 0


def test_who_cannot_or_need_not_write_one_is_not_asked() -> None:
    silent, written, _, off, old = (
        make_call("completed", seconds=seconds, next_look_at=look_at)
        for seconds, look_at in ((1800, END), (1800, END), (0, END), (1800, END), (1800, None))
    )
    Product.update(asks_for_reviews=False).where(Product.id == silent.product_id).execute()
    Product.update(takes_reviews=False).where(Product.id == off.product_id).execute()
    write(written, now=END + timedelta(minutes=1))
    assert asked(END + 2 * HOUR) == 0
    # What ended before this version knew of reviews has no look to come.
    assert old.next_look_at is None
    # After an outage of a week nobody is asked any more.
    late = make_call(next_look_at=END)
    assert asked(END + 7 * DAY) == 0
    CoachingSession.update(next_look_at=END).where(CoachingSession.id == late.id).execute()
    assert asked(END + 7 * DAY - timedelta(seconds=1)) == 1
    # By then they have written one: the message says nothing any more.
    write(late)
    deliver_due(FakeMailer(), END + 7 * DAY)
    assert Notice.get(Notice.kind == "review_asked").state == "overtaken"


def test_of_a_call_that_nobody_knew_of_its_student_is_asked_once_the_coach_has_said_that_it_was_held() -> None:
    call = make_call("no_show", seconds=None, absent="unknown", next_look_at=END)
    assert asked(END + 2 * HOUR) == 0
    said: list[tuple[Outcome, Absent | None]] = [("completed", None), ("no_show", "student"), ("completed", None)]
    for outcome, absent in said:
        correct_outcome(CoachingSession.get(), call.coach, outcome, absent, END + 2 * DAY)
        assert asked(END + 2 * DAY) == 1
    # Said right after the end, they are asked an hour after it all the same.
    soon = make_call("scheduled", seconds=None, next_look_at=START)
    correct_outcome(soon, soon.coach, "completed", None, END + HOUR / 6)
    assert [asked(END + wait) for wait in (HOUR / 6, HOUR - timedelta(seconds=1), HOUR)] == [1, 1, 2]


def test_after_a_restore_nobody_is_asked_a_second_time() -> None:
    make_call(next_look_at=END)
    leave_to_a_hand("restored", at(END + DAY))
    assert Notice.get(Notice.kind == "review_asked").state == "unsure"
    assert (deliver_due(FakeMailer(), END + 2 * DAY), asked(END + 3 * DAY)) == (0, 1)
