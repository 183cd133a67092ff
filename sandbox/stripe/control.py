"""The control address of the stand-in for Stripe: JSON for tests and the demo, to look and to act by hand."""

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from sandbox.bodies import flag, json_body, text, whole
from sandbox.errors import BadForm
from sandbox.faults import Fault
from sandbox.stripe import admin_actions, checkout, clock
from sandbox.stripe.context import here
from sandbox.stripe.errors import RIGHTS
from sandbox.stripe.event_records import Delivery, Endpoint, Event
from sandbox.stripe.faults import KINDS
from sandbox.stripe.ids import new_id, new_key
from sandbox.stripe.ledger import ledger
from sandbox.stripe.records import Account, ApiKey, ClockOffset, Json, Session

control = Blueprint("stripe_control", __name__, url_prefix="/control/stripe")


@control.before_request
def require_json() -> None:
    """A form of another site can't be JSON, so this keeps it out even without an Origin."""
    if request.method == "POST" and request.mimetype != "application/json":
        raise UnsupportedMediaType


@control.after_request
def wake_sender(response: Response) -> Response:
    """Whatever was done has told its events."""
    if request.method == "POST":
        here().sender.wake()
    return response


@control.errorhandler(admin_actions.NotPossible)
def refuse(problem: admin_actions.NotPossible) -> tuple[Response, int]:
    return jsonify(message=str(problem)), 409


@control.get("/ledger")
def show_ledger() -> Json:
    with here().state.transaction() as state:
        return ledger(state, request.args.get("account"))


@control.get("/accounts")
def accounts() -> Json:
    """Every account with its keys and its endpoints, signing secrets included."""
    with here().state.transaction() as state:
        return {
            "accounts": [
                asdict(account)
                | {"keys": [asdict(key) for key in state.every(ApiKey, account_id=account.id)]}
                | {"endpoints": [asdict(endpoint) for endpoint in state.every(Endpoint, account_id=account.id)]}
                for account in state.every(Account)
            ]
        }


@control.post("/accounts")
def make_account() -> Json:
    """An account comes to be, or is changed: `id`, `name`, `payment_methods`."""
    body = json_body(request)
    with here().state.transaction() as state:
        account_id = text(body, "id", least=1, most=60) or new_id("acct")
        old = state.find(Account, account_id) or Account(account_id, "An account", "account@example.com")
        name = text(body, "name", least=1, most=100) or old.name
        methods = tuple(body.get("payment_methods") or old.payment_methods)
        return asdict(state.put(replace(old, name=name, payment_methods=methods)))


@control.post("/keys")
def make_key() -> Json:
    """A key comes to be: `account`, `livemode`, `rights` (null: a secret key). Or the key in `revoke` is dead."""
    body = json_body(request)
    with here().state.transaction() as state:
        if revoked := text(body, "revoke", most=200):
            key = state.find(ApiKey, revoked)
            if key is None:
                raise BadForm("revoke", "UNKNOWN", "There is no such key.")
            return asdict(state.put(replace(key, is_revoked=True)))
        account = state.find(Account, str(body.get("account")))
        if account is None:
            raise BadForm("account", "UNKNOWN", "There is no such account.")
        rights, livemode = body.get("rights"), flag(body, "livemode")
        if rights is not None and (unknown := set(rights) - set(RIGHTS)):
            raise BadForm("rights", "UNKNOWN", f"{min(unknown)} is none of {', '.join(RIGHTS)}.")
        secret = text(body, "key", least=8, most=200) or new_key(livemode, rights is not None)
        return asdict(state.put(ApiKey(secret, account.id, livemode, None if rights is None else tuple(rights))))


@control.post("/pay")
def pay() -> Json:
    """A person tries to pay the session in `session`; `outcome` is one of OUTCOMES, `email` is theirs."""
    body, sandbox = json_body(request), here()
    email = text(body, "email", most=200) or "student@example.com"
    with sandbox.state.transaction() as state:
        session = admin_actions.known_session(state, str(body.get("session")))
        admin_actions.pay(state, sandbox.faults, session, str(body.get("outcome", "pays")), email)
        return _session(session.id)


@control.post("/settle")
def settle() -> Json:
    """The delayed method of the session in `session` has paid, or has not with `succeeds` false."""
    body, sandbox = json_body(request), here()
    with sandbox.state.transaction() as state:
        session = admin_actions.known_session(state, str(body.get("session")))
        admin_actions.settle(state, sandbox.faults, session, succeeds=flag(body, "succeeds", True))
        return _session(session.id)


@control.post("/refund")
def end_refund() -> Json:
    """The refund in `refund` becomes what `status` says: succeeded, failed, canceled."""
    body, sandbox = json_body(request), here()
    with sandbox.state.transaction() as state:
        made = admin_actions.end_refund(state, sandbox.faults, str(body.get("refund")), str(body.get("status")))
        return asdict(made)


@control.post("/dispute")
def dispute() -> Json:
    """The payment in `payment_intent` is disputed (`amount`, `inquiry`); with `close` "won" or "lost" it is decided."""
    body, sandbox = json_body(request), here()
    with sandbox.state.transaction() as state:
        intent_id, end = str(body.get("payment_intent")), text(body, "close", most=10)
        if end is not None:
            return asdict(admin_actions.close_dispute(state, sandbox.faults, intent_id, is_won=end == "won"))
        amount = whole(body, "amount", least=0, most=10**8, default=0) or None
        return asdict(admin_actions.open_dispute(state, sandbox.faults, intent_id, amount, asks=flag(body, "inquiry")))


@control.get("/clock")
def show_clock() -> Json:
    with here().state.transaction() as state:
        at = clock.now(state)
        return {"now": datetime.fromtimestamp(at, UTC).isoformat(), "ahead": round(at - state.clock(), 3)}


@control.post("/clock")
def set_clock() -> Json:
    """The clock is ahead of the machine's by `ahead` seconds, or shows `at`; sessions whose time is over expire."""
    body, sandbox = json_body(request), here()
    with sandbox.state.transaction() as state:
        if at := text(body, "at", most=40):
            ahead = datetime.fromisoformat(at).timestamp() - state.clock()
        else:
            ahead = float(body.get("ahead", 0))
        state.put(ClockOffset(ahead))
        checkout.expire_due(state, sandbox.faults)
    return show_clock()


@control.get("/deliveries")
def deliveries() -> Json:
    """The events that endpoints still have to be sent."""
    with here().state.transaction() as state:
        waiting = []
        for entry in state.every(Delivery):
            event = state.find(Event, entry.event_id)
            waiting.append(asdict(entry) | {"type": event.type if event else None})
        return {"deliveries": waiting}


@control.post("/deliver")
def deliver() -> Json:
    """What is due is sent now and once; the answers in the order of the posts."""
    return {"sent": here().sender.send_due()}


@control.get("/faults")
def faults() -> Json:
    return {"faults": [asdict(fault) for fault in here().faults.pending_faults()]}


@control.post("/faults")
def add_fault() -> Json:
    """A fault waits for its calls or events; `clear: true` calls all of them off."""
    body = json_body(request)
    if flag(body, "clear"):
        return clear_faults()
    known = {field.name for field in fields(Fault)} - {"id", "field", "inner"}
    if unknown := set(body) - known:
        raise BadForm(min(unknown), "UNKNOWN_FIELD", f"Known fields: {', '.join(sorted(known))}.")
    if body.get("kind") not in KINDS:
        raise BadForm("kind", "BASE_TYPE_CHOICES", f"Known kinds: {', '.join(sorted(KINDS))}.")
    ordered: dict[str, Any] = {"status": 500} | body
    if body["kind"].startswith("event_"):
        ordered["method"] = "EVENT"
    elif body["kind"].startswith("refund_"):
        ordered |= {"method": "POST", "route": "/v1/refunds"}
    return asdict(here().faults.order(Fault(**ordered)))


@control.delete("/faults")
def clear_faults() -> Json:
    here().faults.clear()
    return faults()


@control.get("/calls")
def calls() -> Json:
    """The last API calls, oldest first; `since` leaves out those up to that number."""
    query = dict(request.args)
    most = whole(query, "limit", least=1, most=2000, default=500)
    since = whole(query, "since", least=0, most=1 << 53, default=0)
    return {"calls": here().calls.since(since)[-most:]}


def _session(session_id: str) -> Json:
    state = here().state
    session = admin_actions.known_session(state, session_id)
    assert isinstance(session, Session)
    return {"status": session.status, "payment_status": session.payment_status, "payment_intent": session.intent_id}
