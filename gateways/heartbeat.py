"""A sign of life for a service that raises an alarm when none comes any more."""

import requests

from gateways import deadline

SECONDS = 10.0


def ping(address: str, seconds: float = SECONDS) -> str | None:
    """Ask for the address once; what stood in the way comes back, in a word."""
    try:
        with deadline.within(seconds), deadline.open_session() as session:
            answer = session.get(address, timeout=seconds, allow_redirects=False, stream=True)
            answer.close()
    except requests.RequestException as problem:
        return type(problem).__name__
    return None if answer.status_code < 300 else f"status {answer.status_code}"
