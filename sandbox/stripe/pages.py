"""The pages for people: accounts with their keys and payments, what to do to them by hand, and what goes wrong."""

from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response as AnyResponse

from sandbox.fault_form import InvalidFault
from sandbox.state import State
from sandbox.stripe import admin_actions, checkout, clock, faults
from sandbox.stripe.admin_actions import NotPossible
from sandbox.stripe.context import here
from sandbox.stripe.delivery import is_loopback
from sandbox.stripe.errors import RIGHTS
from sandbox.stripe.event_records import Delivery, Endpoint, Event
from sandbox.stripe.ids import new_id, new_signing_secret
from sandbox.stripe.payment_answers import refunded
from sandbox.stripe.records import Account, ApiKey, Charge, Dispute, Intent, Refund, Session

pages = Blueprint("stripe_pages", __name__, url_prefix="/stripe")

SHOWN = 25
DONE = {
    "settled": "The delayed payment is decided.",
    "refund": "The refund is decided.",
    "dispute": "The dispute is open.",
    "decided": "The dispute is decided.",
    "endpoint": "The endpoint is made. Its signing secret stands beside it.",
    "removed": "The endpoint is gone.",
    "sent": "What waited was sent.",
    "order": "Ordered. It waits for its call or event.",
    "call-off": "Called off.",
}
ORDER = {"kind": "event_twice", "target": "every-event", "times": "1", "seconds": "60"}


@dataclass(frozen=True)
class Payment:
    """A session with all that hangs on it, for a row of the page."""

    session: Session
    charge: Charge | None
    refunds: list[Refund]
    refunded: int
    dispute: Dispute | None


@pages.get("")
def index() -> str:
    return _index()


@pages.post("/acts")
def act() -> AnyResponse | tuple[str, int]:
    """Something is done by hand."""
    sandbox, name = here(), request.form.get("act", "")
    try:
        if name == "send":
            _make_due()
            sandbox.sender.send_due()
            done = "sent"
        else:
            with sandbox.state.transaction() as state:
                done = _do(state, name)
    except NotPossible as problem:
        return _index(str(problem)), 409
    sandbox.sender.wake()
    return redirect(f"/stripe?done={done}", 303)


@pages.get("/trouble")
def trouble() -> str:
    return _trouble(ORDER)


@pages.post("/trouble/faults")
def order() -> AnyResponse | tuple[str, int]:
    """A fault waits for its call or event."""
    wanted = {name: request.form.get(name, "") for name in ORDER}
    try:
        here().faults.order(faults.fault_from(**wanted))
    except InvalidFault as problem:
        return _trouble(wanted, str(problem)), 422
    return redirect("/stripe/trouble?done=order", 303)


@pages.post("/trouble/calling-off")
def call_off() -> AnyResponse:
    """One fault is called off, or all of them where none is named."""
    fault_id = request.form.get("fault", "")
    if fault_id.isdecimal():
        here().faults.call_off(int(fault_id))
    else:
        here().faults.clear()
    return redirect("/stripe/trouble?done=call-off", 303)


def _do(state: State, name: str) -> str:
    """What was done, as DONE knows it; or NotPossible."""
    ordered, form = here().faults, request.form
    match name.split(":"):
        case ["settle", end]:
            session = admin_actions.known_session(state, form.get("id", ""))
            admin_actions.settle(state, ordered, session, succeeds=end == "yes")
            return "settled"
        case ["refund", end]:
            admin_actions.end_refund(state, ordered, form.get("id", ""), end)
            return "refund"
        case ["dispute", kind]:
            admin_actions.open_dispute(state, ordered, form.get("id", ""), asks=kind == "inquiry")
            return "dispute"
        case ["decide", end]:
            admin_actions.close_dispute(state, ordered, form.get("id", ""), is_won=end == "won")
            return "decided"
        case ["endpoint"]:
            _make_endpoint(state, form.get("account", ""), form.get("url", "").strip())
            return "endpoint"
        case ["remove"]:
            if endpoint := state.find(Endpoint, form.get("id", "")):
                state.remove(endpoint, *state.every(Delivery, endpoint_id=endpoint.id))
            return "removed"
    raise NotPossible("There is no such act.")


def _make_endpoint(state: State, account_id: str, url: str) -> None:
    if not url.startswith(("http://", "https://")) or not is_loopback(url):
        raise NotPossible("The endpoint’s address has to begin with http:// and be on this machine.")
    if state.find(Account, account_id) is None:
        raise NotPossible("Choose an account.")
    at = clock.stamp(state)
    state.put(Endpoint(new_id("we"), account_id, False, at, url, new_signing_secret(), ("*",)))


def _make_due() -> None:
    with here().state.transaction() as state:
        for delivery in state.every(Delivery):
            state.put(replace(delivery, due_at=clock.now(state)))


def _index(problem: str | None = None) -> str:
    sandbox = here()
    with sandbox.state.transaction() as state:
        checkout.expire_due(state, sandbox.faults)
        return render_template(
            "stripe/index.html",
            problem=problem,
            done=DONE.get(request.args.get("done", "")),
            accounts={account.id: account for account in state.every(Account)},
            keys=state.every(ApiKey),
            rights=RIGHTS,
            endpoints=state.every(Endpoint),
            waiting=[(entry, state.find(Event, entry.event_id)) for entry in state.every(Delivery)],
            payments=[_payment(state, session) for session in reversed(state.every(Session)[-SHOWN:])],
        )


def _payment(state: State, session: Session) -> Payment:
    intent = state.find(Intent, session.intent_id or "")
    charge = state.find(Charge, intent.latest_charge or "") if intent else None
    refunds = [state.find(Refund, refund_id) for refund_id in charge.refund_ids] if charge else []
    dispute = state.find(Dispute, charge.dispute_id or "") if charge else None
    return Payment(
        session, charge, [refund for refund in refunds if refund], refunded(state, charge) if charge else 0, dispute
    )


def _trouble(wanted: dict[str, str], problem: str | None = None) -> str:
    sandbox = here()
    return render_template(
        "stripe/trouble.html",
        wanted=wanted,
        problem=problem,
        done=DONE.get(request.args.get("done", "")),
        fault_kinds=faults.FAULT_KINDS,
        targets=faults.TARGETS,
        times=faults.TIMES,
        waiting=[faults.described(fault) for fault in sandbox.faults.pending_faults()],
        calls=sandbox.calls.last(SHOWN),
    )
