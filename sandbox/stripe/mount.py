"""The stand-in for Stripe, put beside the one for Discord: same process and port, a memory and addresses of its own."""

from functools import partial

from flask import Flask

from sandbox.calls import Calls
from sandbox.config import SandboxConfig
from sandbox.faults import Faults
from sandbox.state import State
from sandbox.stripe import money, seed
from sandbox.stripe.context import StripeSandbox
from sandbox.stripe.control import control
from sandbox.stripe.delivery import Sender
from sandbox.stripe.idempotency import InFlight
from sandbox.stripe.pages import pages
from sandbox.stripe.pay_pages import pay_pages
from sandbox.stripe.records import KINDS
from sandbox.stripe.rest import load_routes, v1


def mount(app: Flask, config: SandboxConfig) -> None:
    """The API under /v1 and /stripe/v1, its pages under /stripe, its control under /control/stripe."""
    plant = partial(seed.plant, site_key=config.stripe_key or seed.SITE_KEY)
    state = State(config.data_dir / "sandbox-stripe.sqlite3", config.clock, plant, KINDS)
    faults = Faults()
    sender = Sender(state, faults, by_itself=config.sends_events)
    app.extensions["stripe_sandbox"] = StripeSandbox(state, faults, Calls(), InFlight(), sender)
    app.jinja_env.filters["amount"] = money.amount_text
    for blueprint in (load_routes(), control, pay_pages, pages):
        app.register_blueprint(blueprint)
    # STRIPE_API_URL has no path where it is Stripe's own.
    app.register_blueprint(v1, name="stripe_api_at_root", url_prefix="/v1")
