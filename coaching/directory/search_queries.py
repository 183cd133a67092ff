"""Reads of the directory: the coaches who fulfil a filter page by page, what can be asked for, and what is near."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, SQL, Case, Expression, Value, fn

from coaching.accounts.models import Person
from coaching.catalog.models import Picture
from coaching.coaches.faces import Face
from coaching.coaches.models import Coach, CoachLanguage, CoachSpecialty
from coaching.db import rows
from coaching.directory.filters import Filter
from coaching.directory.models import CoachSummary
from coaching.reviews.standing import FEW, Standing

PAGE_SIZE = 20
# A card names so many; the coach's own page names all.
SPECIALTIES_ON_A_CARD = 5
# Suggested while typing, those of most coaches first.
MOST_SUGGESTED = 100


@dataclass(frozen=True, slots=True)
class Card:
    """A coach as the directory lists them."""

    face: Face
    specialties: tuple[str, ...]
    languages: tuple[str, ...]  # tags
    from_price_cents: int | None
    currency: str
    reviews: int
    stars: int  # the sum
    next_free_at: datetime | None

    @property
    def standing(self) -> Standing:
        """What their visible reviews come to."""
        return Standing.of(self.reviews, self.stars)


@dataclass(frozen=True, slots=True)
class CoachPage:
    """One page of the coaches that fulfil a filter, and how many they are in all."""

    cards: list[Card]
    count: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(-(-self.count // PAGE_SIZE), 1)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be asked for so that somebody is found: languages by their tags, the most frequent first."""

    currencies: list[str]
    languages: list[str]
    specialties: list[str]


def find_coaches(wanted: Filter, sort: str, page: int, now: datetime) -> CoachPage:
    """A page of the coaches that fulfil the filter, in this order; the last one in place of a page that is none."""
    card_rows = _cards(wanted, sort, page, now)
    if card_rows or page <= 1:
        return CoachPage(_read(card_rows), card_rows[0][-1] if card_rows else 0, 1 if page < 1 else page)
    last = CoachPage([], count_coaches(wanted, now), 1).last
    card_rows = _cards(wanted, sort, last, now)
    return CoachPage(_read(card_rows), card_rows[0][-1] if card_rows else 0, last)


def count_coaches(wanted: Filter, now: datetime) -> int:
    """How many coaches fulfil the filter."""
    return int(_shown_summaries(fn.COUNT(CoachSummary.id)).where(*_conditions(wanted, now).values()).scalar())


def count_without(wanted: Filter, now: datetime) -> dict[str, int]:
    """For each part of the filter, how many coaches there are if only that one is dropped; none is left out."""
    conditions = _conditions(wanted, now)
    if not conditions:
        return {}
    sums = []
    for part in conditions:
        others = [condition for name, condition in conditions.items() if name != part]
        sums.append(fn.SUM(Case(None, [(_all(others), 1)], 0)))
    (totals,) = rows(_shown_summaries(*sums))
    counts = {part: int(count or 0) for part, count in zip(conditions, totals, strict=True)}
    return {part: count for part, count in counts.items() if count}


def choices() -> Choices:
    """What the coaches in the directory sell in, teach in and teach."""
    currencies = _shown_summaries(CoachSummary.currency, fn.COUNT(CoachSummary.id)).group_by(CoachSummary.currency)
    languages = _of_shown(CoachLanguage, CoachLanguage.tag)
    specialties = _of_shown(CoachSpecialty, CoachSpecialty.key, fn.MIN(CoachSpecialty.words))
    return Choices(
        [code for code, _ in rows(currencies.order_by(SQL("2 DESC"), CoachSummary.currency))],
        [tag for _, tag in rows(languages)],
        [specialty for _, _, specialty in rows(specialties)],
    )


def _cards(wanted: Filter, sort: str, page: int, now: datetime) -> list[Any]:
    query = (
        _shown_summaries(
            Coach.id,
            Person.name,
            Coach.slug,
            Coach.headline,
            Picture.code,
            CoachSummary.from_price_cents,
            CoachSummary.currency,
            CoachSummary.reviews,
            CoachSummary.stars,
            CoachSummary.next_free_at,
            fn.COUNT(CoachSummary.id).over(),
        )
        .join(Coach)
        .join(Person)
        .switch(Coach)
        .join(Picture, JOIN.LEFT_OUTER, on=(Coach.portrait == Picture.id))
        .where(*_conditions(wanted, now).values())
        .order_by(*_order(sort, wanted, now), CoachSummary.id)
    )
    # An offset beyond what a database can count is nobody's page.
    return list(rows(query.limit(PAGE_SIZE).offset((min(max(page, 1), 1_000_000) - 1) * PAGE_SIZE)))


def _read(card_rows: Sequence[Any]) -> list[Card]:
    ids = [row[0] for row in card_rows]
    specialties = _named(CoachSpecialty, CoachSpecialty.words, ids)
    languages = _named(CoachLanguage, CoachLanguage.tag, ids)
    return [
        Card(
            Face(name, slug, headline, portrait),
            tuple(specialties[number][:SPECIALTIES_ON_A_CARD]),
            tuple(languages[number]),
            *summary,
        )
        for number, name, slug, headline, portrait, *summary, _ in card_rows
    ]


def _named(model: Any, column: Any, ids: Collection[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = defaultdict(list)
    query = model.select(model.coach, column).where(model.coach.in_(ids)).order_by(model.position, model.id)
    for number, text in rows(query) if ids else ():
        names[number].append(text)
    return names


def _conditions(wanted: Filter, now: datetime) -> dict[str, Expression]:
    """By the names of the filter's parts."""
    conditions: dict[str, Any] = {}
    parts = wanted.parts
    if "specialty" in parts:
        key = wanted.key
        # The beginning of any word of it; peewee escapes the signs that stand for others.
        begins = CoachSpecialty.key.startswith(key) | CoachSpecialty.key.contains(f" {key}")
        conditions["specialty"] = CoachSummary.coach.in_(CoachSpecialty.select(CoachSpecialty.coach).where(begins))
    if "price" in parts:
        is_low = CoachSummary.from_price_cents <= wanted.highest_cents
        conditions["price"] = is_low & _is_comparable(wanted.currency)
    if "language" in parts:
        speaks = CoachLanguage.select(CoachLanguage.coach).where(CoachLanguage.tag == wanted.language)
        conditions["language"] = CoachSummary.coach.in_(speaks)
    if "rating" in parts:
        # The figure that the card shows, which is rounded half up (reviews/standing.py).
        is_high = CoachSummary.stars * 20 + CoachSummary.reviews >= CoachSummary.reviews * round(
            float(wanted.rating) * 20
        )
        conditions["rating"] = (CoachSummary.reviews >= FEW) & is_high
    if "free" in parts:
        conditions["free"] = (CoachSummary.next_free_at > now) & (CoachSummary.next_free_at < wanted.free_until)
    return conditions


def _order(sort: str, wanted: Filter, now: datetime) -> list[Any]:
    if sort == "rating":
        mean = Case(None, [(CoachSummary.reviews >= FEW, CoachSummary.stars * 1000 / CoachSummary.reviews)], -1)
        return [mean.desc(), CoachSummary.reviews.desc()]
    if sort == "price":
        # Prices in other currencies cannot be compared: they come after, each currency for itself.
        is_comparable = _is_comparable(wanted.currency)
        other = Case(None, [(is_comparable, "")], CoachSummary.currency)
        return [Case(None, [(is_comparable, 0)], 1), other, CoachSummary.from_price_cents]
    if sort == "newest":
        # A coach has their number for good, and gets it on becoming one.
        return [CoachSummary.coach.desc()]
    is_free = Case(None, [(CoachSummary.next_free_at > now, 0)], 1)
    return [is_free, CoachSummary.next_free_at]


def _is_comparable(currency: str) -> Any:
    """Whether a lowest price says something in this currency: free is free in each."""
    return (CoachSummary.currency == currency) | (CoachSummary.from_price_cents == 0)


def _shown_summaries(*columns: Any) -> Any:
    return CoachSummary.select(*columns).where(CoachSummary.is_shown)


def _of_shown(model: Any, column: Any, *more: Any) -> Any:
    coaches = CoachSummary.select(CoachSummary.coach).where(CoachSummary.is_shown)
    query = model.select(fn.COUNT(model.id), column, *more).where(model.coach.in_(coaches)).group_by(column)
    return query.order_by(SQL("1 DESC"), column).limit(MOST_SUGGESTED)


def _all(conditions: Sequence[Any]) -> Any:
    conjunction: Any = Value(1) == Value(1)
    for condition in conditions:
        conjunction &= condition
    return conjunction
