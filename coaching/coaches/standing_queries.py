"""Reads of whether somebody is a coach, and may sell."""

from coaching.accounts.models import Person
from coaching.coaches.models import Coach
from coaching.coaches.signup import CoachSignup


def coach_of(person: Person) -> Coach | None:
    """The person's row as a coach, also while their approval is taken back; None for whoever is none."""
    coach: Coach | None = Coach.get_or_none(Coach.person == person)
    return coach


def may_open_store(person: Person, policy: CoachSignup) -> bool:
    """True for a coach in good standing, and for anybody where opening a store makes one."""
    coach = coach_of(person)
    return coach.may_sell if coach else policy is CoachSignup.OPEN
