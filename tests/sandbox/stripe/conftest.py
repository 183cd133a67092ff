"""The stand-in for Stripe, spoken to by the official package only; no socket but where a test needs one."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from sandbox.app import create_app
from sandbox.config import SandboxConfig
from sandbox.stripe import seed
from tests.in_process import stand_at

APP_URL = "http://127.0.0.1:5000"
ADDRESS = "http://127.0.0.1:5001"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.watch: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        self.watch()
        return self.now


class Stripe:
    """The stand-in as a test speaks to it: clients for its API, its control address and its pages."""

    def __init__(self, app: Flask, clock: Clock, address: str = ADDRESS) -> None:
        self.app, self.clock, self.address_of_api = app, clock, f"{address}/stripe"
        self.browser = app.test_client()

    def client(self, key: str = seed.COACH_KEY) -> Any:
        """The package's own client, its calls one a time: a second attempt would hide what went wrong."""
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.address_of_api},
            http_client=stripe.RequestsClient(timeout=5),
            max_network_retries=0,
        ).v1

    def control(self, path: str, **body: Any) -> Any:
        """One act by hand; its JSON."""
        answer = self.browser.post(f"/control/stripe{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def fetch(self, path: str) -> Any:
        """What the control address says."""
        return self.browser.get(f"/control/stripe{path}").json

    def session(self, key: str = seed.COACH_KEY, amount: int = 5000, options: Any = None, **differences: Any) -> Any:
        """A new Checkout Session over one line."""
        return self.client(key).checkout.sessions.create(session_params(amount, **differences), options or {})

    def paid(self, amount: int = 5000, key: str = seed.COACH_KEY, **differences: Any) -> Any:
        """A Checkout Session that somebody has paid."""
        made = self.session(key, amount, **differences)
        self.control("/pay", session=made.id)
        return self.client(key).checkout.sessions.retrieve(made.id)

    def page(self, path: str, **form: Any) -> TestResponse:
        """A page of the stand-in, or what a form of it answers."""
        if form:
            return self.browser.post(path, data=form)
        return self.browser.get(path)

    def payment(self, account: str = seed.COACH) -> Any:
        """The ledger's newest payment of an account."""
        return self.fetch(f"/ledger?account={account}")["accounts"][account]["payments"][-1]


def session_params(amount: int = 5000, currency: str = "eur", **differences: Any) -> Any:
    """What the product sends for one line."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Mixing call"}}
    params = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": f"{APP_URL}/paid?session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{APP_URL}/back",
    } | differences
    return {name: value for name, value in params.items() if value is not None}


def refused(kind: type[Exception], call: Callable[..., Any], *arguments: Any) -> Any:
    """What the package raises."""
    with pytest.raises(kind) as problem:
        call(*arguments)
    return problem.value


@pytest.fixture(autouse=True)
def quiet_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """With it on, the package writes a file into the home folder."""
    monkeypatch.setattr(stripe, "enable_telemetry", False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path, clock: Clock) -> SandboxConfig:
    return SandboxConfig(tmp_path, APP_URL, "a-client-secret", "a-bot-token", clock=clock, sends_events=False)


@pytest.fixture
def start(config: SandboxConfig, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Stripe]]:
    """Starts a stand-in on the test's data directory; each start is a process's worth."""
    started = []

    def begin() -> Stripe:
        app = create_app(config)
        started.append(app)
        stand_at({ADDRESS: app}, monkeypatch)
        return Stripe(app, clock)

    yield begin
    for app in started:
        app.extensions["stripe_sandbox"].sender.stop()
        app.extensions["stripe_sandbox"].state.close()
        app.extensions["sandbox"].state.close()


@pytest.fixture
def stand_in(start: Callable[[], Stripe]) -> Stripe:
    return start()


@pytest.fixture
def served(stand_in: Stripe) -> Iterator[str]:
    """The address of a stand-in that listens on a real socket."""
    server = make_server("127.0.0.1", 0, stand_in.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
