"""Other times that a coach proposes: they hold nothing, and one press takes one."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching.accounts.models import Person
from coaching.booking.events import EventKind
from coaching.booking.history_queries import news_for
from coaching.booking.models import CoachingSession, Proposal, Seat, SessionEvent
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import cancel_session
from coaching.booking.proposal_mutations import (
    MOST_ROUNDS,
    propose_times,
    refuse_proposals,
    take_proposal,
    withdraw_proposals,
)
from coaching.booking.proposal_queries import proposals_of
from coaching.errors import LimitReached, NotFound, Refused, SlotTaken, StudentBusy, TooLate
from coaching.messages.compose_queries import compose
from coaching.messages.reach_queries import get_recipient
from coaching.messages.rendering.text import as_text
from coaching.notices.models import Notice
from scripts.message_cases import SENDER
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
START = datetime(2027, 3, 8, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND, THIRD = START + 24 * HOUR, START + 26 * HOUR, START + 48 * HOUR
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def session(alice: Person, bob: Person) -> CoachingSession:
    made = factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=START)
    Seat.update(most_moves=0).execute()  # its student may not move it by themselves
    return made


def now_of(session: CoachingSession) -> CoachingSession:
    return CoachingSession.get_by_id(session.id)


def starts_of(session: CoachingSession, at: datetime = NOW) -> list[datetime]:
    return [proposal.starts_at for proposal in proposals_of(now_of(session), at)]


def test_a_student_takes_a_proposed_time_by_the_coachs_right(
    session: CoachingSession, alice: Person, bob: Person
) -> None:
    propose_times(session, alice, [THIRD, FIRST, FIRST], NOW)
    assert (starts_of(session), now_of(session).starts_at) == ([FIRST, THIRD], START)
    # They hold nothing: the product is as free as before.
    factories.make_coaching_session(session.product, starts_at=SECOND)
    assert [news.event.kind for news in news_for(bob, NOW)] == [EventKind.PROPOSED]
    proposal, reader = Notice.get(), get_recipient(bob)
    message = compose(proposal, reader, SENDER, NOW)
    assert message is not None
    assert "Proposed: Tue 9 March, 11:00 Berlin\n  Wed 10 March, 11:00 Berlin" in as_text(message)

    for _ in range(2):  # a double press moves once
        assert take_proposal(session, bob, THIRD, NOW).starts_at == THIRD
    assert (Seat.get(student=bob).moves, starts_of(session)) == (0, [])
    assert news_for(bob, NOW) == []
    assert [news.event.kind for news in news_for(alice, NOW)] == [EventKind.MOVED]
    kinds = [notice.kind for notice in Notice.select().order_by(Notice.id)]
    assert kinds == ["proposed", "moved", "coach_moved"]
    assert compose(proposal, reader, SENDER, NOW) is None  # what it was about is settled
    to_coach = compose(Notice.get(kind="coach_moved"), get_recipient(alice), SENDER, NOW)
    assert to_coach is not None
    assert to_coach.headline == "Bob has taken a proposed time for Mixing call."
    with pytest.raises(TooLate):
        take_proposal(session, bob, FIRST, NOW)


def test_what_is_not_free_is_not_proposed_and_not_taken(session: CoachingSession, alice: Person, bob: Person) -> None:
    elsewhere = factories.make_product(coach=factories.make_person("Carol", linked_as="3003"))
    factories.make_coaching_session(session.product, starts_at=FIRST)
    factories.make_coaching_session(elsewhere, bob, starts_at=SECOND)
    for starts in ([FIRST], [THIRD, SECOND]):
        with pytest.raises(SlotTaken):
            propose_times(session, alice, starts, NOW)
    for starts in ([], [START], [THIRD + number * HOUR for number in range(4)]):
        with pytest.raises(Refused):
            propose_times(session, alice, starts, NOW)
    assert not Proposal.select().exists()

    propose_times(session, alice, [THIRD, THIRD + HOUR], NOW)
    factories.make_coaching_session(session.product, starts_at=THIRD)
    factories.make_coaching_session(elsewhere, bob, starts_at=THIRD + HOUR)
    with pytest.raises(SlotTaken):
        take_proposal(session, bob, THIRD, NOW)
    with pytest.raises(StudentBusy):
        take_proposal(session, bob, THIRD + HOUR, NOW)
    assert (now_of(session).starts_at, len(starts_of(session))) == (START, 2)
    assert [news.event.kind for news in news_for(bob, NOW)] == [EventKind.PROPOSED]


def test_proposals_go_with_what_they_were_made_for(session: CoachingSession, alice: Person, bob: Person) -> None:
    propose_times(session, alice, [FIRST, SECOND], NOW)
    propose_times(session, alice, [SECOND, FIRST], NOW)  # the same is no news
    propose_times(session, alice, [THIRD], NOW)
    assert starts_of(session) == [THIRD]
    assert sorted((notice.kind, notice.state) for notice in Notice.select()) == [
        ("proposed", "overtaken"),
        ("proposed", "waiting"),
    ]
    assert starts_of(session, START) == []
    move_session(session, alice, FIRST, NOW)
    assert starts_of(session) == []
    propose_times(session, alice, [THIRD], NOW)
    withdraw_proposals(session, alice)
    assert starts_of(session) == []
    propose_times(session, alice, [THIRD], NOW)
    cancel_session(session, bob, NOW)
    assert starts_of(session) == []
    for act in (partial(propose_times, session, alice, [THIRD]), partial(take_proposal, session, bob, THIRD)):
        with pytest.raises(TooLate):
            act(NOW)


def test_none_fits_is_told_once_and_the_session_stays(session: CoachingSession, alice: Person, bob: Person) -> None:
    propose_times(session, alice, [FIRST], NOW)
    for _ in range(2):
        refuse_proposals(session, bob, NOW)
    assert (starts_of(session), now_of(session).starts_at) == ([], START)
    assert [notice.kind for notice in Notice.select().where(Notice.person_id == alice.id)] == ["coach_none_fits"]
    assert [news.event.kind for news in news_for(alice, NOW)] == [EventKind.NONE_FITS]
    assert news_for(bob, NOW) == []
    for number in range(MOST_ROUNDS - 1):
        propose_times(session, alice, [FIRST if number % 2 else SECOND], NOW)
    with pytest.raises(LimitReached):
        propose_times(session, alice, [THIRD], NOW)
    assert SessionEvent.select().where(SessionEvent.kind == EventKind.PROPOSED).count() == MOST_ROUNDS


def test_each_side_does_only_what_is_theirs(
    session: CoachingSession, alice: Person, bob: Person, mallory: Person
) -> None:
    propose_times(session, alice, [FIRST], NOW)
    for stranger in (bob, mallory):
        with pytest.raises(NotFound):
            propose_times(session, stranger, [SECOND], NOW)
        with pytest.raises(NotFound):
            withdraw_proposals(session, stranger)
    for stranger in (alice, mallory):
        with pytest.raises(NotFound):
            take_proposal(session, stranger, FIRST, NOW)
        with pytest.raises(NotFound):
            refuse_proposals(session, stranger, NOW)
    assert starts_of(session) == [FIRST]


def test_of_two_students_who_take_one_time_one_gets_it(alice: Person) -> None:
    product = factories.make_product(coach=alice)
    sessions = [factories.make_coaching_session(product, starts_at=START + number * HOUR) for number in range(3)]
    for coaching_session in sessions:
        propose_times(coaching_session, alice, [FIRST], NOW)

    def take(number: int) -> str:
        try:
            take_proposal(sessions[number], sessions[number].seats[0].student, FIRST, NOW)
        except SlotTaken:
            return "taken"
        return "moved"

    assert sorted(all_at_once(*(partial(take, number) for number in range(3)))) == ["moved", "taken", "taken"]
    assert CoachingSession.select().where(CoachingSession.starts_at == FIRST).count() == 1
