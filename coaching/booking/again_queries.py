"""What a student wrote for an earlier call, for the next one of the same product."""

from collections.abc import Mapping
from dataclasses import dataclass

from coaching.accounts.models import Person
from coaching.booking.changes import closest_offer
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.catalog.models import Offer, Product, Question
from coaching.catalog.queries import offers_of, questions_of
from coaching.vault import Unreadable


@dataclass(frozen=True, slots=True)
class EarlierBooking:
    """The offer to book again, and what stands in the form; `answers` by the question as it is asked now."""

    offer: Offer | None
    goals: str
    phone: str
    answers: Mapping[int, str]


def find_earlier_booking(product: Product, student: Person, code: str) -> EarlierBooking | None:
    """The student's own booking of this product, by its session's code; None for any other."""
    theirs = CoachingSession.code == code, CoachingSession.product == product, Seat.student == student
    seat = Seat.select(Seat, CoachingSession).join(CoachingSession).where(*theirs).first()
    if seat is None:
        return None
    given = {(answer.label, answer.kind): answer.text for answer in Answer.select().where(Answer.seat == seat)}
    # What reads otherwise by now, or is chosen from other answers, is asked anew.
    fitting = {
        question.id: given.get((question.label, question.kind), "")
        for question in questions_of(product)
        if _fits(question, given)
    }
    wanted = Offer(product=product, minutes=seat.coaching_session.minutes, price_cents=seat.price_cents)
    return EarlierBooking(
        closest_offer(offers_of(product), wanted),
        _readable(seat.goals),
        _readable(seat.phone or ""),
        {key: text for key, text in fitting.items() if _readable(text)},
    )


def _fits(question: Question, given: Mapping[tuple[str, str], str]) -> bool:
    kind, label, choices = question.words
    return kind != "choice" or given.get((label, kind), "") in choices.splitlines()


def _readable(text: str) -> str:
    return "" if isinstance(text, Unreadable) else text
