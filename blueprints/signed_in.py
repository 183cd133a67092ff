"""Who is asking. Every flow learns it here, and nobody else asks flask-login.

`signed_in()` stands in views that ask for a sign-in; `current_person()` where visitors come, too.
"""

from flask import g
from flask_login import AnonymousUserMixin, UserMixin, current_user

from coaching.accounts.models import Person, SignIn

# Where flask-login keeps its answer for the time of a request.
LOOKED_UP = "_login_user"


class SignedIn(UserMixin):
    """The person behind a request, and by which sign-in."""

    def __init__(self, token: str, sign_in: SignIn) -> None:
        self.token = token
        self.sign_in = sign_in
        self.person: Person = sign_in.person

    def get_id(self) -> str:
        """What flask-login keeps in the cookie."""
        return self.token


def signed_in() -> SignedIn:
    """The present sign-in, in a view that asks for one."""
    here = find_signed_in()
    if here is None:
        raise RuntimeError("The view does not ask for a sign-in: login_required is missing.")
    return here


def current_person() -> Person | None:
    """The signed-in person, or None for a visitor."""
    here = find_signed_in()
    return here.person if here else None


def find_signed_in() -> SignedIn | None:
    """The present sign-in, or None for a visitor."""
    # A page asks for it more than a dozen times.
    user = g.get(LOOKED_UP) or current_user._get_current_object()
    return user if isinstance(user, SignedIn) else None


def stay_unknown() -> None:
    """Let this request pass for a visitor's if nobody has asked yet: the database that knows is out of reach."""
    if LOOKED_UP not in g:
        setattr(g, LOOKED_UP, AnonymousUserMixin())
