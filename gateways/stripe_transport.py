"""How the official package's calls to Stripe go out: one deadline for all of a call, no redirects, a capped answer.

The package's own transport reads an answer of any length, follows redirects and begins its timeout anew at each byte.
"""

import logging
import re
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any

import requests
import stripe

from gateways import deadline

CONNECT_SECONDS = 3.05
READ_SECONDS = 8.0
# In all. Below the time for which a payment is claimed (coaching/payments), so that nobody takes it over meanwhile.
CALL_SECONDS = 15.0
LARGEST_ANSWER = 4 * 1024 * 1024
ID = re.compile(r"(?<=/)[a-z]{2,5}_[A-Za-z0-9_]+(?=/|$)")

logger = logging.getLogger(__name__)
# With it on, the package writes a file into the home folder and tells Stripe how long calls took.
stripe.enable_telemetry = False


class Transport(stripe.HTTPClient):
    """What carries the package's calls; shared by all keys."""

    name = "requests"

    def __init__(self, read_seconds: float = READ_SECONDS, call_seconds: float = CALL_SECONDS) -> None:
        super().__init__()
        self._read_seconds = read_seconds
        self._call_seconds = call_seconds
        self._per_thread = threading.local()

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Body, status and headers of the answer, whatever it says; APIConnectionError when there is none."""
        began, status = monotonic(), None
        try:
            with deadline.within(self._call_seconds):
                answer = self._session().request(
                    method,
                    url,
                    headers=dict(headers or {}),
                    data=post_data,
                    timeout=(CONNECT_SECONDS, self._read_seconds),
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    content = deadline.read_answer(answer, LARGEST_ANSWER)
            status = answer.status_code
        except (requests.RequestException, TimeoutError):
            raise stripe.APIConnectionError("no answer from Stripe") from None  # type: ignore[no-untyped-call]
        finally:
            route, took_ms = ID.sub("{id}", url.split("?")[0]), round((monotonic() - began) * 1000)
            logger.debug("stripe call", extra={"method": method, "route": route, "status": status, "took_ms": took_ms})
        return content, answer.status_code, answer.headers

    def close(self) -> None:
        """Connections of a thread end with it."""

    def _session(self) -> requests.Session:
        # requests does not promise that threads can share a session.
        session: requests.Session | None = getattr(self._per_thread, "session", None)
        if session is None:
            session = self._per_thread.session = deadline.open_session()
        session.cookies.clear()
        return session
