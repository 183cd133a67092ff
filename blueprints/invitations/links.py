"""The links of invitations that this browser knows: a token stands in one address, and from then on in the cookie.

So it is in no further address, and nobody reads it over a shoulder, in a history or in a log.
"""

from flask import session

from blueprints.accounts.login import INVITED

MOST = 5


def remember(code: str, token: str) -> None:
    """This browser has the invitation's link."""
    others = {other_code: kept for other_code, kept in session.get(INVITED, {}).items() if other_code != code}
    session[INVITED] = dict([*others.items(), (code, token)][-MOST:])


def known_token(code: str) -> str | None:
    """The token by which this browser came to the invitation, or made it."""
    token: str | None = session.get(INVITED, {}).get(code)
    return token
