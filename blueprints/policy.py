"""What this site's settings say about who may come in and who may sell, and the way that leads a person there."""

from dataclasses import dataclass

from flask import Flask, current_app, url_for

from blueprints.signed_in import current_person
from coaching.accounts.signup import Signup
from coaching.coaches.signup import CoachSignup
from coaching.coaches.standing_queries import coach_of


@dataclass(frozen=True)
class WayToSell:
    """What somebody presses who wants to give calls, and where it leads."""

    label: str
    href: str
    sentence: str


OPENS = "Open a store first."
APPLIES = "This site approves its coaches: apply first, then open a store."


def init_app(app: Flask) -> None:
    """Let every page know the way to sell, and whether there is one in."""
    app.add_template_global(way_to_sell)
    app.add_template_global(takes_new_people)


def coach_signup() -> CoachSignup:
    """By what way somebody becomes a coach here."""
    policy: CoachSignup = current_app.extensions["settings"].coach_signup
    return policy


def takes_new_people() -> bool:
    """False where nobody can make an account."""
    return current_app.extensions["settings"].signup is Signup.OPEN


def way_to_sell() -> WayToSell | None:
    """The way to a store of one's own for whoever looks; None for whom there is none."""
    person, policy = current_person(), coach_signup()
    coach = coach_of(person) if person else None
    if coach and not coach.may_sell:
        return None
    if coach or policy is CoachSignup.OPEN:
        return _way("Open a store", "stores.new", OPENS, is_known=person is not None)
    if policy is CoachSignup.APPROVAL:
        return _way("Apply as a coach", "becoming.apply", APPLIES, is_known=person is not None)
    return None


def _way(label: str, endpoint: str, sentence: str, *, is_known: bool) -> WayToSell:
    href = url_for(endpoint)
    if not is_known:
        href = url_for("accounts.sign_up" if takes_new_people() else "accounts.sign_in", next=href)
    return WayToSell(label, href, sentence)
