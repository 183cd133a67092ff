"""A sign of life for a service that raises an alarm when none comes any more."""

import requests

SECONDS = 10


def ping(address: str) -> str | None:
    """Ask for the address once; what stood in the way comes back, in a word."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(address, timeout=SECONDS, allow_redirects=False, stream=True)
            answer.close()
    except requests.RequestException as problem:
        return type(problem).__name__
    return None if answer.status_code < 300 else f"status {answer.status_code}"
