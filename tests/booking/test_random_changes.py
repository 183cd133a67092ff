"""Booked, held, asked for, paid, proposed, moved, cancelled, invited in whatever order and at the same time.

At no moment do two sessions of anybody overlap, buffers included; no seat is without its session; no hold is older than
its term. `--lives 2000` takes so many steps, other ones each time.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from coaching.accounts.models import Person
from coaching.booking import hold_mutations, invitation_mutations, move_mutations, proposal_mutations, request_mutations
from coaching.booking.details import BookingDetails
from coaching.booking.hold_rules import LONGEST, LONGEST_INVITATION, PENDING_STATES, settled_by
from coaching.booking.invitation_mutations import InvitationDetails
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import LIVE_STATES, CoachingSession, Invitation, Seat
from coaching.booking.mutations import book_session, cancel_session
from coaching.errors import CoachingError
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
# So many quarters of an hour from the morning on: few, so that they meet.
QUARTERS = 48
ACTS = ("book", "book", "book", "pay", "confirm", "deny", "accept", "decline", "move", "propose", "take", "refuse")
numbers = count(1)

# What is done; which product or session, which person, which time.
steps = st.tuples(
    st.sampled_from((*ACTS, "cancel", "invite", "follow", "withdraw")),
    *(st.integers(0, 9), st.integers(0, 1), st.integers(0, QUARTERS - 1)),
)


class Changes(RuleBasedStateMachine):
    """Two coaches, two students, and the four ways in which a time is had."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.coach, self.other, *self.students = [
            factories.make_person(name, linked_as=f"8{next(numbers):06}") for name in ("Ann", "Ben", "Cleo", "Dan")
        ]
        at_once = factories.make_product(coach=self.coach)
        paid_first = factories.make_product(
            at_once.store, offers=((30, 4900),), buffer_before_minutes=20, pays_first=True, hold_minutes=60
        )
        asked = factories.make_product(
            at_once.store, offers=((90, 4900),), buffer_after_minutes=10, needs_approval=True, approval_minutes=90
        )
        both = factories.make_product(coach=self.other, offers=((45, 4900),), needs_approval=True, pays_first=True)
        self.products = [at_once, paid_first, asked, both]
        self.tokens: dict[str, str] = {}

    @rule(step=steps)
    def alone(self, step: tuple[str, int, int, int]) -> None:
        self.take(step)

    @rule(together=st.lists(steps, min_size=2, max_size=3))
    def several(self, together: list[tuple[str, int, int, int]]) -> None:
        all_at_once(*(partial(self.take, step) for step in together))

    @rule(minutes=st.sampled_from((1, 15, 61, 95, 24 * 60 + 1)))
    def later(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def worker(self) -> None:
        lapse_due(self.now)
        run_out = CoachingSession.held_until <= self.now
        assert not self.sessions().where(CoachingSession.state.in_(PENDING_STATES), run_out).exists()

    def take(self, step: tuple[str, int, int, int]) -> None:
        act, which, who, quarter = step
        starts_at = NOW + timedelta(days=1 + which % 2, hours=2, minutes=15 * quarter)
        try:
            self.act(act, which, self.students[who], starts_at)
        except CoachingError:
            return

    def act(self, act: str, which: int, student: Person, starts_at: datetime) -> None:
        product = self.products[which % 4]
        if act == "book":
            book_session(product, student, BookingDetails(product.offers.get().id, starts_at), self.now)
            return
        if act == "invite":
            chosen = InvitationDetails(product.offers.get().id, starts_at)
            kept, token = invitation_mutations.invite(product, product.store.owner, chosen, self.now)
            if token:
                self.tokens[kept.code] = token
            return
        latest = list(self.sessions().order_by(CoachingSession.id.desc()).limit(10))
        if latest:
            self.change(act, latest[which % len(latest)], student, starts_at)

    def change(self, act: str, coaching_session: CoachingSession, student: Person, starts_at: datetime) -> None:
        coach, now, token = coaching_session.coach, self.now, self.tokens.get(coaching_session.code)
        match act:
            case "pay":
                hold_mutations.say_paid(coaching_session, student, now)
            case "confirm":
                hold_mutations.confirm_payment(coaching_session, coach, now)
            case "deny":
                hold_mutations.deny_payment(coaching_session, coach, now)
            case "accept":
                request_mutations.accept_request(coaching_session, coach, now)
            case "decline":
                request_mutations.decline_request(coaching_session, coach, "No time.", now)
            case "move":
                move_mutations.move_session(coaching_session, coach if starts_at.minute else student, starts_at, now)
            case "propose":
                proposal_mutations.propose_times(coaching_session, coach, [starts_at], now)
            case "take":
                proposal_mutations.take_proposal(coaching_session, student, starts_at, now)
            case "refuse":
                proposal_mutations.refuse_proposals(coaching_session, student, now)
            case "cancel":
                cancel_session(coaching_session, coach if starts_at.minute else student, now)
            case "follow" if token:
                details = BookingDetails(coaching_session.product.offers.get().id, coaching_session.starts_at)
                invitation_mutations.accept_invitation(coaching_session.code, token, student, details, now)
            case "withdraw" if token:
                invitation_mutations.withdraw_invitation(coach, coaching_session.code, now)

    def sessions(self) -> object:
        return CoachingSession.select().where(CoachingSession.coach.in_([self.coach.id, self.other.id]))

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        live = self.sessions().where(CoachingSession.state.in_(LIVE_STATES))
        assert_apart(
            (coaching_session.coach_id, coaching_session.busy_from, coaching_session.busy_until)
            for coaching_session in live
        )
        seats = Seat.select().where(Seat.is_live, Seat.student.in_(self.students))
        assert_apart((seat.student_id, seat.starts_at, seat.ends_at) for seat in seats)

    @invariant()
    def a_live_session_has_its_seat_and_a_live_seat_its_session(self) -> None:
        for session in self.sessions():
            seats = list(session.seats)
            is_live, is_invitation = session.state in LIVE_STATES, session.code in self.tokens
            assert [seat.is_live for seat in seats] == [is_live] * len(seats), session.state
            assert all((seat.starts_at, seat.ends_at) == (session.starts_at, session.ends_at) for seat in seats)
            assert len(seats) == 1 or is_invitation
            if is_live and not seats:
                assert session.state == "held"
                assert Invitation.get(Invitation.coaching_session == session).used_at is None

    @invariant()
    def no_hold_is_older_than_its_term(self) -> None:
        for coaching_session in self.sessions().where(CoachingSession.state.in_(PENDING_STATES)):
            longest = LONGEST_INVITATION if coaching_session.code in self.tokens else LONGEST
            assert coaching_session.held_until is not None
            assert coaching_session.held_until <= min(
                self.now + longest, settled_by(coaching_session.starts_at, coaching_session.product)
            )


def assert_apart(spans: object) -> None:
    for (owner, _, end), (other, start, _) in pairwise(sorted(spans)):  # type: ignore[call-overload]
        assert owner != other or end <= start


def test_whatever_changes_at_whatever_time_nobody_is_in_two_places(db: object, request: pytest.FixtureRequest) -> None:
    lives = request.config.getoption("--lives")
    run_state_machine_as_test(
        Changes,
        settings=settings(
            max_examples=lives // 20 or 14,
            stateful_step_count=20,
            derandomize=not lives,
            deadline=None,
            database=None,
            # To look for a shorter way into the same trouble takes minutes.
            phases=[Phase.generate, *([Phase.shrink] if lives else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )
