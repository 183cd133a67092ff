"""What a request to the stand-in for Stripe works with: one value, kept in the app's extensions."""

from dataclasses import dataclass

from flask import current_app

from sandbox.calls import Calls
from sandbox.faults import Faults
from sandbox.state import State
from sandbox.stripe.delivery import Sender
from sandbox.stripe.idempotency import InFlight


@dataclass(frozen=True)
class StripeSandbox:
    state: State
    faults: Faults
    calls: Calls
    in_flight: InFlight
    sender: Sender


def here() -> StripeSandbox:
    """The stand-in this request belongs to."""
    sandbox: StripeSandbox = current_app.extensions["stripe_sandbox"]
    return sandbox
