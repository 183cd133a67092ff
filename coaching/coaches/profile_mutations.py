"""A coach's page says what its form said."""

from dataclasses import replace
from datetime import datetime

from peewee import IntegrityError

from coaching.accounts.models import Person
from coaching.catalog.portrait_mutations import drop_portrait, keep_portrait
from coaching.catalog.text import render_markdown
from coaching.coaches.models import Coach, CoachLanguage, CoachSpecialty, FormerSlug
from coaching.coaches.profile import MOST_FORMER_SLUGS, RESERVED, PictureChoice, ProfileDetails
from coaching.coaches.profile_queries import find_coach, kept_profile, profile_version
from coaching.db import database
from coaching.errors import AddressInUse, ChangedMeanwhile, LimitReached, NotFound

TAKEN = "Another coach has this address. Choose another one."
TOO_MANY = (
    f"This page has had {MOST_FORMER_SLUGS} other addresses already, and links to them keep working. Take one of "
    "those, or keep the present one."
)
WORDS = (Coach.slug, Coach.headline, Coach.bio, Coach.bio_html, Coach.links, Coach.is_listed, Coach.updated_at)
PICTURE = (Coach.portrait, Coach.takes_avatar, Coach.avatar, Coach.avatar_due_at, Coach.avatar_attempts)


def save_profile(person: Person, details: ProfileDetails, now: datetime, seen: str | None = None) -> Coach:
    """The person's page says this; an address that it had before leads to it.

    AddressInUse or LimitReached about the address; ChangedMeanwhile when the page showed another state, by its mark
    `seen`, than is kept now.
    """
    with database.atomic():
        # Two windows queue up here, and the worker with a picture from Discord.
        Coach.update(slug=Coach.slug).where(Coach.person == person).execute()
        coach = find_coach(person)
        if coach is None:
            raise NotFound
        kept = kept_profile(coach)
        if seen and seen != profile_version(kept) and kept != replace(details, picture=None):
            raise ChangedMeanwhile
        _move(coach, details.slug)
        coach.headline, coach.bio, coach.bio_html = details.headline, details.bio, render_markdown(details.bio)
        coach.links, coach.is_listed, coach.updated_at = "\n".join(details.links), details.is_listed, now
        coach.save(only=WORDS)
        _write_lists(coach, details)
        _take_picture(coach, details, now)
    return coach


def _move(coach: Coach, slug: str) -> None:
    if slug == coach.slug:
        return
    # Its own earlier address may come back; another's leads to that one for good.
    others = FormerSlug.select().where(FormerSlug.slug == slug, FormerSlug.coach != coach)
    if slug in RESERVED or others.exists() or Coach.select().where(Coach.slug == slug).exists():
        raise AddressInUse(TAKEN)
    FormerSlug.delete().where(FormerSlug.slug == slug).execute()
    if FormerSlug.select().where(FormerSlug.coach == coach).count() >= MOST_FORMER_SLUGS:
        raise LimitReached(TOO_MANY)
    former, coach.slug = coach.slug, slug
    try:
        with database.atomic():
            coach.save(only=[Coach.slug])
            FormerSlug.create(coach=coach, slug=former)
    except IntegrityError:
        raise AddressInUse(TAKEN) from None


def _write_lists(coach: Coach, details: ProfileDetails) -> None:
    CoachSpecialty.delete().where(CoachSpecialty.coach == coach).execute()
    for position, specialty in enumerate(details.specialties):
        CoachSpecialty.create(coach=coach, key=specialty.key, words=specialty.words, position=position)
    CoachLanguage.delete().where(CoachLanguage.coach == coach).execute()
    for position, tag in enumerate(dict.fromkeys(details.languages)):
        CoachLanguage.create(coach=coach, tag=tag, position=position)


def _take_picture(coach: Coach, details: ProfileDetails, now: datetime) -> None:
    before = coach.portrait_id
    if details.choice is PictureChoice.DISCORD:
        if coach.takes_avatar and before:
            return  # the worker sees to it that it is the present one
        coach.portrait, coach.takes_avatar, coach.avatar = None, True, None
    elif details.choice is PictureChoice.OWN:
        if details.picture is None and not coach.takes_avatar:
            return
        coach.portrait = keep_portrait(coach.person, details.picture, now) if details.picture else None
        coach.takes_avatar, coach.avatar = False, None
    else:
        coach.portrait, coach.takes_avatar, coach.avatar = None, False, None
    coach.avatar_due_at, coach.avatar_attempts = now if coach.takes_avatar else None, 0
    coach.save(only=PICTURE)
    if before:
        drop_portrait(before)
