"""Sending events: signed posts to endpoints on this machine, repeated with growing pauses until one is taken."""

import hashlib
import hmac
import json
import logging
import threading
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests

from sandbox.faults import Faults
from sandbox.state import State
from sandbox.stripe import answers, checkout, clock
from sandbox.stripe.event_records import Delivery, Endpoint, Event

logger = logging.getLogger("greenroom.sandbox")

TIMEOUT = 10
# Seconds after each failed attempt; then the event is given up. Three days in all, as in live mode.
PAUSES = (5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
# How often the sender wakes up by itself, for retries and for sessions that expire.
TICK = 1.0


@dataclass(frozen=True)
class Parcel:
    """One post to make: all that is needed once the transaction is over."""

    delivery: Delivery
    event_type: str
    url: str
    body: bytes
    signature: str


class Sender:
    """Sends what is due, from a thread of its own or when told; one round at a time."""

    def __init__(self, state: State, faults: Faults, *, by_itself: bool) -> None:
        self._state, self._faults, self.by_itself = state, faults, by_itself
        self._round = threading.Lock()
        self._start = threading.Lock()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something may be due. The thread begins here: one from before a fork would be lost."""
        if not self.by_itself:
            return
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stripe-events", daemon=True)
                self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """The thread has ended."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def send_due(self) -> list[dict[str, str | int]]:
        """Everything that is due has been sent once; what was sent, and what was answered."""
        with self._round:
            sent: list[dict[str, str | int]] = []
            with self._state.transaction():
                checkout.expire_due(self._state, self._faults)
                parcels = _parcels(self._state)
            for parcel in parcels:
                answer = _post(parcel)
                with self._state.transaction():
                    _note(self._state, parcel.delivery, answer)
                sent.append({"type": parcel.event_type, "url": parcel.url, "answer": answer})
            return sent

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(TICK)
            self._wake.clear()
            try:
                is_more = True
                while is_more:
                    is_more = bool(self.send_due())
            except Exception:
                # A broken round must not end all later ones; its deliveries are still due.
                logger.exception("events were not delivered")


def signature_header(secret: str, body: bytes, at: int) -> str:
    """The header Stripe-Signature for this body."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine: nothing of a sandbox leaves it."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _parcels(state: State) -> list[Parcel]:
    """What is due, oldest first; each has its next attempt noted, should this one never come back."""
    now = clock.now(state)
    parcels = []
    for delivery in sorted((entry for entry in state.every(Delivery) if entry.due_at <= now), key=lambda d: d.due_at):
        event, endpoint = state.find(Event, delivery.event_id), state.find(Endpoint, delivery.endpoint_id)
        if event is None or endpoint is None:
            state.remove(delivery)
            continue
        pause = PAUSES[min(delivery.attempts, len(PAUSES) - 1)]
        claimed = replace(delivery, attempts=delivery.attempts + 1, due_at=now + pause)
        state.put(claimed)
        body = json.dumps(answers.event(event), indent=2).encode()
        # Whoever checks the signature does so by the machine's clock.
        signature = signature_header(endpoint.secret, body, int(state.clock()))
        parcels.append(Parcel(claimed, event.type, endpoint.url, body, signature))
    return parcels


def _post(parcel: Parcel) -> str:
    """The status that came back, or why none did."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": parcel.signature,
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    with requests.Session() as session:
        # No proxy of the environment: what is sent to this machine stays on it.
        session.trust_env = False
        try:
            answer = session.post(parcel.url, data=parcel.body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as problem:
            return type(problem).__name__
    return str(answer.status_code)


def _note(state: State, delivery: Delivery, answer: str) -> None:
    """A 2xx ends the delivery, and so does the last attempt; whoever waited to be overtaken may go now."""
    if state.find(Delivery, delivery.id) is None:
        return
    event = state.find(Event, delivery.event_id)
    if answer.startswith("2") and len(answer) == 3:
        state.remove(delivery)
        if event is not None:
            state.put(replace(event, pending=max(event.pending - 1, 0)))
        for held in state.every(Delivery, endpoint_id=delivery.endpoint_id, waits_for_next=True):
            state.put(replace(held, due_at=clock.now(state), waits_for_next=False))
    elif delivery.attempts > len(PAUSES):
        state.remove(delivery)
    else:
        state.put(replace(delivery, last_answer=answer, waits_for_next=False))
