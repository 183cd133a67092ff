"""What is kept about somebody goes, or says nothing about them any more: as people_columns.py has it.

A part of the transaction in which the account is deleted. Done once more it finds what was written in the same moment.
"""

from typing import Any

from peewee import Expression

from coaching.accounts.models import MailLink, Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Store
from coaching.notices.person_mutations import forget_account_mail
from coaching.own_data.columns import FORMER_COACH, About, Becomes, Path
from coaching.own_data.people_columns import ABOUT_PEOPLE


def clear_person(person: Person) -> None:
    """Nothing says any more who the person was."""
    _forget_mail(person)
    was_coach = Store.select().where(Store.owner == person).exists()
    for about in ABOUT_PEOPLE:
        _clear(about, person)
    # Last: what is cleared above may be in the way.
    for about in ABOUT_PEOPLE:
        for way in about.ways:
            if way.becomes is Becomes.GOES:
                about.model.delete().where(*_which(way.path, person), *([way.where()] if way.where else [])).execute()
    if was_coach:
        Person.update(name=FORMER_COACH).where(Person.id == person.id).execute()


def _forget_mail(person: Person) -> None:
    """Mail about the account, which knows an address alone: the present one, and one that was never confirmed."""
    known = Person.select(Person.email).where(Person.id == person.id, Person.email.is_null(False))
    asked = MailLink.select(MailLink.email).where(MailLink.person == person)
    forget_account_mail(person.id, [email for (email,) in (*known.tuples(), *asked.tuples())])


def _clear(about: About, person: Person) -> None:
    for way in about.ways:
        plain = {name: value for name, value in way.cleared.items() if not callable(value)}
        if way.becomes is Becomes.LET_GO:
            plain[way.path[0].name] = None
        # Those that need a value of their own for each row are few; they come first, while the row can be found.
        for name, value in way.cleared.items():
            if callable(value):
                for row in list(about.model.select(about.model.id).where(*_which(way.path, person))):
                    about.model.update({name: value(row.id)}).where(about.model.id == row.id).execute()
        if plain:
            about.model.update(plain).where(*_which(way.path, person)).execute()


def clear_reasons(person: Person) -> None:
    """What the person wrote as the reason of a cancellation is gone."""
    taken = Seat.select(Seat.coaching_session).where(Seat.student == person)
    sides = (("coach", CoachingSession.coach == person), ("student", CoachingSession.id.in_(taken)))
    for side, is_theirs in sides:
        CoachingSession.update(end_reason="").where(is_theirs, CoachingSession.ended_by == side).execute()


def _which(path: Path, person: Person) -> tuple[Expression, ...]:
    """The rows that lead to the person by this path."""
    if not path:
        return (Person.id == person.id,)
    condition: Any = path[-1] == person.id
    for field, following in zip(reversed(path[:-1]), reversed(path[1:]), strict=True):
        condition = field.in_(following.model.select(following.model.id).where(condition))
    return (condition,)
