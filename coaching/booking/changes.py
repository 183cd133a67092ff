"""What reads otherwise than it did when a booking form was drawn: a session copies what its student has seen. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from coaching.booking.answers import Asked


class Sold(Protocol):
    """What a session copies from its product."""

    title: str
    session_type: str
    payment: str


class OfferLike(Protocol):
    minutes: int
    price_cents: int


Offered = TypeVar("Offered", bound=OfferLike)


@dataclass(frozen=True, slots=True)
class SeenTerms:
    """What the form showed, beside the offer it names; `questions` says which it asked, True for a required one."""

    title: str
    session_type: str
    payment: str
    currency: str
    questions: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Price:
    """A length and what it costs."""

    minutes: int
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Each as it was and as it is."""

    title: tuple[str, str] | None = None
    session_type: tuple[str, str] | None = None
    price: tuple[Price, Price] | None = None
    reworded: tuple[tuple[Asked, Asked], ...] = ()
    removed: tuple[Asked, ...] = ()
    added: tuple[Asked, ...] = ()
    required: tuple[Asked, ...] = ()

    @property
    def are_binding(self) -> bool:
        """True when the student agrees to something else now than they have seen."""
        return bool(self.title or self.session_type or self.price)


def closest_offer(offers: Sequence[Offered], wanted: OfferLike) -> Offered | None:
    """The offer of the same length, else of the nearest."""
    return min(offers, key=lambda offer: (abs(offer.minutes - wanted.minutes), offer.minutes), default=None)


def changes_between(
    seen: SeenTerms | None,
    sold: Sold,
    currency: str,
    offers: tuple[OfferLike, OfferLike],
    questions: Iterable[Asked],
    retired: Iterable[Asked],
) -> Changes:
    """What has changed since; `offers` is the one the form named and what is on offer in its place.

    `retired` are the questions of that form which are asked no more.
    """
    seen = seen or SeenTerms(
        sold.title, sold.session_type, sold.payment, currency, {question.id: True for question in questions}
    )
    by_id = {question.id: question for question in questions}
    before = {old.successor_id: old for old in retired if old.successor_id in by_id}
    was = _price(offers[0], seen.payment, seen.currency)
    now = _price(offers[1], sold.payment, currency)
    return Changes(
        title=_changed(seen.title, sold.title),
        session_type=_changed(seen.session_type, sold.session_type),
        price=_changed(was, now),
        reworded=tuple((old, by_id[key]) for key, old in before.items() if key and _words(old) != _words(by_id[key])),
        removed=tuple(old for old in retired if old.successor_id not in by_id),
        added=tuple(
            question for question in by_id.values() if question.id not in seen.questions and question.id not in before
        ),
        required=tuple(
            question
            for question in by_id.values()
            if question.is_required
            and not seen.questions.get(before[question.id].id if question.id in before else question.id, True)
        ),
    )


T = TypeVar("T")


def _changed(was: T, now: T) -> tuple[T, T] | None:
    return (was, now) if was != now else None


def _price(offer: OfferLike, payment: str, currency: str) -> Price:
    # What costs nothing does so in every currency.
    is_free = payment == "free" or not offer.price_cents
    return Price(offer.minutes, 0, "") if is_free else Price(offer.minutes, offer.price_cents, currency)


def _words(question: Asked) -> tuple[str, str, str]:
    return question.kind, question.label, question.choices
