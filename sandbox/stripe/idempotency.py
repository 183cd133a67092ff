"""Stripe's rules for the Idempotency-Key: the first answer is given again, for other parameters none, meanwhile 409.

Kept are answers of calls that were begun: successes, refusals by an object's state, and the endpoint's own 500s. What
did not validate, was refused by key or rate, or never reached the endpoint may be tried again with the same key.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.state import State
from sandbox.stripe import clock
from sandbox.stripe.errors import BadParam, KeyInUse, KeyReused
from sandbox.stripe.records import StoredAnswer

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


class InFlight:
    """The idempotency keys of calls that are being carried out."""

    def __init__(self) -> None:
        self.keys: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claimed(self, scope: str, key: str | None) -> Iterator[None]:
        """Nobody else has the key meanwhile, or KeyInUse."""
        if key is None:
            yield
            return
        if len(key) > LONGEST_KEY:
            raise BadParam("idempotency_key", f"Idempotency keys can be up to {LONGEST_KEY} characters long.")
        with self._lock:
            if (scope, key) in self.keys:
                raise KeyInUse(key)
            self.keys.add((scope, key))
        try:
            yield
        finally:
            with self._lock:
                self.keys.discard((scope, key))


def find_answer(state: State, scope: str, key: str | None, route: str, fingerprint: str) -> StoredAnswer | None:
    """The answer that the key has had, None where it is new, or KeyReused."""
    stored = state.find(StoredAnswer, f"{scope}/{key}") if key is not None else None
    if stored is None or key is None:
        return None
    if clock.now(state) - stored.at >= KEPT_SECONDS:
        state.remove(stored)
        return None
    if stored.route != route:
        raise KeyReused(key, first_route=stored.route, route=route)
    if stored.fingerprint != fingerprint:
        raise KeyReused(key)
    return stored
