"""Reads of a coach's public page, and of what its form keeps."""

from collections.abc import Collection, Sequence
from typing import Any

from peewee import JOIN, ModelSelect, Value, fn

from coaching.accounts.models import Person
from coaching.catalog.models import Picture, Product, Store
from coaching.catalog.step_queries import mark_of
from coaching.coaches.models import Coach, CoachLanguage, CoachSpecialty, FormerSlug
from coaching.coaches.profile import PictureChoice, ProfileDetails
from coaching.coaches.specialties import Specialty
from coaching.errors import NotFound
from coaching.hours.models import Schedule, WeeklySpan
from coaching.hours.week import DaySpan, WeeklyHours

# Of thousands that are in use, the words that are suggested.
MOST_SUGGESTED = 60


def get_shown_coach(slug: str, viewer: Person | None = None) -> Coach:
    """The coach at a public address, with person and portrait, or NotFound.

    Strangers find whoever may sell and has published something once; the coach and admins find the page before that.
    """
    was_on_sale = fn.EXISTS(_once_on_sale(Coach.person)).alias("was_on_sale")
    coach: Any = _coaches().select_extend(was_on_sale).where(Coach.slug == slug).first()
    if coach is None:
        raise NotFound
    is_preview = viewer is not None and (viewer.is_admin or viewer.id == coach.person_id)
    if not is_preview and not (coach.may_sell and coach.was_on_sale):
        raise NotFound
    shown_coach: Coach = coach
    return shown_coach


def is_shown(coach: Coach) -> bool:
    """True while strangers find the coach's page."""
    return coach.may_sell and bool(_once_on_sale(coach.person_id).exists())


def find_present_slug(slug: str) -> str | None:
    """Where the page has moved to that was at this address once."""
    former = FormerSlug.select(FormerSlug, Coach).join(Coach).where(FormerSlug.slug == slug).first()
    return former.coach.slug if former else None


def find_coach(person: Person) -> Coach | None:
    """The person as a coach, stopped ones too, with person and portrait."""
    coach: Coach | None = _coaches().where(Coach.person == person).first()
    return coach


def specialties_of(coach: Coach) -> tuple[Specialty, ...]:
    """What they teach, in their order."""
    rows = CoachSpecialty.select().where(CoachSpecialty.coach == coach).order_by(CoachSpecialty.position)
    return tuple(Specialty(row.key, row.words) for row in rows)


def languages_of(coach: Coach) -> tuple[str, ...]:
    """The tags of the languages they teach in, in their order."""
    rows = CoachLanguage.select().where(CoachLanguage.coach == coach).order_by(CoachLanguage.position)
    return tuple(row.tag for row in rows)


def specialties_and_languages(coach: Coach) -> tuple[tuple[Specialty, ...], tuple[str, ...]]:
    """Both, what they teach and in which languages, by one statement."""
    teaches = CoachSpecialty.select(Value(True), CoachSpecialty.position, CoachSpecialty.key, CoachSpecialty.words)
    speaks = CoachLanguage.select(Value(False), CoachLanguage.position, CoachLanguage.tag, Value(""))
    both: Any = teaches.where(CoachSpecialty.coach == coach).union_all(speaks.where(CoachLanguage.coach == coach))
    rows = sorted(both.tuples(), key=lambda row: row[1])
    specialties = tuple(Specialty(key, name) for is_taught, _, key, name in rows if is_taught)
    return specialties, tuple(tag for is_taught, _, tag, _ in rows if not is_taught)


def specialties_in_use(but: Collection[str] = ()) -> list[str]:
    """The words that most coaches use for what they teach, without those whose keys are in `but`; a bounded list."""
    often = fn.COUNT(CoachSpecialty.id)
    rows: Any = CoachSpecialty.select(CoachSpecialty.key, fn.MIN(CoachSpecialty.words)).group_by(CoachSpecialty.key)
    most = rows.order_by(often.desc(), CoachSpecialty.key).limit(MOST_SUGGESTED + len(but)).tuples()
    return [name for key, name in most if key not in but][:MOST_SUGGESTED]


def usual_hours(products: Sequence[Product]) -> list[WeeklyHours]:
    """The weekly hours of the schedules that these products use, the one used most first; no dates, no journeys."""
    ids = [product.schedule_id for product in products if product.schedule_id]
    rows: Any = WeeklySpan.select(
        WeeklySpan.schedule, Schedule.zone, WeeklySpan.weekday, WeeklySpan.start_minute, WeeklySpan.length_minutes
    )
    weeks: dict[int, tuple[str, dict[int, list[DaySpan]]]] = {}
    for schedule, zone, weekday, start, length in rows.join(Schedule).where(WeeklySpan.schedule.in_(ids)).tuples():
        weeks.setdefault(schedule, (zone, {}))[1].setdefault(weekday, []).append(DaySpan(start, length))
    in_order = sorted(weeks, key=lambda schedule: (-ids.count(schedule), schedule))
    return [WeeklyHours(*weeks[schedule]) for schedule in in_order]


def kept_profile(coach: Coach) -> ProfileDetails:
    """What the form of the page keeps; a picture only by where it comes from."""
    return ProfileDetails(
        slug=coach.slug,
        headline=coach.headline,
        bio=coach.bio,
        specialties=specialties_of(coach),
        languages=languages_of(coach),
        links=tuple(coach.links.splitlines()),
        is_listed=coach.is_listed,
        choice=picture_choice(coach),
    )


def profile_version(kept: ProfileDetails) -> str:
    """A mark of what is kept, by which an older page is known."""
    return mark_of(kept)


def picture_choice(coach: Coach) -> PictureChoice:
    """Where the coach's picture comes from."""
    if coach.takes_avatar:
        return PictureChoice.DISCORD
    return PictureChoice.OWN if coach.portrait_id else PictureChoice.NONE


def _coaches() -> "ModelSelect[Any]":
    # The portrait without its bytes.
    return (
        Coach.select(Coach, Person, Picture.id, Picture.code, Picture.width, Picture.height)
        .join(Person)
        .switch(Coach)
        .join(Picture, JOIN.LEFT_OUTER, on=(Coach.portrait == Picture.id), attr="portrait")
    )


def _once_on_sale(owner: Any) -> "ModelSelect[Any]":
    products = Product.select(Product.id).join(Store)
    return products.where(Store.owner == owner, Product.published_at.is_null(False))
