"""A coach keeps a time for a student: until when, for whom, by whose link, and who is faster."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from coaching.accounts.models import DiscordLink, Person
from coaching.accounts.tokens import digest
from coaching.booking.details import BookingDetails
from coaching.booking.invitation_mutations import (
    InvitationDetails,
    accept_invitation,
    invite,
    replace_link,
    withdraw_invitation,
)
from coaching.booking.invitation_queries import (
    find_by_token,
    get_invitation,
    invitation_state,
    kept_times,
    open_invitations,
)
from coaching.booking.invitation_rules import MOST_OPEN, MOST_TO_ONE_A_DAY, InvitationState, kept_until, state_of
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import Answer, CoachingSession, Invitation, Seat
from coaching.booking.mutations import book_session, cancel_session
from coaching.booking.record_mutations import free_seats
from coaching.catalog.models import Product, Question
from coaching.errors import (
    AnswersMissing,
    CoachingError,
    DiscordNotLinked,
    InvitationOver,
    LimitReached,
    NotFound,
    NotReadyToPublish,
    OwnProduct,
    Refused,
    SlotTaken,
    StudentBusy,
)
from coaching.messages.compose_queries import compose
from coaching.messages.reach_queries import get_recipient
from coaching.messages.rendering.text import as_text
from coaching.notices.models import Notice
from scripts.message_cases import SENDER
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
START = datetime(2027, 3, 8, 10, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def product(alice: Person) -> Product:
    return factories.make_product(coach=alice, notice_minutes=2880)


def wish(product: Product, **differences: Any) -> InvitationDetails:
    return replace(InvitationDetails(product.offers.get().id, START), **differences)


def taking(**differences: Any) -> BookingDetails:
    return replace(BookingDetails(0, START), **differences)


def test_a_time_is_kept_two_days_and_never_past_the_making_of_its_room(product: Product) -> None:
    assert kept_until(NOW, START, product, False) == NOW + 48 * HOUR
    made = START - 30 * MINUTE
    assert kept_until(made - HOUR, START, product, False) == made
    assert kept_until(made - HOUR, START, product, True) == made - 15 * MINUTE  # there is time left to pay in
    assert kept_until(made - 15 * MINUTE, START, product, False) == made
    assert kept_until(made - 14 * MINUTE, START, product, False) is None
    later = NOW + HOUR
    assert state_of("held", later, None, NOW) is InvitationState.OPEN
    assert state_of("held", NOW, None, NOW) is InvitationState.LAPSED  # whether or not anybody has written it down
    assert state_of("expired", NOW, None, NOW) is InvitationState.LAPSED
    assert state_of("cancelled", later, None, NOW) is InvitationState.WITHDRAWN
    assert (
        state_of("cancelled", None, NOW, NOW) is InvitationState.TAKEN
    )  # what became of the booking is another matter


def test_a_link_is_taken_once(product: Product, alice: Person, bob: Person, mallory: Person) -> None:
    factories.make_coaching_session(product, mallory, starts_at=START - HOUR)
    kept, token = invite(product, alice, wish(product, price_cents=1000, note="As we said."), NOW)
    assert token
    assert (kept.state, kept.held_until, kept.seats.count()) == ("held", NOW + 48 * HOUR, 0)
    assert Invitation.get().token_sha256 == digest(token) != token
    assert find_by_token(token).id == Invitation.get().id
    assert not Notice.select().exists()  # nobody is named
    # The time is nobody else's meanwhile.
    with pytest.raises(SlotTaken):
        book_session(product, bob, BookingDetails(product.offers.get().id, START), NOW)

    for wrong in ("x", None):
        with pytest.raises(NotFound):
            accept_invitation(kept.code, wrong, bob, taking(), NOW)
    for _ in range(2):  # pressed twice it is one booking
        taken = accept_invitation(kept.code, token, bob, taking(goals="Bass", form_key="key-12345"), NOW + HOUR)
    seat = Seat.get(Seat.coaching_session == kept)
    assert (taken.code, taken.state, taken.held_until) == (kept.code, "scheduled", None)
    assert (seat.student, seat.price_cents, seat.payment, seat.goals) == (bob, 1000, "outside", "Bass")
    assert sorted(notice.kind for notice in Notice.select()) == ["booked", "coach_booked"]
    assert invitation_state(get_invitation(kept.code), NOW) is InvitationState.TAKEN
    with pytest.raises(InvitationOver, match="has been taken"):
        accept_invitation(kept.code, token, mallory, taking(), NOW)
    with pytest.raises(InvitationOver):
        withdraw_invitation(alice, kept.code, NOW)
    assert cancel_session(taken, bob, NOW).state == "cancelled"


def test_whoever_is_named_is_told_and_takes_it_without_the_link(
    product: Product, alice: Person, bob: Person, mallory: Person
) -> None:
    with pytest.raises(NotFound):  # we write to nobody who has not booked with this coach
        invite(product, alice, wish(product, student_id=bob.id), NOW)
    free_seats(factories.make_coaching_session(product, bob, starts_at=START - 24 * HOUR, state="completed"), NOW)
    kept, token = invite(product, alice, wish(product, student_id=bob.id, note="As we said."), NOW)
    assert [(notice.kind, notice.person_id) for notice in Notice.select()] == [("invited", bob.id)]
    assert [[invitation.coaching_session.id for invitation in ones] for ones in kept_times(bob, NOW)] == [
        [],
        [kept.id],
        [],
    ]
    message = compose(Notice.get(), get_recipient(bob), SENDER, NOW)
    assert message is not None
    text = as_text(message)
    for words in ("Alice keeps a time for you: Mixing call.", "Kept until: Wed 3 March, 09:00 Berlin", "> As we said."):
        assert words in text
    assert f"{SENDER.url}/invitations/{kept.code}" in text
    assert "key=" not in text  # there is no seat that a link could be for
    with pytest.raises(NotFound):  # a link that was passed on is worth nothing
        accept_invitation(kept.code, token, mallory, taking(), NOW)
    assert accept_invitation(kept.code, None, bob, taking(), NOW).state == "scheduled"
    assert compose(Notice.get(kind="invited"), get_recipient(bob), SENDER, NOW) is None  # it is booked by now
    assert (kept_times(bob, NOW), kept_times(alice, NOW), open_invitations(alice, NOW)) == (
        ([], [], []),
        ([], [], []),
        [],
    )


def test_what_cannot_be_kept_is_said(product: Product, alice: Person, bob: Person, mallory: Person) -> None:
    factories.make_coaching_session(product, bob, starts_at=START + 2 * HOUR)
    elsewhere = factories.make_product(coach=mallory)
    factories.make_coaching_session(elsewhere, bob, starts_at=START)
    for details, error in (
        (wish(product, starts_at=START + 2 * HOUR), SlotTaken),  # over what is busy
        (wish(product, starts_at=START + 12 * HOUR), SlotTaken),  # outside of the hours
        (wish(product, starts_at=NOW - HOUR), SlotTaken),
        (wish(product, starts_at=NOW + 30 * MINUTE), SlotTaken),  # too close for anybody to answer
        (wish(product, offer_id=9999), SlotTaken),
        (wish(product, student_id=bob.id), SlotTaken),  # who sits elsewhere then
        (wish(product, student_id=alice.id), NotFound),
    ):
        with pytest.raises(error):
            invite(product, alice, details, NOW)
    with pytest.raises(NotFound):
        invite(product, mallory, wish(product), NOW)
    # Within the notice, which binds others: yes. Off sale: yes, if it is complete. Archived, or with holes in it: no.
    Product.update(state="draft").where(Product.id == product.id).execute()
    assert invite(product, alice, wish(product, starts_at=NOW + 2 * HOUR), NOW)[0].state == "held"
    refused: tuple[tuple[dict[str, Any], type[CoachingError]], ...] = (
        ({"state": "archived"}, Refused),
        ({"state": "draft", "title": ""}, NotReadyToPublish),
        ({"title": "Mix", "payment": "free"}, Refused),  # a price, and no way to pay it
    )
    for changes, why in refused:
        Product.update(**changes).where(Product.id == product.id).execute()
        with pytest.raises(why):
            invite(product, alice, wish(product, price_cents=500), NOW)
    free, _ = invite(product, alice, wish(product), NOW)
    assert (Invitation.get(Invitation.coaching_session == free).price_cents, Invitation.select().count()) == (0, 2)


def test_the_same_form_keeps_one_time_and_nobody_keeps_very_many(product: Product, alice: Person, bob: Person) -> None:
    factories.make_coaching_session(product, bob, starts_at=START - 24 * HOUR)
    first, token = invite(product, alice, wish(product, form_key="key-12345"), NOW)
    assert invite(product, alice, wish(product, form_key="key-12345"), NOW) == (first, None)
    withdraw_invitation(alice, first.code, NOW)
    for number in range(MOST_TO_ONE_A_DAY):
        kept, _ = invite(product, alice, wish(product, student_id=bob.id), NOW + number * MINUTE)
        withdraw_invitation(alice, kept.code, NOW)
    with pytest.raises(LimitReached, match="Bob has had 3"):
        invite(product, alice, wish(product, student_id=bob.id), NOW + HOUR)
    assert invite(product, alice, wish(product, student_id=bob.id), NOW + 25 * HOUR)
    for number in range(MOST_OPEN - 1):
        invite(product, alice, wish(product, starts_at=START + (24 * (number // 6 + 1) + number % 6) * HOUR), NOW)
    with pytest.raises(LimitReached, match="20 times"):
        invite(product, alice, wish(product, starts_at=START + 240 * HOUR), NOW)
    assert token


def test_an_invitation_ends_by_itself_by_hand_and_by_a_new_link(
    product: Product, alice: Person, bob: Person, mallory: Person
) -> None:
    kept, old = invite(product, alice, wish(product), NOW)
    new = replace_link(alice, kept.code, NOW)
    assert (find_by_token(old), find_by_token(new).coaching_session.code) == (None, kept.code)
    for act in (partial(replace_link, mallory), partial(withdraw_invitation, mallory)):
        with pytest.raises(NotFound):
            act(kept.code, NOW)
    with pytest.raises(NotFound):
        accept_invitation(kept.code, old, bob, taking(), NOW)
    late = NOW + 48 * HOUR
    with pytest.raises(InvitationOver, match="in time"):
        accept_invitation(kept.code, new, bob, taking(), late)
    with pytest.raises(InvitationOver):
        replace_link(alice, kept.code, late)
    # From that instant on the time is anybody's, whether or not the worker has come to it.
    Product.update(notice_minutes=0).execute()
    assert book_session(product, bob, BookingDetails(product.offers.get().id, START), late).state == "scheduled"
    other, token = invite(product, alice, wish(product, starts_at=START + 2 * HOUR), late)
    # Its coach sees for two days that nobody took it, written down or not.
    for lapse in (lambda: None, lambda: lapse_due(late + 48 * HOUR)):
        lapse()
        assert [len(ones) for ones in kept_times(alice, late + 48 * HOUR)] == [0, 0, 1]
    assert [len(ones) for ones in kept_times(alice, late + 96 * HOUR)] == [0, 0, 0]
    assert CoachingSession.get_by_id(other.id).state == "expired"
    third, token = invite(product, alice, wish(product, starts_at=START + 4 * HOUR), late)
    for _ in range(2):
        withdraw_invitation(alice, third.code, late)
    with pytest.raises(InvitationOver, match="withdrawn"):
        accept_invitation(third.code, token, mallory, taking(), late)
    assert {notice.kind for notice in Notice.select()} == {"booked", "coach_booked"}


def test_a_taker_is_bound_by_what_binds_whoever_books(product: Product, alice: Person, bob: Person) -> None:
    question = Question.create(product=product, label="Link?", is_required=True)
    kept, token = invite(product, alice, wish(product), NOW)
    accept = partial(accept_invitation, kept.code, token)
    with pytest.raises(OwnProduct):
        accept(alice, taking(), NOW)
    with pytest.raises(AnswersMissing):
        accept(bob, taking(), NOW)
    link = DiscordLink.get(DiscordLink.person == bob)
    link.delete_instance(recursive=True)
    with pytest.raises(DiscordNotLinked):
        accept(bob, taking(answers={question.id: "x"}), NOW)
    factories.link_discord(bob, "2222")
    elsewhere = factories.make_coaching_session(factories.make_product(), bob, starts_at=START + 30 * MINUTE)
    with pytest.raises(StudentBusy):
        accept(bob, taking(answers={question.id: "x"}), NOW)
    cancel_session(elsewhere, bob, NOW)
    assert Seat.select().where(Seat.coaching_session == kept).count() == 0
    assert accept(bob, taking(answers={question.id: "x"}), NOW).state == "scheduled"
    assert [(answer.label, answer.text) for answer in Answer.select()] == [("Link?", "x")]


def test_what_is_paid_first_is_held_for_its_taker_to_pay(product: Product, alice: Person, bob: Person) -> None:
    Product.update(pays_first=True, hold_minutes=60).execute()
    kept, token = invite(product, alice, wish(product), NOW)
    taken = accept_invitation(kept.code, token, bob, taking(), NOW)
    assert (taken.state, taken.held_until) == ("held", NOW + HOUR)
    assert sorted(notice.kind for notice in Notice.select()) == ["coach_held", "held"]
    assert lapse_due(NOW + HOUR) == 1
    assert (CoachingSession.get_by_id(kept.id).state, Seat.get().is_live) == ("expired", False)
    free, token = invite(product, alice, wish(product, starts_at=START + 2 * HOUR, price_cents=0), NOW)
    assert accept_invitation(free.code, token, bob, taking(), NOW).state == "scheduled"


def test_of_many_with_one_link_one_gets_the_time_and_so_of_one_with_many(product: Product, alice: Person) -> None:
    kept, token = invite(product, alice, wish(product), NOW)
    crowd = [factories.make_person(f"Fan {number}", linked_as=str(7000 + number)) for number in range(3)]
    other = factories.make_product()
    also, also_token = invite(other, other.store.owner, wish(other), NOW)

    def take(code: str, by: str, person: Person) -> str:
        try:
            accept_invitation(code, by, person, taking(), NOW)
        except CoachingError as error:
            return type(error).__name__
        return "taken"

    acts = [partial(take, kept.code, token, person) for person in crowd]
    assert sorted(all_at_once(*acts)) == ["InvitationOver", "InvitationOver", "taken"]
    winner = Seat.get().student
    both = [partial(take, also.code, also_token, person) for person in (winner, next(p for p in crowd if p != winner))]
    refused, took = all_at_once(*both)
    assert (refused in ("StudentBusy", "InvitationOver"), took) == (True, "taken")
    assert Seat.select().count() == 2
