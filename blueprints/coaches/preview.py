"""What a link to a coach's page shows where it is pasted, and what search engines are told of them."""

from collections.abc import Sequence

from flask import url_for

from blueprints.discovery.cards import SITE_HUE, coach_drawn
from blueprints.linked_data import person_data
from blueprints.sharing import Share, SharedPicture, first_words, plain_words
from coaching.coaches.links import links_of
from coaching.coaches.models import Coach


def coach_share(
    coach: Coach,
    terms: Sequence[str],
    specialties: Sequence[str],
    languages: Sequence[str],
    *,
    hue: int | None,
    is_indexed: bool,
) -> Share:
    """The page, with what it costs and how it is reviewed.

    It is not to be found while there is nothing to book, nor where its coach is on no list.
    """
    name, path = coach.person.name, url_for("coaches.show", slug=coach.slug)
    portrait = url_for("coaches.portrait", code=coach.portrait.code) if coach.portrait else None
    bio = plain_words(coach.bio_html)
    said = [*terms, ", ".join(specialties), bio]
    return Share(
        title=f"{name}: {coach.headline}" if coach.headline else name,
        description=first_words(" · ".join(part for part in said if part)) or f"Coaching calls with {name}.",
        path=path,
        picture=shown_picture(coach),
        kind="profile",
        hue=SITE_HUE if hue is None else hue,
        data=(
            person_data(
                name,
                path,
                headline=coach.headline,
                bio=bio,
                picture=portrait,
                links=[link.href for link in links_of(coach.links)],
                specialties=specialties,
                languages=languages,
            ),
        ),
        is_indexed=is_indexed and coach.may_sell and coach.is_listed,
    )


def coach_reviews_share(coach: Coach) -> Share:
    """All that students say of a coach."""
    name, path = coach.person.name, url_for("reviews.of_coach", slug=coach.slug)
    return Share(
        title=f"Reviews of {name}",
        description=f"What students say of their calls with {name}.",
        path=path,
        picture=shown_picture(coach),
        data=(person_data(name, url_for("coaches.show", slug=coach.slug), headline=coach.headline),),
        is_indexed=coach.may_sell and coach.is_listed,
    )


def shown_picture(coach: Coach) -> SharedPicture:
    """Their picture; without one a drawn card."""
    if coach.portrait is None:
        return coach_drawn(coach)
    return SharedPicture(url_for("discovery.picture", code=coach.portrait.code), coach.person.name)
