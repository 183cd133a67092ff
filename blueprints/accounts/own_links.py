"""Links for mails: absolute, and built from APP_URL alone, whatever a request called this site."""

from flask import current_app, url_for


def verify_link(token: str) -> str:
    """Where an address is verified."""
    return _absolute("accounts.verify", token)


def reset_link(token: str) -> str:
    """Where a new password is chosen."""
    return _absolute("accounts.reset", token)


def not_sent(address: str) -> str:
    """What is said instead of "we sent a link" where no mail leaves."""
    return f"This site sends no mail. Whoever runs it can give you the link that confirms {address}."


def claim_link(token: str) -> str:
    """Where somebody shows by their mailbox that another account is theirs."""
    return _absolute("accounts.claim_link", token)


def data_link(token: str) -> str:
    """Where a suspended person opens the way to a copy of their data."""
    return _absolute("accounts.show_data_link", token)


def _absolute(endpoint: str, token: str) -> str:
    site: str = current_app.config["APP_URL"]
    return site.rstrip("/") + url_for(endpoint, token=token)
