"""What this site's settings say about who may come in, and who may sell."""

from flask import current_app

from coaching.accounts.signup import Signup
from coaching.coaches.signup import CoachSignup


def coach_signup() -> CoachSignup:
    """By what way somebody becomes a coach here."""
    policy: CoachSignup = current_app.extensions["settings"].coach_signup
    return policy


def takes_new_people() -> bool:
    """False where nobody can make an account."""
    return current_app.extensions["settings"].signup is Signup.OPEN
