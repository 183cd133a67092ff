"""Reads of coaches as admins see them."""

from dataclasses import dataclass

from peewee import fn

from coaching.accounts.models import DiscordLink, Person
from coaching.accounts.queries import find_discord_link
from coaching.catalog.models import Store
from coaching.catalog.queries import stores_of
from coaching.coaches.models import Coach, CoachApplication, CoachInvitationUse
from coaching.errors import NotFound
from coaching.paging import page_of


@dataclass(frozen=True)
class CoachView:
    """One coach, with what an admin wants to know."""

    coach: Coach
    person: Person
    link: DiscordLink | None
    stores: list[Store]
    applications: list[CoachApplication]  # the latest first
    use: CoachInvitationUse | None  # of the link that made them a coach


def coaches_page(search: str, page: int, size: int) -> tuple[list[Coach], bool]:
    """Coaches with their people and how many stores they have (`store_count`): those that may not sell first.

    With `search` only those whose name or address has them. Beside them comes back whether there are more.
    """
    stores = Store.select(fn.COUNT(Store.id)).where(Store.owner == Coach.person)
    query = Coach.select(Coach, Person, stores.alias("store_count")).join(Person)
    if search:
        query = query.where(Person.name.contains(search) | Person.email_key.contains(search))
    return page_of(query.order_by(Coach.stopped_at.is_null(), Coach.id.desc()), page, size)


def get_coach(person_id: int) -> CoachView:
    """The coach whose person has this number, or NotFound."""
    coach: Coach | None = Coach.get_or_none(Coach.person == person_id)
    if coach is None:
        raise NotFound
    person: Person = coach.person
    applications = CoachApplication.select().where(
        CoachApplication.person == person, CoachApplication.sent_at.is_null(False)
    )
    return CoachView(
        coach=coach,
        person=person,
        link=find_discord_link(person),
        stores=stores_of(person),
        applications=list(applications.order_by(CoachApplication.id.desc())),
        use=CoachInvitationUse.get_or_none(CoachInvitationUse.person == person),
    )
